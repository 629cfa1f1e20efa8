"""Figures counted one by one from the facts, as slowly as they are defined: what the product adds up must be the same."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from bot.measures.deals import COLLECT_DAYS, Collection, Payment
from bot.measures.funnel import DAY_S, Opportunity, Step, furthest


def funnel_of(stages: Sequence[str], opportunities: Iterable[Opportunity], now: datetime) -> list[Step]:
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


def _next(one: Opportunity, ranks: Mapping[str, int], stage: str) -> datetime | None:
    return min((at for other, at in one.reached.items() if ranks.get(other, -1) > ranks[stage]), default=None)


def _days(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds() / DAY_S


def collection_of(
    payments: Iterable[Payment], since: datetime, until: datetime, now: datetime, zone: ZoneInfo, days: int = COLLECT_DAYS
) -> Collection:
    """Payments due in [since, until). Paid on the `days`-th local day after the due day is in time, on the next is not; early is in time.

    Those whose time is not over are counted apart, paid or not: taking only the paid ones of them would flatter.
    """
    due = [one for one in payments if since <= one.due_at < until]
    settled = [one for one in due if _after(one.due_at, now, zone) > days]
    paid = [one for one in settled if one.paid_at is not None and one.paid_at <= now and _after(one.due_at, one.paid_at, zone) <= days]
    return Collection(
        due_fen=sum(one.fen for one in settled),
        paid_fen=sum(one.fen for one in paid),
        payments=len(settled),
        paid=len(paid),
        open_fen=sum(one.fen for one in due) - sum(one.fen for one in settled),
        open=len(due) - len(settled),
    )


def _after(due: datetime, at: datetime, zone: ZoneInfo) -> int:
    return (at.astimezone(zone).date() - due.astimezone(zone).date()).days
