"""Figures of a month, read for chat, API, pages and reports alike: the one place where facts become counts."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

from bot.config.load import compile_bytes
from bot.config.schema import Config, Grade
from bot.errors import ConfigError
from bot.evidence.tiers import at_least
from bot.measures.board import StageCount
from bot.measures.coverage import CoverageReport, CustomerMonth, Filled, Slot, Tally, coverage, slots, summed
from bot.store.coverage_sql import Moment, added_up, noted_counts, one_by_one, strong_enough
from bot.store.fields import from_ms, to_ms
from bot.store.month_sql import added, values
from bot.store.reading_sql import select

DEEDS = """
SELECT action, customer, kind, tier, at FROM deeds
WHERE at >= ? AND at < ? AND state = 'complete' AND kind IS NOT NULL {whose} ORDER BY at, action
"""
OF_ONE = "AND customer = ?"
NOTES = "SELECT customer, kind, text FROM notes WHERE month = ? ORDER BY at, id"
VERSION_BEFORE = "SELECT sha256, text FROM config_versions WHERE at < ? ORDER BY at DESC, id DESC LIMIT 1"
VERSION_FIRST = "SELECT sha256, text FROM config_versions ORDER BY at, id LIMIT 1"
WHOSE = "AND (? = '' OR region = ?) AND (? = '' OR rep = ?)"
ACTIONS = f"""
SELECT stage, SUM(n) AS actions FROM ({added("stage", "rep_months", "AND state = 'complete' " + WHOSE)}) told GROUP BY stage
"""
CUSTOMERS = f"""
SELECT stage, COUNT(*) AS customers FROM (
    SELECT stage, customer, SUM(n) AS n FROM ({added("stage, customer", "customer_months", WHOSE, "AND state = 'complete'")}) told
    GROUP BY stage, customer HAVING SUM(n) > 0
) served GROUP BY stage
"""

MOMENT = timedelta(milliseconds=1)  # the database's grain

Pair: TypeAlias = tuple[str, str]  # customer, kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageMonth:
    """A month's coverage in its smallest parts, from which every view of it is added up."""

    month: str
    grades: tuple[Grade, ...]
    tallies: tuple[Tally, ...]
    version: str = ""  # of the config it was computed under

    def report(self, region: str | None = None, rep: str = "", grade: str = "") -> CoverageReport:
        """Of a region (None = all), of one owner's customers, of one grade."""
        some = [one for one in self.tallies if region in (None, one.region) and rep in ("", one.owner) and grade in ("", one.grade)]
        grades = [one for one in self.grades if grade in ("", one.id)]
        return replace(summed(self.month, region, some, grades), version=self.version)

    def by(self, part: str, region: str | None = None, rep: str = "", grade: str = "") -> dict[str, CoverageReport]:
        """The same for each `owner` or `region` by itself, in the order of their ids."""
        names = sorted({str(getattr(one, part)) for one in self.tallies})
        found = {
            name: self.report(region if part == "owner" else name, name if part == "owner" else rep, grade)
            for name in names
            if name in {"owner": (rep or name,), "region": (region or name,)}[part]
        }
        return {name: report for name, report in found.items() if any(row.customers for row in report.rows)}


def month_bounds(config: Config, month: str) -> tuple[datetime, datetime]:
    """First instant of a local `YYYY-MM` and of the one after it. Raises ValueError on anything else."""
    start = datetime.strptime(month, "%Y-%m").replace(tzinfo=config.zone)
    after = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start, after


def months_until(month: str, count: int) -> list[str]:
    """The last `count` months up to this one, oldest first. Raises ValueError on what is no `YYYY-MM`."""
    last = datetime.strptime(month, "%Y-%m")  # noqa: DTZ007 - a calendar month, no moment
    number = last.year * 12 + last.month - 1
    return [f"{one // 12:04}-{one % 12 + 1:02}" for one in range(number - count + 1, number + 1)]


async def coverage_month(config: Config, month: str, now: datetime, region: str | None = None) -> CoverageMonth:
    """A local month in parts: grades, owners and quotas as of its end, or of now while it runs."""
    rules, at = await _rules_of(config, month, now)
    rows = await added_up(rules, at, region or "")
    notes = await _explaining(rules, month, at)
    tallies = []
    for row in rows:
        key = row["owner"], row["region"], row["grade"]
        done, strong = int(row["done"] or 0), int(row["strong"] or 0)
        tally = Tally(owner=key[0], region=key[1], grade=key[2], customers=row["customers"], done=done)
        tallies.append(replace(tally, surplus=strong - done, weak=int(row["weak"] or 0), notes=notes.get(key, ())))
    return CoverageMonth(month=month, grades=rules.grades, tallies=tuple(tallies), version=rules.version)


async def coverage_report(
    config: Config, month: str, region: str | None, now: datetime, *, rep: str = "", grade: str = ""
) -> CoverageReport:
    """Coverage of a local month; `region` None = all, `rep`: of his own customers, `grade`: of one alone."""
    return (await coverage_month(config, month, now, region)).report(region, rep, grade)


async def customer_months(
    config: Config, month: str, now: datetime, *, region: str = "", rep: str = "", grade: str = ""
) -> list[CustomerMonth]:
    """The customers behind a figure, one by one."""
    rules, at = await _rules_of(config, month, now)
    rows = await one_by_one(rules, at, region=region, owner=rep, grade=grade)
    counts, weak = await _counted(rules, at)
    notes: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in await select(NOTES, month):
        notes[row["customer"]][row["kind"]].append(row["text"])
    return [
        CustomerMonth(
            customer=row["customer"],
            grade=row["grade"],
            owner=row["owner"],
            region=row["region"],
            done={kind: len(some) for kind, some in counts.get(row["customer"], {}).items()},
            weak=weak.get(row["customer"], 0),
            notes={kind: tuple(texts) for kind, texts in notes.get(row["customer"], {}).items()},
        )
        for row in rows
    ]


async def coverage_slots(
    config: Config, month: str, now: datetime, *, region: str = "", rep: str = "", grade: str = "", customer: str = ""
) -> list[Slot]:
    """Each standard action that was asked for, with the action that filled it, or the note that explains its lack."""
    rules, at = await _rules_of(config, month, now)
    some = await customer_months(config, month, now, region=region, rep=rep, grade=grade)
    counts, _ = await _counted(rules, at, customer)
    filled = {(one, kind): deeds for one, kinds in counts.items() for kind, deeds in kinds.items()}
    return slots((one for one in some if customer in ("", one.customer)), rules.grades, filled, from_ms(at.end))


async def _rules_of(config: Config, month: str, now: datetime) -> tuple[Config, Moment]:
    start, end = month_bounds(config, month)
    before = to_ms(min(end - MOMENT, now) + MOMENT)  # what was imported at this very moment counts
    return await _rules(config, end, now), Moment(month=month, start=to_ms(start), end=to_ms(end), before=before)


async def _counted(rules: Config, at: Moment, customer: str = "") -> tuple[dict[str, dict[str, list[Filled]]], dict[str, int]]:
    """Complete actions by customer and kind that are strong enough, and by customer how many are not."""
    wanted = strong_enough(rules)
    done: dict[str, dict[str, list[Filled]]] = defaultdict(lambda: defaultdict(list))
    weak: dict[str, int] = defaultdict(int)
    whose = (OF_ONE, [customer]) if customer else ("", [])
    for row in await select(DEEDS.format(whose=whose[0]), at.start, at.end, *whose[1]):
        if at_least(row["tier"], wanted.get(row["kind"], wanted[""])):
            done[row["customer"]][row["kind"]].append(Filled(action=row["action"], at=from_ms(row["at"])))
        else:
            weak[row["customer"]] += 1
    return done, weak


async def _explaining(rules: Config, month: str, at: Moment) -> Mapping[tuple[str, str, str], tuple[str, ...]]:
    """(owner, region, grade) → the notes that explain gaps of theirs."""
    notes: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in await select(NOTES, month):
        notes[row["customer"]][row["kind"]].append(row["text"])
    if not notes:
        return {}
    counts = await noted_counts(rules, at)
    found: dict[tuple[str, str, str], tuple[str, ...]] = defaultdict(tuple)
    for row in await one_by_one(rules, at, noted=month):
        one = CustomerMonth(
            customer=row["customer"],
            grade=row["grade"],
            done=counts.get(row["customer"], {}),
            notes={kind: tuple(texts) for kind, texts in notes[row["customer"]].items()},
        )
        said = [text for line in coverage(month, None, [one], rules.grades).rows for text in line.notes]
        found[row["owner"], row["region"], row["grade"]] += tuple(said)
    return found


async def rules_then(config: Config, month: str, now: datetime) -> Config:
    """The rules that figures of a local month are counted by."""
    return await _rules(config, month_bounds(config, month)[1], now)


async def _rules(config: Config, end: datetime, now: datetime) -> Config:
    """Grades and quotas of a month that is over are those in force at its end: today's edit does not move it."""
    if end > now:
        return config
    versions = await select(VERSION_BEFORE, to_ms(end)) or await select(VERSION_FIRST)
    then = _compiled(versions[0]["text"]) if versions else None
    return then.of_version(versions[0]["sha256"]) if then else config


@lru_cache(maxsize=16)
def _compiled(text: str) -> Config | None:
    """None for a text that this version of the product no longer takes."""
    try:
        return compile_bytes(text.encode(), "config.toml").config
    except ConfigError:
        return None


async def funnel(
    config: Config, month: str, region: str | None, now: datetime, rep: str = "", *, customers: bool = False
) -> tuple[StageCount, ...]:
    """Complete actions of a local month by stage; `rep`: those that he did himself; `customers`: count with how many they were, too.

    The stages of a month that is over are those at its end.
    """
    start, end = month_bounds(config, month)
    config = await _rules(config, end, now)
    marks = values(month, to_ms(start), to_ms(end), region or "", region or "", rep, rep)
    actions = {row["stage"]: int(row["actions"]) for row in await select(ACTIONS, *marks)}
    served = {row["stage"]: int(row["customers"]) for row in await select(CUSTOMERS, *marks)} if customers else None
    return tuple(
        StageCount(
            stage=stage.id,
            name=stage.name,
            actions=actions.get(stage.id, 0),
            customers=None if served is None else served.get(stage.id, 0),
        )
        for stage in config.stages
    )
