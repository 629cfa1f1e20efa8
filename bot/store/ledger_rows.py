"""The ledger's rows: append inside a step, read back for verify."""

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import rfc8785

from bot.ledger import EMPTY_ROOT, Frontier, make_leaf
from bot.model import Entry
from bot.store.fields import to_ms
from bot.store.tables import Body, Head, Leaf

PAGE = 2000


async def ensure_head() -> None:
    """Make the one head row of an empty ledger; a no-op ever after."""
    head = Head(id=1, size=0, frontier=Frontier().to_json(), root=EMPTY_ROOT.hex(), at=datetime(1970, 1, 1, tzinfo=UTC))
    await Head.bulk_create([head], ignore_conflicts=True)


async def append(entries: Sequence[Entry], now: datetime) -> list[int]:
    """Append inside the caller's step; return the indexes. The step holds the head's lock."""
    if not entries:
        return []
    head = await Head.get(id=1)
    frontier = Frontier.from_json(head.frontier)
    leaves, bodies, indexes = [], [], []
    for index, entry in enumerate(entries, start=head.size):
        salt = secrets.token_bytes(32)
        leaf = make_leaf(entry, index=index, at_ms=to_ms(now), salt=salt)
        frontier.append(leaf.hash)
        leaves.append(Leaf(index=index, data=leaf.data, hash=leaf.hash))
        bodies.append(Body(index=index, type=entry.type, at=now, body=rfc8785.dumps(dict(entry.body)).decode(), salt=salt))
        indexes.append(index)
    await Leaf.bulk_create(leaves)
    await Body.bulk_create(bodies)
    await Head.filter(id=1).update(size=head.size + len(entries), frontier=frontier.to_json(), root=frontier.root().hex(), at=now)
    return indexes


async def head() -> Head:
    return await Head.get(id=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """A leaf with what it commits to; `body` and `salt` None once they were erased."""

    index: int
    data: bytes
    hash: bytes
    type: str
    body: str | None
    salt: bytes | None


async def rows(start: int = 0) -> AsyncIterator[LedgerRow]:
    """In order, a page at a time so that memory does not grow."""
    while leaves := await Leaf.filter(index__gte=start).order_by("index").limit(PAGE):
        bodies = {body.index: body for body in await Body.filter(index__gte=start, index__lte=leaves[-1].index)}
        for leaf in leaves:
            yield _row(leaf, bodies.get(leaf.index))
        start = leaves[-1].index + 1


def _row(leaf: Leaf, body: Body | None) -> LedgerRow:
    return LedgerRow(
        index=leaf.index,
        data=bytes(leaf.data),
        hash=bytes(leaf.hash),
        type=body.type if body else "",
        body=body.body if body else None,
        salt=bytes(body.salt) if body and body.salt else None,
    )


async def entries(start: int = 0) -> AsyncIterator[tuple[int, datetime, Entry]]:
    """Every entry whose body still exists, in order."""
    while bodies := await Body.filter(index__gte=start).order_by("index").limit(PAGE):
        for body in bodies:
            if body.body is not None:
                yield body.index, body.at, Entry(type=body.type, body=json.loads(body.body))
        start = bodies[-1].index + 1
