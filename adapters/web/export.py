"""Handing out an export that was made: to admins, after signing in, each time noted in the ledger."""

from aiohttp import web

from adapters.web.desk import Desk
from adapters.web.params import usable
from adapters.web.problems import refuse
from adapters.web.signin import SignIn
from bot.model import Role


class ExportDownload:
    """`/export/{id}`."""

    def __init__(self, desk: Desk, sign_in: SignIn) -> None:
        self._desk = desk
        self._sign_in = sign_in

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/export/{id}", self.download)]

    async def download(self, request: web.Request) -> web.StreamResponse:
        viewer = await self._sign_in.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        id_ = request.match_info["id"]
        if viewer.person is None or Role.ADMIN not in viewer.person.roles or not usable(id_):
            refuse(404)
        path = self._desk.export(id_)
        if not path.is_file():
            refuse(404)
        await self._desk.record_viewed(id_, viewer.name, "page")
        headers = {"Content-Type": "application/zip", "Content-Disposition": f'attachment; filename="salestrace-{id_}.zip"'}
        return web.FileResponse(path, headers=headers)
