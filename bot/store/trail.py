"""What the ledger and the inbox hold about one record: its entries, the platform messages it came from, who looked, what was said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.store import ledger_rows
from bot.store.fields import from_ms
from bot.store.ledger_rows import LedgerRow
from bot.store.reading_sql import select
from bot.store.tables import ActionRow, EvidenceRow, Inbox, StatementRow

BEFORE = 60  # entries before the first known one: what it was made from is recorded in the same step, ahead of it
AFTER = 5000  # entries after the last known one that are looked through
LOOKED = """
SELECT person, COUNT(*) AS n, SUM(CASE WHEN record = ? THEN 1 ELSE 0 END) AS mine, MAX(at) AS last
FROM views WHERE record IN ({marks}) GROUP BY person ORDER BY last DESC, person
"""
BODIES = 'SELECT "index", body FROM ledger_bodies WHERE "index" >= ? AND "index" < ? AND body IS NOT NULL ORDER BY "index"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """A record's entries between `first` and `last` (exclusive); `size` and `root` are the ledger's."""

    action: ActionRow
    items: tuple[EvidenceRow, ...]
    entries: tuple[LedgerRow, ...]
    first: int
    last: int
    size: int
    root: bytes

    @property
    def sources(self) -> tuple[str, ...]:
        """The messages that its facts came from, in their order."""
        return tuple(dict.fromkeys(source for source in (self.action.source, *(item.source for item in self.items)) if source))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A platform's message as it was stored before it was acknowledged; `payload` b"" once it was erased."""

    source: str
    sender: str
    received_at: datetime
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody had to say about an action; `index`: its place in the ledger."""

    id: str
    by: str
    text: str
    at: datetime
    index: int


async def trail_of(id_: str) -> Trail | None:
    """The entries that speak of an action, its evidence or their messages. Cost follows the stretch looked through, not the ledger."""
    action = await ActionRow.get_or_none(id=id_)
    if action is None:
        return None
    items = tuple(await EvidenceRow.filter(action=id_).order_by("sent_at", "id"))
    said = [one.index for one in await statements(id_)]
    known = [action.ledger_index, *(item.ledger_index for item in items), *said]
    head = await ledger_rows.head()
    first, last = max(min(known) - BEFORE, 0), min(max(known) + AFTER, head.size)
    trail = Trail(action=action, items=items, entries=(), first=first, last=last, size=head.size, root=bytes.fromhex(head.root))
    needles = {f'"{name}"' for name in (id_, *(item.id for item in items), *trail.sources)}
    needles |= {f'"{item.sha256}"' for item in items if item.sha256}
    return replace(trail, entries=tuple(await _speaking(needles, first, last, known)))


async def _speaking(needles: Collection[str], first: int, last: int, known: Sequence[int]) -> list[LedgerRow]:
    bodies = await select(BODIES, first, last)
    wanted = {row["index"] for row in bodies if any(needle in row["body"] for needle in needles)} | set(known)
    return await ledger_rows.at(sorted(wanted))


async def messages(sources: Sequence[str]) -> list[Message]:
    """Those of these messages that are there, in the order asked for."""
    found = []
    for source in sources:
        platform, _, key = source.partition(":")
        row = await Inbox.get_or_none(platform=platform, key=key)
        if row:
            found.append(Message(source=source, sender=row.sender, received_at=row.received_at, payload=ledger_rows.as_bytes(row.payload)))
    return found


async def statements(action: str) -> list[Statement]:
    rows = await StatementRow.filter(action=action).order_by("at", "id")
    return [Statement(id=row.id, by=row.by, text=row.text, at=row.at, index=row.ledger_index) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlooker:
    """Somebody who looked: how often at the record, how often at one of its originals, and when last."""

    person: str
    last_at: datetime
    record: int
    originals: int


async def looks(action: str, items: Sequence[str]) -> list[Onlooker]:
    """Who looked at an action or its originals, latest first."""
    ids = [action, *items]
    found = await select(LOOKED.format(marks=", ".join("?" * len(ids))), action, *ids)
    return [
        Onlooker(person=row["person"], last_at=from_ms(row["last"]), record=row["mine"], originals=row["n"] - row["mine"]) for row in found
    ]
