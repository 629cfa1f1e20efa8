"""The board: what is asked, and every figure that answers it, as page, chat, API and pictures show it."""

from dataclasses import dataclass

from bot.measures.alarms import RuleRecord
from bot.measures.completeness import Completeness
from bot.measures.coverage import CoverageReport
from bot.measures.deals import Collection, Honesty
from bot.measures.effort import Effort, mean_minutes
from bot.measures.funnel import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Which part of the company ("" = all of it), and which local month (`YYYY-MM`)."""

    month: str
    region: str = ""
    rep: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCount:
    """A step of the funnel: complete actions of a stage, and how many customers they were with, None where nobody asked."""

    stage: str
    name: str
    actions: int
    customers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One month of the trend; `rate` None over no quota, and before anything was ever done."""

    month: str
    quota: int
    done: int
    rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessMonth:
    """Of all, and of each rep by id."""

    total: Completeness
    by_rep: dict[str, Completeness]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelMonth:
    """Opportunities by stage as they stood at the month's end, or now; and how many stages are claimed beyond what is proved."""

    steps: tuple[Step, ...]
    claims: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """`lights`: rule → open red lights. `efforts`: of the month's last seven days, or up to now. `trend`: empty where nobody asked."""

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
