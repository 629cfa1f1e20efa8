"""Timestamps over checkpoints: the latest one once a day, and any one on demand, from every authority that is configured."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.errors import FetchError
from bot.ports import Clock, Timestamper
from bot.store import checkpoint_rows
from bot.store.database import Database

log = logging.getLogger("salestrace.stamping")


class Stamping:
    """Asks the authorities and keeps what they give."""

    def __init__(self, database: Database, clock: Clock, authorities: Sequence[Timestamper]) -> None:
        self._database = database
        self._clock = clock
        self.authorities = authorities

    async def stamp(self, size: int, note: str) -> Mapping[str, bytes]:
        """Tokens of this checkpoint by the authority's name, asked for where there is none yet; one that does not answer is left out."""
        have = await checkpoint_rows.stamps(size)
        asked = [authority for authority in self.authorities if authority.name not in have]
        found = await asyncio.gather(*(_ask(authority, note) for authority in asked))
        fresh = {authority.name: token for authority, token in zip(asked, found, strict=True) if token}
        if fresh:
            async with self._database.step():
                await checkpoint_rows.keep_stamps(size, fresh, self._clock.now())
        return have | fresh

    async def daily(self, since: datetime) -> list[str]:
        """Stamp the latest checkpoint at those who gave nothing since then; names of those who did not answer."""
        last = await checkpoint_rows.last()
        if last is None:
            return []
        recent = await checkpoint_rows.stamped_since(since)
        missing = [authority for authority in self.authorities if authority.name not in recent]
        if not missing:
            return []
        have = await Stamping(self._database, self._clock, missing).stamp(last.size, last.note)
        return [authority.name for authority in missing if authority.name not in have]


async def _ask(authority: Timestamper, note: str) -> bytes | None:
    try:
        return await authority.stamp(note.encode())
    except FetchError as problem:
        log.warning("timestamp authority %s: %s", authority.name, problem.reason)
        return None


def imprint(note: str) -> str:
    """What a token is made for, in hex."""
    return hashlib.sha256(note.encode()).hexdigest()
