"""A real database a test, SQLite or PostgreSQL, and the sample company in it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from adapters.web.app import build
from bot.store.database import Database, tortoise_config
from bot.vault import Vault
from tests import databases
from tests.web.company import NOW, history, png, settle
from tests.web.outside import VOICE, Bench, Wound


async def _open(url: str, base: Path) -> Database:
    database = Database(tortoise_config(url, base))
    await database.open(migrate=False)
    return database


@pytest.fixture
async def sqlite(migrated: Path, tmp_path: Path) -> AsyncIterator[Database]:
    shutil.copy(migrated, tmp_path / "test.sqlite3")
    database = await _open("sqlite://test.sqlite3", tmp_path)
    yield database
    await database.close()


@pytest.fixture
async def postgres(postgres_template: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with databases.postgres(postgres_template) as url:
        database = await _open(url, tmp_path)
        yield database
        await database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """Either database in turn, for queries that the two might answer differently."""
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def clock() -> Wound:
    return Wound(NOW)


@pytest.fixture(scope="session")
def prepared(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database and vault with the sample history, made once and copied for each test."""
    base = tmp_path_factory.mktemp("prepared")
    shutil.copy(migrated, base / "test.sqlite3")

    async def make() -> None:
        database = await _open("sqlite://test.sqlite3", base)
        vault = Vault(base / "vault")
        try:
            await settle(database)
            await history(database, await vault.put(png()), await vault.put(VOICE.read_bytes()))
        finally:
            await database.close()

    asyncio.run(make())
    return base


@pytest.fixture
async def desk(prepared: Path, tmp_path: Path, clock: Wound) -> AsyncIterator[Bench]:
    """The whole edge's outside, with the sample history recorded."""
    base = Path(shutil.copytree(prepared, tmp_path / "desk"))
    database = Database(tortoise_config("sqlite://test.sqlite3", base))
    await database.open(migrate=False)
    yield Bench(clock, Vault(base / "vault"), database)
    await database.close()


@pytest.fixture
async def web(desk: Bench) -> AsyncIterator[TestClient[Any, Any]]:
    """A client of the running app that neither follows redirects by itself nor has signed in."""
    async with TestClient(TestServer(build(desk.desk()))) as client:
        yield client
