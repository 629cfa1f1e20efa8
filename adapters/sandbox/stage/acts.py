"""What a person does on the page becomes what his client would send."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from aiohttp import web

from adapters.sandbox.company import Member
from adapters.sandbox.pictures import photo
from adapters.sandbox.retelling import AUDIO
from adapters.sandbox.stage.clients import CLIENTS, OnDingTalk, OnFeishu, OnWeCom, client_of
from adapters.sandbox.stage.clock import ZONE
from adapters.sandbox.stage.picture import PHOTOS, WORDS, by_handle, chats
from adapters.sandbox.stage.sound import to_amr
from adapters.sandbox.stage.theatre import Theatre

WINDS = (3600, 259_200)
Play = Callable[[Theatre], Coroutine[Any, Any, None]]
Body = dict[str, Any]


class Acts:
    """Routes under /act. Bad input is answered 400 with one line; the page shows it."""

    def __init__(self, theatre: Theatre, play: Play) -> None:
        self._theatre = theatre
        self._play = play
        self._shots = itertools.count(1)
        self._task: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        simple = {
            "say": self.say,
            "click": self.click,
            "tap": self.tap,
            "checkin": self.checkin,
            "place": self.place,
            "sample": self.sample,
            "press": self.press,
            "tell": self.tell,
            "seat": self.seat,
            "wind": self.wind,
            "outage": self.outage,
            "play": self.play,
        }
        routes = [web.post(f"/act/{name}", _json(act)) for name, act in simple.items()]
        return [*routes, web.post("/act/photo", self.photo), web.post("/act/voice", self.voice), web.post("/act/file", self.file)]

    async def _client(self, user: object) -> OnWeCom | OnFeishu | OnDingTalk:
        await self._theatre.seated()
        return client_of(self._theatre, self._member(user))

    def _member(self, user: object) -> Member:
        """By any of his ids."""
        return by_handle(self._theatre)[str(user)]

    # ---- in a client --------------------------------------------------------------------------------------------

    async def say(self, body: Body) -> Body:
        client = await self._client(body["user"])
        await client.say(str(body["text"])[:600])
        return {}

    async def click(self, body: Body) -> Body:
        """An item of the app's menu, which only WeCom shows here."""
        await self._theatre.seated()
        await self._theatre.wecom.click(self._member(body["user"]).handles["wecom"], str(body["key"]))
        return {}

    async def tap(self, body: Body) -> Body:
        client = await self._client(body["user"])
        await client.tap(str(body["message"]), body["key"])
        return {}

    async def checkin(self, body: Body) -> Body:
        place = str(body.get("place", ""))[:80]
        client = await self._client(body["user"])
        await client.checkin(_point(body), place, own=body.get("device") == "own")
        return {}

    async def place(self, body: Body) -> Body:
        label = str(body.get("label", ""))[:80]
        client = await self._client(body["user"])
        await client.place(_point(body), label, report=body.get("how") == "report")
        return {}

    async def sample(self, body: Body) -> Body:
        """A sample photo, drawn anew so that no two are the same file, or one of the clips."""
        client, name = await self._client(body["user"]), body["sample"]
        if body["kind"] == "photo" and name in dict(PHOTOS):
            shot = next(self._shots)
            stamp = f"{self._theatre.clock.now().astimezone(ZONE):%Y-%m-%d %H:%M:%S}  #{shot}"
            await client.image(photo(name, int(self._theatre.clock.now().timestamp()) + shot, stamp))
        elif body["kind"] == "voice" and name in WORDS:
            await client.voice((AUDIO / f"{name}.amr").read_bytes())
        else:
            raise ValueError("没有这个样本")
        return {}

    async def photo(self, request: web.Request) -> web.Response:
        """A file of one's own; what is no picture is sent all the same, to see what the product says."""
        client = await self._client(request.query.get("user"))
        await client.image(await request.read())
        return web.json_response({})

    async def voice(self, request: web.Request) -> web.Response:
        """A recording or a file, turned into what the phone would have recorded."""
        client = await self._client(request.query.get("user"))
        try:
            data = await asyncio.to_thread(to_amr, await request.read())
        except ValueError:
            raise ValueError("这个文件里没有声音") from None
        await client.voice(data)
        return web.json_response({})

    async def file(self, request: web.Request) -> web.Response:
        """A file as it is: a spreadsheet to import, config.toml, a paper to be filed."""
        client = await self._client(request.query.get("user"))
        name = request.query.get("name", "").strip().rpartition("/")[2][:120]
        if not name:
            raise ValueError("文件没有名字")
        await client.file(name, await request.read())
        return web.json_response({})

    # ---- in a group ---------------------------------------------------------------------------------------------

    async def press(self, body: Body) -> Body:
        """A button of a card in Feishu, which answers with a toast."""
        toast = await self._theatre.feishu.tap(str(body["user"]), str(body["message"]), dict(body["value"]))
        return {"toast": toast} if toast else {}

    async def tell(self, body: Body) -> Body:
        await self._theatre.seated()
        chat = chats(self._theatre).get(str(body.get("chat", "")), {})
        member = self._member(body["user"])
        platform = str(chat.get("platform") or self._theatre.seat_of(member))
        await CLIENTS[platform](self._theatre, member).say(str(body["text"])[:600], "" if chat.get("private", True) else chat["id"])
        return {}

    # ---- the stage itself ---------------------------------------------------------------------------------------

    async def seat(self, body: Body) -> Body:
        """Somebody, or all who lead (`leaders`), use another platform from now on."""
        lead = [one for one in self._theatre.company.members if one.role in {"director", "admin"}]
        for member in lead if body["user"] == "leaders" else [self._member(body["user"])]:
            await self._theatre.seat(member, str(body["platform"]))
        return {}

    async def wind(self, body: Body) -> Body:
        if body["seconds"] not in WINDS:
            raise ValueError("只能快进 1 小时或 3 天")
        self._theatre.wind(timedelta(seconds=body["seconds"]))
        return {}

    async def outage(self, _: Body) -> Body:
        """Feishu goes down, and comes back when the clock is wound by an hour or the button is pressed again."""
        down = self._theatre.feishu.outage = not self._theatre.feishu.outage
        self._theatre.narrate("飞书断网：要发的消息在发件箱里等着" if down else "飞书恢复：等着的消息陆续补发")
        self._theatre.wake()
        return {}

    async def play(self, _: Body) -> Body:
        if self._task and not self._task.done():
            raise ValueError("正在演示")
        for member in self._theatre.company.members:
            await self._theatre.seat(member, member.seat)  # the story is told where it was written
        self._task = asyncio.create_task(self._play(self._theatre))
        return {}

    async def close(self) -> None:
        """Stop a play that is still going on."""
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])


def _json(act: Callable[[Body], Awaitable[Body]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise ValueError("只收 JSON")
        body = await request.json()
        if not isinstance(body, dict):
            raise ValueError("只收 JSON 对象")
        return web.json_response(await act(body))

    return handle


def _point(body: Body) -> tuple[float, float]:
    return float(body["lat"]), float(body["lng"])
