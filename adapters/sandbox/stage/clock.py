"""A clock that runs with the real one, some way off, and can be wound forward."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.clock import SystemClock

ZONE = ZoneInfo("Asia/Shanghai")
CURTAIN = time(14, 20)
SILENCE = timedelta(days=3)
SATURDAY = 5


class DemoClock:
    """Implements `bot.ports.Clock`; shared by the product and the stand-ins."""

    def __init__(self, start: datetime) -> None:
        self._real = SystemClock()
        self._ahead = start - self._real.now()

    def now(self) -> datetime:
        return self._real.now() + self._ahead

    def advance(self, step: timedelta) -> None:
        """Wind forward. Raises ValueError for a step back: recorded times would come after what follows them."""
        if step < timedelta(0):
            raise ValueError("a clock is only wound forward")
        self._ahead += step


def curtain(real: datetime) -> datetime:
    """Return the next 14:20 of a working day that is still one three days later, so that reminders are not held back for the night."""
    local = real.astimezone(ZONE)
    day = local.date() + timedelta(days=int(local.time() >= CURTAIN))
    while day.weekday() >= SATURDAY or (day + SILENCE).weekday() >= SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, CURTAIN, ZONE).astimezone(UTC)
