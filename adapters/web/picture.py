"""Small drawings of places, as numbers for an SVG: a stamp against its fence, and the stops of a day. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.evidence.place import problem_of, to_gcj02
from bot.model import Point

SIZE = 320.0  # SVG units, square, north is up
MARGIN = 0.12
LEAST_M = 100.0  # half the width shown, at least: a single stop is no universe
METRES_A_DEGREE = 111_195.0
STEPS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A bar of `width` units that stands for `metres`."""

    metres: int
    width: float

    @property
    def label(self) -> str:
        return f"{self.metres} m" if self.metres < 1000 else f"{self.metres // 1000} km"


@dataclass(frozen=True, slots=True, kw_only=True)
class FencePicture:
    """The site in the middle, its fence, and where the stamp lies with its accuracy."""

    radius: float
    x: float
    y: float
    accuracy: float
    scale: Scale
    others: tuple[tuple[float, float], ...] = ()  # earlier and later stamps of the same visit


@dataclass(frozen=True, slots=True, kw_only=True)
class StopsPicture:
    """Where each stop lies; None for one without a place."""

    stops: tuple[tuple[float, float] | None, ...]
    scale: Scale


def fence_picture(stamp: Point, site: Point, radius_m: float, others: Sequence[Point] = ()) -> FencePicture | None:
    """None where one of the two is no place."""
    if not (_sound(stamp) and _sound(site)):
        return None
    east, north = _offset(stamp, site)
    accuracy = stamp.accuracy_m or 0.0
    around = [_offset(point, site) for point in others if _sound(point)]
    reach = max(radius_m, math.hypot(east, north) + accuracy, LEAST_M, *(math.hypot(*spot) for spot in around))
    unit = SIZE / 2 * (1 - MARGIN) / reach
    return FencePicture(
        radius=round(radius_m * unit, 1),
        x=round(SIZE / 2 + east * unit, 1),
        y=round(SIZE / 2 - north * unit, 1),
        accuracy=round(accuracy * unit, 1),
        scale=_scale(unit),
        others=tuple((round(SIZE / 2 + x * unit, 1), round(SIZE / 2 - y * unit, 1)) for x, y in around),
    )


def stops_picture(points: Sequence[Point | None]) -> StopsPicture | None:
    """None where fewer than two stops have a place."""
    sound = [point if point and _sound(point) else None for point in points]
    placed = [point for point in sound if point]
    if len(placed) < 2:
        return None
    offsets = [_offset(point, placed[0]) if point else None for point in sound]
    known = [offset for offset in offsets if offset]
    middle = [(min(values) + max(values)) / 2 for values in zip(*known, strict=True)]
    reach = max(LEAST_M, *(max(abs(east - middle[0]), abs(north - middle[1])) for east, north in known))
    unit = SIZE / 2 * (1 - MARGIN) / reach
    drawn = (offset and (offset[0] - middle[0], offset[1] - middle[1]) for offset in offsets)
    stops = tuple(spot and (round(SIZE / 2 + spot[0] * unit, 1), round(SIZE / 2 - spot[1] * unit, 1)) for spot in drawn)
    return StopsPicture(stops=stops, scale=_scale(unit))


def _sound(point: Point) -> bool:
    return problem_of(point.lat, point.lng) is None


def _offset(point: Point, origin: Point) -> tuple[float, float]:
    """Metres east and north of the origin, both taken to one datum first."""
    here, there = to_gcj02(point), to_gcj02(origin)
    east = (here.lng - there.lng) * METRES_A_DEGREE * math.cos(math.radians(there.lat))
    return east, (here.lat - there.lat) * METRES_A_DEGREE


def _scale(unit: float) -> Scale:
    """The longest round bar that fits a third of the width."""
    metres = max((step for step in STEPS if step * unit <= SIZE / 3), default=STEPS[0])
    return Scale(metres=metres, width=round(metres * unit, 1))
