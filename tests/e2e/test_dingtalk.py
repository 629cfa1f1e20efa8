"""A rep on DingTalk, and directors there: the visit by chat, the red light in the group, and what a broken stream does."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.sandbox.dingtalk.cards import buttons as card_buttons
from adapters.sandbox.dingtalk.standin import buttons
from scheduler.polling import poll
from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import DEVICE, HQ, House
from tests.e2e.material import clip, photo, voice
from tests.e2e.pages import DINGTALK, opened
from tests.e2e.seen import api, taken_in

MORE = '[presence]\ndevice = "when_carried"\n'
DING = pytest.mark.parametrize("h", [Setting(dingtalk=True, more=MORE, refold=True)], indirect=True)
PEOPLE = """id,name,role,region,dingtalk
E001,李娜,rep,south,ding-na
D001,陈国栋,director,south,ding-chen
"""


@dataclass(frozen=True, slots=True)
class DingRep:
    """A rep whose chat is DingTalk's."""

    house: House
    ding: DingTalkStandIn
    user: str = "ding-na"

    @property
    def screen(self) -> list[dict[str, Any]]:
        return [line for line in self.ding.screen(self.user) if line["from"] == "robot"]

    async def does(self, act: Awaitable[object], words: str) -> dict[str, Any]:
        before = len(self.screen)
        await act

        def look() -> dict[str, Any] | None:
            return next((line for line in self.screen[before:] if words in json.dumps(line, ensure_ascii=False)), None)

        found: dict[str, Any] = await self.house.until(f"{words!r} among {self.screen[before:]}", look)
        return found

    async def says(self, words: str, answer: str) -> dict[str, Any]:
        return await self.does(self.ding.say(self.user, words), answer)


@pytest.fixture
async def rep(h: House) -> DingRep:
    assert h.dingtalk is not None
    await taken_in(h, "people", PEOPLE)
    return DingRep(h, h.dingtalk)


async def visited(rep: DingRep) -> None:
    """A whole visit: checked in, begun, demonstrated, ended."""
    started = await rep.does(rep.ding.checkin(rep.user, *HQ, place="科苑南路"), "已开始拜访")
    await rep.does(rep.ding.tap(rep.user, started, "方案演示"), "已进入：方案演示")
    await rep.does(rep.ding.send_image(rep.user, photo(7)), "照片 1/1")
    await rep.does(rep.ding.send_voice(rep.user, voice(31), 31.0), "语音 1/1")
    rep.house.clock.wind(minutes=3)
    await rep.says("结束拜访", "方案演示：完整")


@DING
async def test_a_whole_visit_on_dingtalk(h: House, rep: DingRep) -> None:
    await visited(rep)
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete" and action["stamp"]["source"] == "dingtalk.checkin"
    assert action["stamp"]["device"] is None and action["stamp"]["distance_m"] < 1
    assert {item["kind"] for item in action["evidence"]} == {"photo", "voice"}


@DING
async def test_the_platforms_own_words_stand_beside_ours(h: House, rep: DingRep) -> None:
    await rep.does(rep.ding.checkin(rep.user, *HQ), "已开始拜访")
    await rep.says("商务谈判", "商务谈判")
    await rep.does(rep.ding.send_voice(rep.user, clip("budget-tender"), 11.6, "客户预算五十万"), "语音 1/1")
    (action,) = await api(h, "actions", "items")
    assert action["evidence"][0]["platform_transcript"] == "客户预算五十万"
    assert action["evidence"][0]["transcript"] is None


@DING
async def test_rich_text_files_and_what_is_not_understood(h: House, rep: DingRep) -> None:
    await rep.does(rep.ding.checkin(rep.user, *HQ), "已开始拜访")
    await rep.does(rep.ding.send_rich(rep.user, "方案演示", photo(10), photo(200)), "已收：照片、照片")
    await rep.does(rep.ding.send_file(rep.user, b"%PDF-1.7 report", "报价.pdf"), "文件")
    await rep.does(rep.ding.send_unknown(rep.user, "location"), "没有看懂")
    assert await h.sql("SELECT kind FROM evidence WHERE kind = 'file'") == [{"kind": "file"}]


@DING
async def test_a_dingtalk_reps_red_light_reaches_feishu(h: House, rep: DingRep, chen: Director) -> None:
    """Any mix of platforms: the rep here, his director's group there."""
    await rep.does(rep.ding.checkin(rep.user, *HQ), "已开始拜访")
    await rep.says("方案演示", "已进入")
    await rep.says("商务谈判", "已进入")
    await chen.alert("方案演示", "深圳华强")


@DING
async def test_a_group_on_dingtalk_gets_the_red_light_and_its_director_asks(h: House, rep: DingRep) -> None:
    text = h.path.read_text(encoding="utf-8").replace('alert_chat = "feishu:oc_south"', 'alert_chat = "dingtalk:cid-south"')
    h.path.write_text(text, encoding="utf-8")
    for _ in range(100):
        if h.product.line.config().regions[0].alert_chat == "dingtalk:cid-south":
            break
        await asyncio.sleep(0.1)
    await rep.does(rep.ding.checkin(rep.user, *HQ), "已开始拜访")
    await rep.says("方案演示", "已进入")
    await rep.says("商务谈判", "已进入")

    def light() -> dict[str, Any] | None:
        lines = rep.ding.screen("cid-south")
        return next((one for one in lines if one["from"] == "robot" and "方案演示" in json.dumps(one, ensure_ascii=False)), None)

    card = await h.until("the red light", light)
    assert list(buttons(card)) == ["查看记录"], "buttons that speak for a user would not reach the robot in a group"
    url = buttons(card)["查看记录"]
    status, page, passed = await opened(h, url, "ding-chen", DINGTALK)
    assert status == 200 and "深圳华强精密模具有限公司" in page and "/auth/dingtalk" in passed
    assert (await opened(h, url, "ding-nobody", DINGTALK))[0] == 403
    await rep.ding.say("ding-chen", "红灯", "cid-south")
    await h.until("the list", lambda: next((one for one in rep.ding.screen("cid-south") if "红灯 1 条" in str(one)), None))


@DING
async def test_nothing_acked_is_lost_over_cuts_and_a_handover(h: House, rep: DingRep) -> None:
    await rep.does(rep.ding.checkin(rep.user, *HQ), "已开始拜访")
    rep.ding.cut()
    await rep.ding.connected()
    await rep.says("方案演示", "已进入")
    await rep.ding.disconnect()
    await rep.ding.connected()
    await rep.does(rep.ding.send_image(rep.user, photo(3)), "照片 1/1")
    for _ in range(2):  # the same message once more, as some report
        assert await rep.ding.again()
    await h.settled()
    assert len(await h.sql("SELECT id FROM evidence WHERE kind = 'photo'")) == 1
    assert rep.ding.lost == []
    ack = await rep.ding.ping()
    assert ack and json.loads(ack["data"]) == {"opaque": "op-1"}


@DING
async def test_a_flow_controlled_member_gets_his_message_later(h: House, rep: DingRep) -> None:
    rep.ding.world.flow_controlled.add(rep.user)
    await rep.ding.say(rep.user, "今日")
    await h.settled()
    assert rep.screen == []
    rep.ding.world.flow_controlled.clear()
    h.clock.wind(minutes=2)
    h.product.nudge()
    await h.until("the answer", lambda: rep.screen)
    h.clock.wind(minutes=1)
    rep.ding.world.tokens.clear()  # withdrawn before its time
    await rep.says("帮助", "可以这样发")


ATTENDANCE = Setting(dingtalk=True, refold=True, ding="attendance = true\n")  # [presence] device = "required", the default


@pytest.mark.parametrize("h", [ATTENDANCE], indirect=True)
async def test_a_required_device_is_met_by_a_field_punch(h: House, rep: DingRep) -> None:
    """签到 alone carries no device and opens nothing; the 外勤打卡 of the phone on file does, another phone's does not."""
    await rep.does(rep.ding.checkin(rep.user, *HQ), "外勤打卡")
    await rep.says("方案演示", "请先做外勤打卡")
    await rep.ding.punch(rep.user, *HQ, device=DEVICE, place="科苑南路")
    asked = await h.until(
        "the director is asked", lambda: next((one for one in rep.ding.screen("ding-chen") if "同意" in buttons(one)), None)
    )
    await rep.does(rep.ding.tap("ding-chen", asked, "同意"), "设备")  # the first phone that this platform shows
    await h.settled()
    await rep.does(rep.ding.send_image(rep.user, photo(7)), "照片 1/1")
    await rep.does(rep.ding.send_voice(rep.user, voice(31), 31.0), "语音 1/1")
    h.clock.wind(minutes=3)
    await rep.says("结束拜访", "方案演示：完整")
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["tier"] == "T4" and action["stamp"]["source"] == "dingtalk.attendance"
    assert action["stamp"]["device"] == DEVICE
    await rep.does(rep.ding.punch(rep.user, *HQ, device="another-phone", place="科苑南路"), "设备")
    assert {(row["device"], row["state"]) for row in await h.sql("SELECT device, state FROM checks")} >= {
        (None, "refused"),
        (DEVICE, "passed"),
        ("another-phone", "refused"),
    }


@pytest.mark.parametrize("h", [ATTENDANCE], indirect=True)
async def test_punching_in_at_the_office_is_nobodys_visit(h: House, rep: DingRep) -> None:
    """And what nobody told us of is read by the polling round."""
    await rep.ding.punch(rep.user, *HQ, device=DEVICE, locationResult="Normal")
    await h.settled()
    assert await h.sql("SELECT id FROM checks") == [] and "附近" not in json.dumps(rep.screen, ensure_ascii=False)
    await rep.ding.punch(rep.user, *HQ, device=DEVICE, tell=False)
    h.clock.wind(minutes=2)
    await poll(h.product.line)
    await h.settled()
    (check,) = await h.sql("SELECT device, state FROM checks")
    assert check == {"device": DEVICE, "state": "waiting"}


LIVE = Setting(dingtalk=True, more=MORE, refold=True, ding='card_template = "tpl.schema"\n')


@pytest.mark.parametrize("h", [LIVE], indirect=True)
async def test_a_live_card_is_tapped_in_the_group_and_changes_there(h: House, rep: DingRep) -> None:
    text = h.path.read_text(encoding="utf-8").replace('alert_chat = "feishu:oc_south"', 'alert_chat = "dingtalk:cid-south"')
    h.path.write_text(text, encoding="utf-8")
    rep.ding.world.templates.add("tpl.schema")
    await h.until("the config", lambda: h.product.line.config().regions[0].alert_chat == "dingtalk:cid-south")
    await rep.does(rep.ding.checkin(rep.user, *HQ), "已开始拜访")
    await rep.says("方案演示", "已进入")
    await rep.says("商务谈判", "已进入")
    card = await h.until("the red light", lambda: next((one for one in rep.ding.screen("cid-south") if one["type"] == "card"), None))
    assert list(card_buttons(card)) == ["我来跟进", "误报", "静默 24 小时", "查看记录"] and card["card"]["tone"] == "red"
    assert await rep.ding.tap_card("ding-chen", card, "我来跟进")
    await h.until("taken over", lambda: card["card"]["tag"] == "已跟进" and "陈国栋 跟进中" in card["card"]["text"])
    assert len(rep.ding.screen("cid-south")) == 1 and "我来跟进" not in card_buttons(card)
    assert await rep.ding.tap_card("ding-na", card, "误报")  # a rep does not decide
    await h.settled()
    assert card["card"]["tag"] == "已跟进"
    await rep.ding.punch(rep.user, *HQ)  # attendance is off: nothing is read
    (light,) = await api(h, "alerts", "items")
    assert light["state"] == "acknowledged"
