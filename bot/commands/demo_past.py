"""Moves the sample company in: its master data through the import, its past straight into the ledger."""

import gc
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from adapters.sandbox import decks
from adapters.sandbox.company import Company, import_files
from adapters.sandbox.figures import fact_files
from adapters.sandbox.history import Batch, history
from adapters.sandbox.stage.clock import DemoClock
from bot.commands.assembly import Setup, opened
from bot.commands.deck_files import take_file
from bot.errors import SalesTraceError
from bot.line import Line
from bot.store import ledger_rows, projections
from bot.store.forecasts import SAMPLE
from bot.taking_in import store

ESTABLISHED = timedelta(days=180)  # the company was set up well before the history that is told
SOON = timedelta(minutes=1)


async def move_in(setup: Setup, company: Company, clock: DemoClock, opening: datetime) -> None:
    """Fill an empty installation and set the clock to `opening`; one that is kept goes on where it stopped."""
    async with _uncollected(), opened(setup, migrate=True) as (line, _):
        head = await ledger_rows.head()
        if head.size:
            clock.advance(max(opening, head.at + SOON) - clock.now())
            await _import(line, "people", import_files(company)["people"])  # everybody where he sat at first
            return
        for kind, data in import_files(company).items():
            await _import(line, kind, data)
        await _decks(line)
        await record(line, history(company, opening))
        clock.advance(opening - clock.now())
        for kind, data in fact_files(company, opening).items():
            await _import(line, kind, data, SAMPLE)


@asynccontextmanager
async def _uncollected() -> AsyncIterator[None]:
    """Without looking for garbage: moving in makes hardly any, and the looking is a fifth of the time it takes."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _import(line: Line, kind: str, data: bytes, by: str = "demo") -> None:
    taken = await store(line, kind, data, f"{kind}.csv", by)
    if taken.rejected:
        raise SalesTraceError(f"{kind}: {taken.rejected[0]}")


async def _decks(line: Line) -> None:
    for name, (tags, _) in decks.DECKS.items():
        with tempfile.TemporaryDirectory(prefix="salestrace-") as folder:
            decks.draw(name, Path(folder))
            await take_file(line, Path(folder), name, tags, "demo", lambda *_: None)


async def record(line: Line, batches: Iterable[Batch]) -> None:
    """Write a told past: originals first, then ledger and projections in one step. No rule judges it and nobody is told.

    The ledger takes a day at once, for a demo should start soon; each entry has the time of its batch.
    """
    batches = list(batches)
    for data, _ in (file for batch in batches for file in batch.files):
        await line.vault.put(data)
    async with line.database.step():
        for _, day in groupby(batches, key=lambda batch: batch.at.astimezone(UTC).date()):
            told = list(day)
            facts = [entry for batch in told for entry in batch.entries]
            moments = [batch.at for batch in told for _ in batch.entries]
            for index, entry, at in zip(await ledger_rows.append(facts, told[-1].at, moments), facts, moments, strict=True):
                await projections.apply(index, entry, at)
