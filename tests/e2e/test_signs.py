"""The closing photo: whether the customer's name is on it, read by a machine or confirmed with one tap."""

import asyncio
import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from adapters.media import font
from tests.e2e.conftest import Setting
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import api, words

QUESTION = "照片里看得到客户名称或标志吗"


def asking(sign: str, more: str = "") -> pytest.MarkDecorator:
    return pytest.mark.parametrize("h", [Setting(more=f'[photos]\nwatermark = false\nsign = "{sign}"\n{more}', refold=True)], indirect=True)


async def signs(h: House) -> list[dict[str, object]]:
    (action,) = await api(h, "actions", "items")
    return [item["sign"] for item in action["evidence"] if item["kind"] == "photo"]


async def demonstrated(rep: Rep) -> None:
    await rep.arrives()
    await rep.demonstrates()


@asking("ask")
async def test_the_visit_ends_and_one_tap_confirms(h: House, li_na: Rep) -> None:
    await demonstrated(li_na)
    await li_na.says("结束拜访", "已结束拜访")
    card = await h.hears(QUESTION)
    await li_na.taps(card, "看得到", "由您确认")
    await li_na.says("看得到", "已经记下了")
    assert await signs(h) == [{"seen": True, "by": "E001", "words": "", "score": None, "faces": None}]


@asking("ask")
async def test_a_no_is_noted_and_changes_nothing_else(h: House, li_na: Rep) -> None:
    await demonstrated(li_na)
    await li_na.says("结束拜访", "已结束拜访")
    told = await li_na.taps(await h.hears(QUESTION), "看不到", "已记下")
    assert "再拍一张" not in words(told)
    assert [sign["seen"] for sign in await signs(h) if sign] == [False]
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete"


@asking("required")
async def test_where_it_is_required_the_visit_stays_open_till_it_is_confirmed(h: House, li_na: Rep) -> None:
    await demonstrated(li_na)
    card = await li_na.says("结束拜访", QUESTION)
    assert (await h.sql("SELECT state FROM visits")) == [{"state": "open"}]
    await li_na.taps(card, "看不到", "请再拍一张")
    await li_na.shows("已收")
    card = await li_na.says("结束拜访", QUESTION)
    assert "看得到" in words(card)
    await li_na.says("看得到", "已结束拜访")  # typed, as it stands on the button
    assert (await h.sql("SELECT state FROM visits")) == [{"state": "closed"}]
    assert [sign["seen"] for sign in await signs(h) if sign] == [False, True]


@asking("required")
async def test_what_else_is_missing_is_said_first(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "方案演示")
    await li_na.shows("照片 1/1")
    told = await li_na.says("结束拜访", "还不能结束拜访")
    assert QUESTION not in words(told)


@asking("off")
async def test_nobody_is_asked_where_it_is_off(h: House, li_na: Rep) -> None:
    await demonstrated(li_na)
    await li_na.says("结束拜访", "已结束拜访")
    await h.settled()
    assert not any(QUESTION in words(item) for item in li_na.screen)


# ---- read by a machine ----------------------------------------------------------------------------------------------


def signboard(name: str, size: tuple[int, int] = (1280, 960)) -> bytes:
    """A front with a name over the door, a little askew."""
    picture = Image.new("RGB", size, (196, 203, 210))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((80, 140, 1200, 320), fill=(24, 62, 140))
    draw.text((120, 190), name, font=ImageFont.truetype(str(font()), 62), fill="white")
    draw.rectangle((500, 420, 780, 900), fill=(90, 80, 70))
    out = io.BytesIO()
    picture.rotate(3, fillcolor=(120, 130, 140)).save(out, "JPEG", quality=82)
    return out.getvalue()


async def read(h: House, count: int) -> None:
    """Wait until so many photos were read; the reader takes seconds to start."""
    for _ in range(600):
        if len(await h.sql("SELECT id FROM evidence WHERE sign IS NOT NULL")) >= count:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing was read")


@pytest.mark.ocr
@asking("required", "ocr = true\n")
async def test_a_name_over_the_door_is_read_and_nobody_is_asked(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "方案演示")
    await li_na.shows("照片 1/1", signboard("深圳华强精密模具有限公司"))
    await li_na.speaks(31, "完整")
    await read(h, 1)
    h.clock.wind(minutes=2)
    await li_na.says("结束拜访", "已结束拜访")
    (sign,) = await signs(h)
    assert sign["seen"] and sign["by"] == "ocr" and "华强" in str(sign["words"]) and sign["faces"] == 0


@pytest.mark.ocr
@asking("ask", "ocr = true\n")
async def test_another_companys_name_is_asked_about(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "方案演示")
    await li_na.shows("照片 1/1", signboard("广州云帆科技有限公司"))
    await li_na.speaks(31, "完整")
    await read(h, 1)
    h.clock.wind(minutes=2)
    await li_na.says("结束拜访", "已结束拜访")
    await li_na.taps(await h.hears(QUESTION), "看得到", "由您确认")
    (sign,) = await signs(h)
    assert (sign["seen"], sign["by"], sign["faces"]) == (True, "E001", 0)


def business_card(*lines: str) -> bytes:
    picture = Image.new("RGB", (1000, 600), (250, 250, 247))
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((80, 90 + 110 * number), line, font=ImageFont.truetype(str(font()), 54 if number else 64), fill=(20, 24, 32))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


CARD = ("赵明", "技术总监", "深圳华强精密模具有限公司", "手机 13800001111")


@pytest.mark.ocr
@asking("off", "ocr = true\n")
async def test_a_business_card_is_read_and_registered_with_a_tap(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "方案演示")
    await li_na.says("名片", "请拍一张名片发来")
    await li_na.shows("文件", business_card(*CARD))
    card = await h.until("the card", lambda: next((one for one in li_na.screen if "名片：赵明" in words(one)), None), 90)
    assert "技术总监" in words(card) and "13800001111" in words(card)
    await li_na.taps(card, "登记", "已登记 深圳华强精密模具有限公司 的联系人：赵明 技术总监")
    assert "赵明 技术总监 13800001111" in words(await li_na.says("决策链 华强", "决策链"))
    (action,) = await api(h, "actions", "items")
    assert [item["kind"] for item in action["evidence"]] == ["file"], "a card is no photo of the place"


@asking("off", "ocr = true\n")
async def test_a_card_without_a_name_is_typed_instead(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "方案演示")
    await li_na.says("名片", "请拍一张名片发来")
    await li_na.shows("文件")
    card = await h.until("the card", lambda: next((one for one in li_na.screen if "没有读出姓名" in words(one)), None), 90)
    assert "加人" in words(card)
    await li_na.shows("照片 1/1")


async def test_without_a_reader_nobody_is_asked_for_a_card(li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("名片", "还没有启用照片文字识别")
