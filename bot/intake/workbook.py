"""The first sheet of an XLSX as rows of text."""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

from bot.intake.bad import BadTable

MAX_UNPACKED = 256 << 20  # an XLSX is a zip of XML


def cells_of(data: bytes) -> Iterator[list[str]]:
    """Yield every row of the first sheet, empty ones too. Raises BadTable."""
    try:
        _weigh(data)
        yield from _rows(data)
    except BadTable:
        raise
    except Exception as error:  # openpyxl meets a damaged file with whatever its parsers raise
        raise BadTable("不是合格的 XLSX 文件") from error


def _weigh(data: bytes) -> None:
    """A member unpacks to no more than it declares: zipfile stops there."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(item.file_size for item in packed.infolist()) > MAX_UNPACKED:
            raise BadTable("表格解开后过大")


def _rows(data: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for cells in book.worksheets[0].iter_rows(values_only=True):
        yield [_text(cell) for cell in cells]


def _text(cell: object) -> str:
    """A cell as a person reads it: 800000.0 is 800000, 0.1 + 0.2 is 0.3, a date has no midnight."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"  # as many digits as the spreadsheet shows
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(sep=" ")
    return str(cell)
