"""The health report's figures (M60): one plain object that text, table, paper and picture are all made from, so that they cannot differ."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import dropwhile
from statistics import mean
from typing import Any

from bot.config.schema import Config, Rule
from bot.measures.alarms import RuleRecord, alarms
from bot.measures.completeness import Completeness, completeness
from bot.measures.coverage import CoverageReport
from bot.measures.effort import Effort, mean_minutes
from bot.measures.forecasting import Line
from bot.measures.submission import by_rep, by_week
from bot.render import money
from bot.reporting.period import Period
from bot.reporting.wording import words
from bot.store import report_reading as reading
from bot.store import surveys
from bot.store.forecasts import month_report
from bot.store.reading import coverage_report, funnel, month_bounds, months_until
from bot.store.reading_figures import efforts, open_lights
from bot.store.report_reading import Rep, Stretch
from bot.store.settings import config_in_force

MOMENT = timedelta(milliseconds=1)
TREND = 4  # months of coverage shown, with the report's own
Told = dict[str, Any]


async def health(config: Config, period: Period, region: str, now: datetime) -> Told:
    """The figures as JSON takes them; rates 0–1 or None over nothing, times local. `region` "" = all of them."""
    of = Stretch(region=region, start=period.start, end=min(period.end, now))
    known = config.region(region)
    record = alarms(await reading.lights(of), [rule.id for rule in config.rules])
    whole = completeness(await reading.chains(of, config))
    spent = await efforts(config, of.start, of.end, region)
    coverage = await coverage_report(config, period.month, region or None, of.end - MOMENT)
    lit = await open_lights(region)
    lights = [_light(one, lit.get(one.rule, 0), config) for one in record if one.raised or _on(one, config)]
    told = {
        "title": f"{known.name if known else words()['all']['region']} {words()['kinds'][period.kind]}",
        "name": known.name if known else words()["all"]["region"],
        "region": region,
        "key": period.key,
        "period": f"{period.start:%Y-%m-%d} 至 {min(period.end, now.astimezone(config.zone)) - MOMENT:%Y-%m-%d}",
        "made": f"{now.astimezone(config.zone):%Y-%m-%d %H:%M}",
        "config": (await config_in_force() or "")[:12],
        "coverage": _coverage(coverage) | {"trend": await _trend(config, period, region, of.end - MOMENT, coverage)},
        "lights": {"open": sum(lit.values()), "rows": lights},
        "completeness": _completeness(whole),
        "minutes": mean_minutes(spent),
        "funnel": [
            {"stage": one.name, "actions": one.actions, "customers": one.customers}
            for one in await funnel(config, period.month, region or None, now, customers=True)
        ],
        "survey": await surveys.latest_result(),
        "forecast": await _forecast(config, period, region, now),
    }
    told |= await _people(config, of, {one.rep: one for one in spent})
    return told | {"empty": not (whole.actions or any(one.raised for one in record))}


async def _forecast(config: Config, period: Period, region: str, now: datetime) -> Told | None:
    """The report's month against what came, or the month before it while it runs; None where nobody forecast and nothing came."""
    month = period.month if month_bounds(config, period.month)[1] <= now else months_until(period.month, 2)[0]
    report = await month_report(config, month, region or None, now)
    if not (report.whole.said or report.whole.actual):
        return None
    return {"month": month, "whole": _forecast_line(report.whole), "reps": [_forecast_line(one) for one in report.reps]}


def _forecast_line(one: Line) -> Told:
    """Money in fen, and as it is read."""
    off, own = (None if value is None else float(value) for value in (one.deviation, one.own_deviation))
    told = {"name": one.name, "said": one.said, "own": one.own, "actual": one.actual, "late": one.late}
    fen = {"said": one.said, "own": one.own, "actual": one.actual}
    words = {f"{name}_words": "—" if amount is None else money(amount) for name, amount in fen.items()}
    return {**told, **words, "deviation": off, "own_deviation": own}


def _on(one: RuleRecord, config: Config) -> bool:
    return any(rule.id == one.rule for rule in config.rules)


async def _people(config: Config, of: Stretch, spent: Mapping[str, Effort]) -> Told:
    """Rep by rep; and over all of them what a visit takes and what becomes of recordings."""
    reps, recorded, taps = await reading.reps(of), await reading.recordings(of), await reading.taps(of)
    submitted, names = by_rep(recorded), {one.id: one.name for one in reps}
    visits = [count for some in taps.values() for count in some]
    total, kept = len(recorded), sum(one.submitted for one in submitted.values())
    weeks = [
        {"rep": names.get(one.rep, one.rep), "week": one.week, "recorded": one.recorded, "submitted": one.submitted, "rate": one.rate}
        for one in by_week(recorded, config.zone)
    ]
    return {
        "reps": [_rep(one, spent.get(one.id), taps.get(one.id, ()), submitted.get(one.id)) for one in _busiest(reps)],
        "taps": {"visits": len(visits), "mean": mean(visits) if visits else None, "most": max(visits, default=None)},
        "submission": {"recorded": total, "submitted": kept, "rate": kept / total if total else None},
        "weeks": weeks,
    }


def _busiest(reps: Iterable[Rep]) -> list[Rep]:
    return sorted(reps, key=lambda one: (-one.actions, one.id))


def _rep(one: Rep, spent: Effort | None, taps: Sequence[int], recordings: Any) -> Told:
    return {
        "id": one.id,
        "name": one.name,
        "actions": one.actions,
        "complete": one.complete,
        "minutes": spent.minutes_a_day if spent else None,
        "days": spent.days if spent else 0,
        "visits": len(taps),
        "taps": mean(taps) if taps else None,
        "recorded": recordings.recorded if recordings else 0,
        "submitted": recordings.submitted if recordings else 0,
        "rate": recordings.rate if recordings else None,
    }


def _coverage(report: CoverageReport) -> Told:
    rows = [
        {
            "grade": row.grade,
            "customers": row.customers,
            "quota": row.quota,
            "done": row.done,
            "rate": row.rate,
            "surplus": row.surplus,
            "explained": row.explained,
            "unexplained": row.unexplained,
            "weak": row.weak,
            "notes": [note if count == 1 else f"{note} ×{count}" for note, count in Counter(row.notes).items()],
        }
        for row in report.rows
    ]
    sums = {name: sum(row[name] for row in rows) for name in ("customers", "surplus", "weak")}  # type: ignore[misc] # numbers by their names
    total = {"quota": report.quota, "done": report.done, "rate": report.rate, **sums}
    return {"month": report.month, "rows": rows, "total": total | {"explained": report.explained, "unexplained": report.unexplained}}


async def _trend(config: Config, period: Period, region: str, now: datetime, own: CoverageReport) -> list[Told]:
    """The months before, and this one; left out are a month in which nobody had a quota, and those before anything was ever done."""
    found = [own]
    first = datetime.strptime(period.month, "%Y-%m").replace(tzinfo=config.zone)
    for _ in range(TREND - 1):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(await coverage_report(config, f"{first:%Y-%m}", region or None, now))
    begun = dropwhile(lambda one: not one.done and one is not own, reversed(found))
    shown = [one for one in begun if one.rate is not None]
    return [{"month": one.month, "rate": one.rate, "running": month_bounds(config, one.month)[1] > now + MOMENT} for one in shown]


def _light(one: RuleRecord, lit: int, config: Config) -> Told:
    """`lit`: how many are on now, whenever they came on."""
    rule = next((rule for rule in config.rules if rule.id == one.rule), None)
    told = {"rule": one.rule, "name": rule_name(rule, config) if rule else words()["rules"]["other"].format(id=one.rule)}
    return told | {"raised": one.raised, "open": lit, "answered": one.answered, "false": one.false, "rate": one.rate}


def rule_name(rule: Rule, config: Config) -> str:
    """A rule in a few words: what it watches, and its number."""
    stage = getattr(rule, "stage", "")
    names = {one.id: one.name for one in config.stages}
    given = rule.model_dump() | {"stage_name": names.get(stage, stage)}
    return str(words()["rules"].get(rule.kind, words()["rules"]["other"]).format(**given))


def _completeness(one: Completeness) -> Told:
    return {
        "actions": one.actions,
        "onsite": one.onsite,
        "no_photo": one.no_photo,
        "no_place": one.no_place,
        "no_summary": one.no_summary,
        "lacking": one.lacking,
        "photo_share": one.photo_share,
        "place_share": one.place_share,
        "summary_share": one.summary_share,
        "whole_share": None if one.lacking_share is None else 1 - one.lacking_share,
    }
