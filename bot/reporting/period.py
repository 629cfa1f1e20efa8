"""Which stretch of time a report tells, and when the next one is due. Local days of the company's zone throughout. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK, MONTH = "week", "month"
FIRST_DAYS = 21  # a pilot's first report tells its first three weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`start` ≤ t < `end`, both local midnights (or now, for what still runs). `key` names it, e.g. `2026-W48`, `2026-11`."""

    kind: str
    key: str
    start: datetime
    end: datetime

    @property
    def month(self) -> str:
        """The month its last day lies in: what coverage is told of."""
        return f"{self.end - timedelta(milliseconds=1):%Y-%m}"


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def month(key: str, zone: ZoneInfo) -> Period:
    """A local `YYYY-MM`. Raises ValueError on anything else."""
    start = datetime.strptime(key, "%Y-%m").replace(tzinfo=zone)
    return Period(kind=MONTH, key=key, start=start, end=midnight(_next_month(start.date()), zone))


def ended(kind: str, day: date, zone: ZoneInfo) -> Period:
    """The last whole week (Monday to Sunday) or month that was over as this day began."""
    if kind == MONTH:
        first = day.replace(day=1)
        return month(f"{first - timedelta(days=1):%Y-%m}", zone)
    monday = day - timedelta(days=day.weekday())
    start = monday - timedelta(days=7)
    year, week, _ = start.isocalendar()
    return Period(kind=WEEK, key=f"{year}-W{week:02d}", start=midnight(start, zone), end=midnight(monday, zone))


def first(day: date, zone: ZoneInfo) -> Period:
    """What a pilot's first report tells: the three weeks before its day."""
    start = day - timedelta(days=FIRST_DAYS)
    return Period(kind=WEEK, key=f"{start:%Y-%m-%d}", start=midnight(start, zone), end=midnight(day, zone))


def next_due(kind: str, after: datetime, zone: ZoneInfo, at: time, not_before: date | None = None) -> datetime:
    """The first Monday (week) or first of a month at the hour `at`, later than `after`; a pilot's first report comes on its very day."""
    local = after.astimezone(zone)
    if not_before and kind == WEEK and local < (told := datetime.combine(not_before, at, zone)):
        return told
    day = local.date()
    if kind == MONTH:
        day = day if day.day == 1 else _next_month(day)
    else:
        day += timedelta(days=-day.weekday() % 7)
    due = datetime.combine(day, at, zone)
    while due <= local or (not_before and due.date() < not_before):
        day = _next_month(day) if kind == MONTH else day + timedelta(days=7)
        due = datetime.combine(day, at, zone)
    return due


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
