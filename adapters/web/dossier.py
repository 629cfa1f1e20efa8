"""Handing out a dossier that was made: to directors of its region and admins, after signing in, each time noted in the ledger."""

from aiohttp import web

from adapters.web.desk import Desk
from adapters.web.params import usable
from adapters.web.problems import refuse
from adapters.web.signin import SignIn
from bot.store import dossier_reading


class DossierDownload:
    """`/dossier/{id}`."""

    def __init__(self, desk: Desk, sign_in: SignIn) -> None:
        self._desk = desk
        self._sign_in = sign_in

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/dossier/{id}", self.download)]

    async def download(self, request: web.Request) -> web.StreamResponse:
        viewer = await self._sign_in.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        id_ = request.match_info["id"]
        region = await dossier_reading.region_of(id_) if usable(id_) else None
        if region is None or viewer.scope.person or not viewer.scope.admits(region, None):
            refuse(404)
        path = self._desk.dossier(id_)
        if not path.is_file():
            refuse(404)
        await self._desk.record_viewed(id_, viewer.name, "page")
        headers = {"Content-Type": "application/zip", "Content-Disposition": f'attachment; filename="{id_}.zip"'}
        return web.FileResponse(path, headers=headers)
