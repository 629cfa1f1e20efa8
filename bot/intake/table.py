"""CSV (UTF-8, UTF-8 with BOM, GB18030) and XLSX → numbered rows of text by column name, read as a stream."""

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bot.intake.bad import BadTable
from bot.intake.workbook import Merged, cells_of

MAX_BYTES = 64 << 20  # of what lies in memory
MAX_FILE = 512 << 20
MAX_COLUMNS = 200
MAX_ROWS = 1_048_576  # a spreadsheet has no more
MAX_LINES = 20_000_000  # of a CSV file that is read from the disk
PIECE = 1 << 20
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_table(source: bytes | Path, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number as a spreadsheet shows it, column → text); empty rows are passed over.

    A file is read row by row, whatever its size. A title above the header, in one cell, is passed over. Raises BadTable.
    """
    with _opened(source) as stream:
        start = stream.read(8)
        size = stream.seek(0, io.SEEK_END)
        most = MAX_BYTES if isinstance(source, bytes) else MAX_FILE
        if size > most:
            raise BadTable(f"文件超过 {most >> 20} MB")
        if start.startswith(OLE) or name.lower().endswith(".xls"):
            raise BadTable("不支持旧的 .xls 格式, 请另存为 .xlsx 或 CSV")
        stream.seek(0)
        packed = start.startswith(ZIP) or name.lower().endswith(".xlsx")
        rows = cells_of(stream) if packed else _csv(stream)
        yield from _under_header(rows, MAX_ROWS if packed or isinstance(source, bytes) else MAX_LINES)


def _opened(source: bytes | Path) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        return source.open("rb")
    except OSError as error:
        raise BadTable(f"读不到: {error.strerror}") from error


def _under_header(rows: Iterator[list[str]], most: int) -> Iterator[tuple[int, dict[str, str]]]:
    header: list[str] = []
    for number, cells in enumerate(rows, start=1):
        if number > most:
            raise BadTable(f"超过 {most} 行")
        if not any(cell.strip() for cell in cells):
            continue
        if header:
            yield number, _by_column(header, cells)
        elif not _is_title(cells):
            header = _header(cells)
    if not header:
        raise BadTable("文件是空的")


def _is_title(cells: list[str]) -> bool:
    """One text over several columns: the table's name."""
    return len(cells) > 1 and all(isinstance(cell, Merged) for cell in cells if cell) and len({cell for cell in cells if cell}) == 1


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


def _csv(stream: BinaryIO) -> Iterator[list[str]]:
    text = io.TextIOWrapper(stream, _encoding(stream), newline="")
    reader = csv.reader(text, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise BadTable(f"第 {reader.line_num} 行不是合格的 CSV") from error
    finally:
        if not stream.closed:
            text.detach()  # the stream is closed by whoever opened it


def _encoding(stream: BinaryIO) -> str:
    """The first encoding in which the whole file can be read: half a file must not be taken in before the other half is found bad."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        stream.seek(0)
        try:
            while piece := stream.read(PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        stream.seek(0)
        return encoding
    raise BadTable("文字编码无法识别, 请存为 UTF-8 或 GBK")
