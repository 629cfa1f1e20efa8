"""Figures drawn as SVG: numbers in, text out. Pure.

Without a palette the shapes carry classes (`c-…`) and the page's own style sheet gives them colours, light and dark. With one they carry
the colours themselves, so that a picture can be made of them where there is no style sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

FONT = "Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours as CSS writes them; `text` is for words, `soft` for lesser ones, `rest` for what is missing."""

    text: str = "#1b1f24"
    soft: str = "#565b63"
    line: str = "#dfdcd2"
    accent: str = "#0b5d5a"
    wash: str = "#e0eeeb"
    note: str = "#c98a1b"
    rest: str = "#e9e7e0"
    ground: str = "#fffefb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One month of a trend; `rate` 0–1, None = nothing to count. `running`: not over yet, so lower because it is young."""

    label: str
    rate: float | None
    running: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One step of a funnel. `note` stands behind it (how many go on)."""

    label: str
    value: int
    note: str = ""


def trend(points: Sequence[Point], palette: Palette | None = None, *, width: int = 640, height: int = 240) -> str:
    """A line over months with its figures written at the points; months without a figure leave a gap. To the month that still runs the
    line is dashed, and its figure stands beside the point.
    """
    left, right, top, bottom = 40, 56 if points and points[-1].running else 24, 30, 34
    across, down = width - left - right, height - top - bottom
    step = across / max(len(points) - 1, 1)

    def at(turn: int, rate: float) -> tuple[float, float]:
        return round(left + (step * turn if len(points) > 1 else across / 2), 1), round(top + down * (1 - rate), 1)

    ink = _Ink(palette)
    parts = []
    for rate in (0.0, 0.5, 1.0):
        y = round(top + down * (1 - rate), 1)
        parts.append(f'<line x1="{left}" y1="{y}" x2="{width - right}" y2="{y}"{ink.stroke("line")}/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end"{ink.words("soft", 12)}>{rate:.0%}</text>')
    known = [(turn, point.rate) for turn, point in enumerate(points) if point.rate is not None]
    for run in _runs([(turn, rate) for turn, rate in known if not points[turn].running]):
        spots = [at(turn, rate) for turn, rate in run]
        if len(spots) > 1:
            parts.append(f'<path d="{_area(spots, top + down)}"{ink.fill("wash")}/>')
            parts.append(f'<polyline points="{" ".join(f"{x},{y}" for x, y in spots)}" fill="none"{ink.stroke("accent", 2.5)}/>')
    for (before, was), (turn, rate) in pairwise(known):
        if points[turn].running and before == turn - 1:
            (x1, y1), (x2, y2) = at(before, was), at(turn, rate)
            parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke-dasharray="3 5"{ink.stroke("accent", 2)}/>')
    for turn, rate in known:
        x, y = at(turn, rate)
        parts.append(f'<circle cx="{x}" cy="{y}" r="4.5"{ink.fill("accent")}/>')
        if points[turn].running:
            parts.append(f'<text x="{x + 10}" y="{y + 4}" text-anchor="start"{ink.words("text", 13, bold=True)}>{_percent(rate)}</text>')
            continue
        parts.append(f'<text x="{x}" y="{max(y - 11, 13)}" text-anchor="middle"{ink.words("text", 13, bold=True)}>{_percent(rate)}</text>')
    for turn, point in enumerate(points):
        x, name = at(turn, 0)[0], escape(point.label if width >= 480 else point.label[-5:])
        parts.append(f'<text x="{x}" y="{height - 10}" text-anchor="middle"{ink.words("soft", 12)}>{name}</text>')
    told = "，".join(f"{point.label} {_percent(point.rate)}" for point in points)
    return _svg(width, height, f"各月覆盖率：{told}", parts, ink)


def shares(done: int, explained: int, missing: int, palette: Palette | None = None, *, width: int = 400, height: int = 12) -> str:
    """One bar in three parts: done, explained, missing without a word. Empty where there is nothing to do."""
    ink, whole = _Ink(palette), max(done + explained + missing, 1)
    parts, x = [f'<rect x="0" y="0" width="{width}" height="{height}" rx="{height / 2}"{ink.fill("rest")}/>'], 0.0
    clip = []
    for amount, name in ((done, "accent"), (explained, "note")):
        long = round(width * amount / whole, 2)
        if long:
            clip.append(f'<rect x="{round(x, 2)}" y="0" width="{long}" height="{height}"{ink.fill(name)}/>')
        x += long
    told = f"已做 {done}，有说明 {explained}，无说明 {missing}"
    return _svg(width, height, told, [*parts, *clip], ink, stretch=True)


def funnel(bands: Sequence[Band], palette: Palette | None = None, *, width: int = 640) -> str:
    """Bars under each other, as wide as their figures, with the name before and the note behind."""
    row, left, right = 40, 80 if width < 480 else 108, 68 if width < 480 else 96
    across, most = width - left - right, max([band.value for band in bands], default=0) or 1
    ink = _Ink(palette)
    parts = []
    for turn, band in enumerate(bands):
        y, long = turn * row, max(round(across * band.value / most, 1), 2)
        x = round(left + (across - long) / 2, 1)
        parts.append(f'<text x="0" y="{y + 25}"{ink.words("text", 14)}>{escape(band.label)}</text>')
        parts.append(f'<rect x="{x}" y="{y + 5}" width="{long}" height="30" rx="6"{ink.fill("accent" if band.value else "rest")}/>')
        inside = long > 44
        where = f'x="{round(left + across / 2, 1)}"' if inside else f'x="{round(x + long + 8, 1)}"'
        anchor = ' text-anchor="middle"' if inside else ""
        parts.append(f'<text {where} y="{y + 25}"{anchor}{ink.words("ground" if inside else "text", 14, bold=True)}>{band.value}</text>')
        parts.append(f'<text x="{width}" y="{y + 25}" text-anchor="end"{ink.words("soft", 13)}>{escape(band.note)}</text>')
    told = "，".join(f"{band.label} {band.value}" for band in bands)
    return _svg(width, max(len(bands), 1) * row, f"漏斗：{told}", parts, ink)


class _Ink:
    """How a shape gets its colour: by class, or by its own attributes."""

    def __init__(self, palette: Palette | None) -> None:
        self.palette = palette

    def fill(self, name: str) -> str:
        return f' class="c-{name}"' if self.palette is None else f' fill="{getattr(self.palette, name)}"'

    def stroke(self, name: str, width: float = 1) -> str:
        if self.palette is None:
            return f' class="c-{name}-line" stroke-width="{width}"'
        return f' stroke="{getattr(self.palette, name)}" stroke-width="{width}" stroke-linejoin="round" stroke-linecap="round"'

    def words(self, name: str, size: int, *, bold: bool = False) -> str:
        weight = ' font-weight="600"' if bold else ""
        face = "" if self.palette is None else f' font-family="{FONT}"'
        return f'{self.fill(name)} font-size="{size}"{weight}{face}'


def _svg(width: float, height: float, told: str, parts: Sequence[str], ink: _Ink, *, stretch: bool = False) -> str:
    size = "" if ink.palette is None else f' width="{width}" height="{height}"'
    shape = ' preserveAspectRatio="none"' if stretch else ""
    kind = "" if ink.palette else ' class="chart"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"{size}{shape}{kind} role="img" aria-label="{escape(told)}">'
    )
    return f"{head}{''.join(parts)}</svg>"


def _runs(known: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Stretches of months that follow each other."""
    runs: list[list[tuple[int, float]]] = []
    for turn, rate in known:
        if runs and runs[-1][-1][0] == turn - 1:
            runs[-1].append((turn, rate))
        else:
            runs.append([(turn, rate)])
    return runs


def _area(spots: Sequence[tuple[float, float]], floor: float) -> str:
    line = " L".join(f"{x} {y}" for x, y in spots)
    return f"M{line} L{spots[-1][0]} {floor} L{spots[0][0]} {floor} Z"


def _percent(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.1%}".replace(".0%", "%")
