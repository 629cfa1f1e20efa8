"""A map sketch without a map: the customer's sites with their fences, and where each check lies. Drawn as SVG. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.evidence.place import problem_of, to_gcj02
from bot.model import Point

SIZE = 480.0  # SVG units, square, north is up
MARGIN = 0.1
METRES_A_DEGREE = 111_195.0
STEPS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 500_000)
COLOURS = {"passed": "#1a7f37", "refused": "#cf222e", "uncertain": "#9a6700"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A site with its fence, or without one (radius 0)."""

    point: Point
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A check; `label` is the number that the timeline gives it."""

    point: Point
    state: str
    label: str


def sketch(fences: Sequence[Fence], dots: Sequence[Dot]) -> str | None:
    """None when there is nothing to draw. Points that are no places are left out."""
    fences = [fence for fence in fences if _sound(fence.point)]
    dots = [dot for dot in dots if _sound(dot.point)]
    places = [to_gcj02(point) for point in (*(fence.point for fence in fences), *(dot.point for dot in dots))]
    if not places:
        return None
    middle = places[0] if fences else places[-1]
    flat = [_offset(place, middle) for place in places]
    reach = max(100.0, *(max(abs(x), abs(y)) for x, y in flat), *(fence.radius_m for fence in fences))
    unit = SIZE * (0.5 - MARGIN) / reach
    drawn = [_fence(fence, *at, unit) for fence, at in zip(fences, flat, strict=False)]
    drawn += [_dot(dot, *at, unit) for dot, at in zip(dots, flat[len(fences) :], strict=True)]
    frame = f'<rect width="{SIZE:.0f}" height="{SIZE:.0f}" fill="#f6f8fa"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE:.0f} {SIZE:.0f}">{frame}{"".join(drawn)}{_scale(unit, reach)}</svg>'


def _sound(point: Point) -> bool:
    return problem_of(point.lat, point.lng) is None


def _offset(place: Point, middle: Point) -> tuple[float, float]:
    """Metres east and north."""
    north = (place.lat - middle.lat) * METRES_A_DEGREE
    return (place.lng - middle.lng) * METRES_A_DEGREE * math.cos(math.radians(middle.lat)), north


def _at(east: float, north: float, unit: float) -> tuple[float, float]:
    return SIZE / 2 + east * unit, SIZE / 2 - north * unit


def _fence(fence: Fence, east: float, north: float, unit: float) -> str:
    x, y = _at(east, north, unit)
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{fence.radius_m * unit:.1f}" fill="#ddf4ff" fill-opacity="0.6" stroke="#0969da"/>'
    return f'{ring}<path d="M{x - 6:.1f} {y:.1f}h12M{x:.1f} {y - 6:.1f}v12" stroke="#0969da" stroke-width="2"/>'


def _dot(dot: Dot, east: float, north: float, unit: float) -> str:
    x, y = _at(east, north, unit)
    colour = COLOURS.get(dot.state, "#57606a")
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}" stroke="#ffffff"/>'
    return f'{circle}<text x="{x + 7:.1f}" y="{y - 5:.1f}" font-size="13" fill="{colour}">{dot.label}</text>'


def _scale(unit: float, reach: float) -> str:
    metres = max((step for step in STEPS if step <= reach), default=STEPS[0])
    width, y = metres * unit, SIZE - 18
    label = f"{metres} m" if metres < 1000 else f"{metres // 1000} km"
    bar = f'<path d="M20 {y - 4}v4h{width:.1f}v-4" fill="none" stroke="#57606a"/>'
    return f'{bar}<text x="20" y="{y - 9}" font-size="13" fill="#57606a">{label}</text>'
