"""A report's figures as charts, in the colours of paper: the drawings of the board, for where there is no style sheet. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.charts import Band, Palette, Point, funnel, shares, trend
from bot.render import percent
from bot.reporting.wording import words

# The colours of templates/report/look.typ.
PAPER = Palette(
    text="#1f2933",
    soft="#66727f",
    line="#e4e9ee",
    accent="#0b57a4",
    wash="#dbe7f2",
    note="#c98a12",
    rest="#e4e9ee",
    ground="#ffffff",
)
GRADES = replace(PAPER, accent="#1a7f4b", rest="#f3d6d3")
WIDTH = 480  # points of a drawing; a phone shows the picture at some two thirds of that, with words of 12 points still readable


def charts(told: Mapping[str, Any]) -> dict[str, Any]:
    """SVG by the name under which a template asks for it; `grades` in the order of the rows that have a quota."""
    cover = told["coverage"]
    return {
        "grades": [
            shares(row["done"], row["explained"], row["unexplained"], GRADES, width=WIDTH) for row in cover["rows"] if row["quota"] > 0
        ],
        "trend": trend([_point(one) for one in cover["trend"]], PAPER, width=WIDTH, height=190),
        "funnel": funnel(_bands(told["funnel"]), PAPER, width=WIDTH),
    }


def _point(one: Mapping[str, Any]) -> Point:
    """A month that still runs says so: its figure is lower because it is young."""
    return Point(label=words()["trend"]["running"] if one["running"] else one["month"], rate=one["rate"], running=one["running"])


def _bands(steps: Sequence[Mapping[str, Any]]) -> list[Band]:
    """How many go on from a step where that is told (None: nobody can), else how many actions made it."""
    return [Band(label=one["stage"], value=one["customers"], note=_note(one)) for one in steps]


def _note(step: Mapping[str, Any]) -> str:
    told = words()["steps"]
    if "conversion" not in step:
        return str(told["actions"].format(step["actions"]))
    return "" if step["conversion"] is None else str(told["onwards"].format(percent(step["conversion"])))
