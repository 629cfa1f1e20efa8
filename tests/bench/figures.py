"""One measured figure: what it is, its goal, and how it reads in the table."""

import statistics
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias


class Broken(RuntimeError):
    """The measurement did not measure what it claims to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much to measure. `quick` proves that the bench works; its figures say little."""

    rounds: int
    quick: bool
    folder: Path  # scratch, removed afterwards


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`value` None: not measured here, and `note` says why. `low`/`high`: extremes of the rounds."""

    name: str
    value: float | None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)  # only in the JSON

    @property
    def passed(self) -> bool | None:
        """None without a goal or a value."""
        if self.value is None or (self.at_least is None and self.at_most is None):
            return None
        return (self.at_least is None or self.value >= self.at_least) and (self.at_most is None or self.value <= self.at_most)

    @property
    def goal(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return f"≤ {self.at_most:g}" if self.at_most is not None else ""


Measure: TypeAlias = Callable[[Plan], list[Figure]]


def figure(name: str, values: Iterable[float], unit: str = "", **more: Any) -> Figure:
    """Make a figure of the rounds' values: their median and extremes."""
    found = list(values)
    return Figure(name=name, value=statistics.median(found), unit=unit, low=min(found), high=max(found), **more)


def ratios(name: str, contender: Sequence[float], baseline: Sequence[float], **more: Any) -> Figure:
    """Make a figure of contender ÷ baseline, round by round."""
    return figure(name, (ours / theirs for ours, theirs in zip(contender, baseline, strict=True)), "×", **more)


def table(figures: Iterable[Figure]) -> str:
    """Render aligned columns; Chinese characters count two."""
    rows = [("项目", "中位数", "最小 … 最大", "目标", "结论", "说明"), *map(_row, figures)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _row(one: Figure) -> tuple[str, ...]:
    value = "—" if one.value is None else f"{_number(one.value)} {one.unit}"
    spread = "" if one.low is None or one.high is None else f"{_number(one.low)} … {_number(one.high)}"
    word = {None: "未测" if one.value is None else "参考", True: "PASS", False: "FAIL"}[one.passed]
    return one.name, value, spread, one.goal, word, one.note


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
