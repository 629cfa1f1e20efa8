"""Delivering the outbox: woken at once, a few letters at a time, one at a time a recipient."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from bot import outbox
from bot.config.schema import Config
from bot.meter import Meter
from bot.model import Platform
from bot.ports import Adapter, Clock, Outlet, Wake
from bot.render import Renderer
from bot.reporting import asked
from bot.store import outbox_rows
from bot.store.database import Database
from scheduler.draining import drain

AT_ONCE = 16
IDLE = 1.0  # seconds between looks when no hint comes
log = logging.getLogger("salestrace.delivery")


class Delivery:
    """Runs until `stop`; what is under way is finished, what is not stays in the outbox."""

    def __init__(
        self,
        database: Database,
        adapters: Mapping[Platform, Adapter],
        renderer: Renderer,
        clock: Clock,
        wake: Wake,
        files: Callable[[str], Path],
        meter: Meter,
        robots: Mapping[Platform, Outlet],
        config: Callable[[], Config],
    ) -> None:
        """`files`: path of a picture that is to be sent, by its SHA-256."""
        self._database = database
        self._adapters = adapters
        self._renderer = renderer
        self._clock = clock
        self._wake = wake
        self._files = files
        self._meter = meter
        self._robots = robots
        self._config = config
        self._stopping = False
        self._busy: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        while not self._stopping:
            started = await self._start_due()
            if not started:
                await self._wake.wait("outbox", IDLE)
        await drain(self._busy)

    async def _start_due(self) -> int:
        free = AT_ONCE - len(self._busy)
        if free <= 0:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
            return 1
        started = 0
        for id_ in await outbox_rows.due(self._database.connection, self._clock.now(), free):
            letter = await outbox_rows.claim(id_, self._clock.now())
            if letter is not None:
                started += 1
                task = asyncio.create_task(self._deliver(letter))
                self._busy.add(task)
                task.add_done_callback(self._busy.discard)
        return started

    async def _deliver(self, letter: outbox_rows.Letter) -> None:
        try:
            ready = await outbox.gathered(letter, self._meter.short, self._clock.now(), self._config().alerts.group_at)
            if ready:
                ready = await asked.answered(ready, self._config())
                await outbox.deliver(ready, self._adapters, self._renderer, self._clock, self._files, self._meter, self._robots)
        except Exception as error:
            # A letter that cannot be rendered would block its recipient for ever; it is kept with the reason.
            log.exception("letter %s failed", letter.template)
            await outbox_rows.give_up(letter, type(error).__name__)
        self._wake.notify("outbox")

    def stop(self) -> None:
        self._stopping = True
        self._wake.notify("outbox")
