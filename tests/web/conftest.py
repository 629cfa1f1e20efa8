"""A real database a test, SQLite or PostgreSQL, and the sample company in it."""

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE

from bot.store.database import Database, tortoise_config

POSTGRES = os.environ.get("SALESTRACE_TEST_POSTGRES", "postgres://root@127.0.0.1:5432/test")


async def _open(url: str, base: Path) -> Database:
    EXECUTOR_CACHE.clear()  # Tortoise keeps prepared INSERTs by table, whichever database they were written for
    database = Database(tortoise_config(url, base))
    await database.open(migrate=False)
    await Tortoise.generate_schemas()
    return database


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    database = await _open("sqlite://test.sqlite3", tmp_path)
    yield database
    await database.close()


@pytest.fixture
async def postgres(tmp_path: Path) -> AsyncIterator[Database]:
    """A database of its own name, dropped afterwards, so that parallel runs do not meet."""
    parts = urlsplit(POSTGRES)
    try:
        admin = await asyncpg.connect(POSTGRES, timeout=3)
    except (OSError, asyncpg.PostgresError):
        if os.environ.get("CI"):
            raise
        pytest.skip("no PostgreSQL")
    name = f"web_{secrets.token_hex(6)}"
    await admin.execute(f"CREATE DATABASE {name}")
    database = await _open(parts._replace(path=f"/{name}").geturl(), tmp_path)
    yield database
    await database.close()
    await admin.execute(f"DROP DATABASE {name}")
    await admin.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """Either database in turn, for queries that the two might answer differently."""
    found: Database = request.getfixturevalue(request.param)
    return found
