"""How much of a month's allowance is used, and how much will be if the month goes on like this."""

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

STEPS = (70, 90)  # per cent at which an admin is told
SOON = timedelta(days=1)  # earlier in a month nothing can be said


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """`what`: calls (to the platform) | pushes (from it). `limit` 0: none. `forecast`: None on a month's first day."""

    platform: str
    what: str
    used: int
    limit: int
    forecast: int | None
    refused: bool = False  # the platform itself said this month that it is used up

    @property
    def step(self) -> int:
        """The highest step reached, in per cent; 0 for none. What the platform refuses is used up, whatever was counted."""
        if self.refused:
            return STEPS[-1]
        return max((step for step in STEPS if self.limit and self.used * 100 >= self.limit * step), default=0)

    @property
    def short(self) -> bool:
        """Time to save: as good as used up, or it will be if the month goes on like this."""
        ahead = self.forecast or 0
        return self.step == STEPS[-1] or bool(self.limit and ahead * 100 >= self.limit * STEPS[-1])


def month_of(now: datetime, zone: ZoneInfo) -> str:
    """`2026-11`, in the company's time zone."""
    return f"{now.astimezone(zone):%Y-%m}"


def forecast(used: int, now: datetime, zone: ZoneInfo) -> int | None:
    """What a month comes to when its days go on like those that are over. None before its second day."""
    local = now.astimezone(zone)
    begun = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    gone = local - begun
    if gone < SOON:
        return None
    days = calendar.monthrange(local.year, local.month)[1]
    return max(used, round(used * timedelta(days=days) / gone))
