"""Working the inbox: several senders at once, one message at a time a sender."""

import asyncio
import logging

from bot import corridor
from bot.line import Line
from bot.store import inbox_rows
from scheduler.draining import drain

AT_ONCE = 4
IDLE = 1.0  # seconds between looks when no hint comes
log = logging.getLogger("salestrace.intake")


class Intake:
    """Runs until `stop`; rows under way are finished."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._stopping = False
        self._busy: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        while not self._stopping:
            if not await self._start_due():
                await self._line.wake.wait("inbox", IDLE)
        await drain(self._busy)

    async def _start_due(self) -> int:
        free = AT_ONCE - len(self._busy)
        if free <= 0:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
            return 1
        ids = await inbox_rows.due(self._line.database.connection, self._line.clock.now(), free)
        for id_ in ids:
            task = asyncio.create_task(self._walk(id_))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)
        if ids:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
        return len(ids)

    async def _walk(self, id_: int) -> None:
        try:
            await corridor.walk(self._line, id_)
        except Exception:
            # The database itself failed: the row's lease runs out and it is worked again.
            log.exception("inbox row %d could not be settled", id_)
        self._line.wake.notify("inbox")

    def stop(self) -> None:
        self._stopping = True
        self._line.wake.notify("inbox")
