"""The stream against a strict stand-in: nothing is acked that is not stored, and no connection is mourned for long."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from adapters.dingtalk.client import Client
from adapters.dingtalk.stream import Stream
from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.shared import MemoryTokens
from bot.clock import SystemClock
from bot.config.schema import DingTalk
from bot.errors import StoreError
from bot.model import Envelope

CLIENT, SECRET = "dingstream01", "stream-secret"
Receive = Callable[[Envelope], Awaitable[bool]]


@pytest.fixture
async def ding() -> AsyncIterator[DingTalkStandIn]:
    made = DingTalkStandIn(SystemClock(), client_id=CLIENT, secret=SECRET, patience=1.0)
    await made.start()
    made.add_user("rep007", "王浩")
    yield made
    await made.close()


@asynccontextmanager
async def listening(ding: DingTalkStandIn, receive: Receive, *, secret: str = SECRET, silent_s: float = 90.0) -> AsyncIterator[Stream]:
    config = DingTalk(client_id=CLIENT, api_base=ding.base_url, oapi_base=ding.base_url)
    client = Client(config, secret, SystemClock(), MemoryTokens())
    stream = Stream(client, CLIENT, secret, SystemClock(), silent_s=silent_s)
    task = asyncio.create_task(stream.run(receive, lambda: None))
    try:
        yield stream
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await client.http.close()


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


async def test_what_could_not_be_stored_is_not_acked_and_comes_again(ding: DingTalkStandIn) -> None:
    kept = Kept()
    kept.broken = 1
    async with listening(ding, kept.receive):
        await ding.connected()
        await ding.checkin("rep007", 22.5, 114.0)
    assert len(kept.envelopes) == 1
    codes = [ack["code"] for ack in ding.acked.values()]
    assert codes == [500, 200]
    assert json.loads(list(ding.acked.values())[-1]["data"])["status"] == "SUCCESS"


async def test_a_burst_over_a_handover_loses_nothing_that_was_acked(ding: DingTalkStandIn) -> None:
    kept = Kept()
    async with listening(ding, kept.receive) as stream:
        await ding.connected()
        sending = [asyncio.create_task(ding.say("rep007", f"第 {n} 条")) for n in range(300)]
        await asyncio.sleep(0.02)
        await ding.disconnect()
        taken = await asyncio.gather(*sending)
        await ding.connected()
        assert await ding.say("rep007", "之后")
        assert stream.connected >= 2
    acked = sum(taken) + 1
    assert len(kept.envelopes) >= acked
    assert acked >= 300 - len(ding.lost)


async def test_a_cut_is_mended_within_seconds(ding: DingTalkStandIn) -> None:
    kept = Kept()
    async with listening(ding, kept.receive):
        await ding.connected()
        ding.cut()
        await ding.connected(5.0)
        assert await ding.say("rep007", "还在")


async def test_a_connection_that_says_nothing_is_left(ding: DingTalkStandIn) -> None:
    kept = Kept()
    async with listening(ding, kept.receive, silent_s=0.3) as stream:
        await ding.connected()
        await asyncio.sleep(2.5)
        assert stream.connected >= 2


async def test_a_wrong_secret_is_no_storm(ding: DingTalkStandIn) -> None:
    async with listening(ding, Kept().receive, secret="wrong"):
        await asyncio.sleep(2.5)
    assert ding.world.calls["/v1.0/gateway/connections/open"] <= 4


async def test_a_ticket_is_good_once(ding: DingTalkStandIn) -> None:
    ticket = ding.world.ticket()
    assert ding.world.use_ticket(ticket)
    assert not ding.world.use_ticket(ticket)


async def test_frames_that_nobody_understands_are_answered_and_harm_nothing(ding: DingTalkStandIn) -> None:
    kept = Kept()
    async with listening(ding, kept.receive):
        await ding.connected()
        assert not await ding.push("CALLBACK", {"topic": "/new/topic"}, {})
        await ding.push("SYSTEM", {"topic": "KEEPALIVE"}, {})
        for socket in ding.sockets:
            await socket.send_str("not json")
        assert await ding.say("rep007", "还在")
    assert {ack["code"] for ack in ding.acked.values()} == {200, 404}
