"""Red lights through a custom group robot: told there, acted on elsewhere, and a new word only when the state is another."""

import json
from typing import Any

import pytest

from bot.commands.robots import report
from tests.e2e.conftest import Setting
from tests.e2e.director import Director, buttons
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.test_red_lights import needs

SETTINGS = [Setting(robot=platform, dingtalk=platform == "dingtalk") for platform in ("wecom", "dingtalk", "feishu")]


def group(h: House) -> Any:
    """The group that the robot is in."""
    chat = h.product.line.config().regions[0].alert_chat
    stand_in = {"wecom:robot": h.wecom, "dingtalk:robot": h.dingtalk, "feishu:robot": h.feishu}[chat]
    assert stand_in is not None
    return stand_in.group


def spoken(h: House) -> list[str]:
    return [json.dumps(line, ensure_ascii=False) for line in group(h).shown]


@pytest.mark.parametrize("h", SETTINGS, indirect=True, ids=lambda setting: setting.robot)
async def test_told_by_the_robot_and_taken_over_in_private(h: House, li_na: Rep, chen: Director) -> None:
    [(fine, line)] = [found async for found in report(h.product.line.config(), h.product.line.robots)]
    assert fine and "还没有发过消息" in line
    await li_na.arrives()
    await needs(li_na, 6)
    (card,) = spoken(h)
    assert "李娜" in card and "6 次" in card and "/record/al_" in card
    assert "与应用机器人单聊，发「红灯」" in card and "误报" not in card and "我来跟进" not in card
    await needs(li_na, 1)
    assert len(spoken(h)) == 1  # the seventh is no news
    await h.feishu.say(chen.open_id, "红灯")
    offered = await h.until("a card to act on", lambda: next((one for one in reversed(chen.cards("7 次")) if buttons(one["card"])), None))
    await chen.taps(offered, "我来跟进")
    await h.settled()
    assert len(spoken(h)) == 2 and "红灯已有人跟进：李娜 当日需求确认 7 次（陈国栋 跟进中）" in spoken(h)[1]
    assert any("跟进中（陈国栋）" in json.dumps(one, ensure_ascii=False) for one in h.feishu.screen(chen.open_id))
    await chen.taps(offered, "我来跟进")
    await h.settled()
    assert len(spoken(h)) == 2  # the same again is no news
    [(fine, line)] = [found async for found in report(h.product.line.config(), h.product.line.robots)]
    assert fine and "最近一条已发出" in line
    group(h).fail = [{"wecom": 93000, "dingtalk": 310000, "feishu": 19021}[h.product.line.config().regions[0].alert_chat.partition(":")[0]]]
    await li_na.says("撤回", "已撤回拜访")
    await h.until("the no", lambda: not group(h).fail)
    await h.settled()
    [(fine, line)] = [found async for found in report(h.product.line.config(), h.product.line.robots)]
    assert not fine and ("密钥" in line or "校验" in line or "安全设置" in line)
    await h.time_passes(minutes=7)
    assert len(spoken(h)) == 3 and "红灯已解除" in spoken(h)[2]


@pytest.mark.parametrize("h", [Setting(robot="wecom")], indirect=True)
async def test_an_answer_that_never_came(h: House, li_na: Rep) -> None:
    """The platform showed it and we never heard: it is said once more, and says that it may be."""
    group(h).lose = 1
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    await li_na.says("商务谈判", "已进入")
    await h.until("shown, unheard", lambda: spoken(h))
    await h.settled()
    await h.time_passes(minutes=1)
    first, second = spoken(h)
    assert "可能重复" not in first and "可能重复" in second
