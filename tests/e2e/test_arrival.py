"""Messages that come late, out of order, twice, or without their file: matched by the platform's times, lost never."""

from datetime import timedelta

from adapters.sandbox.wecom.push import inner_xml
from scheduler.polling import poll
from tests.e2e.house import HQ, House
from tests.e2e.material import photo, voice
from tests.e2e.rep import Rep
from tests.e2e.seen import api, words


def held_back(h: House, type_: str, data: bytes, user: str = "li.na") -> tuple[str, str]:
    """A media message that was sent now, and whose delivery is still to come: (the callback's XML, its id)."""
    kind, mime = ("image", "image/jpeg") if type_ == "image" else ("voice", "audio/amr")
    media = h.wecom.world.keep(kind, data, mime, f"{kind}.bin")
    serial = h.wecom.world.serial()
    return inner_xml(h.wecom.world, user, {"MsgType": type_, "MediaId": media.id, "Format": "amr", "MsgId": int(serial)}), serial


async def test_a_photo_fetched_only_after_the_end_still_counts_by_its_time(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    await li_na.speaks(31, "语音 1/1")
    await li_na.shows("照片 1/1")
    await li_na.says("商务谈判", "已进入：商务谈判")
    h.wecom.fail("/media/get", "http500", 6)
    h.clock.wind(seconds=5)
    await h.wecom.send_voice("li.na", voice(20))
    await h.until("given back", lambda: h.wecom.world.calls["/cgi-bin/media/get"] >= 3)
    h.clock.wind(minutes=2)
    await li_na.says("结束拜访", "已结束拜访")
    assert any(one["verdict"]["state"] == "incomplete" for one in await api(h, "actions", "items"))
    before = len(li_na.screen)
    for _ in range(6):
        h.clock.wind(minutes=5)
        h.product.nudge()
        await h.settled()
    told = await h.hears("已归入当时的拜访", after=before)
    assert "完整" in words(told)
    states = {one["intent"]["stage"]: one["verdict"]["state"] for one in await api(h, "actions", "items")}
    assert states == {"demo": "complete", "negotiate": "complete"}


async def test_deliveries_out_of_order_fall_into_their_stage(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("需求确认", "已进入")
    h.clock.wind(seconds=30)
    early = held_back(h, "image", photo(1))
    h.clock.wind(seconds=30)
    await li_na.says("方案演示", "已进入：方案演示")
    late = held_back(h, "voice", voice(31))
    h.clock.wind(seconds=30)
    await li_na.shows("照片 1/1，语音 0/1")
    await h.wecom.push.deliver("li.na", "voice", *late)
    await h.wecom.push.deliver("li.na", "image", *early)
    await h.settled()
    found = {one["intent"]["stage"]: one for one in await api(h, "actions", "items")}
    assert [item["kind"] for item in found["need"]["evidence"]] == ["photo"]
    assert sorted(item["kind"] for item in found["demo"]["evidence"]) == ["photo", "voice"]
    assert {one["verdict"]["state"] for one in found.values()} == {"complete"}


async def test_the_same_delivery_three_times_is_one_photo(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    again = held_back(h, "image", photo(1))
    for _ in range(3):
        assert (await h.wecom.push.deliver("li.na", "image", *again)).acked
    await h.hears("照片 1/1")
    await h.settled()
    (action,) = await api(h, "actions", "items")
    assert len(action["evidence"]) == 1
    assert len([item for item in li_na.screen if "已收：照片" in words(item)]) == 1


async def test_one_photo_sent_twice_is_two_messages_and_one_original(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    await li_na.shows("照片 1/1", photo(7))
    await li_na.shows("照片 1/1", photo(7))
    (action,) = await api(h, "actions", "items")
    assert len({item["sha256"] for item in action["evidence"]}) == 1 and len(action["evidence"]) == 2


async def test_a_check_in_alone_is_found_by_polling(h: House, li_na: Rep) -> None:
    await li_na.checks_in()
    h.clock.wind(seconds=100)
    await poll(h.product.line)
    h.product.nudge()
    await h.hears("已开始拜访 深圳华强")
    await poll(h.product.line)
    await h.settled()
    assert len(await h.sql("SELECT id FROM checks")) == 1


async def test_evidence_is_pending_until_the_record_read_works_again(h: House, li_na: Rep) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    await li_na.says("方案演示", "已进入")
    h.wecom.fail("/checkin/getcheckindata", "http500", 50)
    h.clock.wind(minutes=1)
    await li_na.checks_in()
    shown = await li_na.shows("已收：照片")
    assert "正在读取打卡记录" in words(shown)
    await li_na.speaks(31, "正在读取打卡记录")
    (action,) = await api(h, "actions", "items")
    assert {item["state"] for item in action["evidence"]} == {"pending"} and action["verdict"]["state"] == "incomplete"
    h.wecom.faults.planned.clear()
    before = len(li_na.screen)
    h.clock.wind(minutes=2)
    await poll(h.product.line)
    h.product.nudge()
    await h.hears("2 项计入", after=before)
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete" and action["verdict"]["tier"] == "T4"


async def test_what_was_sent_before_the_check_in_does_not_count(h: House, li_na: Rep) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    await li_na.says("方案演示", "已进入")
    await li_na.shows("到场打卡")
    h.clock.wind(minutes=11, seconds=20)  # a begun minute counts, and a busy machine takes some seconds of its own
    await li_na.checks_in()
    await li_na.speaks(31, "语音 1/1")
    (action,) = await api(h, "actions", "items")
    states = {item["kind"]: item for item in action["evidence"]}
    assert states["voice"]["state"] == "counted" and states["photo"]["state"] == "quarantined"
    assert states["photo"]["reasons"] == ["到场打卡晚了 12 分钟"]
    await li_na.shows("完整")


async def test_the_window_closes_after_two_hours(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    h.clock.wind_to(h.clock.now() + timedelta(minutes=119))
    await li_na.shows("照片 1/1")
    h.clock.wind(minutes=2)
    over = await li_na.speaks(31, "暂不计入")
    assert "有效时间已过 1 分钟" in words(over) or "有效时间已过 2 分钟" in words(over)
    await li_na.checks_in(*HQ)
    await li_na.speaks(31, "语音 1/1")
