"""Taking in other systems' facts: a few hundred rows a step, so that a million cost no more memory than a thousand."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from bot import corridor, entries
from bot.intake import BadRow, BadTable, FeedReader, FeedRow, Rejected, read_table, visit_id
from bot.intake.before import Before
from bot.line import Line
from bot.model import Draft
from bot.store import feeds

CHUNK = 500
LISTED = 20_000  # refused rows that are kept in memory; a file of them holds all

Numbered = Iterator[tuple[int, Mapping[str, str]]]
Progress = Callable[[int, int], None]


class Refusals(Protocol):
    """Where refused rows go, one by one."""

    def add(self, refused: Rejected) -> None: ...


@dataclass(slots=True, kw_only=True)
class Tally:
    """How far a batch is: rows read, changed, there already, refused."""

    read: int = 0
    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    rejected: list[Rejected] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is taken in. `by`: import | chat | api | hook | sample; `file`: SHA-256 of the file, "" for what was pushed."""

    kind: str
    by: str
    file: str = ""
    refusals: Refusals | None = None
    progress: Progress | None = None  # rows read, rows refused; after every step


async def from_file(line: Line, source: bytes | Path, name: str, batch: Batch) -> Tally:
    """A CSV or XLSX file. Raises BadTable when it cannot be read at all, or has a column that nobody knows."""
    rows = read_table(source, name)
    first = await asyncio.to_thread(next, rows, None)
    if first is None:
        raise BadTable("文件里只有表头")
    naming = FeedReader(batch.kind, line.config()).naming
    unknown = next((header for header in first[1] if naming.column(header) is None), None)
    if unknown is not None:
        raise BadTable(f'{naming.unknown(unknown)}; 不要的列可以在 config.toml 的 [columns.{batch.kind}] 里写 "{unknown}" = ""')
    digest = await line.vault.put(source)
    tally = await take(line, _again(first, rows), replace(batch, file=digest))
    now = line.clock.now()
    async with line.database.step() as tx:
        done = entries.import_done(batch.kind, digest, tally.accepted, tally.unchanged, tally.refused, batch.by, now)
        await corridor.record(tx, Draft(entries=(done,)), line.config(), now, frozenset(line.adapters))
    return tally


def _again(first: tuple[int, Mapping[str, str]], rest: Numbered) -> Numbered:
    yield first
    yield from rest


async def take(line: Line, rows: Numbered, batch: Batch) -> Tally:
    """Numbered rows of text by column."""
    tally, names, reader = Tally(), feeds.Names(), FeedReader(batch.kind, line.config())
    with Before() as before:
        while chunk := await asyncio.to_thread(lambda: list(islice(rows, CHUNK))):
            await _chunk(line, chunk, batch, tally, names, reader, before)
            if batch.progress:
                batch.progress(tally.read, tally.refused)
    return tally


async def _chunk(
    line: Line,
    chunk: list[tuple[int, Mapping[str, str]]],
    batch: Batch,
    tally: Tally,
    names: feeds.Names,
    reader: FeedReader,
    before: Before,
) -> None:
    given = dict(chunk)
    read, refused = await asyncio.to_thread(_read, reader, chunk)
    looked = await feeds.look_up(names, read)
    rows, doubled = _single(looked.rows, before)
    for number, reason in sorted([*refused, *looked.refused, *doubled]):
        bad = Rejected(row=number, reason=reason, cells=given[number])
        if batch.refusals:
            batch.refusals.add(bad)
        if tally.refused < LISTED:
            tally.rejected.append(bad)
        tally.refused += 1
    tally.read += len(chunk)
    now = line.clock.now()
    async with line.database.step() as tx:
        fresh = await feeds.news(batch.kind, rows)
        if fresh:
            entry = feeds.taken(batch.kind, fresh, batch.by, batch.file, now)
            await corridor.record(tx, Draft(entries=(entry,)), line.config(), now, frozenset(line.adapters))
    tally.accepted += len(fresh)
    tally.unchanged += len(rows) - len(fresh)


def _read(reader: FeedReader, chunk: list[tuple[int, Mapping[str, str]]]) -> tuple[list[tuple[int, FeedRow]], list[tuple[int, str]]]:
    read: list[tuple[int, FeedRow]] = []
    refused: list[tuple[int, str]] = []
    for number, raw in chunk:
        try:
            read.append((number, reader.read(raw)))
        except BadRow as bad:
            refused.append((number, str(bad)))
    return read, refused


def _single(rows: list[tuple[int, FeedRow]], before: Before) -> tuple[list[FeedRow], list[tuple[int, str]]]:
    """Each id once: the first row that has it stands. Web visits without an id are counted apart instead."""
    single, doubled = [], []
    for number, row in rows:
        if not row.id:
            again = before.times(visit_id(row, 0), number)
            single.append(replace(row, id=visit_id(row, again)))
            continue
        first = before.first(row.id, number)
        if first == number:
            single.append(row)
        else:
            doubled.append((number, f"编号 {row.id} 与第 {first} 行重复"))
    return single, doubled
