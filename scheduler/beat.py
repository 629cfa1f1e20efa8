"""APScheduler as a mere ticker: which round runs how often. What is due stands in the database, not in jobs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import SystemClock

Round = Callable[[], Awaitable[object]]
log = logging.getLogger("salestrace.beat")
# Rounds tell of their own failures. What is left to say there is no news: a tick that found its round still going, a stop that came first.
logging.getLogger("apscheduler").setLevel(logging.CRITICAL)


class Beat:
    """Runs each round every so many seconds, one at a time a round, however long the loop was blocked."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def every(self, seconds: float, name: str, round_: Round, *, at_once: bool = False) -> None:
        """Add a round. `at_once`: the first one runs now instead of after the interval."""
        first = {"next_run_time": SystemClock().now()} if at_once else {}
        self._scheduler.add_job(
            _guarded(name, round_),
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

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)


def _guarded(name: str, round_: Round) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await round_()
        except asyncio.CancelledError:
            return  # the scheduler stops: what a round was at, the next start does again
        except Exception:
            log.exception("round %s failed; the next one repeats it", name)

    return run
