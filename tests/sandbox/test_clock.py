"""The demo's clock."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.stage.clock import ZONE, DemoClock, curtain
from bot.config.schema import Privacy
from bot.rules.working import next_working_minute


def test_clock_runs_and_is_wound_forward_only() -> None:
    start = datetime.fromisoformat("2026-11-24T14:20:00+08:00")
    clock = DemoClock(start)
    assert timedelta(0) <= clock.now() - start < timedelta(seconds=5)
    clock.advance(timedelta(days=3))
    assert timedelta(days=3) <= clock.now() - start < timedelta(days=3, seconds=5)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(timedelta(seconds=-1))


@given(st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2035, 1, 1)))
def test_curtain_opens_in_working_hours_and_three_days_later_too(real: datetime) -> None:
    now = real.replace(tzinfo=ZONE)
    opening = curtain(now)
    assert timedelta(0) <= opening - now < timedelta(days=4)
    for moment in (opening, opening + timedelta(hours=1), opening + timedelta(days=3)):
        assert next_working_minute(moment, Privacy(), ZONE) == moment
