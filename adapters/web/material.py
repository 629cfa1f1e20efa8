"""Materials by a link: what is counted is said before anything is; then pages as pictures, beats, and the whole as a PDF."""

import secrets
from typing import Any

from aiohttp import web

from adapters.web.deck import beat_of, body_of, slide
from adapters.web.desk import Desk
from adapters.web.frame import SCRIPTED
from adapters.web.pace import Pace
from adapters.web.pages import Pages
from adapters.web.params import usable
from adapters.web.problems import refuse
from adapters.web.public import secret_of
from adapters.web.signin import SignIn
from adapters.web.viewer import Viewer
from bot.model import Deck, Material, Opening
from bot.store import decks, materials
from bot.store.signings import parties

LOOKS, OPENS, DOWNLOADS = (1200, 60.0), (30, 3600.0), (20, 3600.0)


class MaterialPages:
    """`/material/{secret}` for whoever holds the link; `/materials/{id}` for whoever sent it."""

    def __init__(self, desk: Desk, pages: Pages, sign_in: SignIn) -> None:
        self._desk = desk
        self._pages = pages
        self._sign_in = sign_in
        self._looks, self._opens, self._downloads = Pace(*LOOKS), Pace(*OPENS), Pace(*DOWNLOADS)

    def routes(self) -> list[web.RouteDef]:
        home = "/material/{secret}/{opening}"
        return [
            web.get("/material/{secret}", self.landing),
            web.post("/material/{secret}", self.open),
            web.get(home, self.view),
            web.get(home + "/{size}/{page}", self.picture),
            web.post(home + "/beat", self.beat),
            web.get(home + "/download", self.download),
            web.get("/materials/{id}", self.sent),
        ]

    async def landing(self, request: web.Request) -> web.StreamResponse:
        """Says what is counted; looking at it is not."""
        found = await self._found(request)
        if isinstance(found, web.Response):
            return found
        material, deck = found
        sender, customer = await parties(material.by, material.customer)
        values = {"material": material, "pages": len(deck.pages), "sender": sender, "customer": customer, "secret": secret_of(request)}
        return self._pages.render("material/landing", {**values, "until": self._local(material.until)})

    async def open(self, request: web.Request) -> web.StreamResponse:
        """He has read it and goes on: from here on it counts."""
        found = await self._found(request)
        if isinstance(found, web.Response):
            return found
        material, deck = found
        if not self._opens.admits(material.id, self._desk.clock.now()):
            refuse(429)
        opening = await self._desk.links.open(material, len(deck.pages))
        return web.Response(status=303, headers={"Location": f"/material/{secret_of(request)}/{opening.id}"})

    async def view(self, request: web.Request) -> web.StreamResponse:
        found = await self._found(request)
        if isinstance(found, web.Response):
            return found
        material, deck = found
        secret, opening = secret_of(request), await self._opening(request, material)
        if opening.state != "open":
            return web.Response(status=303, headers={"Location": f"/material/{secret}"})
        nonce = secrets.token_hex(16)
        await self._desk.links.join(opening.id, nonce, len(deck.pages))
        sender, _ = await parties(material.by, material.customer)
        values = {"material": material, "deck": deck, "home": f"/material/{secret}/{opening.id}", "secret": secret, "nonce": nonce}
        response = self._pages.render("material/view", {**values, "sender": sender})
        response.headers["Content-Security-Policy"] = SCRIPTED
        return response

    async def picture(self, request: web.Request) -> web.StreamResponse:
        found = await self._found(request)
        if isinstance(found, web.Response):
            return refuse(404)
        material, deck = found
        await self._opening(request, material)
        return slide(self._desk, request, deck)

    async def beat(self, request: web.Request) -> web.StreamResponse:
        """410: this opening is over, the page may begin another."""
        found = await self._found(request)
        if isinstance(found, web.Response):
            return web.json_response({"over": True}, status=410)
        opening = await self._opening(request, found[0])
        told = beat_of(await body_of(request)) or refuse(400)
        if opening.state != "open":
            return web.json_response({"over": True}, status=410)
        viewing = await self._desk.links.beat(opening.id, told)
        if viewing is None:
            return web.json_response({"elsewhere": True}, status=409)
        return web.json_response({"seconds": round(sum(viewing.seconds), 1)})

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Recorded first, then given."""
        found = await self._found(request)
        if isinstance(found, web.Response):
            return found
        material, deck = found
        opening = await self._opening(request, material)
        if not self._downloads.admits(material.id, self._desk.clock.now()):
            refuse(429)
        pdf = await self._desk.links.download(opening, deck)
        headers = {"Content-Disposition": f'attachment; filename="{material.id}.pdf"'}
        return web.Response(body=pdf, content_type="application/pdf", headers=headers)

    async def sent(self, request: web.Request) -> web.StreamResponse:
        """The timeline, for the sender, the customer's owner, the region's directors and the admins."""
        viewer = await self._sign_in.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        id_ = request.match_info["id"]
        material = await materials.by_id(id_) if usable(id_) else None
        if material is None or not await may_see(viewer, material):
            refuse(404)
        openings = await materials.openings_of(id_)
        deck = await decks.deck_of(material.deck)
        sender, customer = await parties(material.by, material.customer)
        values = {"material": material, "openings": openings, "sender": sender, "customer": customer, "local": self._local}
        return self._pages.render("material/sent", {**values, "of": len(deck.pages) if deck else 0, "totals": totals(openings)})

    async def _found(self, request: web.Request) -> tuple[Material, Deck] | web.Response:
        secret, now = secret_of(request), self._desk.clock.now()
        if not self._looks.admits(secret, now):
            refuse(429)
        material = await materials.by_secret(secret) or refuse(404)
        if now > material.until:
            return self._pages.notice("material_expired", 410)
        return material, await decks.deck_of(material.deck) or refuse(404)

    async def _opening(self, request: web.Request, material: Material) -> Opening:
        """Of this very link."""
        id_ = request.match_info["opening"]
        opening = await materials.opening_of(id_) if usable(id_) else None
        return opening if opening and opening.material == material.id else refuse(404)

    def _local(self, at: Any) -> Any:
        return at.astimezone(self._desk.config().zone)


async def may_see(viewer: Viewer, material: Material) -> bool:
    """Its sender, the customer's owner, the directors of the customer's region, admins."""
    owner, region = await materials.belongs_to(material)
    if viewer.person and viewer.person.id in (material.by, owner):
        return True
    return not viewer.scope.person and viewer.scope.admits(region, None)


def totals(openings: list[Opening]) -> list[float]:
    """Seconds a page over all openings."""
    pages = max((len(one.seconds) for one in openings), default=0)
    return [round(sum(one.seconds[at] for one in openings if at < len(one.seconds)), 1) for at in range(pages)]
