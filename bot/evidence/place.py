"""Where: coordinates are brought to GCJ-02, measured there, and held against a customer's fences.

Only forward, closed-form conversions are used (WGS-84 → GCJ-02, BD-09 → GCJ-02). Plain haversine inside GCJ-02 is off by at most
4.4 m at 500 m; a datum mix-up would be off by up to 621 m.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from haversine import Unit, haversine

from bot.model import Customer, Datum, Point, Site

AXIS_M = 6378245.0  # Krasovsky 1940, as GCJ-02 uses it
ECCENTRICITY_SQUARED = 0.00669342162296594323
BD_PI = math.pi * 3000.0 / 180.0
CHINA_LAT, CHINA_LNG = (3.0, 54.0), (73.0, 136.0)
SHIFTED_LAT, SHIFTED_LNG = (0.8293, 55.8271), (72.004, 137.8347)  # the box in which GCJ-02 differs from WGS-84
NOWHERE_DEG = 1e-6

FenceVerdict: TypeAlias = Literal["in", "out", "uncertain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A point held against one fence. `distance_m` is rounded to 0.1 m, and judged as it is shown."""

    verdict: FenceVerdict
    distance_m: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A customer seen from a point, by its best site."""

    customer: Customer
    site: Site
    fence: Fence


def problem_of(lat: float, lng: float) -> str | None:
    """Say why a pair cannot be a place of a visit: nan, zero, swapped (latitude and longitude of China exchanged), range."""
    if not (math.isfinite(lat) and math.isfinite(lng)):
        return "nan"
    if abs(lat) < NOWHERE_DEG and abs(lng) < NOWHERE_DEG:
        return "zero"
    if _within(lat, CHINA_LNG) and _within(lng, CHINA_LAT):
        return "swapped"
    if not (_within(lat, (-90.0, 90.0)) and _within(lng, (-180.0, 180.0))):
        return "range"
    return None


def to_gcj02(point: Point) -> Point:
    """Return the same place in GCJ-02. Outside the box in which GCJ-02 is shifted, WGS-84 stays as it is."""
    match point.datum:
        case Datum.GCJ02:
            return point
        case Datum.WGS84:
            lat, lng = _shifted(point.lat, point.lng)
        case Datum.BD09:
            lat, lng = _from_bd09(point.lat, point.lng)
    return replace(point, lat=lat, lng=lng, datum=Datum.GCJ02)


def distance_m(a: Point, b: Point) -> float:
    """Great-circle metres between two points, measured in GCJ-02. Raises ValueError for a pair that `problem_of` names."""
    first, second = to_gcj02(a), to_gcj02(b)
    for point in (first, second):
        if problem := problem_of(point.lat, point.lng):
            raise ValueError(problem)
    return float(haversine((first.lat, first.lng), (second.lat, second.lng), unit=Unit.METERS))


def fence(point: Point, site: Site, radius_m: float) -> Fence:
    """Hold a point against a site; the site's own radius comes before `radius_m`.

    Inside is distance ≤ radius. An accuracy circle across the edge is uncertain; without an accuracy the point stands for itself.
    """
    radius = float(site.radius_m or radius_m)
    distance = round(distance_m(point, site.point), 1)
    return Fence(verdict=_verdict(distance, radius, _accuracy(point)), distance_m=distance, radius_m=radius)


def best(point: Point, customer: Customer, radius_m: float) -> tuple[Site, Fence] | None:
    """Pick the approved site that speaks most for the point: in before uncertain before out, then the nearest."""
    usable = [site for site in customer.sites if site.approved and not problem_of(site.point.lat, site.point.lng)]
    if not usable or problem_of(point.lat, point.lng):
        return None
    judged = [(site, fence(point, site, radius_m)) for site in usable]
    return min(judged, key=lambda pair: (("in", "uncertain", "out").index(pair[1].verdict), pair[1].distance_m, pair[0].id))


def nearest(point: Point, customers: Iterable[Customer], radius_m: float) -> list[Near]:
    """Every customer that has an approved site, nearest first, also those out of reach: choose by `fence.verdict`.

    `radius_m` is the default of sites without a radius of their own. A point with a problem is near nobody.
    """
    found = [
        Near(customer=customer, site=pair[0], fence=pair[1])
        for customer in customers
        if (pair := best(point, customer, radius_m)) is not None
    ]
    return sorted(found, key=lambda near: (near.fence.distance_m, near.customer.id))


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _verdict(distance: float, radius: float, accuracy: float) -> FenceVerdict:
    if distance + accuracy <= radius:
        return "in"
    return "out" if distance - accuracy > radius else "uncertain"


def _accuracy(point: Point) -> float:
    """Metres; 0 where the source gives none or nonsense."""
    accuracy = point.accuracy_m
    return accuracy if accuracy is not None and math.isfinite(accuracy) and accuracy > 0 else 0.0


def _shifted(lat: float, lng: float) -> tuple[float, float]:
    """WGS-84 → GCJ-02; constants and box as published, equal in all implementations."""
    if not (_within(lat, SHIFTED_LAT) and _within(lng, SHIFTED_LNG)):
        return lat, lng
    north, east = _offsets(lng - 105.0, lat - 35.0)
    phi = math.radians(lat)
    magic = 1 - ECCENTRICITY_SQUARED * math.sin(phi) ** 2
    root = math.sqrt(magic)
    return (
        lat + math.degrees(north * magic * root / (AXIS_M * (1 - ECCENTRICITY_SQUARED))),
        lng + math.degrees(east * root / (AXIS_M * math.cos(phi))),
    )


def _offsets(x: float, y: float) -> tuple[float, float]:
    """Shift in metres north and east at `x` degrees east of 105°E and `y` north of 35°N."""
    wave = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    root = math.sqrt(abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (wave + 20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (wave + 20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    return north, east


def _from_bd09(lat: float, lng: float) -> tuple[float, float]:
    x, y = lng - 0.0065, lat - 0.006
    length = math.hypot(x, y) - 0.00002 * math.sin(y * BD_PI)
    angle = math.atan2(y, x) - 0.000003 * math.cos(x * BD_PI)
    return length * math.sin(angle), length * math.cos(angle)
