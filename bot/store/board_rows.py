"""Rows behind the board's figures, as many as there are in a month and a part of the company."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from bot.config.schema import Config
from bot.measures.board import Within
from bot.model import Alert
from bot.store import convert
from bot.store.reading import month_bounds
from bot.store.reading_figures import place_asked
from bot.store.tables import AlertRow, DeedRow, MilestoneRow

OPEN = ("firing", "acknowledged", "muted")
AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An action with what its chain lacks: photo, place (where it had to be on site), summary."""

    action: str
    rep: str
    customer: str
    stage: str
    state: str
    tier: str
    at: datetime
    lacks: tuple[str, ...]


async def deeds(config: Config, asked: Within, stage: str = "") -> list[Deed]:
    """Actions begun in the month that were not taken back, newest first."""
    start, end = month_bounds(config, asked.month)
    wanted = Q(at__gte=start, at__lt=end) & ~Q(state="withdrawn")
    for name, value in (("region", asked.region), ("rep", asked.rep), ("stage", stage)):
        wanted &= Q(**{name: value}) if value else Q()
    return [_deed(config, row) for row in await DeedRow.filter(wanted).order_by("-at", "-action")]


def _deed(config: Config, row: DeedRow) -> Deed:
    there = {"photo": row.photo, "place": row.place or not place_asked(config, row.stage, row.kind), "summary": row.summary}
    return Deed(
        action=row.action,
        rep=row.rep,
        customer=row.customer,
        stage=row.stage,
        state=row.state,
        tier=row.tier,
        at=row.at,
        lacks=tuple(name for name, has in there.items() if not has),
    )


async def alerts(config: Config, asked: Within, *, rule: str = "", which: str = "") -> list[Alert]:
    """`which`: open (whenever they began) | false | "" (the month's, those that somebody was told of); newest first."""
    start, end = month_bounds(config, asked.month)
    wanted = Q(state__in=OPEN) if which == "open" else Q(since__gte=start, since__lt=end, told=True)
    if which == "false":
        wanted &= Q(how="false_alarm")
    for name, value in (("region", asked.region), ("owner", asked.rep), ("rule", rule)):
        wanted &= Q(**{name: value}) if value else Q()
    return [convert.alert(row) for row in await AlertRow.filter(wanted).order_by("-since", "-id")]


async def proofs(stages: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(customer, stage) → the action that first proved it."""
    ids = [f"{customer}:{stage}" for customer, stage in stages]
    found: dict[tuple[str, str], str] = {}
    for start in range(0, len(ids), AT_ONCE):
        rows = await MilestoneRow.filter(id__in=ids[start : start + AT_ONCE])
        found |= {(row.customer, row.stage): row.action for row in rows}
    return found
