"""The story of a visit, moment by moment, as its record's page tells it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model import Check, Json
from bot.store import convert
from bot.store.tables import ActionRow, CheckRow, ContactRow, EvidenceRow, MeetingRow, PresentationRow, VisitRow

BEFORE = timedelta(hours=2)  # a check-in opens its customer for so long by default
LONGEST = timedelta(hours=12)  # of a visit that nobody ended
CHECKS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`what`: opened | check | stage | evidence | met | deck | ended. `action`: whose stage it is or belongs to."""

    at: datetime
    what: str
    action: str = ""
    values: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`checks`: presence checks around it, oldest first."""

    events: tuple[Event, ...]
    checks: tuple[Check, ...]


async def story_of(visit: str) -> Story:
    """Empty for what is no visit."""
    row = await VisitRow.get_or_none(id=visit)
    if row is None:
        return Story(events=(), checks=())
    until = row.ended_at or row.started_at + LONGEST
    near = CheckRow.filter(rep=row.rep, customer=row.customer, at__gte=row.started_at - BEFORE, at__lte=until)
    checks = tuple(convert.check(one) for one in await near.order_by("at").limit(CHECKS))
    items = await EvidenceRow.filter(visit=visit).order_by("sent_at", "id")
    events = [*_frame(row), *_stages(await ActionRow.filter(visit=visit).order_by("at", "id")), *_items(items), *_checks(checks)]
    events += [*await _met(visit, row.ended_at), *await _shown(row.rep, visit)]
    order = {what: rank for rank, what in enumerate(("check", "opened", "stage", "met", "deck", "evidence", "ended"))}
    return Story(events=tuple(sorted(events, key=lambda one: (one.at, order[one.what]))), checks=checks)


def _frame(row: VisitRow) -> Iterator[Event]:
    yield Event(at=row.started_at, what="opened")
    if row.ended_at:
        yield Event(at=row.ended_at, what="ended", values={"how": row.state})


def _stages(rows: Sequence[ActionRow]) -> Iterator[Event]:
    for row in rows:
        yield Event(at=row.at, what="stage", action=row.id, values={"stage": row.stage, "kind": row.kind, "state": row.state})


def _items(rows: Sequence[EvidenceRow]) -> Iterator[Event]:
    for row in rows:
        values = {"kind": row.kind, "seconds": row.seconds, "state": row.state}
        yield Event(at=row.sent_at, what="evidence", action=row.action or "", values=values)


def _checks(checks: Sequence[Check]) -> Iterator[Event]:
    for check in checks:
        values = {"state": check.state.value, "place": check.place, "distance_m": check.distance_m}
        yield Event(at=check.at, what="check", values=values)


async def _met(visit: str, ended: datetime | None) -> list[Event]:
    """`after`: registered when the visit was over, so at that moment nobody was met."""
    meetings = await MeetingRow.filter(visit=visit).order_by("at")
    known = {row.id: row for row in await ContactRow.filter(id__in=[one.contact for one in meetings])}
    found = [(one.at, known[one.contact]) for one in meetings if one.contact in known]
    same = ("name", "title", "role")
    return [
        Event(at=at, what="met", values={name: getattr(row, name) for name in same} | {"after": bool(ended and at > ended)})
        for at, row in found
    ]


async def _shown(rep: str, visit: str) -> list[Event]:
    rows = await PresentationRow.filter(rep=rep, visit=visit).order_by("at")
    return [Event(at=row.at, what="deck", values={"name": row.name, "seconds": sum(row.seconds)}) for row in rows]
