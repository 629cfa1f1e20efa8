"""Claiming and finishing inbox rows: conditional updates whose row count says who won."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from bot.model import Envelope, Json, Platform
from bot.store.fields import from_ms, to_ms
from bot.store.tables import Inbox

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A row that this worker alone works on until `lease_until`."""

    id: int
    envelope: Envelope
    attempts: int
    lease_until: datetime
    media: Sequence[Json]


async def due(db: BaseDBAsyncClient, now: datetime, limit: int) -> list[int]:
    """Ids of rows to claim, one a sender: what a person sent is worked in the order of due times, a row given back goes behind."""
    at = to_ms(now)
    sql = (
        f"SELECT i.id FROM inbox i WHERE i.state IN ('new', 'claimed') AND i.due_at <= {at}"
        f" AND (i.state = 'new' OR i.lease_until < {at})"
        " AND NOT EXISTS (SELECT 1 FROM inbox b WHERE b.platform = i.platform AND b.sender = i.sender AND b.id <> i.id"
        f" AND b.state IN ('new', 'claimed') AND ((b.state = 'claimed' AND b.lease_until >= {at})"
        f" OR (b.due_at <= {at} AND (b.due_at < i.due_at OR (b.due_at = i.due_at AND b.id < i.id)))))"
        f" ORDER BY i.due_at, i.id LIMIT {int(limit)}"
    )
    return [row["id"] for row in await db.execute_query_dict(sql)]


async def claim(id_: int, now: datetime) -> Claimed | None:
    """Take the row if it is still free."""
    lease = now + LEASE
    free = Inbox.filter(id=id_, state="new", due_at__lte=now)
    won = await free.update(state="claimed", lease_until=lease)
    if not won:
        won = await Inbox.filter(id=id_, state="claimed", lease_until__lt=now).update(lease_until=lease)
    return await _load(id_, lease) if won else None


async def _load(id_: int, lease: datetime) -> Claimed:
    row = await Inbox.get(id=id_)
    envelope = Envelope(
        platform=Platform(row.platform), key=row.key, sender=row.sender, payload=bytes(row.payload), received_at=row.received_at
    )
    return Claimed(id=row.id, envelope=envelope, attempts=row.attempts, lease_until=lease, media=row.media or [])


async def reclaim() -> None:
    """Take back what a killed process had claimed; only for the one process of a SQLite installation, as it starts."""
    await Inbox.filter(state="claimed").update(state="new", lease_until=None)


async def finish(claimed: Claimed, now: datetime, kind: str | None = None, person: str | None = None) -> bool:
    """Mark done inside the step, with what it turned out to be. False: the lease was lost, so the whole step must be rolled back."""
    return bool(await _held(claimed).update(state="done", done_at=now, lease_until=None, kind=kind, person=person))


async def release(claimed: Claimed, due_at: datetime, problem: str, media: Sequence[Json] = ()) -> None:
    """Give the row back, to be claimed again from `due_at`."""
    await _held(claimed).update(
        state="new", due_at=due_at, attempts=claimed.attempts + 1, problem=problem, media=json.dumps(list(media)), lease_until=None
    )


async def postpone(claimed: Claimed, due_at: datetime) -> None:
    """Give the row back without counting an attempt: something that it waits for goes first."""
    await _held(claimed).update(state="new", due_at=due_at, lease_until=None)


async def bury(claimed: Claimed, problem: str, now: datetime) -> None:
    """Give up; the row stays, with the reason, and counts in doctor and metrics."""
    await _held(claimed).update(state="dead", problem=problem, done_at=now, lease_until=None)


def _held(claimed: Claimed) -> Any:
    return Inbox.filter(id=claimed.id, state="claimed", lease_until=claimed.lease_until)


async def revive(now: datetime) -> int:
    """Put given-up rows back to be worked again, once what they failed on is mended; how many."""
    return int(await Inbox.filter(state="dead").update(state="new", due_at=now, attempts=0, lease_until=None))


async def depth(db: BaseDBAsyncClient) -> dict[str, int]:
    """Rows by state that are not done, and the age base of the oldest."""
    rows = await db.execute_query_dict("SELECT state, COUNT(*) AS n FROM inbox WHERE state <> 'done' GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


async def oldest(db: BaseDBAsyncClient) -> datetime | None:
    rows = await db.execute_query_dict("SELECT MIN(received_at) AS at FROM inbox WHERE state IN ('new', 'claimed')")
    return from_ms(rows[0]["at"]) if rows and rows[0]["at"] is not None else None
