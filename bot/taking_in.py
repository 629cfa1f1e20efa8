"""Taking in master data, from a file, from chat or over HTTP: checked, written and noted in the ledger in one step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot import corridor, entries, taking_feeds
from bot.intake import FEEDS, BadTable, Parsed, Rejected, parse, read_table
from bot.line import Line
from bot.matching import matched
from bot.model import Draft
from bot.store import ledger_rows, master_fold, settings
from bot.store.database import Database
from bot.store.master import write_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a batch: rows changed, rows that were there already, rows refused with number and reason."""

    accepted: int
    unchanged: int
    rejected: tuple[Rejected, ...]
    refused: int = 0  # how many they are; of a very long file not all are listed


async def take_in(line: Line, kind: str, rows: Sequence[Mapping[str, str]], data: bytes, by: str = "api") -> Taken:
    """Rows as columns of text; `data`: the bytes they came in, which the vault keeps of master data. Row numbers count the header as 1."""
    if kind in FEEDS:
        return _taken(await taking_feeds.take(line, enumerate(rows, start=2), taking_feeds.Batch(kind=kind, by=by)))
    return await _take(line, kind, parse(kind, enumerate(rows, start=2), line.config()), data, by)


async def store(
    line: Line,
    kind: str,
    source: bytes | Path,
    name: str,
    by: str,
    refusals: taking_feeds.Refusals | None = None,
    progress: taking_feeds.Progress | None = None,
) -> Taken:
    """A CSV or XLSX file. Raises BadTable when it cannot be read at all."""
    if kind in FEEDS:
        batch = taking_feeds.Batch(kind=kind, by=by, refusals=refusals, progress=progress)
        return _taken(await taking_feeds.from_file(line, source, name, batch))
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise BadTable(f"读不到: {error.strerror}") from error
    rows = list(read_table(data, name))
    taken = await _take(line, kind, parse(kind, rows, line.config()), data, by)
    given = dict(rows)
    for refused in taken.rejected:
        if refusals:
            refusals.add(replace(refused, cells=given.get(refused.row, {})))
    return taken


def _taken(tally: taking_feeds.Tally) -> Taken:
    return Taken(accepted=tally.accepted, unchanged=tally.unchanged, rejected=tuple(tally.rejected), refused=tally.refused)


async def _take(line: Line, kind: str, parsed: Parsed, data: bytes, by: str) -> Taken:
    parsed = await matched(parsed, line.adapters)
    now, config = line.clock.now(), line.config()
    async with line.database.step() as tx:
        written = await write_all(line.database, parsed.accepted, config, now)
        rejected = tuple(sorted((*parsed.rejected, *written.refused), key=lambda one: one.row))
        await ledger_rows.append(written.facts, now)
        if written.changed or rejected:
            digest = await line.vault.put(data)
            done = entries.import_done(kind, digest, written.changed, written.unchanged, len(rejected), by, now)
            written.decisions.append(done)
        await corridor.record(tx, Draft(entries=tuple(written.decisions)), config, now, frozenset(line.adapters))
    return Taken(accepted=written.changed, unchanged=written.unchanged, rejected=rejected, refused=len(rejected))


async def adopt_master_data(database: Database, now: datetime) -> None:
    """Master data of before they were facts become facts once: what the ledger does not say, nobody could recompute."""
    if await settings.get("master.adopted"):
        return
    async with database.step():
        if not await ledger_rows.any_of("master.set"):
            await ledger_rows.append(await master_fold.standing(), now)
        await settings.put("master.adopted", True, now)
