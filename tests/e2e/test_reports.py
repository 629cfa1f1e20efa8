"""The health report: made by date, told once to the region's directors, the same figures on paper, in the workbook and in the chat."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from PIL import Image

from bot.commands import report as report_command
from bot.reporting import lines, paper, period, sheet
from bot.reporting.health import health
from bot.verify import verify
from scheduler.reports import Reports
from tests import databases
from tests.e2e.conftest import MONDAY, Setting
from tests.e2e.director import Director
from tests.e2e.house import House, house
from tests.e2e.rep import Rep
from tests.e2e.seen import coverage, taken_in, words

ON = "\n[report]\n"
MONDAY_NINE = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai


async def told(h: House, moment: datetime) -> None:
    h.clock.wind_to(moment)
    await Reports(h.product.line).round()
    h.product.nudge()
    await h.settled()


def reports(chen: Director) -> list[dict[str, object]]:
    return chen.alerts("过程健康")


@pytest.mark.parametrize("h", [Setting(more=ON)], indirect=True)
async def test_each_monday_with_a_picture_and_only_once(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.visits()
    await told(h, MONDAY_NINE - timedelta(minutes=2))
    assert reports(chen) == []
    await told(h, MONDAY_NINE + timedelta(seconds=5))
    [card] = reports(chen)
    shown = words(card)
    assert "华南 过程健康周报" in shown and "2026-11-23 至 2026-11-29" in shown
    figures = (await coverage(h, "south"))["total"]
    assert f"{figures['done']}/{figures['quota']}" in shown
    images = [one for one in card["card"]["body"]["elements"] if one["tag"] == "img"]  # type: ignore[index]
    assert len(images) == 1
    [fact] = await h.sql("SELECT body FROM ledger_bodies WHERE type = 'report.made'")
    digest = json.loads(fact["body"])["sha256"]
    with Image.open(h.product.line.vault.path(digest)) as picture:
        assert picture.format == "PNG" and picture.width == 1080 and picture.height > 1000
    assert h.product.line.vault.path(digest).stat().st_size < 2_000_000
    await told(h, MONDAY_NINE + timedelta(hours=3))
    assert len(reports(chen)) == 1
    await told(h, datetime(2026, 12, 1, 1, 1, tzinfo=UTC))
    assert "华南 过程健康月报" in words(reports(chen)[-1]) and len(reports(chen)) == 2


@pytest.mark.parametrize("h", [Setting(more=ON)], indirect=True)
async def test_a_restart_and_two_schedulers_tell_it_once(h: House, li_na: Rep, chen: Director) -> None:
    """A crash before the step makes it again; after it nothing is left to do. Down for weeks, the latest week is told."""
    await li_na.visits()
    await h.down()
    h.clock.wind_to(MONDAY_NINE + timedelta(days=14, minutes=1))
    await h.up()
    first, second = Reports(h.product.line), Reports(h.product.line)
    await first.round()
    await second.round()
    h.product.nudge()
    await h.settled()
    weekly = [card for card in reports(chen) if "周报" in words(card)]
    assert len(weekly) == 1 and "2026-12-07 至 2026-12-13" in words(weekly[0])


PILOT = ON.replace("[report]", '[report]\nmonthly = false\n[[rules]]\nid = "inactive-72h"\nkind = "inactivity"\nhours = 720\n')


@pytest.mark.parametrize("h", [Setting(more=PILOT, start=MONDAY)], indirect=True)
async def test_a_pilots_first_report_comes_on_its_day(h: House, li_na: Rep, chen: Director) -> None:
    h.path.write_text(h.path.read_text().replace('name = "华南"\n', 'name = "华南"\nfirst_report = 2026-12-10\n'))
    await h.down()
    await h.up()
    await li_na.visits()
    await told(h, MONDAY_NINE + timedelta(minutes=1))
    assert reports(chen) == [], "none before it"
    await told(h, datetime(2026, 12, 10, 1, 0, 5, tzinfo=UTC))
    [card] = reports(chen)
    assert "第一份" in words(card) and "2026-11-19 至 2026-12-09" in words(card)
    await told(h, datetime(2026, 12, 14, 1, 0, 5, tzinfo=UTC))
    assert len(reports(chen)) == 2 and "2026-12-07 至 2026-12-13" in words(reports(chen)[-1])


@pytest.mark.parametrize("h", [Setting(more=ON)], indirect=True)
async def test_silent_where_the_region_is_not_live(h: House, li_na: Rep) -> None:
    await li_na.visits()
    await told(h, MONDAY_NINE + timedelta(seconds=5))
    assert await h.sql("SELECT region FROM report_dues WHERE region = 'east'") == []
    assert Director(h, "ou_zhou", "oc_east").alerts("过程健康") == []


@pytest.mark.parametrize("h", [Setting(more=ON, east_live=True)], indirect=True)
async def test_where_cards_show_no_pictures_it_comes_first(h: House) -> None:
    """Told to a member on WeCom: the picture, then the words; of a week in which nothing was recorded as well."""
    h.path.write_text(h.path.read_text().replace('"feishu:oc_east"', '"wecom:@fang.ning"'))
    await h.down()
    await h.up()
    await told(h, MONDAY_NINE + timedelta(seconds=5))
    seen = h.rep_screen("fang.ning")[-2:]
    assert [item["type"] for item in seen] == ["image", "markdown"], seen
    assert "没有记录任何动作" in str(seen[1]) and "华东 过程健康周报" in str(seen[1])


@pytest.mark.postgres
async def test_on_postgresql(postgres_template: str, tmp_path: Path) -> None:
    async with databases.postgres(postgres_template) as url, house(tmp_path, MONDAY, ON, database=url) as h:
        await Rep(h).visits()
        await told(h, MONDAY_NINE + timedelta(seconds=5))
        [card] = reports(Director(h))
        assert "（1 个动作）" in words(card)
        await told(h, MONDAY_NINE + timedelta(hours=1))
        assert len(reports(Director(h))) == 1
        line = h.product.line
        assert (await verify(line.database, line.vault)).broken == []


@pytest.mark.parametrize("h", [Setting(more=ON)], indirect=True)
async def test_what_is_counted(h: House, li_na: Rep, chen: Director) -> None:
    """Minutes, taps, recordings, completeness and false alarms, from what really happened; the same in every form."""
    await li_na.visits()
    await h.time_passes(hours=72)
    await chen.taps(await chen.alert("72 小时", "深圳华强"), "误报")
    await h.settled()
    config = h.product.line.config()
    figures = await health(config, period.month("2026-11", config.zone), "south", h.clock.now())
    assert figures["lights"]["rows"][0] | {} == {
        **figures["lights"]["rows"][0],
        "name": "客户 72 小时无动作",
        "false": 1,
    }
    li = next(one for one in figures["reps"] if one["name"] == "李娜")
    assert (li["actions"], li["complete"], li["visits"]) == (1, 1, 1)
    assert li["taps"] == 2, "方案演示 and 结束拜访"
    assert 0 < li["minutes"] < 5 and figures["completeness"]["no_photo"] == 0
    text = lines.health(figures)
    assert "李娜: 1 个动作, 完整 1" in text and "误报 1" in text
    book = openpyxl.load_workbook(io.BytesIO(sheet.health(figures)))
    assert book.sheetnames[0] == "摘要" and len(book.sheetnames) == 6
    people = list(book["业务员"].iter_rows(values_only=True))
    assert people[1][:4] == ("李娜", "E001", 1, 1)
    grade = list(book["覆盖率 2026-11"].iter_rows(values_only=True))
    total = (await coverage(h, "south"))["total"]
    assert grade[-1][2:4] == (total["quota"], total["done"])
    pages = pypdfium2.PdfDocument(await paper.document("health", figures))
    shown = "".join(page.get_textpage().get_text_range() for page in pages)
    assert "华南" in shown and "李娜" in shown and "客户 72 小时无动作" in shown


@pytest.mark.parametrize("h", [Setting(more=ON)], indirect=True)
async def test_the_forecast_stands_beside_what_came(h: House, li_na: Rep, chen: Director) -> None:
    """The month that is over: forecast 300,000, ordered 240,000, a quarter too much; in card, text, workbook and on paper."""
    await taken_in(h, "forecasts", "id,rep,customer,month,amount,made_at\nF1,E001,C001,2026-10,300000,2026-09-28\n")
    await taken_in(h, "orders", "id,customer,amount,signed_at\nO1,C001,240000,2026-10-20\n")
    await li_na.visits()
    await told(h, MONDAY_NINE + timedelta(seconds=5))
    [card] = reports(chen)
    assert "2026-10：预测 30万，实际 24万，偏差 +25.0%" in words(card)
    config = h.product.line.config()
    figures = await health(config, period.month("2026-10", config.zone), "south", h.clock.now())
    assert "预测偏差 2026-10 合计: 预测 30万, 实际 24万, 偏差 +25%" in lines.health(figures)
    book = openpyxl.load_workbook(io.BytesIO(sheet.health(figures)))
    assert list(book["预测偏差 2026-10"].iter_rows(values_only=True))[1][:4] == ("合计", 300000, 240000, 0.25)
    pages = pypdfium2.PdfDocument(await paper.document("health", {**figures, "only": "forecast"}))
    assert "+25%" in "".join(page.get_textpage().get_text_range() for page in pages)


async def test_a_name_is_no_formula_and_no_markup(h: House) -> None:
    config = h.product.line.config()
    figures = await health(config, period.month("2026-11", config.zone), "", h.clock.now())
    figures["reps"][0]["name"] = '=HYPERLINK("x") #import "y" *bold* $x$'
    made = sheet.health(figures)
    cell = openpyxl.load_workbook(io.BytesIO(made))["业务员"]["A2"]
    assert cell.data_type == "s" and str(cell.value).startswith("'=")
    pages = pypdfium2.PdfDocument(await paper.document("health", figures))
    assert "*bold*" in "".join(page.get_textpage().get_text_range() for page in pages)


def test_the_endings_are_known() -> None:
    assert set(report_command.ENDINGS) == {".xlsx", ".pdf", ".png", ".txt"}
