"""Deadlines as rows: set when something happens, swept when past. Cost follows the number due, not the number of customers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from bot.store.fields import from_ms, to_ms

# One statement, an index range: `make bench` holds it flat from ten thousand customers to a million.
DUE = "SELECT rule, subject, due_at FROM deadlines WHERE due_at <= {at} ORDER BY due_at LIMIT {limit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A deadline that has passed."""

    rule: str
    subject: str
    due_at: datetime


async def due(db: BaseDBAsyncClient, now: datetime, limit: int) -> list[Due]:
    rows = await db.execute_query_dict(DUE.format(at=to_ms(now), limit=int(limit)))
    return [Due(rule=row["rule"], subject=row["subject"], due_at=from_ms(row["due_at"])) for row in rows]


async def arm(db: BaseDBAsyncClient, rows: Iterable[tuple[str, str, datetime | None]]) -> None:
    """Set (rule, subject) → due time; None disarms."""
    values: Sequence[list[object]] = [[rule, subject, to_ms(at) if at else None] for rule, subject, at in rows]
    if not values:
        return
    marks = "?, ?, ?" if db.capabilities.dialect == "sqlite" else "$1, $2, $3"
    sql = (
        f"INSERT INTO deadlines (rule, subject, due_at) VALUES ({marks}) ON CONFLICT (rule, subject) DO UPDATE SET due_at = excluded.due_at"
    )
    await db.execute_many(sql, list(values))


async def soon(db: BaseDBAsyncClient, rows: Iterable[tuple[str, str, datetime]]) -> None:
    """Set (rule, subject) → due time, unless it is due earlier already: many causes make one look."""
    values: Sequence[list[object]] = [[rule, subject, to_ms(at)] for rule, subject, at in rows]
    if not values:
        return
    lite = db.capabilities.dialect == "sqlite"
    marks, least = ("?, ?, ?", "MIN") if lite else ("$1, $2, $3", "LEAST")
    earlier = f"{least}(COALESCE(deadlines.due_at, excluded.due_at), excluded.due_at)"
    sql = f"INSERT INTO deadlines (rule, subject, due_at) VALUES ({marks}) ON CONFLICT (rule, subject) DO UPDATE SET due_at = {earlier}"
    await db.execute_many(sql, list(values))
