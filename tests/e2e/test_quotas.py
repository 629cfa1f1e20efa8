"""What platforms allow a month: counted, told in time, saved when it is short, and nothing lost when it is gone."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from scheduler.quotas import watch
from tests.e2e.conftest import Setting
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import taken_in

ADMIN = "fang.ning"


async def counted(h: House) -> dict[str, int]:
    line = h.product.line
    await line.meter.flush(line.database, line.config(), line.clock.now())
    return {f"{row['platform']} {row['what']}": row["amount"] for row in await h.sql("SELECT platform, what, amount FROM usage")}


async def used(h: House, platform: str, what: str, amount: int) -> None:
    """As if the month had gone on."""
    await counted(h)
    await h.product.line.database.connection.execute_query(
        f"UPDATE usage SET amount = {amount} WHERE platform = '{platform}' AND what = '{what}'"
    )
    await counted(h)


def told(h: House, words: str) -> list[dict[str, Any]]:
    return [line for line in h.rep_screen(ADMIN) if words in json.dumps(line, ensure_ascii=False)]


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_calls_and_pushes_are_counted_but_for_those_that_are_free(h: House) -> None:
    assert h.dingtalk is not None
    before = await counted(h)
    await taken_in(h, "people", "id,name,role,region,dingtalk\nE009,钉钉人,rep,south,ding-na\n")
    await h.dingtalk.say("ding-na", "帮助")
    await h.until("answered", lambda: any(line["from"] == "robot" for line in h.dingtalk.screen("ding-na")) if h.dingtalk else None)
    await h.settled()
    after = await counted(h)
    assert after["dingtalk pushes"] - before.get("dingtalk pushes", 0) == 1
    sent = sum(calls for path, calls in h.dingtalk.world.calls.items() if path.startswith("/v1.0/robot") or "checkin" in path)
    assert after["dingtalk calls"] == sent > 0
    async with aiohttp.ClientSession() as session, session.get(f"{h.product.url}/metrics") as answer:
        text = await answer.text()
    assert 'salestrace_quota_limit{quota="dingtalk_pushes"} 3000.0' in text and 'salestrace_quota_used{quota="dingtalk_pushes"} 1.0' in text


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_admins_hear_once_at_70_and_once_at_90(h: House) -> None:
    assert h.dingtalk is not None
    await h.dingtalk.say("ding-na", "你好")
    for amount, messages in ((2099, 0), (2100, 1), (2500, 1), (2700, 2), (2999, 2)):
        await used(h, "dingtalk", "pushes", amount)
        await watch(h.product.line)
        await h.settled()
        assert len(told(h, "钉钉本月推送已用")) == messages, amount


@pytest.mark.parametrize("h", [Setting(more="\n", sound=False)], indirect=True)
async def test_red_lights_of_a_group_become_one_card_when_calls_are_short(h: House, li_na: Rep) -> None:
    await h.feishu.say("ou_chen", "帮助")
    await h.settled()
    await used(h, "feishu", "calls", 9_500)
    await h.time_passes(days=3, hours=1)
    assert h.group() == []  # they wait for each other
    await h.time_passes(minutes=11)
    (card,) = h.group()
    assert "3 盏红灯" in json.dumps(card, ensure_ascii=False)
    await h.feishu.say("ou_chen", "红灯")
    mine = await h.until("a card to act on", lambda: next(filter(_offers, h.feishu.screen("ou_chen")), None))
    value = next(
        button["value"]
        for button in (b["behaviors"][0] for b in _buttons(mine["card"]))
        if button["type"] == "callback" and button["value"]["op"] == "alert.follow"
    )
    await h.feishu.tap("ou_chen", mine["id"], value)
    await h.until("told", lambda: "跟进" in json.dumps(h.feishu.screen("ou_chen")[-1], ensure_ascii=False))
    await h.settled()
    assert await h.sql("SELECT key FROM outbox WHERE state = 'dead'") == []
    (card,) = h.group()
    assert "3 盏红灯" in json.dumps(card, ensure_ascii=False)


def _offers(line: dict[str, Any]) -> bool:
    return "我来跟进" in json.dumps(line, ensure_ascii=False)


def _buttons(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for one in node for found in _buttons(one)]
    if not isinstance(node, dict):
        return []
    return [node] if node.get("tag") == "button" else [found for one in node.values() for found in _buttons(one)]


async def test_what_the_platform_refuses_waits_and_the_admin_hears_of_it(h: House, li_na: Rep) -> None:
    await h.feishu.say("ou_chen", "帮助")
    await h.settled()
    h.feishu.fail("/im/v1/messages", "99991403", 50)
    await h.feishu.say("ou_chen", "红灯")
    await h.until("refused", lambda: h.product.line.meter._counts.get(("feishu", "refused")))
    await counted(h)
    await watch(h.product.line)
    await h.hears("本月接口调用额度已用完", ADMIN)
    shown = len(h.feishu.screen("ou_chen"))
    h.feishu.faults.armed.clear()
    h.clock.wind(days=9)  # longer than anything else is tried
    h.product.nudge()
    for _ in range(400):
        if len(h.feishu.screen("ou_chen")) > shown:
            break
        await asyncio.sleep(0.02)
    assert "红灯" in json.dumps(h.feishu.screen("ou_chen")[-1], ensure_ascii=False)


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_a_message_without_its_content_is_said_to_be_lost(h: House) -> None:
    assert h.dingtalk is not None
    await taken_in(h, "people", "id,name,role,region,dingtalk\nE009,钉钉人,rep,south,ding-na\n")
    h.dingtalk.world.over_quota = True
    await h.dingtalk.say("ding-na", "开始拜访 华强")
    await h.until("told", lambda: "没有送到" in json.dumps(h.dingtalk.screen("ding-na"), ensure_ascii=False) if h.dingtalk else None)
    await h.hears("20001", ADMIN)
