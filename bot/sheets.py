"""Workbooks that spreadsheets open cleanly: text stays text, whatever it begins with."""

from collections.abc import Mapping, Sequence
from pathlib import Path


def write_workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[str | float | None]]]) -> None:
    """Write sheets of rows, row by row. No cell becomes a formula. Raises OSError."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value=value)
                if isinstance(value, str):
                    cell.data_type = "s"  # "=1+1" would be taken for a formula
                cells.append(cell)
            sheet.append(cells)
    book.save(path)
