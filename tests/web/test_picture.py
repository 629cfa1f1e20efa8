"""The drawings of places: true to scale, inside the frame, and in one datum."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.picture import SIZE, fence_picture, stops_picture
from bot.evidence.place import distance_m, to_gcj02
from bot.model import Datum, Point

SITE = Point(lat=22.5435, lng=114.0579, datum=Datum.GCJ02)
near = st.builds(
    lambda lat, lng: Point(lat=lat, lng=lng, datum=Datum.GCJ02, accuracy_m=30.0),
    st.floats(22.4, 22.7),
    st.floats(113.9, 114.2),
)


@given(near, st.floats(10, 50_000))
def test_stamp_lies_as_far_from_the_fence_as_it_was_measured(stamp: Point, radius: float) -> None:
    picture = fence_picture(stamp, SITE, radius)
    assert picture is not None
    drawn = math.hypot(picture.x - SIZE / 2, picture.y - SIZE / 2)
    unit = picture.scale.width / picture.scale.metres
    assert drawn / unit == pytest.approx(distance_m(stamp, SITE), rel=0.02, abs=0.3 / unit)
    assert all(0 <= value <= SIZE for value in (picture.x, picture.y, picture.radius))


def test_north_is_up_and_east_is_right() -> None:
    picture = fence_picture(replace(SITE, lat=SITE.lat + 0.002, lng=SITE.lng + 0.001), SITE, 500)
    assert picture is not None
    assert picture.x > SIZE / 2 > picture.y


def test_another_datum_is_converted_before_it_is_drawn() -> None:
    wgs84 = Point(lat=22.5462, lng=114.0529, datum=Datum.WGS84)
    assert fence_picture(wgs84, SITE, 500) == fence_picture(to_gcj02(wgs84), SITE, 500)


def test_what_is_no_place_is_not_drawn() -> None:
    assert fence_picture(replace(SITE, lat=0.0, lng=0.0), SITE, 500) is None
    assert stops_picture([SITE, None]) is None


@given(st.lists(st.one_of(st.none(), near), min_size=2, max_size=8))
def test_every_stop_with_a_place_is_inside_the_frame(points: list[Point | None]) -> None:
    picture = stops_picture(points)
    if sum(point is not None for point in points) < 2:
        assert picture is None
        return
    assert picture is not None
    assert [stop is None for stop in picture.stops] == [point is None for point in points]
    assert all(0 <= value <= SIZE for stop in picture.stops if stop for value in stop)
