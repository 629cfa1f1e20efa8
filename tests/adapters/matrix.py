"""Three platforms, one contract: a phone's act comes out as an Interaction, a message as what is shown."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from aiohttp import web

from adapters.dingtalk import DingTalkAdapter
from adapters.feishu import FeishuAdapter
from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.wecom import WeComStandIn
from adapters.shared import MemoryTokens
from adapters.wecom import WeComAdapter
from bot.clock import SystemClock
from bot.config.schema import DingTalk, Feishu, WeCom
from bot.model import Envelope, Interaction
from bot.ports import Adapter

ID, SECRET, TOKEN, AES = "appMATRIX01", "matrix-secret", "matrixtoken", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
REP = "ou_rep007"
VALUE = {"op": "stage", "arg": "demo"}
MEDIA = b"\xff\xd8\xff-a-file-of-the-phone"


class Phone(Protocol):
    """A platform with a rep on it; acts that his platform does not have are not there."""

    adapter: Adapter
    came: list[Envelope]
    acts: dict[str, Callable[[], Awaitable[object]]]

    def shown(self) -> Any:
        """The last thing that the bot put on his screen."""
        ...


class WeComPhone:
    def __init__(self, stand_in: WeComStandIn, adapter: WeComAdapter) -> None:
        self.stand_in, self.adapter = stand_in, adapter
        self.came: list[Envelope] = []
        self.acts: dict[str, Callable[[], Awaitable[object]]] = {
            "text": lambda: stand_in.say(REP, "今日"),
            "image": lambda: stand_in.send_image(REP, MEDIA),
            "voice": lambda: stand_in.send_voice(REP, MEDIA),
            "video": lambda: stand_in.send_video(REP, MEDIA),
            "location": lambda: stand_in.send_location(REP, 22.5, 114.0, "科苑南路"),
            "checkin": self._checkin,
            "menu": lambda: stand_in.click(REP, "today"),
            "tap": self._tap,
            "unknown": lambda: stand_in._event(REP, "event_of_next_year"),
        }

    async def _checkin(self) -> None:
        now = SystemClock().now()
        await self.stand_in.checkin(REP, 22.5, 114.0, device="d-1", place="科苑南路")
        self.came += await self.adapter.checkins([REP], now.replace(hour=0), now.replace(year=now.year + 1, day=1))

    async def _tap(self) -> None:
        card = self.stand_in.screen(REP)[-1]
        await self.stand_in.tap(REP, card["id"], card["card"]["button_list"][0]["key"])

    def shown(self) -> Any:
        return [line for line in self.stand_in.screen(REP) if line["from"] == "app"][-1]


class FeishuPhone:
    def __init__(self, stand_in: FeishuStandIn, adapter: FeishuAdapter) -> None:
        self.stand_in, self.adapter = stand_in, adapter
        self.came: list[Envelope] = []
        image = stand_in.board.store(MEDIA, "image/jpeg", "image", image=True).key
        rich = {"title": "现场", "content": [[{"tag": "text", "text": "方案演示"}, {"tag": "img", "image_key": image}]]}
        self.acts: dict[str, Callable[[], Awaitable[object]]] = {
            "text": lambda: stand_in.say(REP, "今日"),
            "rich": lambda: stand_in._send(REP, "", "post", rich),
            "image": lambda: stand_in.send_image(REP, MEDIA),
            "voice": lambda: stand_in.send_audio(REP, MEDIA, 31_000),
            "video": lambda: stand_in.send_video(REP, MEDIA, 5000),
            "file": lambda: stand_in.send_file(REP, "对接纪要.pdf", MEDIA),
            "location": lambda: stand_in.send_location(REP, "科苑南路", 22.5, 114.0),
            "menu": lambda: stand_in.menu(REP, "today"),
            "tap": self._tap,
            "unknown": lambda: stand_in._send(REP, "", "todo", {"task_id": "t"}),
        }

    async def _tap(self) -> None:
        card = self.stand_in.screen(REP)[-1]
        await self.stand_in.tap(REP, card["id"], {**VALUE, "private": True})

    def shown(self) -> Any:
        return [line for line in self.stand_in.screen(REP) if line["from"] != REP][-1]


class DingPhone:
    def __init__(self, stand_in: DingTalkStandIn, adapter: DingTalkAdapter) -> None:
        self.stand_in, self.adapter = stand_in, adapter
        self.came: list[Envelope] = []
        self.acts: dict[str, Callable[[], Awaitable[object]]] = {
            "text": lambda: stand_in.say(REP, "今日"),
            "rich": lambda: stand_in.send_rich(REP, "方案演示", MEDIA),
            "image": lambda: stand_in.send_image(REP, MEDIA),
            "voice": lambda: stand_in.send_voice(REP, MEDIA, 31.0, "客户预算三十万"),
            "video": lambda: stand_in._robot(REP, {"msgtype": "video", "content": {"duration": 5000, "downloadCode": self._kept()}}),
            "file": lambda: stand_in.send_file(REP, MEDIA, "对接纪要.pdf"),
            "checkin": self._checkin,
            "tap": lambda: stand_in.tap(REP, self.shown(), "方案演示"),
            "unknown": lambda: stand_in.send_unknown(REP, "interactiveCard"),
        }

    def _kept(self) -> str:
        return self.stand_in.world.keep(MEDIA, "video/mp4")

    async def _checkin(self) -> None:
        now = SystemClock().now()
        await self.stand_in.checkin(REP, 22.5, 114.0, place="科苑南路")
        self.came += await self.adapter.checkins([REP], now.replace(hour=0), SystemClock().now())

    def shown(self) -> Any:
        return [line for line in self.stand_in.screen(REP) if line["from"] == "robot"][-1]


@asynccontextmanager
async def wecom() -> AsyncIterator[WeComPhone]:
    clock = SystemClock()
    stand_in = WeComStandIn(clock, corp_id=ID, agent_id=7, secret=SECRET, token=TOKEN, aes_key=AES)
    url = await stand_in.start()
    await stand_in.add_member(REP, "王浩")
    config = WeCom(corp_id=ID, agent_id=7, api_base=url, oauth_base=url)
    adapter = WeComAdapter(config, secret=SECRET, token=TOKEN, aes_key=AES, clock=clock, tokens=MemoryTokens())
    phone = WeComPhone(stand_in, adapter)
    async with _door(adapter, phone.came, lambda url: setattr(stand_in, "callback_url", url)):
        try:
            yield phone
        finally:
            await adapter.close()
            await stand_in.close()


@asynccontextmanager
async def feishu() -> AsyncIterator[FeishuPhone]:
    clock = SystemClock()
    secrets: dict[str, Any] = {"app_secret": SECRET, "encrypt_key": "key", "verification_token": TOKEN}
    stand_in = FeishuStandIn(clock, app_id=ID, **secrets)
    url = await stand_in.start()
    stand_in.add_user(REP, "u_rep", "王浩")
    adapter = FeishuAdapter(Feishu(app_id=ID, api_base=url, accounts_base=url), **secrets, clock=clock, tokens=MemoryTokens())
    phone = FeishuPhone(stand_in, adapter)
    async with _door(adapter, phone.came, lambda url: setattr(stand_in, "callback_url", url)):
        try:
            yield phone
        finally:
            await adapter.close()
            await stand_in.close()


@asynccontextmanager
async def dingtalk() -> AsyncIterator[DingPhone]:
    clock = SystemClock()
    stand_in = DingTalkStandIn(clock, client_id=ID, secret=SECRET)
    url = await stand_in.start()
    stand_in.add_user(REP, "王浩")
    adapter = DingTalkAdapter(DingTalk(client_id=ID, api_base=url, oapi_base=url), secret=SECRET, clock=clock, tokens=MemoryTokens())
    phone = DingPhone(stand_in, adapter)

    async def receive(envelope: Envelope) -> bool:
        phone.came.append(envelope)
        return True

    listening = asyncio.create_task(adapter.listen(receive, lambda: None))
    try:
        await stand_in.connected()
        yield phone
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await adapter.close()
        await stand_in.close()


@asynccontextmanager
async def _door(adapter: WeComAdapter | FeishuAdapter, came: list[Envelope], tell: Callable[[str], None]) -> AsyncIterator[None]:
    async def handle(request: web.Request) -> web.Response:
        opened = adapter.open(request.headers, request.query, await request.read(), SystemClock().now())
        assert isinstance(opened, Envelope)
        came.append(opened)
        return web.Response(text="{}" if isinstance(adapter, FeishuAdapter) else "")

    app = web.Application()
    app.router.add_post("/door", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tell(f"http://127.0.0.1:{runner.addresses[0][1]}/door")
    try:
        yield
    finally:
        await runner.cleanup()


def last(phone: Phone) -> Interaction:
    return phone.adapter.read(phone.came[-1])


def spoken(shown: Any) -> str:
    return json.dumps(shown, ensure_ascii=False, default=str)


OPEN: dict[str, Callable[[], Any]] = {"wecom": wecom, "feishu": feishu, "dingtalk": dingtalk}
