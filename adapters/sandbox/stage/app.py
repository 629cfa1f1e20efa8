"""The demo page's server: files from this computer only, one feed, small posts."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from adapters.sandbox.pictures import photo
from adapters.sandbox.stage.acts import Acts, Play
from adapters.sandbox.stage.feed import feed
from adapters.sandbox.stage.picture import PHOTOS, cast
from adapters.sandbox.stage.sound import to_wav
from adapters.sandbox.stage.theatre import PLATFORMS, Theatre

PAGE = Path(__file__).parents[3] / "templates" / "page" / "demo"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
UPLOAD = 25 << 20
CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " + "; ".join(
    f"{kind}-src 'self'" for kind in ("script", "style", "img", "media", "connect")
)
LOOKS = ("openapi.json", "coverage", "alerts", "actions")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Stage:
    """`address` is what is printed. Close it before the product."""

    def __init__(self, theatre: Theatre, play: Play) -> None:
        self._theatre = theatre
        self._acts = Acts(theatre, play)
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._host = ""
        self.address = ""

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Serve on this computer only."""
        app = web.Application(client_max_size=UPLOAD, middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/static/{name}", self._file),
                web.get("/cast", self._cast),
                web.get("/sample/{name}.jpg", self._sample),
                web.get("/media/{platform}/{id}", self._media),
                web.get("/open", self._open),
                web.get("/look/{what}", self._look),
                feed(self._theatre, self._closing),
                *self._acts.routes(),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self._host = f"{host}:{self._runner.addresses[0][1]}"
        self.address = f"http://{self._host}/"

    async def close(self) -> None:
        self._closing.set()
        self._theatre.touch()
        await self._acts.close()
        if self._runner:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Nothing for other sites: neither by their pages' posts nor by a name that they point here."""
        if request.host != self._host:
            raise web.HTTPFound(self.address)
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return web.json_response({"error": "只收本页的请求"}, status=403)
        try:
            response = await handler(request)
        except (KeyError, TypeError, ValueError) as error:
            text = str(error) if isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError) else "请求不完整"
            response = web.json_response({"error": text}, status=400)
        if not response.prepared:
            response.headers.update({"Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"})
        return response

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(body=(PAGE / "index.html").read_bytes(), content_type="text/html", charset="utf-8")

    async def _file(self, request: web.Request) -> web.Response:
        path = PAGE / request.match_info["name"]
        if path.parent != PAGE or path.suffix not in KINDS or not path.is_file():
            raise web.HTTPNotFound
        return web.Response(body=path.read_bytes(), content_type=KINDS[path.suffix], charset="utf-8")

    async def _cast(self, _: web.Request) -> web.Response:
        return web.json_response(cast(self._theatre))

    async def _sample(self, request: web.Request) -> web.Response:
        if request.match_info["name"] not in dict(PHOTOS):
            raise web.HTTPNotFound
        return web.Response(body=photo(request.match_info["name"], 1), content_type="image/jpeg")

    async def _media(self, request: web.Request) -> web.Response:
        """A photo as it is, a voice as something that a browser can play."""
        id_, theatre = request.match_info["id"], self._theatre
        held: dict[str, Mapping[str, Any]] = {
            "wecom": theatre.wecom.world.media,
            "feishu": theatre.feishu.board.files,
            "dingtalk": theatre.dingtalk.world.files,
        }
        media = held.get(request.match_info["platform"], {}).get(id_)
        if media is None:
            raise web.HTTPNotFound
        if media.mime.startswith("audio/"):
            return web.Response(body=await asyncio.to_thread(to_wav, media.data), content_type="audio/wav")
        return web.Response(body=media.data, content_type=media.mime)

    async def _open(self, request: web.Request) -> web.Response:
        """Open a link of the product's as the person who holds this client: its sign-in asks the platform, which knows who that is."""
        url, platform, person = (request.query.get(name, "") for name in ("url", "platform", "person"))
        if not url.startswith(f"{self._theatre.product}/") or platform not in PLATFORMS or not person:
            raise ValueError("只能打开本产品的链接")
        target = f"{self._theatre.product}/auth/{platform}/go?{urlencode({'to': url.removeprefix(self._theatre.product)})}"
        response = web.Response(status=302, headers={"Location": target})
        response.set_cookie(f"{platform}_user", person, path="/", samesite="Lax", httponly=True)
        return response

    async def _look(self, request: web.Request) -> web.Response:
        """The JSON API with the demo's token, to look at."""
        what = request.match_info["what"]
        if what not in LOOKS:
            raise web.HTTPNotFound
        headers = {"Authorization": f"Bearer {self._theatre.api_token}"}
        async with aiohttp.ClientSession() as session, session.get(f"{self._theatre.product}/api/v1/{what}", headers=headers) as answer:
            found = await answer.json()
        return web.Response(text=json.dumps(found, ensure_ascii=False, indent=2), content_type="application/json")
