"""CSV (UTF-8, UTF-8 with BOM, GB18030) and XLSX → numbered rows of text by column name."""

import csv
import io
from collections.abc import Iterator

from bot.intake.bad import BadTable
from bot.intake.workbook import cells_of

MAX_BYTES = 64 << 20
MAX_COLUMNS = 200
MAX_ROWS = 1_048_576  # a spreadsheet has no more
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_table(data: bytes, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number as a spreadsheet shows it, column → text); empty rows are passed over. Raises BadTable."""
    if len(data) > MAX_BYTES:
        raise BadTable(f"文件超过 {MAX_BYTES >> 20} MB")
    if data.startswith(OLE) or name.lower().endswith(".xls"):
        raise BadTable("不支持旧的 .xls 格式, 请另存为 .xlsx 或 CSV")
    rows = cells_of(data) if data.startswith(ZIP) or name.lower().endswith(".xlsx") else _csv(data)
    header: list[str] = []
    for number, cells in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise BadTable(f"超过 {MAX_ROWS} 行")
        if not any(cell.strip() for cell in cells):
            continue
        if header:
            yield number, _by_column(header, cells)
        else:
            header = _header(cells)
    if not header:
        raise BadTable("文件是空的")


def _header(cells: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    while not header[-1]:
        header.pop()
    if len(header) > MAX_COLUMNS:
        raise BadTable(f"超过 {MAX_COLUMNS} 列")
    doubled = next((column for column in header if column and header.count(column) > 1), None)
    if doubled:
        raise BadTable(f"表头里有两列都叫 {doubled}")
    return header


def _by_column(header: list[str], cells: list[str]) -> dict[str, str]:
    """A cell under no header keeps its place as its name: a comma too many must not shift the row silently."""
    row = dict(zip(header, cells, strict=False))
    row.pop("", None)
    for place, cell in enumerate(cells):
        if cell.strip() and (place >= len(header) or not header[place]):
            row[f"第 {place + 1} 列 (没有表头)"] = cell
    return row


def _csv(data: bytes) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(_decode(data), newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise BadTable(f"第 {reader.line_num} 行不是合格的 CSV") from error


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadTable("文字编码无法识别, 请存为 UTF-8 或 GBK")
