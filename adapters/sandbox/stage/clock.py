"""A clock that runs with the real one, some way off, and can be wound forward."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
CURTAIN = time(14, 20)
SILENCE = timedelta(days=3)
SATURDAY = 5


class DemoClock:
    """Implements `bot.ports.Clock`; shared by the product and the stand-ins."""

    def __init__(self, start: datetime | None = None) -> None:
        real = datetime.now(UTC)
        self._ahead = (start or curtain(real)) - real

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, step: timedelta) -> None:
        """Wind forward. Raises ValueError for a step back: recorded times would come after what follows them."""
        if step < timedelta(0):
            raise ValueError("a clock is only wound forward")
        self._ahead += step


def curtain(real: datetime) -> datetime:
    """Return the next 14:20 of a working day that is still one three days later, so that reminders are not held back for the night."""
    local = real.astimezone(ZONE)
    day = local.date() + timedelta(days=int(local.time() >= CURTAIN))
    while SATURDAY <= day.weekday() or SATURDAY <= (day + SILENCE).weekday():
        day += timedelta(days=1)
    return datetime.combine(day, CURTAIN, ZONE).astimezone(UTC)
