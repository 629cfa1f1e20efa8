"""The ledger's rows: append inside a step, read back for verify."""

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import rfc8785

from bot.ledger import EMPTY_ROOT, TILE_BITS, Frontier, make_leaf
from bot.model import Entry
from bot.store.fields import to_ms
from bot.store.tables import Body, Head, Inbox, Leaf, Tile

PAGE = 2000


async def ensure_head() -> None:
    """Make the one head row of an empty ledger; a no-op ever after."""
    head = Head(id=1, size=0, frontier=Frontier().to_json(), root=EMPTY_ROOT.hex(), at=datetime(1970, 1, 1, tzinfo=UTC))
    await Head.bulk_create([head], ignore_conflicts=True)
    await _fill_tiles()


async def _fill_tiles() -> None:
    """A ledger begun before tiles were kept gets them once."""
    size = (await Head.get(id=1)).size
    if size >> TILE_BITS == 0 or await Tile.exists():
        return
    frontier, found = Frontier(), []
    while page := await hashes(frontier.size, min(frontier.size + PAGE, size)):
        for hashed in page:
            found += [Tile(id=tile_id(level, number), hash=root) for level, number, root in frontier.completes(hashed)]
            frontier.append(hashed)
    await Tile.bulk_create(found, ignore_conflicts=True)


async def append(entries: Sequence[Entry], now: datetime, moments: Sequence[datetime] = ()) -> list[int]:
    """Append inside the caller's step; return the indexes. The step holds the head's lock.

    `moments`: where a told past is written down at once, when each entry was recorded in it, in order; the last of them is `now`.
    """
    if not entries:
        return []
    head = await Head.get(id=1)
    frontier = Frontier.from_json(head.frontier)
    leaves, bodies, indexes = [], [], []
    for index, (entry, at) in enumerate(zip(entries, moments or [now] * len(entries), strict=True), start=head.size):
        salt = secrets.token_bytes(32)
        leaf = make_leaf(entry, index=index, at_ms=to_ms(at), salt=salt)
        leaves.append(Leaf(index=index, data=leaf.data, hash=leaf.hash))
        bodies.append(Body(index=index, type=entry.type, at=at, body=rfc8785.dumps(dict(entry.body)).decode(), salt=salt))
        indexes.append(index)
    filled = frontier.extend(leaf.hash for leaf in leaves)
    tiles = [Tile(id=tile_id(level, number), hash=root) for level, number, root in filled]
    await Leaf.bulk_create(leaves)
    await Body.bulk_create(bodies)
    if tiles:
        await Tile.bulk_create(tiles)
    await Head.filter(id=1).update(size=head.size + len(entries), frontier=frontier.to_json(), root=frontier.root().hex(), at=now)
    return indexes


def tile_id(level: int, number: int) -> int:
    """Key of the tile that is the root of leaves [number << level, (number + 1) << level)."""
    return level << 48 | number


async def hashes(start: int, end: int) -> list[bytes]:
    """Leaf hashes of a range, in order."""
    rows = await Leaf.filter(index__gte=start, index__lt=end).order_by("index").only("index", "hash")
    return [bytes(row.hash) for row in rows]


async def tiles(level: int, start: int, end: int) -> list[bytes]:
    """Tiles of a level by number, in order."""
    rows = await Tile.filter(id__gte=tile_id(level, start), id__lt=tile_id(level, end)).order_by("id")
    return [bytes(row.hash) for row in rows]


async def tiles_by_number(level: int, start: int, end: int) -> dict[int, bytes]:
    """Tiles of a level, those that are there."""
    rows = await Tile.filter(id__gte=tile_id(level, start), id__lt=tile_id(level, end))
    return {row.id & ((1 << 48) - 1): bytes(row.hash) for row in rows}


async def count_tiles() -> int:
    return await Tile.all().count()


async def all_of(type_: str) -> list[Entry]:
    """Every entry of a rare type; reads the whole table."""
    return [Entry(type=row.type, body=json.loads(row.body)) for row in await Body.filter(type=type_).order_by("index") if row.body]


async def any_of(type_: str) -> bool:
    """Whether an entry of this type was ever recorded; reads the whole table."""
    return await Body.filter(type=type_).exists()


async def bodies_beyond() -> int:
    """Bodies without a leaf."""
    last = await Leaf.all().order_by("-index").first()
    return await Body.filter(index__gt=last.index if last else -1).count()


async def payload_digests(sources: Sequence[str]) -> dict[str, str]:
    """SHA-256 of the platform messages kept for these sources (platform:key), those that are there."""
    keys: dict[str, list[str]] = {}
    for source in sources:
        platform, _, key = source.partition(":")
        keys.setdefault(platform, []).append(key)
    found = {}
    for platform, names in keys.items():
        for row in await Inbox.filter(platform=platform, key__in=names).only("key", "payload"):
            found[f"{platform}:{row.key}"] = sha256(as_bytes(row.payload)).hexdigest()
    return found


async def head() -> Head:
    return await Head.get(id=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """A leaf with what it commits to; `body` and `salt` None once they were erased."""

    index: int
    data: bytes
    hash: bytes
    type: str
    at: datetime | None
    body: str | None
    salt: bytes | None


async def rows(start: int = 0, last: int | None = None) -> AsyncIterator[LedgerRow]:
    """In order, a page at a time so that memory does not grow; to `last` where that is given."""
    wanted = Leaf.all() if last is None else Leaf.filter(index__lte=last)
    while leaves := await wanted.filter(index__gte=start).order_by("index").limit(PAGE):
        bodies = {body.index: body for body in await Body.filter(index__gte=start, index__lte=leaves[-1].index)}
        for leaf in leaves:
            yield _row(leaf, bodies.get(leaf.index))
        start = leaves[-1].index + 1


async def at(indexes: Sequence[int]) -> list[LedgerRow]:
    """Those of these entries that are there, in order."""
    found: list[LedgerRow] = []
    for start in range(0, len(indexes), PAGE):
        page = indexes[start : start + PAGE]
        bodies = {body.index: body for body in await Body.filter(index__in=page)}
        found += [_row(leaf, bodies.get(leaf.index)) for leaf in await Leaf.filter(index__in=page).order_by("index")]
    return found


def as_bytes(value: bytes | memoryview | str) -> bytes:
    """SQLite keeps whatever type somebody put there by hand; that must be named, not stumbled over."""
    return value.encode() if isinstance(value, str) else bytes(value)


def _row(leaf: Leaf, body: Body | None) -> LedgerRow:
    return LedgerRow(
        index=leaf.index,
        data=as_bytes(leaf.data),
        hash=as_bytes(leaf.hash),
        type=body.type if body else "",
        at=body.at if body else None,
        body=body.body if body else None,
        salt=as_bytes(body.salt) if body and body.salt else None,
    )


async def entries(start: int = 0) -> AsyncIterator[tuple[int, datetime, Entry]]:
    """Every entry whose body still exists, in order."""
    while bodies := await Body.filter(index__gte=start).order_by("index").limit(PAGE):
        for body in bodies:
            if body.body is not None:
                yield body.index, body.at, Entry(type=body.type, body=json.loads(body.body))
        start = bodies[-1].index + 1
