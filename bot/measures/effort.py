"""What recording costs a rep (M48): minutes a day, from the times of his messages alone. An estimate, and said to be one.

Messages at most GAP apart are one sitting and cost the time between them; the first of a sitting costs FIRST. A demo of forty minutes
between two messages is selling, not recording, and costs nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

GAP = timedelta(seconds=120)
FIRST = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """One rep's cost over a period: `days` on which he sent anything, and seconds in all."""

    rep: str
    days: int
    seconds: float

    @property
    def minutes_a_day(self) -> float | None:
        """None when he sent nothing."""
        return self.seconds / 60 / self.days if self.days else None


def costs(times: Iterable[datetime]) -> list[tuple[datetime, float]]:
    """Each message's own cost in seconds, in the order of time. A message belongs to the moment when it was sent."""
    found: list[tuple[datetime, float]] = []
    for at in sorted(times):
        gap = at - found[-1][0] if found else GAP + FIRST
        found.append((at, (gap if gap <= GAP else FIRST).total_seconds()))
    return found


def effort(rep: str, times: Iterable[datetime], zone: ZoneInfo) -> Effort:
    """Of all his messages in a period; a day is local."""
    found = costs(times)
    days: set[date] = {at.astimezone(zone).date() for at, _ in found}
    return Effort(rep=rep, days=len(days), seconds=sum(seconds for _, seconds in found))


def mean_minutes(efforts: Iterable[Effort]) -> float | None:
    """Minutes a rep and day, over all days on which somebody sent something."""
    some = [one for one in efforts if one.days]
    days = sum(one.days for one in some)
    return sum(one.seconds for one in some) / 60 / days if days else None
