"""72 hours without a complete action: told at the minute, to whom it concerns, once, and until it is settled."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.entries import parse_instant
from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import CHAT, House
from tests.e2e.rep import Rep
from tests.e2e.seen import Json, api, words

SILENT = ("72 小时无新动作", "深圳华强精密模具有限公司")
EVENING = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)  # Friday, 19:30 in Shanghai


async def due(h: House, customer: str = "C001") -> datetime:
    """When the customer's silence becomes too long: 72 hours after its last complete action."""
    (row,) = await h.sql(f"SELECT last_complete_at, imported_at FROM customers WHERE id = '{customer}'")
    last = row["last_complete_at"] or row["imported_at"]
    at = datetime.fromtimestamp(last / 1000, UTC) if isinstance(last, int) else last
    return at + timedelta(hours=72)


async def test_it_fires_at_72_hours_and_not_a_minute_before_once(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    moment = await due(h)
    assert moment == parse_instant(action["stamp"]["at"]) + timedelta(hours=72)
    h.clock.wind_to(moment - timedelta(minutes=1))  # 71:59:00
    await h.swept()
    assert chen.alerts(*SILENT) == []
    h.clock.wind_to(moment)
    await h.swept()
    card = await chen.alert(*SILENT)
    assert "李娜" in words(card) and card["card"]["header"]["template"] == "red"
    (alert,) = [one for one in await api(h, "alerts?state=firing", "items") if one["subject"] == "customer:C001"]
    assert (alert["rule"], alert["region"], alert["count"]) == ("inactive-72h", "south", 1)
    assert parse_instant(alert["since"]) == moment
    for _ in range(3):
        await h.time_passes(hours=5)
    assert len(chen.alerts(*SILENT)) == 1


async def test_a_complete_action_resolves_it_and_arms_it_again(h: House, li_na: Rep, chen: Director) -> None:
    await h.time_passes(hours=73)
    assert (await chen.alert(*SILENT))["card"]["header"]["template"] == "red"
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    await li_na.shows("照片 1/1")
    await h.settled()
    assert (await chen.alert(*SILENT))["card"]["header"]["template"] == "red"  # incomplete: nothing is settled
    await li_na.speaks(31, "完整")
    card = await chen.alert(*SILENT)
    assert card["card"]["header"]["template"] == "green" and "已解除" in words(card)
    states = [one["state"] for one in await api(h, "alerts", "items") if one["subject"] == "customer:C001"]
    assert states == ["resolved"]
    h.clock.wind_to(await due(h))
    await h.swept()
    assert [card["card"]["header"]["template"] for card in chen.alerts(*SILENT)] == ["green", "red"]


async def test_a_withdrawn_visit_brings_the_light_back(h: House, li_na: Rep, chen: Director) -> None:
    await h.time_passes(hours=73)
    await li_na.visits()
    assert (await chen.alert(*SILENT))["card"]["header"]["template"] == "green"
    await li_na.says("撤回", "已撤回拜访")
    await h.swept()
    assert (await chen.alert(*SILENT))["card"]["header"]["template"] == "red"


@pytest.mark.parametrize("h", [Setting(start=EVENING)], indirect=True)
async def test_the_owner_hears_in_working_hours_and_the_group_at_once(h: House, li_na: Rep, chen: Director) -> None:
    """Due on Monday 19:30: the directors' group at once, the rep on Tuesday at 9."""
    await h.time_passes(hours=72, minutes=1)
    await chen.alert(*SILENT)
    assert not any(SILENT[0] in words(item) for item in li_na.screen)
    await h.time_passes(hours=13, minutes=25)
    assert not any(SILENT[0] in words(item) for item in li_na.screen)
    await h.time_passes(minutes=6)
    card = await h.hears("72 小时无新动作")
    assert [button["text"] for button in card["card"]["button_list"]] == ["去拜访", "已离线沟通", "暂缓"]


@pytest.mark.parametrize("h", [Setting(start=EVENING)], indirect=True)
async def test_what_is_settled_before_the_morning_is_told_as_it_stands_then(h: House, li_na: Rep, chen: Director) -> None:
    await h.time_passes(hours=72, minutes=1)
    await chen.alert(*SILENT)
    await li_na.visits()  # on Monday evening, of his own accord
    await h.time_passes(hours=14)
    told = [item for item in li_na.screen if SILENT[0] in words(item) and SILENT[1] in words(item)]
    assert len(told) == 1 and "已解除" in words(told[0]) and "去拜访" not in words(told[0])


async def test_the_owners_buttons(h: House, li_na: Rep, chen: Director) -> None:
    await h.time_passes(hours=73)
    await h.hears("72 小时无新动作")
    first, second = ([item for item in li_na.screen if name in words(item) and "72 小时" in words(item)][-1] for name in ("华强", "恒达"))
    await li_na.taps(first, "去拜访", "到达后点这里开始")
    await h.settled()
    card = await chen.alert(*SILENT)
    assert "已跟进" in words(card) and "李娜 跟进中" in words(card)
    await li_na.taps(second, "暂缓", "请用一句话说明「东莞恒达机电有限公司」暂缓的原因")
    await li_na.says("客户搬厂，下月再约", "客户搬厂，下月再约")
    other = await chen.alert("72 小时", "东莞恒达机电有限公司")
    assert "暂缓：客户搬厂，下月再约" in words(other) and "已跟进" in words(other)
    states = {one["subject"]: one["state"] for one in await api(h, "alerts", "items")}
    assert states["customer:C001"] == states["customer:C002"] == "acknowledged"
    await h.time_passes(hours=80)
    assert len(chen.alerts(*SILENT)) == 1  # only a complete action arms it again


async def test_offline_contact_is_noted_on_both_cards(h: House, li_na: Rep, chen: Director) -> None:
    await h.time_passes(hours=73)
    await h.hears("72 小时无新动作")
    mine = next(item for item in li_na.screen if "华强" in words(item) and "72 小时" in words(item))
    await h.wecom.tap("li.na", mine["id"], li_na.button(mine, "已离线沟通"))
    await h.settled()
    assert "李娜 已离线沟通" in words(await chen.alert(*SILENT))
    mine = next(item for item in li_na.screen if item["id"] == mine["id"])
    assert "已离线沟通" in words(mine)


async def test_a_region_that_is_not_live_is_recorded_and_nobody_is_told(h: House) -> None:
    await h.time_passes(hours=73)
    found = {one["subject"]: one for one in await api(h, "alerts", "items")}
    assert found["customer:C004"]["region"] == "east"
    assert h.feishu.screen("oc_east") == [] and h.rep_screen("gu.lei") == []


@pytest.mark.parametrize("h", [Setting(east_live=True)], indirect=True)
async def test_each_region_hears_of_its_own(h: House, chen: Director) -> None:
    zhou = Director(h, "ou_zhou", "oc_east")
    await h.time_passes(hours=73)
    await zhou.alert("72 小时", "上海启明电子有限公司")
    assert len(h.group("oc_east")) == 1 and len(h.group(CHAT)) == 3
    mine = await chen.alert(*SILENT)
    h.feishu.board.chats[CHAT].members.append("ou_zhou")  # even if he sits in the group
    await Director(h, "ou_zhou").taps(mine, "误报")
    await h.until("refused", lambda: any("所在区域的主管处理" in words(line) for line in h.feishu.screen(CHAT)))
    assert (await chen.alert(*SILENT))["card"]["header"]["template"] == "red"


ADMINS = '\n[[rules]]\nid = "inactive-72h"\nkind = "inactivity"\ntell = ["admin", "region"]\n'


@pytest.mark.parametrize("h", [Setting(more=ADMINS)], indirect=True)
async def test_an_admin_who_is_told_acts_on_his_own_card(h: House, chen: Director) -> None:
    await h.time_passes(hours=73)
    fang = Rep(h, "fang.ning")

    def mine() -> Json:
        return next(item for item in fang.screen if all(text in words(item) for text in SILENT))

    await h.wecom.tap("fang.ning", mine()["id"], Rep.button(mine(), "我来跟进"))
    await h.settled()
    assert "方宁 跟进中" in words(mine()) and "方宁 跟进中" in words(await chen.alert(*SILENT))
    h.clock.wind(seconds=2)
    await chen.taps(await chen.alert(*SILENT), "误报")
    await h.settled()
    assert "误报" in words(mine()) and "陈国栋 标为误报" in words(await chen.alert(*SILENT))


async def test_follow_mute_and_false_alarm_change_the_same_card(h: House, chen: Director) -> None:
    await h.time_passes(hours=73)
    card = await chen.alert(*SILENT)
    assert (await chen.taps(card, "静默 24 小时"))["type"] == "info"
    muted = await chen.alert(*SILENT)
    assert "已静默" in words(muted) and "陈国栋 静默 24 小时" in words(muted) and chen.button(muted, "静默 24 小时") is None
    (alert,) = await api(h, "alerts?state=muted", "items")
    assert parse_instant(alert["until"]) - h.clock.now() > timedelta(hours=23, minutes=59)
    await h.time_passes(hours=23, minutes=58)
    assert "已静默" in words(await chen.alert(*SILENT))
    await h.time_passes(minutes=3)
    again = await chen.alert(*SILENT)
    assert again["card"]["header"]["template"] == "red" and "待处理" in words(again)
    await chen.taps(again, "我来跟进")
    followed = await chen.alert(*SILENT)
    assert "陈国栋 跟进中" in words(followed) and followed["card"]["header"]["template"] == "yellow"
    await chen.taps(followed, "误报")
    assert "误报" in words(await chen.alert(*SILENT))
    assert {line["id"] for line in chen.alerts(*SILENT)} == {card["id"]}  # one message an incident
    await h.time_passes(hours=30)
    assert len(chen.alerts(*SILENT)) == 1
