"""Positions that carry no device: what the client reports by itself, accuracy circles, and a rep who works in Feishu."""

import pytest

from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import AUDIO, HQ, House
from tests.e2e.material import photo
from tests.e2e.rep import Rep
from tests.e2e.seen import api, taken_in, words

CARRIED = pytest.mark.parametrize("h", [Setting(more='[presence]\ndevice = "when_carried"\n')], indirect=True)
EDGE = (22.5365, 113.9501)  # 472 m east of the site


async def test_a_reported_position_offers_the_visit_once_a_day(h: House, li_na: Rep) -> None:
    await h.does(h.wecom.report_position("li.na", *HQ, precision=30), "附近有您的客户")
    await h.wecom.report_position("li.na", *HQ, precision=30)
    await h.settled()
    offers = [item for item in li_na.screen if "附近有您的客户" in words(item)]
    assert len(offers) == 1 and await h.sql("SELECT id FROM visits") == []
    await li_na.taps(offers[0], "华强", "已开始拜访")
    await li_na.says("结束拜访", "已结束拜访")
    h.clock.wind(hours=24)
    await h.wecom.report_position("li.na", 31.2050, 121.5900, precision=30)  # a colleague's customer: not a word
    await h.does(h.wecom.report_position("li.na", *HQ, precision=30), "附近有您的客户")
    await h.settled()
    assert len([item for item in li_na.screen if "附近有您的客户" in words(item)]) == 2


@CARRIED
async def test_an_accuracy_circle_across_the_edge_waits_for_the_director(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    await h.wecom.report_position("li.na", *EDGE, precision=100)
    await li_na.says("方案演示", "已进入")
    await li_na.shows("暂不计入")
    await li_na.speaks(31, "暂不计入")
    card = await chen.gets("到场例外：李娜")
    assert "无法确定" in words(card)
    await h.does(chen.taps(card, "同意"), "2 项材料计入")
    (action,) = await api(h, "actions", "items")
    assert (action["verdict"]["state"], action["verdict"]["tier"]) == ("complete", "T2")
    assert action["stamp"]["accuracy_m"] == 100


@CARRIED
async def test_the_same_circle_further_in_passes_at_once(h: House, li_na: Rep) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    await h.wecom.report_position("li.na", *HQ, precision=100)
    await li_na.demonstrates()
    (action,) = await api(h, "actions", "items")
    assert (action["verdict"]["state"], action["verdict"]["tier"]) == ("complete", "T2")


@CARRIED
async def test_a_rep_in_feishu_makes_a_whole_visit(h: House, chen: Director) -> None:
    h.feishu.add_user("ou_su", "u_su", "苏晴")
    await taken_in(h, "people", "id,name,role,region,feishu\nE007,苏晴,rep,south,ou_su\n")
    await taken_in(h, "customers", "id,name,annual_purchase,owner,lat,lng,datum\nC070,珠海联创,600000,E007,22.27,113.57,gcj02\n")
    su = Director(h, "ou_su")

    async def hears(text: str) -> None:
        def heard() -> bool:
            return any(text in words(line) for line in h.feishu.screen("ou_su") if line["from"] != "ou_su")

        await h.until(f"ou_su hears {text!r}", heard)

    await h.feishu.send_location("ou_su", "港湾大道", 22.27, 113.5701)
    await hears("已开始拜访 珠海联创")
    card = await su.gets("已开始拜访")
    await su.taps(card, "方案演示")
    await hears("已进入：方案演示")
    await h.feishu.send_image("ou_su", photo(3))
    await hears("照片 1/1")
    await h.feishu.send_audio("ou_su", (AUDIO / "demo-closing.ogg").read_bytes(), 32_000)
    await hears("语音 1/1")
    h.clock.wind(minutes=2)
    await su.taps(await su.gets("结束拜访"), "结束拜访")
    await hears("已结束拜访 珠海联创")
    (action,) = await api(h, "actions", "items")
    assert (action["verdict"]["state"], action["verdict"]["tier"], action["rep"]) == ("complete", "T1", "E007")
    assert action["stamp"]["source"] == "feishu.location"
    assert h.rep_screen() == [] and h.group() == []


async def test_a_group_is_not_disturbed_by_talk(h: House, chen: Director) -> None:
    h.feishu.add_user("ou_guest", "u_guest", "客人")
    h.feishu.board.chats[chen.chat].members.append("ou_guest")
    await h.feishu.say("ou_guest", "大家好", chen.chat)
    await h.feishu.say("ou_guest", "红灯", chen.chat)
    await h.feishu.say("ou_chen", "开始拜访 华强", chen.chat)
    await h.settled()
    told = [words(line) for line in h.feishu.screen(chen.chat) if line["from"] == "cli_e2e"]
    assert len(told) == 1 and "单聊" in told[0]


async def test_what_was_met_and_what_is_kept_can_be_asked(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.arrives()
    await li_na.demonstrates()
    await li_na.says("加人 王工 技术总监 影响人 13800000000", "已登记 深圳华强精密模具有限公司 的联系人：王工 技术总监（影响人）")
    chain = await li_na.says("决策链 华强", "影响人：王工 技术总监 13800000000")
    assert "决策人：尚未登记" in words(chain)
    await li_na.says("今日", "方案演示：完整")
    mine = await li_na.says("我的数据", "系统目前保存的与您有关的内容")
    assert "今日动作 1 个，其中完整 1 个" in words(mine) and "device-of-li-na"[-6:] in words(mine)
    (action,) = await api(h, "actions", "items")
    await h.feishu.say("ou_chen", f"核验 {action['id']}")
    await h.until(
        "the record",
        lambda: any(
            "完整，证据等级 T4" in words(line) and "当场核验" in words(line) and f"/record/{action['id']}" in words(line)
            for line in h.feishu.screen("ou_chen")
        ),
    )
    await h.feishu.say("ou_zhou", f"核验 {action['id']}")
    await h.until("refused", lambda: any("没有找到记录" in words(line) for line in h.feishu.screen("ou_zhou")))
    (contact,) = (await api(h, "customers/C001"))["contacts"]
    assert (contact["name"], contact["role"]) == ("王工", "influencer")
