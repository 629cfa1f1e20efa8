"""CSV (UTF-8, UTF-8 with BOM, GB18030) and XLSX → numbered rows of text by column name."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

from bot.errors import SalesTraceError

MAX_BYTES = 64 << 20
MAX_UNPACKED = 512 << 20  # of an XLSX, which is a zip
MAX_COLUMNS = 200


class BadTable(SalesTraceError):
    """The file as a whole cannot be read; the text says why, in Chinese."""


def read_table(data: bytes, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number as a spreadsheet shows it, column → text); empty rows are passed over. Raises BadTable."""
    if len(data) > MAX_BYTES:
        raise BadTable(f"文件超过 {MAX_BYTES >> 20} MB")
    rows = _xlsx(data) if name.lower().endswith(".xlsx") else _csv(data)
    header: list[str] = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = [cell.strip() for cell in cells[:MAX_COLUMNS]]
            continue
        yield number, {column: cell.strip() for column, cell in zip(header, cells, strict=False) if column}
    if not header:
        raise BadTable("文件是空的")


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_decode(data), newline=""))
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise BadTable(f"第 {reader.line_num} 行不是合格的 CSV") from error


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadTable("文字编码无法识别, 请存为 UTF-8 或 GBK")


def _xlsx(data: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(item.file_size for item in packed.infolist()) > MAX_UNPACKED:
                raise BadTable("表格解开后过大")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise BadTable("不是合格的 XLSX 文件") from error
    for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
        yield number, [_text(cell) for cell in cells]


def _text(cell: object) -> str:
    """A cell as a person reads it: 800000.0 is 800000, a date has no midnight."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(sep=" ")
    return str(cell)
