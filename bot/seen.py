"""When each platform last called, kept for `doctor`, which runs in another process; written at most once a minute."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.meter import PUSHES
from bot.model import Platform
from bot.store import settings

EVERY = timedelta(minutes=1)
log = logging.getLogger(__name__)


class Seen:
    """Called on every stored callback; costs a dict look-up but for one in a minute."""

    def __init__(self, count: Callable[[Platform, str], None] = lambda *_: None) -> None:
        """`count`: told of every push."""
        self._count = count
        self.latest: dict[Platform, datetime] = {}
        self._kept: dict[Platform, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, platform: Platform, at: datetime) -> None:
        self.latest[platform] = at
        self._count(platform, PUSHES)
        kept = self._kept.get(platform)
        if kept is None or at - kept >= EVERY:
            self._kept[platform] = at
            task = asyncio.create_task(self._keep(platform, at))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _keep(self, platform: Platform, at: datetime) -> None:
        try:
            await settings.put(f"callback.{platform.value}", at.isoformat(), at)
        except Exception:
            log.exception("could not note a callback")  # a note for doctor, never worth failing for

    async def close(self) -> None:
        """Let the last note be written."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)


async def kept() -> Mapping[Platform, datetime]:
    """Last callbacks by platform, as they were kept."""
    found = {platform: await settings.get(f"callback.{platform.value}") for platform in Platform}
    return {platform: datetime.fromisoformat(at) for platform, at in found.items() if at}
