"""A link may be used so often and no oftener, whatever others do; and a QR code is the standard's own."""

from datetime import timedelta

import segno
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.pace import LINKS, Pace
from adapters.web.qr import QUIET, qr_path
from tests.web.company import NOW

STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(min_value=0, max_value=40)), max_size=80)


@given(STEPS)
def test_never_more_than_so_many_in_any_window(steps: list[tuple[str, int]]) -> None:
    pace, now = Pace(3, 60), NOW
    admitted: dict[str, list[object]] = {"a": [], "b": []}
    for key, seconds in steps:
        now += timedelta(seconds=seconds)
        recent = [at for at in admitted[key] if at > now - timedelta(seconds=60)]  # type: ignore[operator] # datetimes
        assert pace.admits(key, now) is (len(recent) < 3)
        if len(recent) < 3:
            admitted[key].append(now)


def test_a_flood_of_links_is_forgotten_the_oldest_first() -> None:
    pace = Pace(1, 60)
    assert pace.admits("kept", NOW)
    for number in range(LINKS - 1):
        assert pace.admits(str(number), NOW)
    assert not pace.admits("kept", NOW)
    for number in range(LINKS):
        pace.admits(f"more {number}", NOW)
    assert pace.admits("kept", NOW)


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=120))
def test_the_drawn_code_has_the_modules_of_the_standard(url: str) -> None:
    drawn = qr_path(url)
    matrix = [list(row) for row in segno.make_qr(url, error="m", boost_error=False).matrix]
    dark = {tuple(map(int, part.split("h")[0].split())) for part in drawn.path.split("M")[1:]}
    assert drawn.side == len(matrix) + 2 * QUIET
    assert dark == {(x + QUIET, y + QUIET) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
