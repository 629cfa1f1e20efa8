"""The file of refused rows: each with its number, the reason, and its cells, to be mended and sent again."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from bot.intake.naming import REFUSED
from bot.intake.parse import Rejected
from bot.intake.table import MAX_COLUMNS

FORMULA = ("=", "+", "-", "@")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, whatever stands in it."""
    return f"'{cell}" if cell.lstrip("\t\r\n ").startswith(FORMULA) else cell


class RefusedFile:
    """A CSV (UTF-8 with BOM, so that Excel and WPS read it), made with the first refused row."""

    def __init__(self, path: Path, most: int = 0) -> None:
        """`most`: rows that are written; 0 = all."""
        self.path = path
        self.rows = 0
        self._most = most
        self._file: IO[str] | None = None
        self._columns: dict[str, None] = {}

    def add(self, refused: Rejected) -> None:
        """Write a row. Columns are those of the first refused row; a cell that has none of them stands at the end with its name."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            self._columns = dict.fromkeys(list(refused.cells)[:MAX_COLUMNS])
            self._line([*REFUSED, *self._columns])
        self.rows += 1
        if self._most and self.rows > self._most:
            return
        more = [f"{name}: {cell}" for name, cell in refused.cells.items() if name not in self._columns and cell]
        self._line([str(refused.row), refused.reason, *(self._cell(refused.cells, name) for name in self._columns), *more])

    def close(self) -> None:
        if self._file:
            self._file.close()

    @staticmethod
    def _cell(cells: Mapping[str, str], name: str) -> str:
        return str(cells.get(name, ""))

    def _line(self, cells: list[str]) -> None:
        if self._file:
            csv.writer(self._file).writerow([harmless(cell) for cell in cells])
