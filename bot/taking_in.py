"""Taking in master data, from a file, from chat or over HTTP: checked, written and noted in the ledger in one step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import corridor, entries
from bot.intake import Parsed, Rejected, parse, read_table
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


async def take_in(line: Line, kind: str, rows: Sequence[Mapping[str, str]], data: bytes, by: str = "api") -> Taken:
    """Rows as columns of text; `data` are the bytes they came in, which the vault keeps. Row numbers count the header as 1."""
    return await _take(line, kind, parse(kind, enumerate(rows, start=2), line.config()), data, by)


async def store(line: Line, kind: str, data: bytes, name: str, by: str) -> Taken:
    """A CSV or XLSX file. Raises BadTable when it cannot be read at all."""
    return await _take(line, kind, parse(kind, read_table(data, name), line.config()), data, by)


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
    return Taken(accepted=written.changed, unchanged=written.unchanged, rejected=rejected)


async def adopt_master_data(database: Database, now: datetime) -> None:
    """Master data of before they were facts become facts once: what the ledger does not say, nobody could recompute."""
    if await settings.get("master.adopted"):
        return
    async with database.step():
        if not await ledger_rows.any_of("master.set"):
            await ledger_rows.append(await master_fold.standing(), now)
        await settings.put("master.adopted", True, now)
