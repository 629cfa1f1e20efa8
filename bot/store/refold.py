"""The projections, recomputed from the entries alone and compared with the stored ones row by row.

The recomputation runs in a child process on a database file of its own: the ORM knows one database a process. The child is fed the
entries a line each and answers with its rows; neither side ever holds more than a page.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tortoise import Model, fields
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from bot.model import Entry
from bot.store import ledger_rows, projections, tables
from bot.store.database import Database, tortoise_config
from bot.store.fields import columns_of, from_ms, is_document, table_of, to_ms

PAGE = 2000
LINE = 64 * 1024 * 1024
Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A projection: its natural key, and the columns that other things write."""

    model: type[Model]
    key: tuple[str, ...] = ("id",)
    other: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return table_of(self.model)

    @property
    def columns(self) -> list[str]:
        return sorted(column for column in columns_of(self.model) if column not in self.other)


TABLES = (
    Table(tables.PersonRow, other=("met_at", "read_at")),
    Table(tables.Account, key=("platform", "person"), other=("id",)),
    Table(tables.DeckRow),
    Table(tables.PresentationRow),
    Table(tables.LinkRow),
    Table(tables.SigningRow),
    Table(tables.MaterialRow),
    Table(tables.OpeningRow),
    Table(tables.DeviceRow),
    Table(tables.CustomerRow),
    Table(tables.PurchaseRow, key=("customer", "since", "fen"), other=("id",)),
    Table(tables.SiteRow),
    Table(tables.ContactRow),
    Table(tables.VisitRow),
    Table(tables.ActionRow),
    Table(tables.TurnRow),
    Table(tables.EvidenceRow),
    Table(tables.OriginalRow, key=("sha256",)),
    Table(tables.PhotoPrint, key=("photo", "window"), other=("id",)),
    Table(tables.DerivedRow, key=("evidence",)),
    Table(tables.CheckRow),
    Table(tables.NoteRow),
    Table(tables.QuestionRow, key=("person",)),
    Table(tables.ApprovalRow),
    Table(tables.AlertRow),
    Table(tables.DossierRow),
    Table(tables.SurveyRow),
    Table(tables.ProposalRow),
    Table(tables.ConsentRow),
    Table(tables.DocumentRow),
    Table(tables.TranscriptRow, key=("evidence",)),
    Table(tables.CardRow, key=("evidence",)),
    Table(tables.SceneRow, key=("person",)),
    Table(tables.MeetingRow, key=("contact", "visit"), other=("id",)),
    Table(tables.TitleRow),
    Table(tables.StatementRow),
    Table(tables.FactRow),
    Table(tables.FactBefore, key=("fact", "ledger_index"), other=("id",)),
    Table(tables.ImportRow),
    Table(tables.MarkRow),
    Table(tables.DeedRow, key=("action",), other=("touched",)),
    Table(tables.RepMonthRow),
    Table(tables.CustomerMonthRow),
    Table(tables.MilestoneRow),
    Table(tables.EffortRow),
    Table(tables.HoldingRow, key=("customer", "until"), other=("id",)),
    Table(tables.ViewRow, key=("record", "person", "at", "how"), other=("id",)),
)


async def rows(table: Table) -> AsyncIterator[Row]:
    """Every row in the order of its key, the same on both kinds of database."""
    db = get_connection("default")
    binary = ' COLLATE "C"' if db.capabilities.dialect == "postgres" else ""
    columns = columns_of(table.model)
    keys = [f'"{name}"{binary if isinstance(columns[name], fields.CharField) else ""}' for name in table.key]
    names = ", ".join(f'"{name}"' for name in table.columns)
    documents = {name for name in table.columns if is_document(columns[name])}
    sql, start, last = f'SELECT {names} FROM "{table.name}"', 0, None
    mark = "$1" if binary else "?"
    while True:
        # By its key where that is one column: skipping a million rows a page costs minutes.
        after = f" WHERE {keys[0]} > {mark}" if last is not None and len(keys) == 1 else ""
        skip = "" if len(keys) == 1 else f" OFFSET {start}"
        page = await db.execute_query_dict(f"{sql}{after} ORDER BY {', '.join(keys)} LIMIT {PAGE}{skip}", [last] if after else [])
        if not page:
            return
        for row in page:
            yield {name: _plain(row[name], document=name in documents) for name in table.columns}
        start, last = start + len(page), page[-1][table.key[0]]


def _plain(value: Any, *, document: bool) -> Any:
    if document and value is not None:
        return json.loads(value)
    return int(value) if isinstance(value, bool) else value


class Recomputed:
    """The child's rows beside the stored ones."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self._stream = stream
        self.rows = 0

    async def differences(self) -> AsyncIterator[str]:
        """A line a row that is changed, missing or added."""
        for table in TABLES:
            theirs = self._theirs()
            async for line in self._compare(table, theirs):
                yield line

    async def _theirs(self) -> AsyncIterator[Row]:
        while line := (await self._stream.readline()).strip():
            yield json.loads(line)

    async def _compare(self, table: Table, theirs: AsyncIterator[Row]) -> AsyncIterator[str]:
        stored = rows(table)
        ours, other = await anext(stored, None), await anext(theirs, None)
        while ours or other:
            place = _order(table, ours, other)
            subject = f"{table.name} {' '.join(map(str, _key(table, (ours if place <= 0 else other) or {})))}"
            if place < 0:
                yield f"{subject}: 账本里没有这一行"
            elif place > 0:
                yield f"{subject}: 账本里有, 表里缺失"
            elif ours and other and (wrong := [name for name in table.columns if ours[name] != other[name]]):
                yield f"{subject}: {', '.join(wrong)} 与账本推算的不同"
            self.rows += place <= 0
            if place <= 0:
                ours = await anext(stored, None)
            if place >= 0:
                other = await anext(theirs, None)


def _key(table: Table, row: Row) -> Key:
    return tuple(row[name] for name in table.key)


def _order(table: Table, ours: Row | None, other: Row | None) -> int:
    if ours is None or other is None:
        return -1 if other is None else 1
    mine, theirs = (tuple(part.encode() if isinstance(part, str) else part for part in _key(table, row)) for row in (ours, other))
    return (mine > theirs) - (mine < theirs)


@asynccontextmanager
async def recomputed(progress: Callable[[str, int], None] | None = None) -> AsyncIterator[Recomputed]:
    """Feed a child every entry that still has its body, then read its rows."""
    with tempfile.TemporaryDirectory(prefix="salestrace-") as folder:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.store.refold",
            folder,
            cwd=Path(__file__).resolve().parents[2],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE,
        )
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("no pipes")
        try:
            await _feed(child.stdin, progress)
            yield Recomputed(child.stdout)
            if await child.wait():
                raise RuntimeError("recomputation failed")
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()


async def _feed(stdin: asyncio.StreamWriter, progress: Callable[[str, int], None] | None) -> None:
    done = 0
    async for index, at, entry in ledger_rows.entries():
        stdin.write(json.dumps([index, to_ms(at), entry.type, dict(entry.body)]).encode() + b"\n")
        done += 1
        if done % PAGE == 0:
            await stdin.drain()
            if progress:
                progress("条推算", done)
    stdin.close()


def _lines(count: int) -> list[tuple[int, Entry, datetime]]:
    found: list[tuple[int, Entry, datetime]] = []
    while len(found) < count and (line := sys.stdin.readline()):
        index, at, type_, body = json.loads(line)
        found.append((index, Entry(type=type_, body=body), from_ms(at)))
    return found


async def _child(folder: Path) -> None:
    config = tortoise_config("sqlite://refold.sqlite3", folder)
    config["connections"]["default"]["credentials"].update(synchronous="OFF", journal_mode="MEMORY")
    database = Database(config)
    await database.open(migrate=False)
    await database.create()
    while page := _lines(PAGE):
        async with in_transaction("default"):
            for index, entry, at in page:
                await projections.apply_remaining(index, entry, at)
    for table in TABLES:
        async for row in rows(table):
            sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.write("\n")
    sys.stdout.flush()
    await database.close()


def _main(arguments: Mapping[int, str]) -> None:
    asyncio.run(_child(Path(arguments[1])))


if __name__ == "__main__":
    _main(dict(enumerate(sys.argv)))
