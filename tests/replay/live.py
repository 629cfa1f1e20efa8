"""A history lived through the real path — corridor, judge, sweep, database — on a clock that stands still between its moments."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot import corridor
from bot.commands.assembly import Setup, opened
from bot.config.load import compile_bytes
from bot.config.schema import Config
from bot.config.secrets import Secrets
from bot.line import Line
from bot.model import Draft, Entry
from bot.replay import Effect, replay
from bot.store.fields import from_ms
from bot.taking_in import store
from scheduler.configured import in_force
from scheduler.sweep import sweep

Alerts = set[tuple[str, str, str, datetime]]
TICK = timedelta(milliseconds=1)
NEXT_DUE = "SELECT MIN(due_at) AS due FROM deadlines"


@dataclass(slots=True)
class Still:
    """A clock that is set."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Life:
    """The product without platforms, living through moments in order."""

    line: Line
    clock: Still

    async def at(self, moment: datetime, *facts: Entry) -> None:
        """Whatever is due before the moment is swept at its own; then the facts are recorded in one step."""
        await self.passes(max(moment, self.clock.at))
        self.clock.at = max(moment, self.clock.at + TICK)
        async with self.line.database.step() as tx:
            await corridor.record(tx, Draft(entries=facts), self.line.config(), self.clock.now(), frozenset())

    async def passes(self, moment: datetime) -> None:
        """Sweep as time goes by."""
        while (row := await self.line.database.connection.execute_query_dict(NEXT_DUE)) and row[0]["due"] is not None:
            due = from_ms(row[0]["due"])
            if due > moment:
                return
            self.clock.at = max(self.clock.at, due)
            await sweep(self.line)

    async def takes_in(self, **tables: str) -> None:
        for kind, text in tables.items():
            await store(self.line, kind, text.encode(), f"{kind}.csv", "test")

    async def fired(self) -> Alerts:
        """What was really raised."""
        rows = await self.line.database.connection.execute_query_dict("SELECT rule, subject, period, since FROM alerts")
        return {(row["rule"], row["subject"], row["period"], from_ms(row["since"])) for row in rows}

    async def replayed(self, config: Config, since: datetime | None = None) -> Effect:
        """All that a config would have raised: against no rules at all."""
        nothing = config.model_copy(update={"rules": ()})
        return await replay(nothing, config, since, self.clock.now() + TICK, page=7)


@asynccontextmanager
async def lived(folder: Path, url: str, text: str, start: datetime) -> AsyncIterator[Life]:
    """A life on an empty, migrated database, under a config."""
    path = folder / "config.toml"
    data = f'[storage]\ndatabase = "{url}"\n{text}'.encode()
    path.write_bytes(data)
    clock, loaded = Still(start), compile_bytes(data, "config.toml")
    setup = Setup(path=path, loaded=loaded, secrets=Secrets({}), clock=clock, platforms=False)
    async with opened(setup, migrate=True) as (line, _):
        await in_force(line, loaded)
        yield Life(line, clock)


def shown(effect: Effect) -> set[tuple[str, str, str]]:
    return {one.key for one in effect.more}


def keys(alerts: Iterable[Sequence[object]]) -> set[tuple[object, ...]]:
    return {tuple(one[:3]) for one in alerts}
