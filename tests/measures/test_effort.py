"""Minutes a day, from message times."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.measures.effort import FIRST, GAP, Effort, costs, effort, mean_minutes

CHINA = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def at(*seconds: float) -> list[datetime]:
    return [NOON + timedelta(seconds=one) for one in seconds]


def test_a_sitting_costs_its_length_and_a_demo_between_two_costs_nothing() -> None:
    found = effort("E1", at(0, 30, 150, 150 + 2400, 150 + 2400 + 45), CHINA)
    assert (found.days, found.seconds, found.minutes_a_day) == (1, 15 + 30 + 120 + 15 + 45, 225 / 60)


def test_two_minutes_are_one_sitting_and_a_millisecond_more_is_not() -> None:
    assert [cost for _, cost in costs(at(0, 120))] == [15, 120]
    assert [cost for _, cost in costs(at(0, 120.001))] == [15, 15]


def test_days_are_local() -> None:
    found = effort("E1", [datetime(2026, 11, 23, 15, 59, tzinfo=UTC), datetime(2026, 11, 23, 16, 30, tzinfo=UTC)], CHINA)
    assert (found.days, found.seconds) == (2, 30)


def test_who_sent_nothing_has_no_mean() -> None:
    assert effort("E1", [], CHINA).minutes_a_day is None
    assert mean_minutes([effort("E1", [], CHINA)]) is None
    assert mean_minutes([Effort(rep="a", days=2, seconds=600), Effort(rep="b", days=1, seconds=60), effort("E1", [], CHINA)]) == 11 / 3


moments = st.lists(st.integers(0, 100_000_000).map(lambda ms: NOON + timedelta(milliseconds=ms)), max_size=12)


@given(moments)
def test_the_order_does_not_matter_and_another_message_never_costs_more_than_a_gap(some: list[datetime]) -> None:
    assert costs(some) == costs(reversed(some))
    whole = sum(cost for _, cost in costs(some))
    assert whole <= len(some) * GAP.total_seconds()
    less = sum(cost for _, cost in costs(some[1:]))
    assert whole <= less + GAP.total_seconds() + FIRST.total_seconds()
