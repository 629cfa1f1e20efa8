"""The platforms' script kits, where the company has put them into its data folder: pages load nothing from anybody else's host."""

from aiohttp import web

from adapters.web.desk import Desk
from adapters.web.problems import refuse
from bot.model import OURS, Platform

NAMES = {f"{platform.value}.js": platform for platform in Platform if platform not in OURS}


class Kits:
    """`/visit/kit/{platform}.js`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/visit/kit/{name}", self.file)]

    def there(self, platform: Platform | None) -> bool:
        """Whether the kit of this platform was put there."""
        return platform is not None and self._desk.kit(platform).is_file()

    async def file(self, request: web.Request) -> web.StreamResponse:
        platform = NAMES.get(request.match_info["name"])
        if platform is None or not self.there(platform):
            refuse(404)
        headers = {"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "private, max-age=3600"}
        return web.FileResponse(self._desk.kit(platform), headers=headers)
