"""Which days are worked in China: public holidays and make-up days as the State Council announces them, a year at a time.

The library knows the years up to 2026. Beyond, days are plain weekdays, as `doctor` and the log say, until a newer version or the config
knows more. Days in the config come first.
"""

import logging
from collections.abc import Container
from datetime import date
from functools import cache

from bot.config.schema import Config

SATURDAY = 5
log = logging.getLogger("salestrace.calendar")


class Holidays:
    """Weekdays that are not worked. A container, as the rules take it."""

    def __init__(self, config: Config) -> None:
        self._added, self._worked = frozenset(config.calendar.holidays), frozenset(config.calendar.workdays)

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self._worked:
            return False
        return day in self._added or (day.weekday() < SATURDAY and _announced(day) is False)


class MakeupDays:
    """Weekend days that are worked."""

    def __init__(self, config: Config) -> None:
        self._added, self._free = frozenset(config.calendar.workdays), frozenset(config.calendar.holidays)

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self._free:
            return False
        return day in self._added or (day.weekday() >= SATURDAY and _announced(day) is True)


def days(config: Config) -> tuple[Container[date], Container[date]]:
    """(holidays, make-up days) of a config."""
    return Holidays(config), MakeupDays(config)


def known_until() -> int:
    """The last year that the library knows."""
    import chinese_calendar

    return int(max(day.year for day in (*chinese_calendar.holidays, *chinese_calendar.workdays)))


def _announced(day: date) -> bool | None:
    """Whether the day is worked; None where nothing is announced."""
    import chinese_calendar  # tables of twenty years: read when the first day is asked for

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        _tell(day.year)
        return None


@cache
def _tell(year: int) -> None:
    log.warning("no public holidays known for %d: Monday to Friday are taken as working days; see [calendar] in config.toml", year)
