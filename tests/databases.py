"""Databases of this version, migrated once a run and copied for each test: migrating takes longer than most tests."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg

from bot.store import ledger_rows
from bot.store.database import Database, tortoise_config
from tests.outside import POSTGRES

T = TypeVar("T")


def address(name: str) -> str:
    """URL of another database on the test server."""
    return urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()


@asynccontextmanager
async def postgres(template: str = "template1") -> AsyncIterator[str]:
    """URL of a database of its own, a copy of `template`, dropped afterwards."""
    server = await asyncpg.connect(POSTGRES, timeout=5)
    name = f"st_{secrets.token_hex(6)}"
    try:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield address(name)
    finally:
        await server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await server.close()


async def migrate(url: str, base: Path) -> None:
    """Bring an empty database to this version, with an empty ledger."""
    database = Database(tortoise_config(url, base))
    await database.open(migrate=True)
    await ledger_rows.ensure_head()
    if database.sqlite:
        await database.connection.execute_script("PRAGMA wal_checkpoint(TRUNCATE)")
    await database.close()


async def make_template() -> str:
    """A migrated PostgreSQL database to copy; its name."""
    server = await asyncpg.connect(POSTGRES, timeout=5)
    name = f"st_template_{secrets.token_hex(4)}"
    await server.execute(f"CREATE DATABASE {name}")
    await server.close()
    await migrate(address(name), Path())
    return name


async def drop(name: str) -> None:
    server = await asyncpg.connect(POSTGRES, timeout=5)
    await server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await server.close()


def make_sqlite(path: Path) -> Path:
    """A migrated SQLite file to copy."""
    alone(migrate(f"sqlite://{path}", path.parent))
    return path


def alone(work: Coroutine[None, None, T]) -> T:
    """Run it on a loop of its own, whether or not one is running here."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()
