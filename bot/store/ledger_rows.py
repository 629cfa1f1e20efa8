"""The ledger's rows: append inside a step, read back for verify."""

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import rfc8785

from bot.ledger import EMPTY_ROOT, Frontier, make_leaf
from bot.model import Entry
from bot.store.fields import from_ms, to_ms
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


async def rows(start: int = 0) -> AsyncIterator[tuple[int, bytes, bytes, str | None, bytes | None]]:
    """(index, leaf bytes, leaf hash, body text, salt) in order, a page at a time so that memory does not grow."""
    while True:
        leaves = await Leaf.filter(index__gte=start).order_by("index").limit(PAGE)
        if not leaves:
            return
        bodies = {body.index: body for body in await Body.filter(index__gte=start, index__lte=leaves[-1].index)}
        for leaf in leaves:
            body = bodies.get(leaf.index)
            yield (
                leaf.index,
                bytes(leaf.data),
                bytes(leaf.hash),
                body.body if body else None,
                bytes(body.salt) if body and body.salt else None,
            )
        start = leaves[-1].index + 1


async def entries(start: int = 0) -> AsyncIterator[tuple[int, datetime, Entry]]:
    """Every entry whose body still exists, in order."""
    while True:
        bodies = await Body.filter(index__gte=start).order_by("index").limit(PAGE)
        if not bodies:
            return
        for body in bodies:
            if body.body is not None:
                yield (
                    body.index,
                    body.at if isinstance(body.at, datetime) else from_ms(body.at),
                    Entry(type=body.type, body=json.loads(body.body)),
                )
        start = bodies[-1].index + 1
