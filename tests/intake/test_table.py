"""Real bytes of CSV and XLSX files."""

import io
import time
import zipfile
from datetime import date, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.intake import BadTable, read_table
from bot.intake.table import MAX_BYTES

TEXT = '客户编号,客户名称\nC001,"深圳, 华强"\n\nC002,"两行\n名称"\nC003,末\n'
ROWS = [
    (2, {"客户编号": "C001", "客户名称": "深圳, 华强"}),
    (4, {"客户编号": "C002", "客户名称": "两行\n名称"}),
    (5, {"客户编号": "C003", "客户名称": "末"}),
]


def xlsx(*rows: list[object]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file.getvalue()


def reason(data: bytes, name: str) -> str:
    with pytest.raises(BadTable) as caught:
        list(read_table(data, name))
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_in_every_encoding_keeps_the_spreadsheets_row_numbers(encoding: str, newline: str) -> None:
    data = TEXT.replace("\n", newline).encode(encoding)
    found = [(number, {key: value.replace("\r\n", "\n") for key, value in row.items()}) for number, row in read_table(data, "f.csv")]
    assert found == ROWS


def test_xlsx_cells_read_as_a_person_reads_them() -> None:
    values = [800000.0, 0.1 + 0.2, 7, True, date(2026, 11, 23), datetime(2026, 11, 23, 9, 30), None, "文字"]
    data = xlsx([f"c{index}" for index in range(8)], [], values)
    [(number, row)] = read_table(data, "f.xlsx")
    assert number == 3
    assert list(row.values()) == ["800000", "0.3", "7", "True", "2026-11-23", "2026-11-23 09:30:00", "", "文字"]


def test_content_decides_not_the_name() -> None:
    assert list(read_table(xlsx(["id"], ["E1"]), "people.csv")) == [(2, {"id": "E1"})]


def test_cell_under_no_header_is_not_lost_silently() -> None:
    [(_, row)] = read_table(b"id,name\nC1,a,b\n", "f.csv")
    assert row == {"id": "C1", "name": "a", "第 3 列 (没有表头)": "b"}
    assert [row for _, row in read_table(b"id,name,,\nC1,a,,\n", "f.csv")] == [{"id": "C1", "name": "a"}]


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"", "f.csv", "文件是空的"),
        (b" \n,,\n", "f.csv", "文件是空的"),
        (b"id,id\n1,2\n", "f.csv", "表头里有两列都叫 id"),
        (b"," * 300 + b"x", "f.csv", "超过 200 列"),
        (b'id\n"a"b\n', "f.csv", "第 2 行不是合格的 CSV"),
        (b'id\n"' + b"a" * 200_000 + b'"\n', "f.csv", "第 2 行不是合格的 CSV"),
        ("id\n华南".encode("utf-16"), "f.csv", "文字编码无法识别, 请存为 UTF-8 或 GBK"),
        (b"id\n1\n", "f.xlsx", "不是合格的 XLSX 文件"),
        (b"PK\x03\x04rubbish", "f.xlsx", "不是合格的 XLSX 文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "f.xls", "不支持旧的 .xls 格式, 请另存为 .xlsx 或 CSV"),
        (b"x" * (MAX_BYTES + 1), "f.csv", "文件超过 64 MB"),
    ],
    ids=["empty", "blank", "doubled", "wide", "quotes", "field", "utf16", "no-zip", "cut-zip", "xls", "large"],
)
def test_file_that_cannot_be_read_says_why(data: bytes, name: str, expected: str) -> None:
    assert reason(data, name) == expected


def repacked(change: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(["id"], ["E1"]))) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, change.get(item.filename, old.read(item)))
    return file.getvalue()


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]><worksheet>&l8;</worksheet>""" % b"".join(
    b'<!ENTITY l%d "%s">' % (level, (b"&l%d;" % (level - 1) if level else b"&a;") * 10) for level in range(9)
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"0" * (257 << 20), "表格解开后过大"),
        (b"<worksheet><sheetData><row", "不是合格的 XLSX 文件"),
        (BOMB, "不是合格的 XLSX 文件"),
        (b"\x00\xff", "不是合格的 XLSX 文件"),
    ],
    ids=["zip-bomb", "cut", "entity-bomb", "rubbish"],
)
def test_hostile_workbook_is_refused_quickly(content: bytes, expected: str) -> None:
    data = repacked({"xl/worksheets/sheet1.xml": content})
    start = time.monotonic()
    assert reason(data, "f.xlsx") == expected
    assert time.monotonic() - start < 5


@given(st.binary(max_size=200), st.sampled_from(["f.csv", "f.xlsx"]))
def test_any_bytes_are_rows_or_a_reason(data: bytes, name: str) -> None:
    try:
        rows = list(read_table(data, name))
    except BadTable:
        return
    assert all(number >= 2 and all(isinstance(cell, str) for cell in row.values()) for number, row in rows)


def large(megabytes: int) -> bytes:
    """An XLSX that is so large packed: text that does not pack well, in a sheet written by hand."""
    noise = Random(1)
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    rows = (f"<row>{cell.format(f'O{n}')}{cell.format(noise.randbytes(15_000).hex())}</row>" for n in range(megabytes * 66))
    head = f"<row>{cell.format('id')}{cell.format('name')}</row>"
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{head}{"".join(rows)}</sheetData></worksheet>'
    return repacked({"xl/worksheets/sheet1.xml": sheet.encode()})


def test_a_spreadsheet_of_30_mb_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    path.write_bytes(large(32))
    assert path.stat().st_size > 30 << 20
    rows = read_table(path, "f.xlsx")
    assert [next(rows)[1]["id"] for _ in range(3)] == ["O0", "O1", "O2"]
    assert sum(1 for _ in rows) == 32 * 66 - 3
