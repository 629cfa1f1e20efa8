"""The funnel (M12, M15): every customer is one opportunity, and stands at the furthest stage that a complete action proves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

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


def funnel(stages: Sequence[str], reached: Iterable[Sequence[int | None]], now: int) -> list[Step]:
    """A step a stage, in the order of `stages`. `reached`: of each customer, when each of these stages was first proved, None for never.

    All moments are epoch milliseconds: there are as many customers as the company has, and every look at the board counts them.
    """
    standing, further = [0] * len(stages), [0] * len(stages)
    took: list[list[int]] = [[] for _ in stages]
    waits: list[list[int]] = [[] for _ in stages]
    for one in reached:
        later: int | None = None
        for rank in range(len(stages) - 1, -1, -1):
            at = one[rank]
            if later is not None:
                further[rank] += 1
            if at is None:
                continue
            if later is None:
                standing[rank] += 1
                waits[rank].append(now - at)
                later = at
                continue
            if later >= at:
                took[rank].append(later - at)
            later = min(later, at)
    return [
        Step(
            stage=stage,
            standing=standing[rank],
            reached=standing[rank] + further[rank],
            moved=further[rank],
            days=_median_days(took[rank]),
            waiting_days=_median_days(waits[rank]),
        )
        for rank, stage in enumerate(stages)
    ]


def beyond(stages: Sequence[str], reached: Mapping[str, Sequence[int | None]], claimed: Iterable[tuple[str, str]]) -> int:
    """How many of these (customer, stage) claim more than is proved: as many as `claims` lists."""
    ranks, last = {stage: rank for rank, stage in enumerate(stages)}, range(len(stages) - 1, -1, -1)
    proved = {customer: next((rank for rank in last if moments[rank] is not None), -1) for customer, moments in reached.items()}
    return sum(ranks.get(stage, -1) > proved.get(customer, -1) for customer, stage in claimed)


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


def _median_days(spans: list[int]) -> float | None:
    """Of milliseconds; None of nothing."""
    if not spans:
        return None
    spans.sort()
    half = len(spans) // 2
    middle = spans[half : half + 1] if len(spans) % 2 else spans[half - 1 : half + 1]
    return sum(span / 1000 / DAY_S for span in middle) / len(middle)
