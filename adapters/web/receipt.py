"""A signature's receipt for those of the company who may see the record."""

from aiohttp import web

from adapters.web.desk import Desk
from adapters.web.params import usable
from adapters.web.problems import refuse
from adapters.web.sign import paper
from adapters.web.signin import SignIn
from bot.store import people, signings


class ReceiptPage:
    """`/receipt/{id}`."""

    def __init__(self, desk: Desk, sign_in: SignIn) -> None:
        self._desk = desk
        self._sign_in = sign_in

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/receipt/{id}", self.receipt)]

    async def receipt(self, request: web.Request) -> web.StreamResponse:
        viewer = await self._sign_in.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        id_ = request.match_info["id"]
        signing = await signings.by_id(id_) if usable(id_) else None
        if signing is None or signing.state != "signed":
            refuse(404)
        rep = (await people.named([signing.rep])).get(signing.rep)
        own = viewer.person is not None and viewer.person.id == signing.rep
        if not own and not viewer.scope.admits(rep.region if rep else "", signing.rep):
            refuse(404)
        pdf = await self._desk.links.receipt(signing)
        await self._desk.record_viewed(signing.evidence or signing.id, viewer.name, "page")
        return paper(signing, pdf)
