"""A month's allowance: when somebody is told, and where the month is going."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.measures.quota import Quota, forecast, month_of

CHINA = ZoneInfo("Asia/Shanghai")


def quota(used: int, limit: int, *, refused: bool = False) -> Quota:
    return Quota(platform="feishu", what="calls", used=used, limit=limit, forecast=None, refused=refused)


@pytest.mark.parametrize(
    ("used", "limit", "step"),
    [(69, 100, 0), (70, 100, 70), (89, 100, 70), (90, 100, 90), (500, 100, 90), (10**9, 0, 0), (6_999, 10_000, 0)],
)
def test_steps(used: int, limit: int, step: int) -> None:
    assert quota(used, limit).step == step
    assert quota(used, limit).short is (step == 90)


def test_what_the_platform_refuses_is_used_up_whatever_was_counted() -> None:
    assert quota(1, 10_000, refused=True).short


@pytest.mark.parametrize(
    ("ahead", "limit", "short"), [(8_999, 10_000, False), (9_000, 10_000, True), (10**9, 0, False), (None, 10_000, False)]
)
def test_a_month_that_will_not_last_is_short_before_it_is_used_up(ahead: int | None, limit: int, short: bool) -> None:
    found = Quota(platform="feishu", what="calls", used=10, limit=limit, forecast=ahead)
    assert (found.short, found.step) == (short, 0)


def test_the_month_is_the_companys() -> None:
    assert month_of(datetime(2026, 11, 30, 16, 0, tzinfo=UTC), CHINA) == "2026-12"


def test_half_a_month_doubles() -> None:
    assert forecast(1500, datetime(2026, 11, 16, tzinfo=CHINA), CHINA) == 3000
    assert forecast(1500, datetime(2026, 11, 1, 23, 59, tzinfo=CHINA), CHINA) is None


@given(st.integers(0, 10**7), st.integers(0, 24 * 60 * 365))
def test_a_forecast_is_never_below_what_is_used(used: int, minutes: int) -> None:
    found = forecast(used, datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=minutes), CHINA)
    assert found is None or found >= used
