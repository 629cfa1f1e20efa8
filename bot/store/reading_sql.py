"""Raw reads that mean the same on SQLite and PostgreSQL."""

import re
from collections.abc import Sequence
from typing import Any

from tortoise.connection import get_connection


async def select(sql: str, *values: Any) -> list[dict[str, Any]]:
    """Run a query written with `?` marks, in the current transaction if there is one."""
    db = get_connection("default")
    return await db.execute_query_dict(sql if db.capabilities.dialect == "sqlite" else _numbered(sql), list(values))


async def tuples(sql: str, *values: Any) -> Sequence[Any]:
    """The same, as bare rows: for millions of them."""
    db = get_connection("default")
    _, rows = await db.execute_query(sql if db.capabilities.dialect == "sqlite" else _numbered(sql), list(values))
    return rows


async def run(sql: str, *values: Any) -> None:
    """A statement that changes rows, written in the same way."""
    db = get_connection("default")
    await db.execute_query(sql if db.capabilities.dialect == "sqlite" else _numbered(sql), list(values))


def _numbered(sql: str) -> str:
    """`?` → `$1`, `$2` …; queries hold no `?` of their own."""
    parts = re.split(r"\?", sql)
    return "".join(f"{part}${number}" for number, part in enumerate(parts[:-1], start=1)) + parts[-1]
