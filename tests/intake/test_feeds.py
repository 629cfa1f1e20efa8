"""Rows of other systems: the bad input that really comes, each judged in a word that says what to do."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.config.schema import Config
from bot.intake import FEEDS, BadRow, BadTable, FeedReader, FeedRow, Rejected, kind_by_header, kind_named, read_table
from bot.intake.before import Before
from bot.intake.dates import moment, month
from bot.intake.refused import RefusedFile, harmless

CHINA = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # the first moment of 2026-11-23 in Shanghai
CONFIG = Config(columns={"orders": {"单据编号": "id", "含税金额": "amount", "备注": ""}})
ORDER = {"id": "O1", "customer": "C1", "amount": "1000", "signed_at": "2026-11-23"}


def refusal(kind: str, **cells: str) -> str:
    with pytest.raises(BadRow) as caught:
        FeedReader(kind, CONFIG).read(cells)
    return str(caught.value)


@pytest.mark.parametrize(
    "text", ["2026-11-23", "2026/11/23", "2026.11.23", "20261123", "2026年11月23日", "2026年11月23", "46349", "2026-11-23 00:00:00"]
)
def test_a_day_in_every_spelling_is_its_first_moment_here(text: str) -> None:
    assert moment(text, "日期", CHINA) == NIGHT


@pytest.mark.parametrize(
    "text", ["2026-11-23 9:30", "2026/11/23 09:30:00", "2026-11-23T01:30:00Z", "2026-11-23T09:30:00.000+08:00", "46349.395833333"]
)
def test_a_time_of_day_with_and_without_an_offset(text: str) -> None:
    assert moment(text, "日期", CHINA) == NIGHT + timedelta(hours=9, minutes=30)


@pytest.mark.parametrize(
    "text",
    [
        "11/23/2026",
        "23.11.2026",
        "2026-13-01",
        "2026-02-30",
        "26-11-23",
        "明天",
        "2026-11-23 25:00",
        "1026-11-23",
        "2026-11-23T01:30+99:00",
        "9",
    ],
)
def test_what_is_no_day_is_refused_and_never_guessed(text: str) -> None:
    with pytest.raises(BadRow, match="日期"):
        moment(text, "日期", CHINA)


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2100, 12, 30)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"]),
)
def test_every_day_survives_every_spelling(at: datetime, spelling: str) -> None:
    assert moment(at.strftime(spelling), "日期", CHINA) == at.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=CHINA)


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_a_reason(text: str) -> None:
    said: list[str] = []
    for read in (lambda: moment(text, "日期", CHINA), lambda: month(text, "月份")):
        try:
            read()
        except BadRow as bad:
            said.append(str(bad))
    assert all("看不懂" in one or "不存在" in one or "不可能" in one for one in said)


def test_months() -> None:
    assert {month(text, "月份") for text in ("2026-06", "2026/6", "202606", "2026年6月", "2026.06", "2026-06-01")} == {"2026-06"}
    with pytest.raises(BadRow, match="月份 2026-13 看不懂"):
        month("2026-13", "月份")


def test_mapped_columns_full_width_digits_and_columns_passed_over() -> None:
    given = {"单据编号": "Ｏ１", "客户名称": "华强", "含税金额": "￥１，０００．５０", "签订日期": "２０２６年１１月２３日", "备注": "急"}
    assert FeedReader("orders", CONFIG).read(given) == FeedRow(kind="orders", id="O1", customer="华强", at=NIGHT, amount=100_050)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"amount": "-5"}, "金额是负数; 退款和冲销请改原来那一笔的金额"),
        ({"amount": "（500）"}, "金额是负数; 退款和冲销请改原来那一笔的金额"),
        ({"amount": ""}, "缺少金额 (amount)"),
        ({"customer": ""}, "缺少客户 (customer)"),
        ({"id": ""}, "缺少订单编号 (id)"),
        ({"signed_at": ""}, "缺少日期 (signed_at)"),
        (
            {"signed_at": "23/11/2026"},
            "日期 (signed_at) 23/11/2026 看不懂, 应写作 2026-11-23 (也可 2026/11/23、2026.11.23、20261123、2026年11月23日)",
        ),
        ({"颜色": "红"}, "不认识的列 颜色; 可用: amount, customer, id, signed_at"),
        ({"编号": "O2"}, "有两列都是 id"),
    ],
)
def test_an_order_refused_with_the_reason(cells: dict[str, str], expected: str) -> None:
    assert refusal("orders", **ORDER | cells) == expected


def test_what_belongs_to_each_kind() -> None:
    def read(kind: str, **cells: str) -> FeedRow:
        return FeedReader(kind, CONFIG).read(cells)

    assert read("payments", id="P", customer="C", due_at="2026-11-23", amount="1", paid_at="").done_at is None
    assert read("tickets", id="T", customer="C", closed_at="").at is None
    assert read("web_visits", customer="C", date="2026-11-23", seconds="276.5").amount == 276_500
    assert read("forecasts", id="F", rep="E1", customer="C", month="2026/6", amount="30万").month == "2026-06"
    assert read("deals", id="D", customer="C", stage="已签约", amount="1", updated_at="2026-11-23").word == "sign"
    assert refusal("deals", id="D", customer="C", stage="谈崩了", amount="1", updated_at="2026-11-23").startswith(
        "没有阶段 谈崩了; 现有: 线索获取"
    )
    assert refusal("web_visits", customer="C", date="2026-11-23", seconds="-1") == "秒数 -1 须在 0 到 86400 之间"
    assert refusal("web_visits", customer="C", date="2026-11-23", seconds="NaN").startswith("秒数 NaN")
    assert refusal("inquiries", id="I", customer="C", at="2026-11-23", topic="") == "缺少内容 (topic)"


def workbook(merges: tuple[str, ...], *rows: list[object]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for area in merges:
        sheet.merge_cells(area)
    book.save(file)
    return file.getvalue()


def test_merged_cells_name_each_row_but_share_no_figure() -> None:
    head: list[object] = ["订单编号", "客户", "金额", "签订日期"]
    data = workbook(
        ("A1:D1", "B3:B5", "C4:C5"),
        ["2026 年订单表", None, None, None],
        head,
        ["O1", "C1", 100, "2026-11-23"],
        ["O2", None, 200, "2026-11-24"],
        ["O3", None, None, "2026-11-25"],
    )
    rows = dict(read_table(data, "订单.xlsx"))
    reader = FeedReader("orders", CONFIG)
    assert [row["客户"] for row in rows.values()] == ["C1", "C1", "C1"] and list(rows) == [3, 4, 5]
    assert reader.read(rows[3]).amount == 10_000
    for number in (4, 5):
        with pytest.raises(BadRow, match="amount 在合并的单元格里"):
            reader.read(rows[number])


@given(st.text(max_size=20))
def test_no_cell_of_a_refused_row_is_a_formula(cell: str) -> None:
    assert not harmless(cell).lstrip().startswith(("=", "+", "-", "@"))


def test_refused_rows_as_a_file_that_can_be_mended_and_sent_back(tmp_path: Path) -> None:
    file = RefusedFile(tmp_path / "o.csv")
    file.add(Rejected(row=7, reason="金额是负数", cells={"编号": "=1+1", "客户": "C1", "金额": "-5", "日期": "2026-11-23"}))
    file.add(Rejected(row=9, reason="列多了", cells={"编号": "O2", "客户": "C1", "金额": "5", "日期": "2026-11-23", "第 5 列": "x"}))
    file.close()
    assert file.path.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(file.path.read_text(encoding="utf-8-sig").splitlines()))
    assert lines[:2] == [["行号", "拒绝原因", "编号", "客户", "金额", "日期"], ["7", "金额是负数", "'=1+1", "C1", "'-5", "2026-11-23"]]
    (_, first), _ = read_table(file.path, "o.csv")
    mended = FeedReader("orders", CONFIG).read({**first, "编号": "O1", "金额": "'5"[1:]})
    assert (mended.id, mended.amount) == ("O1", 500)


def test_ids_are_remembered_without_memory() -> None:
    with Before() as before:
        assert [before.first("a", 2), before.first("b", 3), before.first("a", 4)] == [2, 3, 2]
        assert [before.times("v", 5), before.times("v", 6)] == [1, 2]


def test_a_file_says_what_it_is() -> None:
    assert [kind_named(name) for name in ("2026订单.xlsx", "payments-11.csv", "官网访问.csv", "表格.csv", "订单和回款.xlsx")] == [
        "orders",
        "payments",
        "web_visits",
        "",
        "",
    ]
    assert kind_by_header(frozenset({"客户", "访问日期", "停留秒数"}), CONFIG) == "web_visits"
    assert kind_by_header(frozenset({"编号", "客户", "金额", "日期"}), CONFIG) == ""  # an order or a contract
    assert kind_by_header(frozenset({"编号", "客户", "咨询主题", "时间"}), CONFIG) == "inquiries"
    assert set(FEEDS) >= {"contracts", "orders", "payments", "tickets", "web_visits", "inquiries", "forecasts", "logistics", "ad_touches"}


def test_a_file_on_the_disk_is_read_in_any_encoding_and_row_by_row(tmp_path: Path) -> None:
    text = "编号,客户\n" + "".join(f"O{n},华强\n" for n in range(300_000))
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        path = tmp_path / "f.csv"
        path.write_text(text, encoding=encoding)
        rows = read_table(path, "f.csv")
        assert next(rows) == (2, {"编号": "O0", "客户": "华强"})
        assert sum(1 for _ in rows) == 299_999
    path.write_bytes("编号,客户\nO1,华强\n".encode() + b"\xff\xff\n")
    with pytest.raises(BadTable, match="文字编码无法识别"):
        next(read_table(path, "f.csv"))
    with pytest.raises(BadTable, match="读不到"):
        next(read_table(tmp_path / "none.csv", "none.csv"))
