"""Working days and minutes."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.schema import Excess, Privacy
from bot.rules.working import is_working_day, next_telling_minute, next_working_minute

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = Privacy(working_hours="09:00-18:00")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-11-23T08:59:59", "2026-11-23T09:00"),
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T12:34:56", "2026-11-23T12:34:56"),
        ("2026-11-23T17:59:59", "2026-11-23T17:59:59"),
        ("2026-11-23T18:00", "2026-11-24T09:00"),
        ("2026-11-27T18:00", "2026-11-30T09:00"),  # Friday evening
        ("2026-11-28T10:00", "2026-11-30T09:00"),  # Saturday
        ("2026-11-29T23:59", "2026-11-30T09:00"),  # Sunday night
    ],
)
def test_the_next_working_minute(at: str, then: str) -> None:
    assert next_working_minute(local(at), HOURS, SHANGHAI) == local(then)


def test_holidays_are_passed_over_and_make_up_days_worked() -> None:
    holidays, makeup = {date(2026, 10, day) for day in range(1, 8)}, {date(2026, 10, 10)}
    assert next_working_minute(local("2026-09-30T20:00"), HOURS, SHANGHAI, holidays, makeup) == local("2026-10-08T09:00")
    assert next_working_minute(local("2026-10-09T20:00"), HOURS, SHANGHAI, holidays, makeup) == local("2026-10-10T09:00")
    assert not is_working_day(date(2026, 10, 1), holidays)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_it_is_never_earlier_always_working_and_stays_where_it_is(at: datetime) -> None:
    then = next_working_minute(at, HOURS, SHANGHAI)
    here = then.astimezone(SHANGHAI)
    assert then >= at
    assert is_working_day(here.date())
    assert HOURS.opens <= here.time() < HOURS.closes
    assert next_working_minute(then, HOURS, SHANGHAI) == then


@pytest.mark.parametrize(
    ("quiet", "tell_on", "at", "then"),
    [
        ("", "any", "2026-11-28T23:00", "2026-11-28T23:00"),
        ("20:00-08:00", "any", "2026-11-23T19:59:59", "2026-11-23T19:59:59"),
        ("20:00-08:00", "any", "2026-11-23T20:00", "2026-11-24T08:00"),
        ("20:00-08:00", "any", "2026-11-24T07:59", "2026-11-24T08:00"),
        ("20:00-08:00", "any", "2026-11-24T08:00", "2026-11-24T08:00"),
        ("12:00-14:00", "any", "2026-11-23T13:00", "2026-11-23T14:00"),
        ("", "workdays", "2026-11-28T10:00", "2026-11-30T00:00"),
        ("20:00-08:00", "workdays", "2026-11-27T21:00", "2026-11-30T08:00"),  # Friday night: Saturday is no day, Monday's night is quiet
    ],
)
def test_the_minute_from_which_a_rule_tells(quiet: str, tell_on: str, at: str, then: str) -> None:
    rule = Excess.model_validate({"id": "x", "kind": "excess", "quiet_hours": quiet, "tell_on": tell_on})
    assert next_telling_minute(local(at), rule, SHANGHAI) == local(then)


def test_a_worked_saturday_is_a_day_to_tell() -> None:
    rule = Excess.model_validate({"id": "x", "kind": "excess", "tell_on": "workdays"})
    saturday = local("2026-10-10T10:00")
    assert next_telling_minute(saturday, rule, SHANGHAI, makeup={date(2026, 10, 10)}) == saturday
