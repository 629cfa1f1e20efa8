"""When each platform last called, kept for `doctor`, which runs in another process; written at most once a minute."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
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
        self._refused: dict[Platform, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, platform: Platform, at: datetime) -> None:
        self.latest[platform] = at
        self._count(platform, PUSHES)
        kept = self._kept.get(platform)
        if kept is None or at - kept >= EVERY:
            self._kept[platform] = at
            self._start(self._note(f"callback.{platform.value}", at.isoformat(), at))

    def refused(self, platform: Platform, reason: str, at: datetime) -> None:
        """A callback was not genuine, or not readable: kept for doctor, once a minute."""
        before = self._refused.get(platform)
        if before is None or at - before >= EVERY:
            self._refused[platform] = at
            self._start(self._note(f"refused.{platform.value}", {"reason": reason, "at": at.isoformat()}, at))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _note(name: str, value: object, at: datetime) -> None:
        try:
            await settings.put(name, value, at)
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


async def refusals() -> Mapping[Platform, tuple[str, datetime]]:
    """Why the last callback that was refused was so, and when, by platform."""
    found = {platform: await settings.get(f"refused.{platform.value}") for platform in Platform}
    return {platform: (told["reason"], datetime.fromisoformat(told["at"])) for platform, told in found.items() if told}


async def kinds() -> Mapping[str, datetime]:
    """When a kind of interaction last came: `feishu.tap` → moment."""
    return {name.removeprefix("kind."): datetime.fromisoformat(at) for name, at in (await settings.named("kind.")).items()}
