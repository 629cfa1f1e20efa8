"""The board, read: every figure of a month and a part of the company."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.config.schema import Config
from bot.measures.board import Board, TrendPoint, Within
from bot.store import reading_deals, reading_funnel
from bot.store import reading_figures as figures
from bot.store.reading import CoverageMonth, coverage_month, funnel, month_bounds
from bot.store.trend import MONTHS, Trend

WEEK = timedelta(days=7)


async def board(config: Config, asked: Within, now: datetime, trend: Trend | None = None, grade: str = "") -> Board:
    """Everything for one look. Of a rep alone: his customers' coverage, and what he did himself."""
    region = asked.region or None
    months = (
        await trend.months(config, asked.month, now, region, MONTHS) if trend else [await coverage_month(config, asked.month, now, region)]
    )
    this = months[-1]
    _, end = month_bounds(config, asked.month)
    until = min(end, now)
    return Board(
        asked=asked,
        grade=grade,
        coverage=this.report(region, asked.rep, grade),
        by_region=this.by("region", region, asked.rep, grade),
        by_rep=this.by("owner", region, asked.rep, grade),
        trend=points(months, region, asked.rep, grade) if trend else (),
        completeness=await figures.completeness_month(config, asked, now),
        actions=await funnel(config, asked.month, region, now, asked.rep),
        funnel=await reading_funnel.funnel_month(config, asked, now),
        lights=await figures.open_lights(asked.region, asked.rep),
        alarms=tuple(await figures.alarms_month(config, asked)),
        efforts=tuple(await figures.efforts(config, until - WEEK, until, asked.region, asked.rep)),
        honesty=await reading_deals.honesty_now(config, now, asked.region, asked.rep),
        collection=await reading_deals.collection_month(config, asked, now),
    )


def points(months: Iterable[CoverageMonth], region: str | None, rep: str = "", grade: str = "") -> tuple[TrendPoint, ...]:
    """Each month's total. Months before the first in which anything was done have no rate: nobody worked with this yet."""
    found: list[TrendPoint] = []
    for month in months:
        report = month.report(region, rep, grade)
        begun = report.done > 0 or any(one.done for one in found)
        found.append(TrendPoint(month=month.month, quota=report.quota, done=report.done, rate=report.rate if begun else None))
    return tuple(found)
