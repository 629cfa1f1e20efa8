"""Grades are read from the top, the first match wins: one below a wider one would never be reached."""

import re
from collections.abc import Iterator
from typing import Any

from bot.config.doc import Doc
from bot.config.lines import Path
from bot.config.words import dotted


def grades(doc: Doc) -> Iterator[tuple[Path, str]]:
    """Yield grades that no customer can have."""
    lowest: tuple[int, str] | None = None
    for index, grade in doc.tables("grades"):
        floor = _floor(grade.get("annual_purchase"))
        if floor is None:
            continue
        if lowest and lowest[0] <= floor:
            path = ("grades", index, "annual_purchase")
            yield path, f"{dotted(path)}：永远轮不到，上面的 {lowest[1]} 已包含这些客户；请按采购额从高到低排列"
        else:
            lowest = floor, str(grade.get("id"))


def _floor(condition: Any) -> int | None:
    """The least fen that fulfil a condition like `> 500000` (yuan)."""
    found = re.fullmatch(r"(>=|>)\s*(\d+)", condition) if isinstance(condition, str) else None
    return int(found[2]) * 100 + (found[1] == ">") if found else None
