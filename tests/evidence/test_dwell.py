"""Active seconds of a deck: what a browser may claim, and what it may not."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.dwell import FAREWELL, LONGEST, SILENT, Beat, Viewing, heard, joined

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def viewing(pages: int = 3) -> Viewing:
    return joined(None, "n", pages, START)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def beat(seq: int, active: float, page: int = 0, nonce: str = "n", *, over: bool = False) -> Beat:
    return Beat(nonce=nonce, seq=seq, page=page, active=active, over=over)


def test_honest_beats_count_on_their_pages() -> None:
    now = viewing()
    for seq, (page, at) in enumerate(((0, 5), (0, 10), (1, 15)), 1):
        found = heard(now, beat(seq, 5, page), after(at))
        assert found
        now = found
    assert now.seconds == (10, 5, 0)
    assert now.due_at == after(15) + SILENT


def test_more_than_the_time_that_passed_is_not_granted() -> None:
    found = heard(viewing(), beat(1, 14.0), after(5))
    assert found and found.seconds[0] == 5


def test_a_tab_that_was_away_for_an_hour_claims_a_beat() -> None:
    found = heard(viewing(), beat(1, 3600.0), after(3600))
    assert found and found.seconds[0] == LONGEST


def test_a_beat_that_was_late_is_made_up_for_by_the_next() -> None:
    first = heard(viewing(), beat(1, 5), after(7))
    second = heard(first, beat(2, 5), after(10)) if first else None
    assert second and second.seconds[0] == 10


def test_replayed_foreign_and_impossible_beats_are_none() -> None:
    now = heard(viewing(), beat(5, 5), after(5))
    assert now
    for told in (beat(5, 5), beat(4, 5), beat(6, 5, nonce="other"), beat(6, 5, page=3), beat(6, 5, page=-1)):
        assert heard(now, told, after(10)) is None


def test_another_tab_takes_over_and_keeps_what_was_earned() -> None:
    now = heard(viewing(), beat(1, 5), after(5))
    assert now
    other = joined(now, "m", 3, after(6))
    assert other.seconds == now.seconds
    assert heard(other, beat(2, 5), after(10)) is None
    found = heard(other, beat(1, 4, nonce="m"), after(10))
    assert found and found.seconds[0] == 9


def test_a_farewell_shortens_the_wait() -> None:
    found = heard(viewing(), beat(1, 2, over=True), after(5))
    assert found and found.due_at == after(5) + FAREWELL


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1000), st.integers(0, 2)), max_size=60))
def test_nothing_makes_more_of_the_time_than_there_was(told: list[tuple[float, float, int]]) -> None:
    now, clock = viewing(), 0.0
    for seq, (wait, claim, page) in enumerate(told, 1):
        clock += wait
        now = heard(now, beat(seq, claim, page), after(clock)) or now
    assert sum(now.seconds) <= clock + 0.01 * len(told)
