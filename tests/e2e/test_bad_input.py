"""What must never break it: strangers, nonsense, broken files. Each is answered clearly, and nothing is lost or logged as a failure."""

from datetime import UTC, datetime

import pytest

from adapters.sandbox.wecom.push import inner_xml
from tests.e2e.conftest import Setting
from tests.e2e.house import House
from tests.e2e.material import bomb, voice
from tests.e2e.rep import Rep
from tests.e2e.seen import api, words


async def test_a_stranger_gets_one_polite_answer_a_day(h: House) -> None:
    await h.wecom.say("stranger", "开始拜访 华强")
    await h.hears("您的账号还没有登记", "stranger")
    await h.wecom.send_image("stranger", b"\xff\xd8\xff nothing")
    await h.wecom.send_location("stranger", 22.5, 113.9)
    await h.settled()
    assert len(h.rep_screen("stranger")) == 1
    h.clock.wind(hours=25)
    await h.wecom.say("stranger", "在吗")
    await h.settled()
    assert len(h.rep_screen("stranger")) == 2
    assert await h.sql("SELECT id FROM visits") == []


async def test_an_unknown_customer_is_asked_about(h: House, li_na: Rep) -> None:
    told = await li_na.says("开始拜访 深圳华墙精密模具", "没有找到客户「深圳华墙精密模具」")
    assert "深圳华强精密模具有限公司" in words(told)
    await li_na.says("开始拜访 云帆", "没有找到客户")  # a colleague's
    await li_na.says("说明 不存在公司 高层拜访 出差", "没有找到客户")


@pytest.mark.parametrize(("lat", "lng", "why"), [(0.0, 0.0, "坐标是 0,0"), (113.9455, 22.5365, "经纬度颠倒")])
async def test_an_impossible_place_is_named(h: House, li_na: Rep, lat: float, lng: float, why: str) -> None:
    await li_na.pins(lat, lng, why)
    await h.wecom.report_position("li.na", lat, lng)  # the client's own report: nothing to answer
    await h.settled()
    assert await h.sql("SELECT id FROM checks") == [] and len(li_na.screen) == 2  # the greeting and the answer


async def test_what_is_no_photo(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    await li_na.shows("照片无法打开", b"<html><body>not found</body></html>")
    await li_na.shows("照片尺寸超出正常范围", bomb())
    await li_na.shows("照片无法打开", b"\xff\xd8\xff\xe0" + bytes(3000))
    (action,) = await api(h, "actions", "items")
    assert {item["state"] for item in action["evidence"]} == {"refused"}
    assert all(h.product.line.vault.path(item["sha256"]).is_file() for item in action["evidence"])  # kept all the same
    await li_na.shows("照片 1/1")


async def test_what_is_no_voice(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    before = len(li_na.screen)
    for data, why in (
        (voice(31)[:-7], "语音文件不完整"),
        (b"#!AMR\n", "语音"),
        (b"<html>502</html>", "语音无法播放"),
        (b"#!AMR\n" + b"\x7c" * 1600, "语音没有内容"),
    ):
        await h.does(h.wecom.send_voice("li.na", data), why)
    assert len(li_na.screen) == before + 4
    (action,) = await api(h, "actions", "items")
    assert {item["state"] for item in action["evidence"]} == {"refused"}


async def test_a_photo_that_expired_before_it_could_be_fetched(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    h.wecom.outage = True
    await h.wecom.send_image("li.na", b"\xff\xd8\xff never fetched")
    await h.until("given back", lambda: h.wecom.world.calls["/cgi-bin/media/get"])
    await h.settled()
    h.clock.wind(days=3, minutes=1)
    h.wecom.outage = False
    h.product.nudge()
    told = await h.hears("没有取到：照片")
    assert "平台上的原件已过期" in words(told) or "平台上找不到原件" in words(told)
    (action,) = await api(h, "actions", "items")
    assert [item["state"] for item in action["evidence"]] == ["lost"]


async def test_an_errcode_is_not_taken_for_a_file(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    h.wecom.world.media.clear()
    inner = inner_xml(h.wecom.world, "li.na", {"MsgType": "image", "MediaId": "gone", "MsgId": 7_700_000_000_000_999_999})
    await h.wecom.push.deliver("li.na", "image", inner)
    await h.hears("没有取到")
    (row,) = await h.sql("SELECT sha256, state FROM evidence")
    assert row == {"sha256": None, "state": "lost"}


async def test_kinds_of_message_that_mean_nothing_here(h: House, li_na: Rep) -> None:
    serial = 7_700_000_000_000_990_000
    for number, fields in enumerate(
        (
            {"MsgType": "link", "Title": "看看", "Url": "https://example.cn"},
            {"MsgType": "miniprogram", "AppId": "wx1"},
            {"MsgType": "event", "Event": "open_approval_change"},
            {"MsgType": "hologram"},
        )
    ):
        inner = inner_xml(h.wecom.world, "li.na", {**fields, "MsgId": serial + number})
        await h.does(h.wecom.push.deliver("li.na", "odd", inner), "可以这样发")
    await li_na.arrives()
    await li_na.says("需求确认", "已进入")
    await h.does(h.wecom.send_video("li.na", b"\x00\x00\x00\x18ftypmp42" + bytes(64)), "文件")
    assert [row["state"] for row in await h.sql("SELECT state FROM inbox WHERE state <> 'done'")] == []


async def test_long_and_odd_texts(h: House, li_na: Rep) -> None:
    odd = ("长" * 3000, "?" * 10, "\u202ex", "😀" * 500, "开始拜访 " + "华" * 900, "'; DROP TABLE visits; --", "<xml>]]></xml>", " ")
    for text in odd:
        await h.does(h.wecom.say("li.na", text), "")
    await li_na.says("帮助", "可以这样发")


@pytest.mark.parametrize("h", [Setting(start=datetime(2026, 11, 22, 2, 0, tzinfo=UTC))], indirect=True)
async def test_on_a_sunday_a_rep_is_served(h: House, li_na: Rep) -> None:
    await li_na.visits()
