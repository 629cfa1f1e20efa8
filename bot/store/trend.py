"""Coverage over months. A month that is over is counted once and kept, until an entry says that something in it moved."""

from datetime import datetime

from bot.config.schema import Config
from bot.store.fields import to_ms
from bot.store.reading import CoverageMonth, coverage_month, month_bounds, months_until
from bot.store.reading_sql import select

MONTHS = 6
KEPT = 96
SIZE = "SELECT size FROM ledger_head WHERE id = 1"
MOVED = "SELECT MIN(at) AS at FROM deeds WHERE touched >= ?"
# Imports may change owners and purchases, deletion anything, notes what is explained. `index` is a word of SQL.
OTHER = "SELECT COUNT(*) AS n FROM ledger_bodies WHERE \"index\" >= ? AND type IN ('master.set', 'content.erased', 'note.added')"


class Trend:
    """Kept months of one database, in memory. `config` decides which rules count: another one, and they are counted anew."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CoverageMonth] = {}
        self._config: Config | None = None
        self._size = 0

    async def months(
        self, config: Config, month: str, now: datetime, region: str | None = None, count: int = MONTHS
    ) -> list[CoverageMonth]:
        """The last `count` months up to this one, oldest first."""
        await self._forget(config)
        found = []
        for one in months_until(month, count):
            key, over = (one, region or ""), month_bounds(config, one)[1] <= now
            known = self._kept.get(key) if over else None
            known = known or await coverage_month(config, one, now, region)
            if over:
                self._kept[key] = known
            found.append(known)
        while len(self._kept) > KEPT:
            self._kept.pop(next(iter(self._kept)))
        return found

    async def _forget(self, config: Config) -> None:
        """Drop what entries since the last look may have moved."""
        rows = await select(SIZE)
        size = int(rows[0]["size"]) if rows else 0
        since, self._size = self._size, size
        if config != self._config or size < since:
            self._kept.clear()
            self._config = config
        elif size > since and self._kept:
            [other], [moved] = await select(OTHER, since), await select(MOVED, since)
            for key in list(self._kept):
                end = to_ms(month_bounds(config, key[0])[1])
                if other["n"] or (moved["at"] is not None and moved["at"] < end):
                    del self._kept[key]
