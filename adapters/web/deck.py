"""The deck viewer: pages as pictures for the rep who asked for them, and the beats by which active seconds are counted."""

import json
import secrets
from typing import Any

from aiohttp import web

from adapters.web.callbacks import read_capped
from adapters.web.csrf import FORMS, token
from adapters.web.desk import Desk
from adapters.web.frame import SCRIPTED
from adapters.web.pages import Pages
from adapters.web.params import usable
from adapters.web.problems import refuse
from adapters.web.signin import SignIn
from bot.evidence.dwell import LONGEST, Beat
from bot.model import Deck, Presentation

BEAT_CAP = 1024
SIZES = {"large": "large", "small": "small"}


class DeckPages:
    """`/deck/{id}`: an opaque id, and nothing for anybody but its rep."""

    def __init__(self, desk: Desk, pages: Pages, sign_in: SignIn) -> None:
        self._desk = desk
        self._pages = pages
        self._sign_in = sign_in

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/deck/{id}", self.page),
            web.get("/deck/{id}/{size}/{page}", self.picture),
            web.post("/deck/{id}/beat", self.beat),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        found = await self._found(request)
        if isinstance(found, web.Response):
            return found
        presentation, deck = found
        nonce = ""
        if presentation.state == "open":
            nonce = secrets.token_hex(16)
            await self._desk.decks.join(presentation.id, nonce, len(deck.pages))
        response = self._pages.render("deck", {"presentation": presentation, "deck": deck, "nonce": nonce, "csrf": token(request)})
        response.headers["Content-Security-Policy"] = SCRIPTED
        return response

    async def picture(self, request: web.Request) -> web.StreamResponse:
        found = await self._found(request)
        if isinstance(found, web.Response):
            return found
        _, deck = found
        return slide(self._desk, request, deck)

    async def beat(self, request: web.Request) -> web.StreamResponse:
        """409: another page of the same presentation counts now; 410: it is over."""
        found = await self._found(request)
        if isinstance(found, web.Response):
            return refuse(401)
        presentation, _ = found
        told = beat_of(await body_of(request)) or refuse(400)
        if presentation.state != "open":
            return web.json_response({"over": True}, status=410)
        viewing = await self._desk.decks.beat(presentation.id, told)
        if viewing is None:
            return web.json_response({"elsewhere": True}, status=409)
        return web.json_response({"seconds": round(sum(viewing.seconds), 1)})

    async def _found(self, request: web.Request) -> tuple[Presentation, Deck] | web.Response:
        viewer = await self._sign_in.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        id_ = request.match_info["id"]
        presentation = await self._desk.decks.presentation(id_) if usable(id_) else None
        if presentation is None or viewer.person is None or viewer.person.id != presentation.rep:
            refuse(404)
        return presentation, await self._desk.decks.deck(presentation.deck) or refuse(404)


def slide(desk: Desk, request: web.Request, deck: Deck) -> web.StreamResponse:
    """The page's picture that the path names by `size` and `page`. Raises Problem 404."""
    number, size = request.match_info["page"], SIZES.get(request.match_info["size"])
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0
    if size is None or not 1 <= at <= len(deck.pages):
        refuse(404)
    path = desk.vault(getattr(deck.pages[at - 1], size))
    if not path.is_file():
        refuse(404)
    headers = {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400, immutable"}
    return web.FileResponse(path, headers=headers)


async def body_of(request: web.Request) -> bytes:
    """A beat is JSON; the last one of a page that is left comes as a form."""
    if request.content_type in FORMS:
        if request.content_length is None or request.content_length > 4 * BEAT_CAP:
            return b""
        return str((await request.post()).get("beat", "")).encode()
    return await read_capped(request, BEAT_CAP) or b""


def beat_of(body: bytes) -> Beat | None:
    """None for what is no beat."""
    try:
        told: Any = json.loads(body)
        nonce, seq, page, active = told["nonce"], told["seq"], told["page"], told["active"]
        fine = isinstance(nonce, str) and type(seq) is int and type(page) is int and type(active) in {int, float}
        if not fine or not (0 < seq < 2**31 and 0 <= page < 10_000 and 0 <= active <= 10 * LONGEST):
            return None
        return Beat(nonce=nonce, seq=seq, page=page, active=float(active), over=told.get("over") is True)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
