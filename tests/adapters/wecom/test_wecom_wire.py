"""The whole wire: a phone acts, the platform calls back over HTTP, the adapter opens and reads."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from adapters.sandbox.wecom import WeComStandIn
from adapters.wecom import WeComAdapter
from bot.errors import Forged
from bot.model import Envelope, Kind


class Receiver:
    """An HTTP server that opens callbacks; `answers` are the statuses of the next ones, "hang" never answers."""

    def __init__(self, adapter: WeComAdapter, clock: Any) -> None:
        self.envelopes: list[Envelope] = []
        self.answers: list[int] = []
        self._adapter = adapter
        self._clock = clock

    async def handle(self, request: web.Request) -> web.Response:
        try:
            opened = self._adapter.open(request.headers, request.query, await request.read(), self._clock.now())
        except Forged:
            return web.Response(status=403)
        if isinstance(opened, str):
            return web.Response(text=opened)
        self.envelopes.append(opened)
        return web.Response(status=self.answers.pop(0) if self.answers else 200)


@pytest.fixture
async def receiver(adapter: WeComAdapter, standin: WeComStandIn, clock: Any) -> AsyncIterator[Receiver]:
    made = Receiver(adapter, clock)
    app = web.Application()
    app.router.add_route("*", "/wecom/callback", made.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    standin.callback_url = f"http://127.0.0.1:{runner.addresses[0][1]}/wecom/callback"
    standin.push.pause = 0
    yield made
    await runner.cleanup()


async def test_console_accepts_the_url(receiver: Receiver, standin: WeComStandIn) -> None:
    assert await standin.check_callback()


async def test_everything_a_phone_does_is_understood(receiver: Receiver, standin: WeComStandIn, adapter: WeComAdapter) -> None:
    await standin.enter("li.na")
    await standin.report_position("li.na", 22.5431, 114.0579, 35.0)
    await standin.say("li.na", "开始拜访 ]]> 恒达&<机电>")
    await standin.click("li.na", "stages")
    await standin.send_image("li.na", b"\xff\xd8\xff......")
    await standin.send_voice("li.na", b"#!AMR\n......")
    await standin.send_video("li.na", b"\0\0\0\x18ftypmp42....")
    await standin.send_location("li.na", 22.5431, 114.0579, "恒达机电")
    await standin.remove_member("li.na")
    told = [adapter.read(envelope) for envelope in receiver.envelopes]
    kinds = [Kind.ENTER, Kind.POSITION, Kind.TEXT, Kind.MENU, Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.LOCATION, Kind.LEAVE]
    assert [interaction.kind for interaction in told] == kinds
    assert told[2].text == "开始拜访 ]]> 恒达&<机电>"
    assert all(delivery.acked for delivery in standin.world.deliveries)


async def test_redelivery_has_the_same_key(receiver: Receiver, standin: WeComStandIn) -> None:
    receiver.answers = [500, 503, 200]
    delivery = await standin.say("li.na", "今日")
    assert (delivery.tries, delivery.acked) == (["500", "503", "200"], True)
    assert len({envelope.key for envelope in receiver.envelopes}) == 1
    assert len(receiver.envelopes) == 3


async def test_after_three_tries_it_is_lost(receiver: Receiver, standin: WeComStandIn) -> None:
    receiver.answers = [500] * 4
    delivery = await standin.say("li.na", "今日")
    assert (len(delivery.tries), delivery.acked) == (3, False)


async def test_callback_of_another_corp_is_refused(receiver: Receiver, standin: WeComStandIn, clock: Any) -> None:
    stranger = WeComStandIn(clock, corp_id="wwX", agent_id=1, secret="x", token="x", aes_key="B" * 43)
    stranger.callback_url, stranger.push.pause = standin.callback_url, 0
    assert (await stranger.say("li.na", "今日")).tries == ["403"] * 3
    await stranger.close()
    assert receiver.envelopes == []
