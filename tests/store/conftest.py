"""A database for each test: SQLite always, PostgreSQL where one answers."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database, tortoise_config
from tests import databases

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


async def open_database(url: str, base: Path, *, migrate: bool = False) -> Database:
    database = Database(tortoise_config(url, base))
    await database.open(migrate=migrate)
    return database


@pytest.fixture(params=BOTH)
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database without any table, dropped afterwards."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path / 'store.sqlite3'}"
        return
    async with databases.postgres() as url:
        yield url


@pytest.fixture(params=BOTH)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """Of this version, open, with an empty ledger."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("migrated"), tmp_path / "store.sqlite3")
        opened = await open_database(f"sqlite://{file}", tmp_path)
        yield opened
        await opened.close()
        return
    async with databases.postgres(request.getfixturevalue("postgres_template")) as url:
        opened = await open_database(url, tmp_path)
        yield opened
        await opened.close()
