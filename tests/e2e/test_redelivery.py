"""What platforms do on a bad day: the same message twice, late or out of order, to one process or another. Nobody sees anything twice."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest

from adapters.dingtalk import DingTalkAdapter
from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.shared import MemoryTokens
from bot.config.schema import DingTalk
from tests.e2e.conftest import Setting
from tests.e2e.house import DING, ENVIRON, House
from tests.e2e.seen import taken_in

PEOPLE = "id,name,role,region,wecom,feishu,dingtalk\nE009,甲,rep,south,,,ding-na\nE010,乙,rep,south,,ou_yi,\n"


def robot_lines(ding: DingTalkStandIn, user: str = "ding-na") -> list[dict[str, Any]]:
    return [line for line in ding.screen(user) if line["from"] == "robot"]


@pytest.mark.parametrize("h", [Setting(dingtalk=True, long=True)], indirect=True)
async def test_the_same_message_again_is_answered_once(h: House) -> None:
    ding = h.dingtalk
    assert ding is not None
    h.feishu.add_user("ou_yi", "u_yi", "乙")
    await taken_in(h, "people", PEOPLE)
    assert await ding.say("ding-na", "今日")
    await h.until("answered", lambda: any("今日" in json.dumps(line, ensure_ascii=False) for line in robot_lines(ding)))
    await h.settled()
    before = len(robot_lines(ding))
    h.clock.wind(minutes=7)
    assert await ding.again() and await ding.again()

    chat = h.feishu.board.private_chat("ou_yi")
    message = h.feishu.board.add(chat.id, "ou_yi", "text", {"text": "今日"})
    event = h.feishu._message_event(message, chat, [])
    assert await h.feishu.courier.push(event)
    await h.settled()
    shown = len(h.feishu.screen("ou_yi"))
    h.clock.wind(hours=6)
    doubled = {**event, "header": {**event["header"], "event_id": "another-id-for-the-same-message"}}
    assert await h.feishu.courier.push(event) and await h.feishu.courier.push(doubled)
    await h.settled()
    assert (len(robot_lines(ding)), len(h.feishu.screen("ou_yi"))) == (before, shown)


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_what_comes_out_of_order_is_judged_by_when_it_was_sent(h: House) -> None:
    """The photo was sent after the stage was named, and arrives before it."""
    ding = h.dingtalk
    assert ding is not None
    await taken_in(h, "people", PEOPLE + "E001,李娜,rep,south,li.na,,\n")
    await taken_in(
        h, "customers", "id,name,annual_purchase,owner,address,lat,lng,datum\nC009,钉钉客户有限公司,1000,E009,路,22.5,113.9,gcj02\n"
    )
    await ding.say("ding-na", "开始拜访 C009")
    await h.settled()
    earlier = int(h.clock.now().timestamp() * 1000)
    h.clock.wind(seconds=30)
    await ding.send_image("ding-na", b"\xff\xd8\xff" + b"photo" * 50)
    await h.settled()
    stage = {**ding.last, "msgId": "msgLATE==", "createAt": earlier, "msgtype": "text", "text": {"content": "需求确认"}}
    stage.pop("content", None)
    assert await ding.push("CALLBACK", {"topic": "/v1.0/im/bot/messages/get"}, stage)
    await h.settled()
    (item,) = await h.sql("SELECT action, state FROM evidence WHERE kind = 'photo'")
    (action,) = await h.sql("SELECT id, stage FROM actions")
    assert (item["action"], action["stage"]) == (action["id"], "need")


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_two_processes_on_one_account_take_each_message_once(h: House) -> None:
    ding = h.dingtalk
    assert ding is not None
    await taken_in(h, "people", PEOPLE)
    config = DingTalk(client_id=DING, api_base=ding.base_url, oapi_base=ding.base_url)
    other = DingTalkAdapter(config, secret=ENVIRON["DINGTALK_CLIENT_SECRET"], clock=h.clock, tokens=MemoryTokens())
    listening = asyncio.create_task(other.listen(h.product.line.inbox.receive, lambda: None))
    await h.until("two connections", lambda: len(ding.sockets) == 2)
    acked = await asyncio.gather(*(ding.say("ding-na", f"第 {number} 句") for number in range(60)))
    again = await asyncio.gather(*(ding.again() for _ in range(10)))
    assert all(acked) and all(again)
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
    await other.close()
    (row,) = await h.sql("SELECT COUNT(*) AS n, COUNT(DISTINCT key) AS keys FROM inbox WHERE platform = 'dingtalk'")
    assert row["n"] == row["keys"] == 60
    await h.until("all worked", lambda: len(robot_lines(ding)) >= 20, seconds=20)
