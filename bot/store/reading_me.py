"""What a person's own page shows: his day, what is missing, what his customers care about, and what is held of him."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.config.schema import Config
from bot.evidence.tiers import at_least
from bot.hearing.deciding import marks_of
from bot.hearing.gist import snippet
from bot.measures.coverage import CustomerMonth, Filled, Slot, slots
from bot.model import Action, Device, Person
from bot.store import convert
from bot.store.fields import from_ms, to_ms
from bot.store.looking import Seen, looked_at, looks_of
from bot.store.reading import month_bounds
from bot.store.reading_sql import select
from bot.store.tables import (
    ActionRow,
    CheckRow,
    ConsentRow,
    CustomerRow,
    Deadline,
    DeviceRow,
    EvidenceRow,
    Inbox,
    StatementRow,
    TranscriptRow,
    VisitRow,
)

DAY = timedelta(days=1)
RECENT = timedelta(days=7)
LACKING, SPOKEN, CUSTOMERS_SHOWN, EACH, LOOKS = 20, 80, 8, 4, 12

OWN_CUSTOMERS = """
SELECT c.id AS id, c.region AS region, COALESCE(
    (SELECT p.fen FROM purchases p WHERE p.customer = c.id AND p.since < ? ORDER BY p.since DESC, p.id DESC LIMIT 1),
    c.annual_purchase_fen) AS fen
FROM customers c WHERE c.owner = ? ORDER BY c.name, c.id
"""
DONE = """
SELECT id, customer, kind, tier, at FROM actions
WHERE customer IN (SELECT id FROM customers WHERE owner = ?) AND at >= ? AND at < ? AND state = 'complete' AND kind IS NOT NULL
ORDER BY at, id
"""
NOTES = """
SELECT customer, kind, text FROM notes WHERE month = ? AND customer IN (SELECT id FROM customers WHERE owner = ?) ORDER BY at, id
"""

KINDS = "SELECT kind, COUNT(*) AS n FROM evidence WHERE rep = ? GROUP BY kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outing:
    """A visit of today, with its actions in their order."""

    id: str
    customer: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A customer whose silence ends, or ended, at a moment."""

    customer: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A sentence that holds a keyword. `sure`: it was said as written, not only alike in sound."""

    word: str
    text: str
    sure: bool
    at: datetime
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    purpose: str
    state: str
    version: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """How much is held of a person, by kind; the latest looks at it, and how many there were."""

    counts: Mapping[str, int]
    looks: tuple[Seen, ...]
    looked: int
    devices: tuple[Device, ...]
    consents: Mapping[str, Consent]


async def today(person: str, config: Config, now: datetime) -> tuple[Outing, ...]:
    """Visits that began today, and yesterday's that is still open; latest first."""
    start = now.astimezone(config.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    ended = VisitRow.filter(rep=person, state__in=["closed", "timed_out"], started_at__gte=start)
    rows = [*await VisitRow.filter(rep=person, state="open", started_at__gte=start - DAY), *await ended]
    actions = await _actions(await ActionRow.filter(visit__in=[row.id for row in rows]).exclude(state="withdrawn").order_by("at", "id"))
    return tuple(
        Outing(
            id=row.id,
            customer=row.customer,
            state=row.state,
            started_at=row.started_at,
            ended_at=row.ended_at,
            actions=tuple(one for visit, one in actions if visit == row.id),
        )
        for row in sorted(rows, key=lambda row: row.started_at, reverse=True)
    )


async def lacking(person: str, now: datetime) -> tuple[Action, ...]:
    """Actions of the last days that do not count, latest first."""
    rows = ActionRow.filter(rep=person, at__gte=now - RECENT, state__in=["incomplete", "quarantined"])
    return tuple(one for _, one in await _actions(await rows.order_by("-at", "-id").limit(LACKING)))


async def _actions(rows: Sequence[ActionRow]) -> list[tuple[str, Action]]:
    """With the visit of each."""
    items = await EvidenceRow.filter(action__in=[row.id for row in rows]).order_by("sent_at", "id")
    return [(row.visit, convert.action(row, [item for item in items if item.action == row.id])) for row in rows]


async def own_slots(person: str, config: Config, now: datetime) -> list[Slot]:
    """Every standard action that this month asks for of his own customers; the same slots that coverage counts."""
    month = f"{now.astimezone(config.zone):%Y-%m}"
    start, end = month_bounds(config, month)
    customers = await select(OWN_CUSTOMERS, to_ms(now) + 1, person)
    notes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in await select(NOTES, month, person):
        notes[row["customer"], row["kind"]].append(row["text"])
    wanted = {kind.id: kind.min_tier or config.coverage.min_tier for kind in config.action_kinds}
    filled: dict[tuple[str, str], list[Filled]] = defaultdict(list)
    for row in await select(DONE, person, to_ms(start), to_ms(end)):
        if at_least(row["tier"], wanted.get(row["kind"], config.coverage.min_tier)):
            filled[row["customer"], row["kind"]].append(Filled(action=row["id"], at=from_ms(row["at"])))
    months = [
        CustomerMonth(
            customer=row["id"],
            grade=grade.id,
            owner=person,
            region=row["region"],
            notes={kind: tuple(said) for (customer, kind), said in notes.items() if customer == row["id"]},
        )
        for row in customers
        if (grade := config.grade_of(row["fen"]))
    ]
    return slots(months, config.grades, filled, end)


async def due(customers: Iterable[str], now: datetime) -> tuple[Due, ...]:
    """Of these customers those whose silence ends within a day or has ended, soonest first."""
    subjects = [f"customer:{id_}" for id_ in customers]
    rows = await Deadline.filter(subject__in=subjects, due_at__lte=now + DAY).order_by("due_at")
    return tuple(Due(customer=row.subject.partition(":")[2], at=row.due_at) for row in rows if row.due_at)


async def snippets(person: str) -> dict[str, tuple[Snippet, ...]]:
    """What was said in his own latest recordings, by customer; the customer heard last comes first."""
    spoken = await TranscriptRow.filter(rep=person, state__in=["heard", "submitted"]).order_by("-at", "-evidence").limit(SPOKEN)
    actions = dict(await EvidenceRow.filter(id__in=[row.evidence for row in spoken]).values_list("id", "action"))
    found: dict[str, dict[tuple[str, str], Snippet]] = {}
    for row in spoken:
        said = convert.transcript(row)
        for mark in marks_of(said.marks):
            one = Snippet(word=mark.word, text=snippet(said.text, mark), sure=mark.sure, at=said.at, action=actions.get(row.evidence) or "")
            found.setdefault(row.customer, {}).setdefault((one.word, one.text), one)
    return {customer: tuple(said.values())[:EACH] for customer, said in list(found.items())[:CUSTOMERS_SHOWN]}


async def own_data(person: Person, now: datetime) -> OwnData:
    kinds = {row["kind"]: row["n"] for row in await select(KINDS, person.id)}
    seen = await looks_of(person.id, now, LOOKS)
    return OwnData(
        counts={
            "messages": sum([await Inbox.filter(platform=name.value, sender=user).count() for name, user in person.accounts.items()]),
            "actions": await ActionRow.filter(rep=person.id).count(),
            "photos": kinds.get("photo", 0),
            "voices": kinds.get("voice", 0),
            "files": kinds.get("file", 0),
            "checks": await CheckRow.filter(rep=person.id).count(),
            "statements": await StatementRow.filter(by=person.id).count(),
        },
        looks=seen,
        looked=await looked_at(person.id, now),
        devices=tuple(convert.device(row) for row in await DeviceRow.filter(person=person.id).order_by("since")),
        consents={
            row.purpose: Consent(purpose=row.purpose, state=row.state, version=row.version, at=row.at)
            for row in await ConsentRow.filter(person=person.id)
        },
    )


async def customer_names(ids: Iterable[str]) -> dict[str, str]:
    return dict(await CustomerRow.filter(id__in=sorted(set(ids))).values_list("id", "name"))
