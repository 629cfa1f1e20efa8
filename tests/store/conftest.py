"""A fresh, migrated database for each test: SQLite always, PostgreSQL where one answers."""

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from bot.store import ledger_rows
from bot.store.database import Database, tortoise_config

POSTGRES = os.environ.get("SALESTRACE_TEST_POSTGRES", "postgres://root@127.0.0.1:5432/test")


async def _connect() -> asyncpg.Connection:
    try:
        return await asyncpg.connect(POSTGRES, timeout=3)
    except (OSError, asyncpg.PostgresError) as error:
        pytest.skip(f"no PostgreSQL at {urlsplit(POSTGRES).netloc}: {type(error).__name__}")


async def open_database(url: str, base: Path, *, migrate: bool = True) -> Database:
    database = Database(tortoise_config(url, base))
    await database.open(migrate=migrate)
    return database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database that is dropped afterwards."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path / 'store.sqlite3'}"
        return
    server = await _connect()
    name = f"st_{secrets.token_hex(6)}"
    await server.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


@pytest.fixture
async def database(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """Migrated and open, with an empty ledger."""
    opened = await open_database(url, tmp_path)
    await ledger_rows.ensure_head()
    yield opened
    await opened.close()
