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
from adapters.sandbox.stage.clock import ZONE
from adapters.sandbox.stage.picture import PHOTOS, WORDS
from adapters.sandbox.stage.sound import to_amr
from adapters.sandbox.stage.theatre import Theatre
from adapters.sandbox.wecom.files import sniff

WINDS = (3600, 259_200)
OTHER_PHONE = "f0" * 8
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
            "wind": self.wind,
            "outage": self.outage,
            "play": self.play,
        }
        routes = [web.post(f"/act/{name}", _json(act)) for name, act in simple.items()]
        return [*routes, web.post("/act/photo", self.photo), web.post("/act/voice", self.voice)]

    def _rep(self, user: object) -> Member:
        found = next((one for one in self._theatre.company.members if one.wecom and one.wecom == user), None)
        if found is None:
            raise ValueError("没有这个人")
        return found

    # ---- in WeCom -----------------------------------------------------------------------------------------------

    async def say(self, body: Body) -> Body:
        await self._theatre.wecom.say(self._rep(body["user"]).wecom, str(body["text"])[:600])
        return {}

    async def click(self, body: Body) -> Body:
        await self._theatre.wecom.click(self._rep(body["user"]).wecom, str(body["key"]))
        return {}

    async def tap(self, body: Body) -> Body:
        await self._theatre.wecom.tap(self._rep(body["user"]).wecom, str(body["message"]), str(body["key"]))
        return {}

    async def checkin(self, body: Body) -> Body:
        """外出打卡, and back to the chat: the client reports that it was opened, so the record is read at once."""
        rep = self._rep(body["user"])
        device = rep.device if body.get("device") == "own" else OTHER_PHONE
        await self._theatre.wecom.checkin(rep.wecom, *_point(body), device=device, place=str(body.get("place", ""))[:80])
        await self._theatre.wecom.enter(rep.wecom)
        return {}

    async def place(self, body: Body) -> Body:
        rep, point = self._rep(body["user"]), _point(body)
        if body.get("how") == "report":
            await self._theatre.wecom.report_position(rep.wecom, *point, 65.0)
        else:
            await self._theatre.wecom.send_location(rep.wecom, *point, str(body.get("label", ""))[:80])
        return {}

    async def sample(self, body: Body) -> Body:
        """A sample photo, drawn anew so that no two are the same file, or one of the clips."""
        rep, name = self._rep(body["user"]), body["sample"]
        if body["kind"] == "photo" and name in dict(PHOTOS):
            shot = next(self._shots)
            stamp = f"{self._theatre.clock.now().astimezone(ZONE):%Y-%m-%d %H:%M:%S}  #{shot}"
            await self._theatre.wecom.send_image(rep.wecom, photo(name, int(self._theatre.clock.now().timestamp()) + shot, stamp))
        elif body["kind"] == "voice" and name in WORDS:
            await self._theatre.wecom.send_voice(rep.wecom, (AUDIO / f"{name}.amr").read_bytes())
        else:
            raise ValueError("没有这个样本")
        return {}

    async def photo(self, request: web.Request) -> web.Response:
        """A file of one's own; what is no picture is sent all the same, to see what the product says."""
        data = await request.read()
        await self._theatre.wecom.send_image(self._rep(request.query.get("user")).wecom, data, sniff(data))
        return web.json_response({})

    async def voice(self, request: web.Request) -> web.Response:
        """A recording or a file, turned into what the phone would have recorded."""
        rep = self._rep(request.query.get("user"))
        try:
            data = await asyncio.to_thread(to_amr, await request.read())
        except ValueError:
            raise ValueError("这个文件里没有声音") from None
        await self._theatre.wecom.send_voice(rep.wecom, data)
        return web.json_response({})

    # ---- in Feishu ----------------------------------------------------------------------------------------------

    async def press(self, body: Body) -> Body:
        toast = await self._theatre.feishu.tap(str(body["user"]), str(body["message"]), dict(body["value"]))
        return {"toast": toast} if toast else {}

    async def tell(self, body: Body) -> Body:
        await self._theatre.feishu.say(str(body["user"]), str(body["text"])[:600], str(body.get("chat", "")))
        return {}

    # ---- the stage itself ---------------------------------------------------------------------------------------

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
