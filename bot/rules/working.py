"""Working days and hours of the company, in its own zone."""

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.config.schema import Privacy, RuleBase

SATURDAY = 5
FAR_DAYS = 4000  # a calendar with no working day in ten years is a mistake, not a reason to search for ever


def is_working_day(day: date, holidays: Container[date] = (), makeup: Container[date] = ()) -> bool:
    """Monday to Friday except holidays, and the weekend days that are worked to make up for one."""
    return day in makeup or (day.weekday() < SATURDAY and day not in holidays)


def next_working_minute(
    at: datetime, privacy: Privacy, zone: ZoneInfo, holidays: Container[date] = (), makeup: Container[date] = ()
) -> datetime:
    """Return `at` itself inside working hours (the closing minute is outside), else the next opening, in UTC."""
    local = at.astimezone(zone)
    today = is_working_day(local.date(), holidays, makeup)
    if today and privacy.opens <= local.time() < privacy.closes:
        return at.astimezone(UTC)
    start = local.date() + timedelta(days=0 if local.time() < privacy.opens else 1)
    return _opening(next_working_day(start, holidays, makeup), privacy.opens, zone)


def next_working_day(start: date, holidays: Container[date] = (), makeup: Container[date] = ()) -> date:
    """Return `start` or the first working day after it; `start` when there is none within ten years."""
    days = (start + timedelta(days=ahead) for ahead in range(FAR_DAYS))
    return next((day for day in days if is_working_day(day, holidays, makeup)), start)


def _opening(day: date, opens: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, opens, zone).astimezone(UTC)


def next_telling_minute(
    at: datetime, rule: RuleBase, zone: ZoneInfo, holidays: Container[date] = (), makeup: Container[date] = ()
) -> datetime:
    """Return `at` itself, or when the rule's quiet hours and its days off are over, in UTC."""
    for _ in range(FAR_DAYS):
        local = at.astimezone(zone)
        if rule.tell_on == "workdays" and not is_working_day(local.date(), holidays, makeup):
            at = _opening(next_working_day(local.date() + timedelta(days=1), holidays, makeup), time(), zone)
        elif rule.quiet and _within(local.time(), *rule.quiet):
            begins, ends = rule.quiet
            tomorrow = begins > ends and local.time() >= begins
            at = _opening(local.date() + timedelta(days=int(tomorrow)), ends, zone)
        else:
            break
    return at.astimezone(UTC)


def _within(moment: time, begins: time, ends: time) -> bool:
    return begins <= moment < ends if begins < ends else moment >= begins or moment < ends
