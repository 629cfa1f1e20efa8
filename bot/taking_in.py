"""Taking in master data, from a file, from chat or over HTTP: checked, written and noted in the ledger in one step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import corridor, entries
from bot.intake import Parsed, Rejected, parse, read_table
from bot.line import Line
from bot.model import Draft
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
    now, config = line.clock.now(), line.config()
    async with line.database.step() as tx:
        changed, unchanged, refused, facts = await write_all(line.database, parsed.accepted, config, now)
        rejected = tuple(sorted((*parsed.rejected, *refused), key=lambda one: one.row))
        if changed or rejected:
            digest = await line.vault.put(data)
            facts.append(entries.import_done(kind, digest, changed, unchanged, len(rejected), by, now))
        await corridor.record(tx, Draft(entries=tuple(facts)), config, now, frozenset(line.adapters))
    return Taken(accepted=changed, unchanged=unchanged, rejected=rejected)
