"""Stretches of the ledger as files: everything that the database holds and that cannot be recomputed from something else.

A segment is JSON, a line a thing: entries (leaf, body, salt), the platform messages that they name, checkpoints with their
timestamps. Names tell the range: `ledger/0000000000-0000000499.jsonl`. An entry that was erased has neither body nor salt; its segment is
written anew then.
"""

import base64
import json
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

from bot.ledger import Frontier, leaf_hash
from bot.model import Entry
from bot.store import checkpoint_rows, ledger_rows, projections
from bot.store.fields import from_ms, to_ms
from bot.store.ledger_rows import tile_id
from bot.store.tables import Body, CheckpointRow, Head, Inbox, Leaf, StampRow, Tile

SPAN = 500  # entries a segment at most
FOLDER = "ledger/"


def name_of(first: int, last: int) -> str:
    return f"{FOLDER}{first:010d}-{last:010d}.jsonl"


def range_of(name: str) -> tuple[int, int]:
    """First and last entry of a segment's name. Raises ValueError for another name."""
    first, _, last = name.removeprefix(FOLDER).removesuffix(".jsonl").partition("-")
    return int(first), int(last)


async def write(first: int, last: int) -> bytes:
    """The segment as it stands now."""
    lines = [line async for line in _lines(first, last)]
    return "".join(f"{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}\n" for line in lines).encode()


async def _lines(first: int, last: int) -> AsyncIterator[dict[str, Any]]:
    sources: list[str] = []
    async for row in ledger_rows.rows(first, last):
        yield entry_line(row.index, row.data, row.type, to_ms(row.at) if row.at else None, row.body, row.salt)
        if row.type == "message.received" and row.body:
            sources.append(json.loads(row.body)["source"])
    for source in sources:
        platform, _, key = source.partition(":")
        for message in await Inbox.filter(platform=platform, key=key):
            payload = base64.b64encode(bytes(message.payload)).decode()
            yield {"message": source, "sender": message.sender, "received_at": to_ms(message.received_at), "payload": payload}
    for checkpoint in await CheckpointRow.filter(size__gt=first, size__lte=last + 1).order_by("size"):
        yield checkpoint_line(checkpoint.size, to_ms(checkpoint.at), checkpoint.note)
        for stamp in await StampRow.filter(size=checkpoint.size).order_by("tsa"):
            yield stamp_line(stamp.size, stamp.tsa, to_ms(stamp.at), bytes(stamp.token))


def entry_line(index: int, data: bytes, type_: str, at: int | None, body: str | None, salt: bytes | None) -> dict[str, Any]:
    """An entry; `at` in epoch milliseconds; body and salt None once they were erased."""
    told = {"type": type_, "at": at, "body": body, "salt": salt.hex() if salt else None}
    return {"entry": index, "leaf": data.decode(), **told}


def checkpoint_line(size: int, at: int, note: str) -> dict[str, Any]:
    return {"checkpoint": size, "at": at, "note": note}


def stamp_line(size: int, tsa: str, at: int, token: bytes) -> dict[str, Any]:
    return {"stamp": size, "tsa": tsa, "at": at, "token": base64.b64encode(token).decode()}


KINDS = frozenset({"entry", "message", "checkpoint", "stamp"})


class Reader:
    """Puts segments back, in order, into an empty database: rows as they were, projections folded anew. Inside a step a segment."""

    def __init__(self) -> None:
        self._frontier = Frontier()
        self._leaves: list[Leaf] = []
        self._bodies: list[Body] = []
        self._tiles: list[Tile] = []
        self.digests: set[str] = set()
        self.note: str | None = None  # of the last checkpoint

    async def read(self, data: bytes) -> None:
        """Raises ValueError for what is no segment or does not follow the one before."""
        for line in data.decode().splitlines():
            await self.take(json.loads(line))

    async def take(self, thing: dict[str, Any]) -> None:
        """One line. Raises ValueError for what is none or does not follow the one before."""
        kind = next(iter(thing))
        if kind not in KINDS:
            raise ValueError("no line of a segment")
        await getattr(self, f"_{kind}")(thing)

    async def flush(self) -> None:
        """Write the entries taken so far; a row at a time they cost four times as long."""
        for model, rows in ((Leaf, self._leaves), (Body, self._bodies), (Tile, self._tiles)):
            if rows:
                await model.bulk_create(rows)  # type: ignore[arg-type] # each list holds its own model
                rows.clear()

    async def finish(self, now: datetime) -> int:
        """Set the head; return its size."""
        await self.flush()
        frontier = self._frontier
        root = frontier.root().hex()
        await Head.filter(id=1).update(size=frontier.size, frontier=frontier.to_json(), root=root, at=now)
        return frontier.size

    async def _entry(self, thing: dict[str, Any]) -> None:
        index, data = thing["entry"], thing["leaf"].encode()
        if index != self._frontier.size:
            raise ValueError(f"entry {index} does not follow {self._frontier.size - 1}")
        hashed = leaf_hash(data)
        for level, number, root in self._frontier.completes(hashed):
            self._tiles.append(Tile(id=tile_id(level, number), hash=root))
        self._frontier.append(hashed)
        self._leaves.append(Leaf(index=index, data=data, hash=hashed))
        salt = bytes.fromhex(thing["salt"]) if thing["salt"] else None
        if thing["at"] is not None:
            self._bodies.append(Body(index=index, type=thing["type"], at=from_ms(thing["at"]), body=thing["body"], salt=salt))
        if thing["body"]:
            body = json.loads(thing["body"])
            await projections.apply_remaining(index, Entry(type=thing["type"], body=body), from_ms(thing["at"]))
            self.digests |= set(digests_of(thing["type"], body))

    async def _message(self, thing: dict[str, Any]) -> None:
        platform, _, key = thing["message"].partition(":")
        at = from_ms(thing["received_at"])
        row = Inbox(
            platform=platform,
            key=key,
            sender=thing["sender"],
            payload=base64.b64decode(thing["payload"]),
            received_at=at,
            due_at=at,
            state="done",
            done_at=at,
        )
        await Inbox.bulk_create([row], ignore_conflicts=True)

    async def _checkpoint(self, thing: dict[str, Any]) -> None:
        """Its frontier is that of the tree at that size; segments end at checkpoints or beyond."""
        await self.flush()
        frontier = await _frontier_at(thing["checkpoint"])
        await checkpoint_rows.put(frontier, thing["note"], from_ms(thing["at"]))
        self.note = thing["note"]

    async def _stamp(self, thing: dict[str, Any]) -> None:
        token = base64.b64decode(thing["token"])
        await checkpoint_rows.keep_stamps(thing["stamp"], {thing["tsa"]: token}, from_ms(thing["at"]))


async def _frontier_at(size: int) -> Frontier:
    last = await checkpoint_rows.below(size)
    frontier = Frontier.from_json(last.frontier) if last else Frontier()
    for hashed in await ledger_rows.hashes(frontier.size, size):
        frontier.append(hashed)
    return frontier


DIGESTS = {
    "evidence.added": "sha256",
    "import.done": "sha256",
    "original.sealed": "original",
    "evidence.derived": "sha256",
    "report.made": "sha256",
    "import.ended": "refused",
}


def digests_of(type_: str, body: dict[str, Any]) -> Iterable[str]:
    """Digests of the vault's files that an entry names."""
    digest = body.get(DIGESTS.get(type_, ""))
    return [digest] if digest else []
