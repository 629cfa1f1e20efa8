"""APScheduler as a mere ticker: which round runs how often. What is due stands in the database, not in jobs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import SystemClock

PATIENCE = 4.0  # seconds that rounds have to end; a stop takes ten at most
Round = Callable[[], Awaitable[object]]
log = logging.getLogger("salestrace.beat")
# Rounds tell of their own failures. What is left to say there is no news: a tick that found its round still going, a stop that came first.
logging.getLogger("apscheduler").setLevel(logging.CRITICAL)


class Beat:
    """Runs each round every so many seconds, one at a time a round, however long the loop was blocked."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._going: set[asyncio.Task[None]] = set()

    def every(self, seconds: float, name: str, round_: Round, *, at_once: bool = False) -> None:
        """Add a round. `at_once`: the first one runs now instead of after the interval."""
        first = {"next_run_time": SystemClock().now()} if at_once else {}
        self._scheduler.add_job(
            self._shielded(_guarded(name, round_)),
            "interval",
            seconds=seconds,
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,  # the default drops a tick that comes 1 s late
            **first,
        )

    def start(self) -> None:
        self._scheduler.start()

    async def stop(self) -> None:
        """No more ticks. What is under way ends by itself: a round cut off in the middle of a step would leave its connection locked."""
        self._scheduler.shutdown(wait=False)
        if self._going:
            _, late = await asyncio.wait(self._going, timeout=PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _shielded(self, run: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """The scheduler cancels what it started; the round goes on behind it."""

        async def ticked() -> None:
            task = asyncio.ensure_future(run())
            self._going.add(task)
            task.add_done_callback(self._going.discard)
            with suppress(asyncio.CancelledError):
                await asyncio.shield(task)

        return ticked


def _guarded(name: str, round_: Round) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await round_()
        except asyncio.CancelledError:
            return  # the scheduler stops: what a round was at, the next start does again
        except Exception:
            log.exception("round %s failed; the next one repeats it", name)

    return run
