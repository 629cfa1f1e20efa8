"""Charts: well-formed SVG that says its figures in words, with classes or with colours of its own."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts import Band, Palette, Point, funnel, shares, trend

palettes = st.sampled_from([None, Palette()])
rates = st.none() | st.floats(0, 1)
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str) -> ET.Element:
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert root.tag == f"{SVG}svg" and root.get("role") == "img" and root.get("aria-label")
    return root


@given(st.lists(st.builds(Point, label=words, rate=rates, running=st.booleans()), max_size=12), palettes)
def test_a_trend_has_a_point_a_known_month_inside_its_frame(points: list[Point], palette: Palette | None) -> None:
    root = drawn(trend(points, palette))
    dots = root.findall(f"{SVG}circle")
    assert len(dots) == sum(point.rate is not None for point in points)
    assert all(0 <= float(dot.get("cx", -1)) <= 640 and 0 <= float(dot.get("cy", -1)) <= 240 for dot in dots)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), palettes)
def test_shares_never_leave_their_bar(done: int, explained: int, missing: int, palette: Palette | None) -> None:
    root = drawn(shares(done, explained, missing, palette))
    ends = [float(one.get("x", 0)) + float(one.get("width", 0)) for one in root.findall(f"{SVG}rect")]
    assert max(ends) <= 400.02


@given(st.lists(st.builds(Band, label=words, value=st.integers(0, 10**6), note=words), max_size=8), palettes)
def test_a_funnel_has_a_bar_a_step_as_wide_as_its_figure(bands: list[Band], palette: Palette | None) -> None:
    root = drawn(funnel(bands, palette))
    widths = [float(bar.get("width", 0)) for bar in root.findall(f"{SVG}rect")]
    assert len(widths) == len(bands)
    ranked = sorted(zip((band.value for band in bands), widths, strict=True))
    assert all(low <= high + 0.11 for (_, low), (_, high) in pairwise(ranked))


@pytest.mark.parametrize("palette", [None, Palette()])
def test_colours_are_classes_or_its_own(palette: Palette | None) -> None:
    for text in (trend([Point(label="2026-11", rate=0.5)], palette), shares(1, 1, 1, palette), funnel([Band(label="a", value=1)], palette)):
        assert ("class=" in text) == (palette is None) and ("#" in text) == (palette is not None)


def test_figures_are_said_in_words() -> None:
    assert "2026-10 58%，2026-11 73.5%" in trend([Point(label="2026-10", rate=0.58), Point(label="2026-11", rate=0.735)])
    assert "已做 9，有说明 1，无说明 2" in shares(9, 1, 2)
    assert "<b>" not in funnel([Band(label="<b>", value=1)])


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.5, 1.0])
def test_the_month_that_still_runs_is_no_fall(rate: float) -> None:
    past = [Point(label="2026-10", rate=0.735), Point(label="2026-11", rate=0.89)]
    root = drawn(trend([*past, Point(label="2026-12", rate=rate, running=True)]))
    (solid,) = root.findall(f"{SVG}polyline")
    assert len(solid.get("points", "").split()) == 2
    assert len([line for line in root.findall(f"{SVG}line") if line.get("stroke-dasharray")]) == 1
    assert [one.get("text-anchor") for one in root.findall(f"{SVG}text") if one.text == f"{rate:.0%}"][-1] == "start"
