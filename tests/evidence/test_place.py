"""Datum, distance, fence."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence import place
from bot.model import Datum, Point
from tests.evidence.build import LAT, LNG, customer, north, site


def wgs(lat: float, lng: float, datum: Datum = Datum.WGS84) -> Point:
    return Point(lat=lat, lng=lng, datum=datum)


def apart(a: Point, b: Point) -> float:
    """Metres between two pairs taken as they stand."""
    return place.distance_m(replace(a, datum=Datum.GCJ02), replace(b, datum=Datum.GCJ02))


@pytest.mark.parametrize(
    ("given_", "expected"),
    [  # values published with the open conversions (eviltransform, coordtransform)
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
        ((39.915, 116.404), (39.91640428150164, 116.41024449916938)),
    ],
)
def test_wgs84_becomes_gcj02_as_published(given_: tuple[float, float], expected: tuple[float, float]) -> None:
    found = place.to_gcj02(wgs(*given_))
    assert found.datum is Datum.GCJ02
    assert apart(found, wgs(*expected)) < 0.05


def test_bd09_becomes_gcj02_as_published() -> None:
    found = place.to_gcj02(wgs(39.915, 116.404, Datum.BD09))
    assert apart(found, wgs(39.90865673957631, 116.39762729119315)) < 0.05


@pytest.mark.parametrize(
    ("city", "shift"),
    [
        ((23.1291, 113.2644), 621),
        ((22.5431, 114.0579), 606),
        ((39.9042, 116.4074), 555),
        ((31.2304, 121.4737), 481),
        ((43.8256, 87.6168), 265),
    ],
)
def test_mixing_up_the_datum_moves_a_point_as_far_as_measured(city: tuple[float, float], shift: float) -> None:
    assert apart(place.to_gcj02(wgs(*city)), wgs(*city)) == pytest.approx(shift, abs=3)


def test_outside_china_nothing_is_shifted() -> None:
    assert place.to_gcj02(wgs(48.85, 2.35)) == wgs(48.85, 2.35, Datum.GCJ02)


def test_distance_is_the_same_whatever_datum_the_points_come_in() -> None:
    here = wgs(LAT, LNG)
    assert place.distance_m(here, place.to_gcj02(here)) < 0.001


@given(st.floats(18, 53), st.floats(74, 134), st.floats(0, 2 * math.pi))
def test_five_hundred_true_metres_stay_within_five_of_it(lat: float, lng: float, bearing: float) -> None:
    dlat = 500 * math.cos(bearing) / 111_200
    dlng = 500 * math.sin(bearing) / (111_320 * math.cos(math.radians(lat)))
    a, b = wgs(lat, lng), wgs(lat + dlat, lng + dlng)
    assert place.distance_m(a, b) == pytest.approx(apart(a, b), abs=5)


@pytest.mark.parametrize(
    ("lat", "lng", "problem"),
    [
        (0.0, 0.0, "zero"),
        (114.0579, 22.5431, "swapped"),
        (87.6, 43.8, "swapped"),  # 乌鲁木齐, where the longitude would do as a latitude
        (91.0, 200.0, "range"),
        (22.5, -180.5, "range"),
        (math.nan, 114.0, "nan"),
        (22.5, math.inf, "nan"),
        (22.5431, 114.0579, None),
        (53.5, 122.3, None),
    ],
)
def test_impossible_pairs_are_named(lat: float, lng: float, problem: str | None) -> None:
    assert place.problem_of(lat, lng) == problem


@given(st.floats(3.8, 53.6), st.floats(73.5, 135.1))
def test_every_point_of_china_is_told_from_its_swapped_pair(lat: float, lng: float) -> None:
    assert place.problem_of(lat, lng) is None
    assert place.problem_of(lng, lat) == "swapped"


def test_distance_refuses_what_is_no_place() -> None:
    with pytest.raises(ValueError, match="zero"):
        place.distance_m(wgs(0, 0), north(0))


@pytest.mark.parametrize(("metres", "verdict"), [(0, "in"), (499.9, "in"), (500.0, "in"), (500.1, "out"), (1200, "out")])
def test_the_fence_ends_at_500_metres(metres: float, verdict: str) -> None:
    found = place.fence(north(metres), site(), 500)
    assert found.verdict == verdict
    assert found.distance_m == pytest.approx(metres, abs=0.05)


@pytest.mark.parametrize(
    ("metres", "accuracy", "verdict"),
    [
        (450, 50, "in"),
        (450, 51, "uncertain"),
        (550, 51, "uncertain"),
        (551, 50, "out"),
        (600, None, "out"),
        (499, 0, "in"),
        (499, math.nan, "in"),
    ],
)
def test_an_accuracy_circle_across_the_edge_is_uncertain(metres: float, accuracy: float | None, verdict: str) -> None:
    assert place.fence(north(metres, accuracy=accuracy), site(), 500).verdict == verdict


@given(st.floats(0, 5000), st.one_of(st.none(), st.floats(0, 3000)), st.integers(10, 3000))
def test_a_verdict_never_contradicts_the_distance_shown(metres: float, accuracy: float | None, radius: int) -> None:
    found = place.fence(north(metres, accuracy=accuracy), site(), radius)
    circle = accuracy or 0
    assert (found.verdict == "in") == (found.distance_m + circle <= radius)
    assert (found.verdict == "out") == (found.distance_m - circle > radius)


def test_a_site_with_its_own_radius_goes_by_it() -> None:
    assert place.fence(north(100), site(radius=50), 500).verdict == "out"


def test_the_best_site_is_the_one_that_lets_in_not_the_nearest() -> None:
    near, wide = site("near", radius=50), site("wide", metres=-200, radius=1000)
    found = place.best(north(100), customer(near, wide), 500)
    assert found is not None
    assert found[0].id == "wide"


def test_a_site_nobody_approved_opens_nothing() -> None:
    assert place.best(north(0), customer(site(approved=False)), 500) is None


def test_nearest_lists_each_customer_once_by_distance() -> None:
    far, near = customer(site(metres=900), site("s2", metres=5000), id_="C2"), customer(site(metres=100), id_="C1")
    found = place.nearest(north(0), [far, near, customer(site(approved=False), id_="C3")], 500)
    assert [(one.customer.id, one.fence.verdict) for one in found] == [("C1", "in"), ("C2", "out")]


def test_a_point_with_a_problem_is_near_nobody() -> None:
    assert place.nearest(wgs(0, 0), [customer()], 500) == []
