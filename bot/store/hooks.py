"""Pushed requests that were taken, for as long as they could come again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.store.database import Database
from bot.store.tables import HookRow

KEPT = timedelta(hours=1)  # a request is fresh for minutes


async def answered(digest: str) -> Mapping[str, Any] | None:
    """What was answered to this very request; None for a new one."""
    row = await HookRow.get_or_none(digest=digest)
    answer: Mapping[str, Any] | None = row.answer if row else None
    return answer


async def remember(database: Database, digest: str, answer: Mapping[str, Any], now: datetime) -> None:
    async with database.step():
        await HookRow.filter(at__lt=now - KEPT).delete()
        await HookRow.bulk_create([HookRow(digest=digest, at=now, answer=dict(answer))], ignore_conflicts=True)
