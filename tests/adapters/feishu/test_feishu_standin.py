"""The stand-in is strict: what the platform refuses it refuses, what it repeats it repeats. Its callbacks open in the real codec."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from adapters.feishu import FeishuAdapter
from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.feishu.cards import BadCard, check
from bot.errors import Forged
from bot.model import Envelope, Kind
from bot.ports import Card, Parcel


class Desk:
    """The smallest web layer: opens callbacks, keeps envelopes, answers what the adapter says."""

    def __init__(self, adapter: FeishuAdapter, clock: Any) -> None:
        self.adapter, self.clock = adapter, clock
        self.kept: list[Envelope] = []
        self.status, self.wait = 200, 0.0

    async def receive(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.wait)
        try:
            found = self.adapter.open(request.headers, request.query, await request.read(), self.clock.now())
        except Forged:
            return web.Response(status=403)
        if isinstance(found, str):
            return web.Response(text=found, content_type="application/json")
        if self.status == 200:
            self.kept.append(found)
        body, kind = self.adapter.ack(found)
        return web.Response(body=body, status=self.status, headers={"Content-Type": kind})


@pytest.fixture
async def desk(adapter: FeishuAdapter, tenant: FeishuStandIn, clock: Any) -> AsyncIterator[Desk]:
    desk = Desk(adapter, clock)
    app = web.Application()
    app.router.add_post("/feishu/event", desk.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tenant.callback_url = f"http://127.0.0.1:{runner.addresses[0][1]}/feishu/event"
    yield desk
    await runner.cleanup()


async def test_everything_users_do_arrives(desk: Desk, tenant: FeishuStandIn, adapter: FeishuAdapter, clock: Any) -> None:
    await tenant.say("ou_rep01", "开始拜访 南方精工")
    await tenant.say("ou_dir1", "红灯", "oc_south")
    await tenant.send_image("ou_rep01", b"jpeg")
    await tenant.send_audio("ou_rep01", b"opus", 31_000)
    await tenant.send_video("ou_rep01", b"mp4", 1000)
    await tenant.send_file("ou_rep01", "a.pdf", b"pdf")
    await tenant.send_location("ou_rep01", "星湖街328号", 31.2602, 120.7301)
    await tenant.menu("ou_rep01", "today")
    await tenant.enter("ou_rep01")
    seen = [adapter.read(envelope) for envelope in desk.kept]
    kinds = [Kind.TEXT, Kind.TEXT, Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE, Kind.LOCATION, Kind.MENU, Kind.ENTER]
    assert [each.kind for each in seen] == kinds
    assert [(each.text, each.chat) for each in seen[:2]] == [("开始拜访 南方精工", ""), ("红灯", "oc_south")]
    assert {each.sent_at for each in seen[:7]} == {clock.now()}
    assert len({each.key for each in seen}) == len(seen)


async def test_the_console_accepts_the_address(desk: Desk, tenant: FeishuStandIn) -> None:
    assert await tenant.verify_url()
    tenant.verification_token = "other"
    assert not await tenant.verify_url()


async def test_a_tap_shows_a_toast_and_is_not_repeated(desk: Desk, tenant: FeishuStandIn, adapter: FeishuAdapter, alert: Parcel) -> None:
    message = str((await adapter.send(alert))["message_id"])
    assert await tenant.tap("ou_dir1", message, {"op": "ack", "arg": "al_1"}) == {"type": "info", "content": "已收到"}
    tapped = adapter.read(desk.kept[-1])
    assert tapped.choice is not None
    assert (tapped.kind, tapped.choice.op, tapped.choice.card, tapped.chat) == (Kind.TAP, "ack", message, "oc_south")
    desk.status = 500
    assert "200671" in (await tenant.tap("ou_dir1", message, {"op": "ack", "arg": "al_1"}))["content"]
    assert await tenant.redeliver() == 0
    with pytest.raises(ValueError, match="no such button"):
        await tenant.tap("ou_dir1", message, {"op": "mute", "arg": "al_1"})


async def test_a_spent_button_cannot_be_tapped(desk: Desk, tenant: FeishuStandIn, adapter: FeishuAdapter, alert: Parcel) -> None:
    receipt = await adapter.send(alert)
    await adapter.update(replace(alert, message=Card(title="红灯", done="李总 跟进"), receipt=receipt))
    with pytest.raises(ValueError, match="no such button"):
        await tenant.tap("ou_dir1", str(receipt["message_id"]), {"op": "ack", "arg": "al_1"})


async def test_an_unanswered_event_comes_again_after_15_s_5_min_1_h_and_6_h(desk: Desk, tenant: FeishuStandIn, clock: Any) -> None:
    desk.status = 503
    message = await tenant.say("ou_rep01", "帮助")
    assert await tenant.courier.redeliver(due_only=True) == 0
    for tries, step in enumerate(({"seconds": 15}, {"minutes": 5}, {"hours": 1}), start=2):
        clock.move(**step)
        await until(lambda: len(tenant.courier.log) == tries)  # noqa: B023 - awaited in the same turn
    desk.status = 200
    clock.move(hours=6)
    await until(lambda: bool(desk.kept))
    assert [status for _, status in tenant.courier.log] == [503, 503, 503, 503, 200]  # the last one 7 h old, and still fresh
    assert [envelope.key for envelope in desk.kept] == [message]


async def until(met: Callable[[], bool]) -> None:
    for _ in range(200):
        if met():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not happen within 2 s")


async def test_after_four_redeliveries_an_event_is_lost(desk: Desk, tenant: FeishuStandIn) -> None:
    desk.status = 503
    await tenant.say("ou_rep01", "帮助")
    assert [await tenant.redeliver() for _ in range(5)] == [1, 1, 1, 1, 0]


async def test_nobody_at_the_address_counts_as_no_answer(tenant: FeishuStandIn) -> None:
    tenant.callback_url = "http://127.0.0.1:9/feishu/event"
    await tenant.say("ou_rep01", "帮助")
    assert tenant.courier.log[0][1] == 0


async def test_the_screen_tells_its_watchers(tenant: FeishuStandIn, adapter: FeishuAdapter, alert: Parcel) -> None:
    before = tenant.version
    watching = asyncio.create_task(tenant.changed(before, 2))
    await adapter.send(alert)
    assert await watching > before
    assert await tenant.changed(tenant.version, 0.01) == tenant.version


async def ask(tenant: FeishuStandIn, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
    base = tenant.base  # type: ignore[attr-defined]
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with session.request(method, base + path, json=body, headers=headers) as reply:
            return reply.status, await reply.json()


async def test_a_call_without_a_living_token_is_refused(tenant: FeishuStandIn, clock: Any) -> None:
    credentials = {"app_id": "cli_demo", "app_secret": "appSecret-7f1b"}
    token = (await ask(tenant, "POST", "/open-apis/auth/v3/tenant_access_token/internal", credentials))[1]["tenant_access_token"]
    assert (await ask(tenant, "GET", "/open-apis/im/v1/chats", token=token))[1]["code"] == 0
    assert (await ask(tenant, "GET", "/open-apis/im/v1/chats"))[1]["code"] == 99991661
    clock.move(hours=2)
    assert (await ask(tenant, "GET", "/open-apis/im/v1/chats", token=token))[1]["code"] == 99991663


async def test_history_shows_a_card_only_to_who_asks_for_it(tenant: FeishuStandIn, adapter: FeishuAdapter, alert: Parcel) -> None:
    await adapter.send(alert)
    token = next(iter(tenant.accounts.tokens))
    path = "/open-apis/im/v1/messages?container_id_type=chat&container_id=oc_south"
    bare = (await ask(tenant, "GET", path, token=token))[1]["data"]["items"][0]
    full = (await ask(tenant, "GET", path + "&card_msg_content_type=user_card_content", token=token))[1]["data"]["items"][0]
    assert "请升级" in bare["body"]["content"]
    assert json.loads(full["body"]["content"])["schema"] == "2.0"


@pytest.mark.parametrize(
    "card",
    [
        {"header": {}, "elements": []},
        {"schema": "2.0", "config": {"wide_screen_mode": True}},
        {"schema": "2.0", "config": {"update_multi": False}},
        {"schema": "2.0", "header": {"title": {"tag": "plain_text", "content": "x"}, "template": "pink"}},
        {"schema": "2.0", "body": {"elements": [{"tag": "action", "actions": []}]}},
        {"schema": "2.0", "body": {"elements": [{"tag": "note", "elements": []}]}},
        {"schema": "2.0", "body": {"elements": [{"tag": "markdown", "content": "x", "href": {}}]}},
        {"schema": "2.0", "body": {"elements": [{"tag": "markdown", "content": "<at id=all></at>"}]}},
        {"schema": "2.0", "body": {"elements": [{"tag": "markdown", "content": "<AT ids='ou_1,ou_gone'></at>"}]}},
        {"schema": "2.0", "body": {"elements": [{"tag": "button", "text": {"tag": "plain_text", "content": "x"}, "value": {}}]}},
        {"schema": "2.0", "body": {"elements": [{"tag": "markdown", "content": "x", "element_id": "a" * 21}]}},
        {"schema": "2.0", "body": {"elements": [{"tag": "markdown", "content": "x", "element_id": "a"}] * 2}},
        {"schema": "2.0", "body": {"elements": [{"tag": "markdown", "content": "x"}] * 201}},
        [],
    ],
)
def test_a_card_with_anything_wrong_is_refused(card: Any) -> None:
    with pytest.raises(BadCard):
        check(card, lambda user: user == "ou_1")
