"""Opening, migrating and closing the database; the transaction that every step runs in."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.exceptions import DBConnectionError, OperationalError, TransactionManagementError
from tortoise.migrations.api import migrate as run_migrations
from tortoise.transactions import in_transaction

from bot.errors import StoreError

Tx: TypeAlias = BaseDBAsyncClient  # the connection of a step
# The database, not the message, is at fault: locked, full or away. Whoever meets one tries again and gives nothing up.
TROUBLE = (OperationalError, DBConnectionError, TransactionManagementError, OSError)

SQLITE = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "busy_timeout": 10_000,
    "foreign_keys": "ON",
    "journal_size_limit": 67_108_864,
    "secure_delete": "ON",  # what is deleted is overwritten: an erased body must not lie on in a free page
}


def tortoise_config(url: str, base: Path, password: str | None = None) -> dict[str, Any]:
    """Tortoise's config dict for a contract database URL; relative SQLite paths start at `base`."""
    return {
        "connections": {"default": _connection(url, base, password)},
        "apps": {"store": {"models": ["bot.store.tables"], "default_connection": "default", "migrations": "migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(url: str, base: Path, password: str | None) -> Mapping[str, Any]:
    if url.startswith("sqlite://"):
        path = base / url.removeprefix("sqlite://")
        return {"engine": "tortoise.backends.sqlite", "credentials": {"file_path": str(path), **SQLITE}}
    parts = urlsplit(url)
    return {
        "engine": "tortoise.backends.asyncpg",
        "credentials": {
            "host": parts.hostname or "127.0.0.1",
            "port": parts.port or 5432,
            "user": parts.username or "postgres",
            "password": password or "",
            "database": parts.path.lstrip("/"),
            "minsize": 1,
            "maxsize": 8,
            # Redelivered after a migration, a cached plan of the old schema would fail once a connection.
            "statement_cache_size": 200,
        },
    }


class Database:
    """The open database of this process."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        self.sqlite = config["connections"]["default"]["engine"].endswith("sqlite")

    @property
    def credentials(self) -> Mapping[str, Any]:
        """Engine parameters, for the inbox writer's own connection."""
        credentials: Mapping[str, Any] = self._config["connections"]["default"]["credentials"]
        return credentials

    @property
    def connection(self) -> BaseDBAsyncClient:
        return get_connection("default")

    async def open(self, *, migrate: bool) -> None:
        """Connect; bring the schema to this version when asked. Raises StoreError."""
        if self.sqlite:
            Path(self.credentials["file_path"]).parent.mkdir(parents=True, exist_ok=True)
        EXECUTOR_CACHE.clear()  # prepared INSERTs are cached by table, whichever kind of database they were written for
        try:
            await Tortoise.init(config=self._config, _enable_global_fallback=True)
            if migrate:
                await self.migrate()
        except OSError as error:
            raise StoreError(f"database unreachable: {type(error).__name__}") from error

    async def migrate(self) -> None:
        """Apply what is missing, one process at a time: Tortoise itself takes no lock."""
        async with self._alone():
            await run_migrations(config=self._config)
            await Tortoise.init(config=self._config, _enable_global_fallback=True)

    async def create(self) -> None:
        """All tables of this version at once, for an empty database that is thrown away: the migrations take seconds."""
        await Tortoise.generate_schemas(safe=False)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        if self.sqlite:
            yield  # one writer at a time by SQLite's own lock; a second migrate finds nothing left to do
            return
        import asyncpg

        keys = ("host", "port", "user", "password", "database")
        lock = await asyncpg.connect(**{key: self.credentials[key] for key in keys})
        try:
            await lock.execute("SELECT pg_advisory_lock(731942)")
            yield
        finally:
            await lock.close()

    async def scrub(self) -> None:
        """Let nothing of what was deleted stand in the files: SQLite overwrites deleted content (secure_delete), and its log is emptied."""
        if self.sqlite:
            await self.connection.execute_script("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for table in ("ledger_bodies", "inbox", "outbox", "evidence", "checks", "actions", "statements"):
                await self.connection.execute_query(f"VACUUM {table}")

    async def close(self) -> None:
        await Tortoise.close_connections()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """One state of the database for all that is read inside, while others write on."""
        async with in_transaction("default") as tx:
            if not self.sqlite:
                await tx.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield

    @asynccontextmanager
    async def step(self) -> AsyncIterator[TransactionalDBClient]:
        """One transaction that takes the write lock first.

        A deferred BEGIN that reads and then writes fails at once when another process wrote between (facts A3); touching
        the head row first waits for the lock instead, and serialises ledger appends on PostgreSQL.
        """
        async with in_transaction("default") as tx:
            await tx.execute_query("UPDATE ledger_head SET size = size WHERE id = 1")
            yield tx
