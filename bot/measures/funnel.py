"""The funnel (M12, M15): every customer is one opportunity, and stands at the furthest stage that a complete action proves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """One customer: stage → when a complete action first proved it (before the moment that is asked about).

    `claimed`: stage → what says so without proof: (source, id), source `action` (incomplete) or `deal` (imported).
    """

    customer: str
    owner: str = ""
    region: str = ""
    reached: Mapping[str, datetime] = field(default_factory=dict)
    claimed: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage. `standing`: opportunities whose furthest stage it is; `reached`: those that are here or further.

    `moved`: of the reached ones, those that are further; `conversion` = moved ÷ reached, None over nothing. `days`: median days
    from the first proof of this stage to the first of any further one, over those that were proved in this order; `waiting_days`:
    median days that the standing ones have stood here.
    """

    stage: str
    standing: int
    reached: int
    moved: int
    days: float | None
    waiting_days: float | None

    @property
    def conversion(self) -> float | None:
        return self.moved / self.reached if self.reached else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A stage that is claimed beyond what is proved (`proved` "" = nothing at all). `source`: action | deal, `id`: which."""

    customer: str
    owner: str
    region: str
    stage: str
    proved: str
    source: str
    id: str


def furthest(stages: Sequence[str], reached: Iterable[str]) -> str:
    """The last stage, in the config's order, that is reached; "" for none. Stages that the config no longer knows are passed over."""
    ranks = {stage: rank for rank, stage in enumerate(stages)}
    known = [stage for stage in reached if stage in ranks]
    return max(known, key=ranks.__getitem__, default="")


def funnel(stages: Sequence[str], opportunities: Iterable[Opportunity], now: datetime) -> list[Step]:
    """A step a stage, in the order of `stages`."""
    ranks = {stage: rank for rank, stage in enumerate(stages)}
    standing, reached = [0] * len(stages), [0] * len(stages)
    took: list[list[float]] = [[] for _ in stages]
    waits: list[list[float]] = [[] for _ in stages]
    for one in opportunities:
        top = furthest(stages, one.reached)
        if not top:
            continue
        standing[ranks[top]] += 1
        waits[ranks[top]].append(_days(one.reached[top], now))
        for rank in range(ranks[top] + 1):
            reached[rank] += 1
        for stage, at in one.reached.items():
            if stage in ranks and (later := _next(one, ranks, stage)) and later >= at:
                took[ranks[stage]].append(_days(at, later))
    return [
        Step(
            stage=stage,
            standing=standing[rank],
            reached=reached[rank],
            moved=reached[rank] - standing[rank],
            days=median(took[rank]) if took[rank] else None,
            waiting_days=median(waits[rank]) if waits[rank] else None,
        )
        for rank, stage in enumerate(stages)
    ]


def claims(stages: Sequence[str], opportunities: Iterable[Opportunity]) -> list[Claim]:
    """Every claim of a stage beyond the furthest proved one; by stage, furthest first, then by customer."""
    ranks = {stage: rank for rank, stage in enumerate(stages)}
    found: list[Claim] = []
    for one in opportunities:
        proved = furthest(stages, one.reached)
        found += [
            Claim(customer=one.customer, owner=one.owner, region=one.region, stage=stage, proved=proved, source=source, id=id_)
            for stage, (source, id_) in one.claimed.items()
            if ranks.get(stage, -1) > ranks.get(proved, -1)
        ]
    return sorted(found, key=lambda claim: (-ranks[claim.stage], claim.customer, claim.source))


def _next(one: Opportunity, ranks: Mapping[str, int], stage: str) -> datetime | None:
    return min((at for other, at in one.reached.items() if ranks.get(other, -1) > ranks[stage]), default=None)


def _days(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds() / DAY_S
