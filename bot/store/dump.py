"""Every table as plain rows, on one state of the database, over a connection of its own; and back into an empty one.

Its own connection: a long read over the ORM's would keep the serving process from writing on SQLite. Three kinds of tables: those
that make up the ledger, the projections that are folded from it, and the rest, which nothing else could tell again (queues, settings,
configs, counts).
"""

import asyncio
import base64
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

from tortoise import Model, fields

from bot.store import refold, tables
from bot.store.database import Database, Tx
from bot.store.fields import columns_of, is_document, is_instant, table_of

PAGE = 500
Row: TypeAlias = tuple[Any, ...]
T = TypeVar("T")
LEDGER = (tables.Leaf, tables.Body, tables.Head, tables.Tile, tables.CheckpointRow, tables.StampRow)
LEFT = (tables.ExportJob,)  # an export that was asked for here is not made again where its archive is read
ENTRIES = (
    'SELECT l."index", l."data", b."type", b."at", b."body", b."salt" FROM "ledger_leaves" l'
    ' LEFT JOIN "ledger_bodies" b ON b."index" = l."index" ORDER BY l."index"'
)
CHECKPOINTS = 'SELECT "size", "at", "note" FROM "ledger_checkpoints" ORDER BY "size"'
STAMPS = 'SELECT "size", "tsa", "at", "token" FROM "ledger_stamps" ORDER BY "size", "tsa"'


class Snapshot(Protocol):
    """One state of the database, whatever is written meanwhile."""

    def pages(self, sql: str) -> AsyncIterator[Sequence[Row]]:
        """The rows of a query, so many at a time."""
        ...


@dataclass(frozen=True, slots=True)
class Dumped:
    """A table and those of its columns that are told; `key` orders its rows and, for a `part`, finds the row again."""

    model: type[Model]
    columns: tuple[str, ...]
    key: tuple[str, ...]
    part: bool = False  # its other columns come from the ledger

    @property
    def name(self) -> str:
        return table_of(self.model)

    def sql(self, *, postgres: bool) -> str:
        """Rows in the order of their key, the same on both kinds of database."""
        known = columns_of(self.model)
        binary = ' COLLATE "C"' if postgres else ""
        keys = [f'"{name}"{binary if isinstance(known[name], fields.CharField) else ""}' for name in self.key]
        return f"SELECT {', '.join(map(_quoted, self.columns))} FROM {_quoted(self.name)} ORDER BY {', '.join(keys)}"

    def kinds(self) -> list[str]:
        """Of each column: instant | money | boolean | document | binary | integer | float | text."""
        known = columns_of(self.model)
        return [_kind(name, known[name]) for name in self.columns]

    def plain(self, row: Row) -> dict[str, Any]:
        """A row as JSON takes it: booleans as such, bytes in base64."""
        known = columns_of(self.model)
        return {name: _plain(known[name], value) for name, value in zip(self.columns, row, strict=True)}

    def values(self, plain: Mapping[str, Any]) -> list[Any]:
        """The inverse, in the order of the columns. Raises KeyError, ValueError."""
        known = columns_of(self.model)
        return [_value(known[name], plain[name]) for name in self.columns]


KINDS = ((fields.BooleanField, "boolean"), (fields.BinaryField, "binary"), (fields.FloatField, "float"))
WHOLE = (fields.IntField, fields.BigIntField)


def _kind(name: str, column: fields.Field[Any]) -> str:
    if is_instant(column):
        return "instant"
    if name == "fen" or name.endswith("_fen"):
        return "money"
    if is_document(column):
        return "document"
    found = next((kind for of, kind in KINDS if isinstance(column, of)), "")
    return found or ("integer" if isinstance(column, WHOLE) else "text")


def _quoted(name: str) -> str:
    return f'"{name}"'


def _plain(column: fields.Field[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column, fields.BinaryField):
        return base64.b64encode(value.encode() if isinstance(value, str) else bytes(value)).decode()
    return bool(value) if isinstance(column, fields.BooleanField) else value


def _value(column: fields.Field[Any], plain: Any) -> Any:
    if isinstance(column, fields.BinaryField) and plain is not None:
        return base64.b64decode(plain, validate=True)
    return plain


def folded() -> list[Dumped]:
    """The projections, for people to read."""
    return [Dumped(one.model, tuple(name for name in columns_of(one.model) if name not in one.other), one.key) for one in refold.TABLES]


def state() -> list[Dumped]:
    """What nothing else could tell again: whole tables, and columns of projections that are no facts of the ledger."""
    known = {one.model: one for one in refold.TABLES}
    models: Iterator[type[Model]] = (getattr(tables, name) for name in tables.__all__)
    found = []
    for model in models:
        if model in LEDGER or model in LEFT:
            continue
        key = (str(model._meta.pk_attr),)  # noqa: SLF001 - the ORM tells it nowhere else
        if model not in known:
            found.append(Dumped(model, tuple(columns_of(model)), key))
        elif own := tuple(name for name in known[model].other if name not in key):
            found.append(Dumped(model, (*known[model].key, *own), known[model].key, part=True))
    return found


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[Snapshot]:
    """Open one beside whatever runs."""
    if database.sqlite:
        file = _SqliteSnapshot(Path(database.credentials["file_path"]))
        await file.begin()
        try:
            yield file
        finally:
            await file.close()
        return
    import asyncpg

    keys = ("host", "port", "user", "password", "database")
    server = await asyncpg.connect(**{key: database.credentials[key] for key in keys})
    try:
        async with server.transaction(isolation="repeatable_read", readonly=True):
            yield _PostgresSnapshot(server)
    finally:
        await server.close()


class _SqliteSnapshot:
    """A read-only connection in a thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dump")
        self._db: sqlite3.Connection

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def begin(self) -> None:
        await self._run(self._open)

    def _open(self) -> None:
        self._db = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10)
        self._db.execute("BEGIN")
        self._db.execute("SELECT size FROM ledger_head").fetchone()  # the first read fixes the state

    async def pages(self, sql: str) -> AsyncIterator[Sequence[Row]]:
        cursor = await self._run(lambda: self._db.execute(sql))
        while page := await self._run(lambda: cursor.fetchmany(PAGE)):
            yield page

    async def close(self) -> None:
        await self._run(self._db.close)
        self._thread.shutdown()


class _PostgresSnapshot:
    def __init__(self, server: Any) -> None:
        self._server = server

    async def pages(self, sql: str) -> AsyncIterator[Sequence[Row]]:
        cursor = await self._server.cursor(sql)
        while page := await cursor.fetch(PAGE):
            yield [tuple(row) for row in page]


async def put_back(tx: Tx, table: Dumped, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of `plain` inside the caller's step: whole ones are new, parts are filled in where the row is."""
    postgres = tx.capabilities.dialect == "postgres"
    marks = [f"${number}" if postgres else "?" for number in range(1, len(table.columns) + 1)]
    if table.part:
        # PostgreSQL's marks have numbers, SQLite's an order: what is set comes first, the key after it.
        order = [*(name for name in table.columns if name not in table.key), *table.key]
        sets = ", ".join(f'"{name}" = {mark}' for name, mark in zip(order, marks, strict=True) if name not in table.key)
        where = " AND ".join(f'"{name}" = {mark}' for name, mark in zip(order, marks, strict=True) if name in table.key)
        sql, told = f'UPDATE "{table.name}" SET {sets} WHERE {where}', Dumped(table.model, tuple(order), table.key)
    else:
        names = ", ".join(map(_quoted, table.columns))
        sql, told = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join(marks)})', table
    await tx.execute_many(sql, [told.values(row) for row in rows])


async def counted_on(tx: Tx, table: Dumped) -> None:
    """Let PostgreSQL number new rows behind those that were put back; SQLite does by itself."""
    pk = columns_of(table.model)[table.key[0]]
    if table.part or tx.capabilities.dialect != "postgres" or not pk.generated:
        return
    name = table.key[0]
    sequence = f"pg_get_serial_sequence('{table.name}', '{name}')"
    await tx.execute_query(f"SELECT setval({sequence}, (SELECT COALESCE(MAX({_quoted(name)}), 0) + 1 FROM {_quoted(table.name)}), false)")


async def clear(tx: Tx, table: Dumped) -> None:
    """Empty a table that an opening installation has begun to fill (settings)."""
    await tx.execute_query(f"DELETE FROM {_quoted(table.name)}")
