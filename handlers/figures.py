"""Figures in chat, for who leads: of his own region; an admin names one, or has all. The same as on the board and in the API."""

from typing import Any
from urllib.parse import urlencode

from bot.config.schema import Config, Region
from bot.entries import instant
from bot.errors import Refusal
from bot.measures.board import Board, Within
from bot.measures.coverage import CoverageRow
from bot.model import DRAWN, PICTURE, Can, Json, Role
from handlers.roles import leads
from handlers.words import Command
from handlers.work import Work

NOTES = 10
LISTED = 6  # deals told in a card
ALL = "全部区域"


def coverage(work: Work, command: Command) -> None:
    """覆盖率 [区域] [月]."""
    _asked(work, command)
    report = work.case.coverage
    if report is None:
        raise Refusal("stale_button")
    work.reply(
        "card/coverage",
        month=report.month,
        region=_name(work.config, report.region),
        rows=[_row(row) for row in report.rows],
        quota=report.quota,
        done=report.done,
        rate=report.rate,
        url=_url(work.config, Within(month=report.month, region=report.region or "")),
    )


def funnel(work: Work, command: Command) -> None:
    """漏斗 [区域] [月]."""
    found = _board(work, command)
    steps = zip(found.actions, found.funnel.steps, strict=True)
    work.reply(
        "card/funnel",
        **_head(work.config, found, ""),
        steps=[
            {
                "name": count.name,
                "actions": count.actions,
                "standing": step.standing,
                "reached": step.reached,
                "conversion": step.conversion,
                "last": step is found.funnel.steps[-1],
            }
            for count, step in steps
        ],
        claims=found.funnel.claims,
        claims_url=_url(work.config, found.asked, "claims"),
    )


def deals(work: Work, command: Command) -> None:
    """异常商机 [区域]."""
    found = _board(work, command)
    honesty = found.honesty
    work.reply(
        "card/deals",
        **_head(work.config, found, "deals"),
        count=len(honesty.anomalies),
        stale=honesty.stale,
        signed=honesty.signed,
        overdue=honesty.overdue,
        collected=found.collection.rate,
        deals=[
            {
                "customer": one.deal.name or one.deal.customer,
                "deal": one.deal.id,
                "untouched": one.untouched_days,
                "overdue": one.overdue_days,
                "yuan": one.overdue_fen / 100,
            }
            for one in honesty.anomalies[:LISTED]
        ],
    )


def board(work: Work, command: Command) -> None:
    """看板 [区域] [月]."""
    found = _board(work, command)
    whole = found.completeness.total
    _pictured(
        work,
        "card/board",
        _drawn(work.config, found, f"{work.case.now.astimezone(work.config.zone):%Y-%m}"),
        **_head(work.config, found, ""),
        rate=found.coverage.rate,
        done=found.coverage.done,
        quota=found.coverage.quota,
        unexplained=found.coverage.unexplained,
        lights=sum(found.lights.values()),
        false_alarms=sum(one.false for one in found.alarms),
        raised=sum(one.raised for one in found.alarms),
        actions=whole.actions,
        no_photo=whole.photo_share,
        no_place=whole.place_share,
        no_summary=whole.summary_share,
        minutes=found.minutes,
    )


def report(work: Work, command: Command) -> None:
    """健康报告 [区域] [月]: read as it goes out."""
    region = _asked(work, command)
    seen = region.id if region else "" if Role.ADMIN in work.person.roles else work.person.region
    asked = {"region": seen, "month": work.case.month, "at": instant(work.case.now)}
    inside = Can.IMAGES in work.case.can
    if not inside:
        work.reply(PICTURE, asked={**asked, "picture": True})
    work.reply("card/report", asked={**asked, "picture": inside})


def no_month(work: Work, command: Command) -> None:
    """`覆盖率 华南 13月`."""
    if not leads(work.person):
        raise Refusal("directors_only")
    raise Refusal("no_month", words=command.arg, ahead=False)


def _pictured(work: Work, card: str, figures: Json, **values: Any) -> None:
    """A card with a picture in it where the platform can; else the picture, then the card."""
    if Can.IMAGES in work.case.can:
        values[DRAWN] = figures
    else:
        work.reply(PICTURE, **{DRAWN: figures})
    work.reply(card, **values)


def _drawn(config: Config, found: Board, running: str) -> Json:
    """What templates/report/board.typ shows. `running`: the month that is not over."""
    whole, steps = found.completeness.total, list(zip(found.actions, found.funnel.steps, strict=True))
    total = {"rate": found.coverage.rate, "done": found.coverage.done, "quota": found.coverage.quota}
    trend = [{"month": one.month, "rate": one.rate, "running": one.month == running} for one in found.trend]
    while trend and trend[0]["rate"] is None:  # before anything was recorded
        trend = trend[1:]
    return {
        "report": "board",
        "month": found.asked.month,
        "name": _name(config, found.asked.region),
        "coverage": {"total": total, "rows": [_row(row) for row in found.coverage.rows], "trend": trend},
        "lights": {
            "open": sum(found.lights.values()),
            "raised": sum(one.raised for one in found.alarms),
            "false": sum(one.false for one in found.alarms),
        },
        "completeness": {"actions": whole.actions, "whole_share": None if whole.lacking_share is None else 1 - whole.lacking_share},
        "minutes": found.minutes,
        "funnel": [
            {"stage": count.name, "customers": step.reached, "conversion": None if step is steps[-1][1] else step.conversion}
            for count, step in steps
        ],
    }


def _asked(work: Work, command: Command) -> Region | None:
    """Raises Refusal for who may not ask, or not about this region."""
    if not leads(work.person):
        raise Refusal("directors_only")
    asked = next((one for one in work.config.regions if command.arg in {one.id, one.name}), None)
    if command.arg and asked is None:
        raise Refusal("no_region", words=command.arg, regions=[one.name for one in work.config.regions])
    if asked and Role.ADMIN not in work.person.roles and asked.id != work.person.region:
        raise Refusal("not_your_region")
    if work.case.month > f"{work.case.now.astimezone(work.config.zone):%Y-%m}":
        raise Refusal("no_month", words=work.case.month, ahead=True)
    return asked


def _board(work: Work, command: Command) -> Board:
    _asked(work, command)
    if work.case.board is None:
        raise Refusal("stale_button")
    return work.case.board


def _head(config: Config, found: Board, page: str) -> Json:
    asked = found.asked
    return {"month": asked.month, "region": _name(config, asked.region), "url": _url(config, asked, page)}


def _url(config: Config, asked: Within, page: str = "") -> str:
    told = urlencode({name: value for name, value in (("month", asked.month), ("region", asked.region)) if value})
    return f"{config.server.public_url.rstrip('/')}/board{'/' if page else ''}{page}?{told}"


def _name(config: Config, region: str | None) -> str:
    found = config.region(region or "")
    return found.name if found else ALL


def _row(row: CoverageRow) -> Json:
    return {
        "grade": row.grade,
        "customers": row.customers,
        "quota": row.quota,
        "done": row.done,
        "rate": row.rate,
        "surplus": row.surplus,
        "weak": row.weak,
        "explained": row.explained,
        "unexplained": row.unexplained,
        "notes": list(row.notes[:NOTES]),
    }
