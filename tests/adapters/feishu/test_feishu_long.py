"""The long connection, held by the platform's own kit, against a strict stand-in: nothing is answered that is not stored."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from adapters.feishu import FeishuAdapter
from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.feishu.long import Frame
from adapters.shared import MemoryTokens
from bot.clock import SystemClock
from bot.config.schema import Feishu
from bot.errors import StoreError
from bot.model import Envelope, Kind

APP, SECRET = "cli_long", "long-secret"
Receive = Callable[[Envelope], Awaitable[bool]]


class Kept:
    """An inbox that keeps, or fails while `broken`."""

    def __init__(self) -> None:
        self.envelopes: dict[str, Envelope] = {}
        self.broken = 0

    async def receive(self, envelope: Envelope) -> bool:
        if self.broken:
            self.broken -= 1
            raise StoreError("disk full")
        fresh = envelope.key not in self.envelopes
        self.envelopes[envelope.key] = envelope
        return fresh


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuStandIn]:
    made = FeishuStandIn(SystemClock(), app_id=APP, app_secret=SECRET, encrypt_key="", verification_token="", long=True)
    await made.start()
    made.add_user("ou_rep", "u_rep", "王浩")
    yield made
    await made.close()


@asynccontextmanager
async def listening(feishu: FeishuStandIn, receive: Receive, secret: str = SECRET) -> AsyncIterator[FeishuAdapter]:
    config = Feishu(app_id=APP, mode="websocket", api_base=feishu.long.base_url, accounts_base=feishu.long.base_url)
    adapter = FeishuAdapter(config, app_secret=secret, encrypt_key="", verification_token="", clock=SystemClock(), tokens=MemoryTokens())
    task = asyncio.create_task(adapter.listen(receive, lambda: None))
    try:
        yield adapter
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await adapter.close()


def _card(feishu: FeishuStandIn, value: dict[str, str]) -> str:
    """A card with one button, lying in the rep's chat."""
    button = {"tag": "button", "text": {"tag": "plain_text", "content": "好"}, "behaviors": [{"type": "callback", "value": value}]}
    chat = feishu.board.private_chat("ou_rep")
    return feishu.board.add(chat.id, "ou_bot", "interactive", {"schema": "2.0", "body": {"elements": [button]}}).id


async def test_what_comes_is_stored_answered_and_read(feishu: FeishuStandIn) -> None:
    kept = Kept()
    async with listening(feishu, kept.receive) as adapter:
        await feishu.long.connected()
        key = await feishu.say("ou_rep", "今日")
        await feishu.menu("ou_rep", "today")
    assert [status for _, status in feishu.courier.log] == [200, 200]
    assert {frame.headers["type"] for frame in feishu.long.answers} == {"event"}
    assert all("biz_rt" in frame.headers for frame in feishu.long.answers)
    read = adapter.read(kept.envelopes[key])
    assert (read.kind, read.text, read.sender) == (Kind.TEXT, "今日", "ou_rep")


async def test_a_tap_gets_its_toast(feishu: FeishuStandIn) -> None:
    kept = Kept()
    async with listening(feishu, kept.receive):
        await feishu.long.connected()
        value = {"op": "ack", "arg": "1"}
        assert (await feishu.tap("ou_rep", _card(feishu, value), value))["content"] == "已收到"
    (envelope,) = kept.envelopes.values()
    assert json.loads(envelope.payload)["header"]["event_type"] == "card.action.trigger"


async def test_what_could_not_be_stored_is_refused_and_comes_again(feishu: FeishuStandIn) -> None:
    kept = Kept()
    kept.broken = 1
    async with listening(feishu, kept.receive):
        await feishu.long.connected()
        key = await feishu.say("ou_rep", "第一次没存上")
        assert key not in kept.envelopes
        assert await feishu.redeliver() == 1
    assert [status for _, status in feishu.courier.log] == [500, 200]
    assert key in kept.envelopes


async def test_an_event_in_parts_and_frames_that_nobody_understands(feishu: FeishuStandIn) -> None:
    kept = Kept()
    feishu.long.part_bytes = 200
    async with listening(feishu, kept.receive):
        await feishu.long.connected()
        odd = [
            Frame(method=1, headers={"type": "event", "message_id": "m", "sum": "9999", "seq": "3"}, payload=b"x"),
            Frame(method=1, headers={"type": "event", "message_id": "m", "sum": "2", "seq": "7"}, payload=b"x"),
            Frame(method=1, headers={"type": "event", "message_id": "n", "sum": "1", "seq": "0"}, payload=b"[1]"),
            Frame(method=0, headers={"type": "news"}),
            Frame(method=7, headers={}),
        ]
        for frame in odd:
            await feishu.long.sockets[0].send_bytes(frame.pack())
        await feishu.long.sockets[0].send_bytes(b"\xff\xff\xff")
        key = await feishu.say("ou_rep", "拆成几段的一条消息" * 30)
    assert list(kept.envelopes) == [key]
    assert sorted(json.loads(frame.payload)["code"] for frame in feishu.long.answers) == [200, 500]


async def test_a_cut_and_a_polite_end_are_mended_within_seconds(feishu: FeishuStandIn) -> None:
    kept = Kept()
    async with listening(feishu, kept.receive):
        await feishu.long.connected()
        for leave in (feishu.long.cut, feishu.long.hang_up):
            done = leave()
            if done is not None:
                await done
            await feishu.say("ou_rep", "正好断开")
            await feishu.long.connected(5.0)
            await feishu.redeliver()
        await feishu.say("ou_rep", "还在")
    assert len(kept.envelopes) == 3


async def test_a_burst_over_a_cut_loses_nothing(feishu: FeishuStandIn) -> None:
    kept = Kept()
    async with listening(feishu, kept.receive):
        await feishu.long.connected()
        sending = [asyncio.create_task(feishu.say("ou_rep", f"第 {n} 条")) for n in range(300)]
        await asyncio.sleep(0.02)
        feishu.long.cut()
        keys = await asyncio.gather(*sending)
        await feishu.long.connected()
        await feishu.redeliver()
    assert set(keys) == set(kept.envelopes)


async def test_a_wrong_secret_is_no_storm(feishu: FeishuStandIn) -> None:
    async with listening(feishu, Kept().receive, secret="wrong"):
        for _ in range(500):
            if feishu.long.asked:
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(2.5)
    assert 1 <= feishu.long.asked <= 4


async def test_it_stops_before_it_began(feishu: FeishuStandIn) -> None:
    async with listening(feishu, Kept().receive):
        await asyncio.sleep(0)
    assert not feishu.long.sockets


async def test_the_kit_by_itself_agrees_with_the_stand_in(feishu: FeishuStandIn) -> None:
    """Without anything of ours between: discovery, handshake, an event in parts, a tap answered with a toast."""
    feishu.long.part_bytes = 300
    kit = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.adapters.feishu.oracle", feishu.long.base_url, APP, SECRET), stdout=asyncio.subprocess.PIPE
    )
    assert kit.stdout is not None
    try:
        await feishu.long.connected(60)
        key = await feishu.say("ou_rep", "平台自己的客户端也这样收")
        told = json.loads(await asyncio.wait_for(kit.stdout.readline(), 10))
        assert told == {"message": key, "content": {"text": "平台自己的客户端也这样收"}}
        assert await feishu.tap("ou_rep", _card(feishu, {"op": "x"}), {"op": "x"}) == {"type": "info", "content": "kit"}
        assert json.loads(await asyncio.wait_for(kit.stdout.readline(), 10)) == {"tap": {"op": "x"}}
    finally:
        kit.kill()
        await kit.wait()
