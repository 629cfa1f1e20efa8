"""A visit by chat alone, from beginning to end, as a rep lives it."""

from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import api


async def test_a_visit_by_check_in_takes_six_taps_at_most(h: House, li_na: Rep) -> None:
    taps = 2  # 外出打卡 in 工作台, and opening the chat
    started = await li_na.arrives("已开始拜访 深圳华强精密模具有限公司")
    taps += 1
    stage = await li_na.taps(started, "方案演示", "照片 0/1，语音 0/1")
    assert "一段不少于 30 秒" in stage["text"]
    await li_na.shows("照片 1/1，语音 0/1")
    done = await li_na.speaks(31, "完整")
    h.clock.wind(minutes=3)
    taps += 1
    ended = await li_na.taps(done, "结束拜访", "已结束拜访")
    assert taps <= 6
    assert "方案演示：完整（T4）" in ended["text"]
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete"
    assert action["intent"] == {"stage": "demo", "kind": "solution_demo", "corrected_from": None}
    assert action["stamp"]["source"] == "wecom.checkin" and action["stamp"]["device"] == "device-of-li-na"
    assert action["stamp"]["datum"] == "gcj02" and action["stamp"]["distance_m"] < 1
    assert {item["kind"] for item in action["evidence"]} == {"photo", "voice"}
