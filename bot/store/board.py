"""The board: every figure of a month and a part of the company, read once. Page, chat and pictures show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.config.schema import Config
from bot.measures.alarms import RuleRecord
from bot.measures.coverage import CoverageReport
from bot.measures.deals import Collection, Honesty
from bot.measures.effort import Effort, mean_minutes
from bot.store import reading_figures as figures
from bot.store.reading import CoverageMonth, StageCount, funnel, month_bounds
from bot.store.reading_figures import CompletenessMonth, FunnelMonth, Within
from bot.store.trend import MONTHS, Trend

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One month of the trend."""

    month: str
    quota: int
    done: int
    rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """`lights`: rule → open red lights. `efforts`: of the last seven days of the month, or up to now."""

    asked: Within
    grade: str
    coverage: CoverageReport
    by_region: dict[str, CoverageReport]
    by_rep: dict[str, CoverageReport]
    trend: tuple[TrendPoint, ...]
    completeness: CompletenessMonth
    actions: tuple[StageCount, ...]
    funnel: FunnelMonth
    lights: dict[str, int]
    alarms: tuple[RuleRecord, ...]
    efforts: tuple[Effort, ...]
    honesty: Honesty
    collection: Collection

    @property
    def minutes(self) -> float | None:
        """Minutes a rep and day that recording cost."""
        return mean_minutes(self.efforts)


async def board(config: Config, asked: Within, now: datetime, trend: Trend, grade: str = "") -> Board:
    """Everything for one look. Of a rep alone: his customers' coverage, and what he did himself."""
    months = await trend.months(config, asked.month, now, asked.region or None, MONTHS)
    this, region = months[-1], asked.region or None
    _, end = month_bounds(config, asked.month)
    until = min(end, now)
    return Board(
        asked=asked,
        grade=grade,
        coverage=this.report(region, asked.rep, grade),
        by_region=this.by("region", region, asked.rep, grade),
        by_rep=this.by("owner", region, asked.rep, grade),
        trend=points(months, region, asked.rep, grade),
        completeness=await figures.completeness_month(config, asked),
        actions=await funnel(config, asked.month, region, asked.rep),
        funnel=await figures.funnel_month(config, asked, now),
        lights=await figures.open_lights(asked.region, asked.rep),
        alarms=tuple(await figures.alarms_month(config, asked)),
        efforts=tuple(await figures.efforts(config, until - WEEK, until, asked.region, asked.rep)),
        honesty=await figures.honesty_now(config, now, asked.region, asked.rep),
        collection=await figures.collection_month(config, asked, now),
    )


def points(months: Iterable[CoverageMonth], region: str | None, rep: str = "", grade: str = "") -> tuple[TrendPoint, ...]:
    """Each month's total. Months before the first in which anything was done have no rate: nobody worked with this yet."""
    found: list[TrendPoint] = []
    for month in months:
        report = month.report(region, rep, grade)
        begun = report.done > 0 or any(one.done for one in found)
        found.append(TrendPoint(month=month.month, quota=report.quota, done=report.done, rate=report.rate if begun else None))
    return tuple(found)
