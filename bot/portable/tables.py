"""Tables as CSV that Excel and WPS open cleanly: UTF-8 with a BOM, Chinese headers, local times, yuan, and no formulas. Pure."""

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from bot.store.dump import Dumped, Row
from bot.store.fields import from_ms

WORDS = Path(__file__).resolve().parents[2] / "templates" / "export" / "words.toml"
BOM = b"\xef\xbb\xbf"
WIDE = tuple(chr(ord(sign) + 0xFEE0) for sign in "=+-@")  # their full-width forms, which some spreadsheets take for the same
FORMULA = ("=", "+", "-", "@", "\t", "\r", *WIDE)  # a text that begins so would be computed by the spreadsheet that opens it
LONGEST = 32_767  # characters a cell of Excel holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What tables and columns are called; a column's own name where nobody has put it into words."""

    tables: Mapping[str, str]
    columns: Mapping[str, str]
    kinds: Mapping[str, str]
    own: Mapping[str, Mapping[str, str]]  # by table, where a column means something else there

    def table(self, name: str) -> str:
        return self.tables.get(name, name)

    def column(self, table: str, name: str) -> str:
        return self.own.get(table, {}).get(name) or self.columns.get(name, name)


@cache
def words() -> Words:
    told = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return Words(tables=told["tables"], columns=told["columns"], kinds=told["kinds"], own=told["own"])


def neutral(text: str) -> str:
    """A text that no spreadsheet computes, and that fits a cell. Where it had to be changed it begins with an apostrophe."""
    text = text.replace("\x00", "")[:LONGEST]
    return f"'{text}" if text.startswith(FORMULA) else text


def lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows of text as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue().encode(errors="replace")


def header(table: Dumped) -> bytes:
    return BOM + lines([[words().column(table.name, name) for name in table.columns]])


def page(table: Dumped, rows: Iterable[Row], zone: tzinfo) -> bytes:
    """Rows of a table as CSV."""
    kinds = table.kinds()
    out = io.StringIO()
    csv.writer(out).writerows([_cell(kind, value, zone) for kind, value in zip(kinds, row, strict=True)] for row in rows)
    return out.getvalue().encode(errors="replace")


def _cell(kind: str, value: Any, zone: tzinfo) -> str | float:
    """Numbers stay numbers; whatever is text is made harmless."""
    if value is None:
        return ""
    if kind == "instant":
        return f"{from_ms(value).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if kind == "money":
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"
    if kind == "boolean":
        return "是" if value else "否"
    if kind == "binary":
        return bytes(value).hex()
    return value if kind in ("integer", "float") else neutral(str(value))


def guide(tables: Iterable[Dumped]) -> bytes:
    """Which file holds which table, and what each column is called in it and in the database."""
    rows = [["文件", "表", "列", "列名", "类型"]]
    for table in tables:
        for name, kind in zip(table.columns, table.kinds(), strict=True):
            told = (words().column(table.name, name), name, words().kinds[kind])
            rows.append([f"{table.name}.csv", words().table(table.name), *told])
    return BOM + lines(rows)
