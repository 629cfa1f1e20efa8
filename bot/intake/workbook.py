"""The first sheet of an XLSX as rows of text, read as a stream."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from bot.intake.bad import BadTable

MAX_UNPACKED = 1 << 30  # an XLSX is a zip of XML; a sheet of 30 MB unpacks to some hundred
MAX_RATIO, FROM = 60, 64 << 20  # beyond this size a sheet of a spreadsheet program does not pack better than that
MAX_STRINGS = 192 << 20  # the texts of a workbook are read whole, the rows are not
PIECE = 1 << 20
MERGED = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
MOST_MERGED = 20_000

Span = tuple[int, int, int, int]  # first row, first column, last row, last column; from 1


class Merged(str):
    """Text of a merged cell: one figure that several rows share cannot be each row's own."""

    __slots__ = ()


def cells_of(stream: BinaryIO) -> Iterator[list[str]]:
    """Yield every row of the first sheet, empty ones too; all cells of a merged area hold its text. Raises BadTable."""
    try:
        _weigh(stream)
        yield from _rows(stream)
    except BadTable:
        raise
    except Exception as error:  # openpyxl meets a damaged file with whatever its parsers raise
        raise BadTable("不是合格的 XLSX 文件") from error


def _weigh(stream: BinaryIO) -> None:
    """A member unpacks to no more than it declares: zipfile stops there."""
    with zipfile.ZipFile(stream) as packed:
        items = packed.infolist()
    size, weight = sum(item.file_size for item in items), max(sum(item.compress_size for item in items), 1)
    strings = sum(item.file_size for item in items if item.filename.lower().endswith("sharedstrings.xml"))
    if size > MAX_UNPACKED or strings > MAX_STRINGS or (size > FROM and size > MAX_RATIO * weight):
        raise BadTable("表格解开后过大")


def _rows(stream: BinaryIO) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    book = load_workbook(stream, read_only=True, data_only=True)
    sheet = book.worksheets[0]
    areas = _Areas(_merges(stream, str(vars(sheet)["_worksheet_path"])))  # read-only sheets tell their merged cells nowhere
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield areas.filled(number, [_text(cell) for cell in cells])


def _merges(stream: BinaryIO, member: str) -> list[Span]:
    """The merged areas, which stand behind all rows: one pass over the sheet's bytes."""
    found: list[Span] = []
    with zipfile.ZipFile(stream) as packed, packed.open(member.lstrip("/")) as sheet:
        tail = b""
        while piece := sheet.read(PIECE):
            text = tail + piece
            if b"<mergeCell" in text:
                found += [(int(m[2]), _column(m[1]), int(m[4]), _column(m[3])) for m in MERGED.finditer(text)]
            tail = text[-200:] if b"<mergeCell" not in text[-200:] else text[text.rindex(b"<mergeCell") :][-200:]
    spans = sorted(set(found))
    if len(spans) > MOST_MERGED:
        raise BadTable("合并的单元格太多, 请取消合并后再导入")
    return spans


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


class _Areas:
    """Merged areas met while rows go by, in order; only those that are open are held."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._coming = list(reversed(spans))
        self._open: list[tuple[Span, str]] = []

    def filled(self, number: int, cells: list[str]) -> list[str]:
        self._open = [(span, text) for span, text in self._open if span[2] >= number]
        while self._coming and self._coming[-1][0] <= number:
            span = self._coming.pop()
            self._open.append((span, cells[span[1] - 1] if span[1] <= len(cells) else ""))
        for (_, first, _, last), text in self._open:
            cells += [""] * (min(last, 200) - len(cells))
            for place in range(first - 1, min(last, len(cells))):
                cells[place] = Merged(text)
        return cells


def _text(cell: object) -> str:
    """A cell as a person reads it: 800000.0 is 800000, 0.1 + 0.2 is 0.3, a date has no midnight."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"  # as many digits as the spreadsheet shows
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(sep=" ")
    return str(cell)
