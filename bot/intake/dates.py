"""Dates, moments and months as people and programs write them."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.intake.bad import BadRow

FIRST_YEAR, LAST_YEAR = 1990, 2100
DAY = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d\d)(\d\d))")
CLOCK = re.compile(r"[ T]*(\d{1,2})[:时](\d{1,2})(?:分|[:分](\d{1,2})(?:\.(\d{1,9}))?秒?)?\s*(Z|[+-]\d\d:?\d\d)?")
SERIAL = re.compile(r"(\d{5})(?:\.(\d{1,12}))?")  # days since 1899-12-30: what a spreadsheet shows of a date without a format
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day of a calendar; the zone is set where it becomes a moment
MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月?|(\d\d))(?:[-/.]0?1)?")
SHOULD = "应写作 2026-11-23 (也可 2026/11/23、2026.11.23、20261123、2026年11月23日)"


def moment(text: str, what: str, zone: ZoneInfo) -> datetime:
    """A day (its first moment in `zone`) or a time of day, with or without an offset → UTC. Raises BadRow."""
    serial = SERIAL.fullmatch(text)
    if serial:
        days = timedelta(days=int(serial[1])) + timedelta(days=float(f"0.{serial[2] or 0}"))
        return _checked(EPOCH + timedelta(seconds=round(days.total_seconds())), what, zone)
    day = DAY.match(text)
    if not day:
        raise BadRow(f"{what} {text[:30]} 看不懂, {SHOULD}")
    month, date = (int(part) for part in day.groups()[1:] if part)
    rest = text[day.end() :]
    clock = CLOCK.fullmatch(rest) if rest else None
    if rest and not clock:
        raise BadRow(f"{what} {text[:30]} 看不懂, {SHOULD}")
    try:
        found = datetime(int(day[1]), month, date)  # noqa: DTZ001 - the zone is set below, or is written in the text
        if clock:
            found = found.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0))
            found = found.replace(microsecond=int((clock[4] or "0").ljust(6, "0")[:6]) // 1000 * 1000)
    except ValueError:
        raise BadRow(f"{what} {text[:30]} 不存在") from None
    if clock and clock[5]:
        offset = clock[5].replace(":", "").replace("Z", "+0000")
        hours, minutes = int(offset[1:3]), int(offset[3:])
        if hours > 14 or minutes > 59:
            raise BadRow(f"{what} {text[:30]} 的时区不存在")
        ahead = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
        return _checked(found - ahead, what, ZoneInfo("UTC"))
    return _checked(found, what, zone)


def _checked(found: datetime, what: str, zone: ZoneInfo) -> datetime:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadRow(f"{what}的年份 {found.year} 不可能")
    return found.replace(tzinfo=zone).astimezone(UTC)


def month(text: str, what: str) -> str:
    """`YYYY-MM` from 2026-11, 2026/11, 2026.11, 202611, 2026年11月, or its first day. Raises BadRow."""
    found = MONTH.fullmatch(text)
    number = int(next(part for part in found.groups()[1:] if part)) if found else 0
    if not found or not 1 <= number <= 12 or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise BadRow(f"{what} {text[:30]} 看不懂, 应写作 2026-11 (也可 2026/11、202611、2026年11月)")
    return f"{found[1]}-{number:02}"
