"""The page on which a customer signs: no account, a link that nobody can guess, good for one signature and some hours."""

import asyncio
import base64
import binascii
import json
from typing import Any

from aiohttp import web

from adapters.web import files
from adapters.web.desk import Desk
from adapters.web.frame import SCRIPTED
from adapters.web.pace import Pace
from adapters.web.pages import Pages
from adapters.web.params import usable
from adapters.web.problems import refuse
from adapters.web.public import body_of, secret_of
from adapters.web.qr import qr_path
from bot.errors import FetchError
from bot.model import Signing
from bot.signatures import CONSENT, DRAWN, TYPED, Given, state_of
from bot.store import signings
from bot.store.reading_view import Original

BODY_CAP, PICTURE_CAP = 600_000, 400_000  # bytes
LONGEST = 40  # characters of a name, and of a title
PNG = b"\x89PNG\r\n\x1a\n"
LOOKS, TRIES = (240, 600.0), (12, 600.0)
WAIT_S, STEP_S = 3.0, 0.05  # for the signature to be in the ledger before he is told; without it he is told that it came in
RECEIPT_DAYS = 30
PDF, SHOWN, REMEMBERED = "application/pdf", 30, 1000  # pages shown of one; files whose number of pages is remembered


class Refused(Exception):
    """`code` is a word of the page's own list."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class SignPages:
    """`/sign/{secret}`."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages
        self._pages_of: dict[str, int] = {}
        self._looks, self._tries = Pace(*LOOKS), Pace(*TRIES)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sign/{secret}", self.page),
            web.post("/sign/{secret}", self.sign),
            web.get("/sign/{secret}/code", self.code),
            web.get("/sign/{secret}/file", self.file),
            web.get("/sign/{secret}/file/{page}", self.leaf),
            web.get("/sign/{secret}/receipt", self.receipt),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        """What is signed comes first; nothing is used up by looking."""
        signing = await self._looked(request)
        state = await self._state(signing)
        if state in ("expired", "withdrawn"):
            return self._pages.notice(f"sign_{state}", 410)
        asker, customer = await signings.parties(signing.rep, signing.customer)
        leaves = await self._leaves(signing)
        shown = {
            "signing": signing,
            "leaves": leaves,
            "most": SHOWN,
            "state": state,
            "asker": asker,
            "customer": customer,
            "consent": CONSENT,
            "longest": LONGEST,
        }
        response = self._pages.render("sign", {**shown, "secret": secret_of(request), "local": self._local, "drawn": files.DRAWN})
        response.headers["Content-Security-Policy"] = SCRIPTED
        return response

    async def code(self, request: web.Request) -> web.StreamResponse:
        """The link as a picture, held out to the customer's own phone."""
        signing = await self._looked(request)
        state = await self._state(signing)
        if state != "open":
            return self._pages.notice(f"sign_{state}", 410)
        url = f"{self._desk.config().server.public_url.rstrip('/')}/sign/{secret_of(request)}"
        _, customer = await signings.parties(signing.rep, signing.customer)
        return self._pages.render(
            "sign_code", {"signing": signing, "customer": customer, "qr": qr_path(url), "url": url, "local": self._local}
        )

    async def file(self, request: web.Request) -> web.StreamResponse:
        """The very bytes that are signed."""
        signing = await self._looked(request)
        if signing.file is None or await self._state(signing) in ("expired", "withdrawn"):
            refuse(404)
        path = self._desk.vault(signing.file.sha256)
        if not path.is_file():
            refuse(404)
        told = signing.file
        return files.original(Original(id=told.evidence, action=None, kind="file", sha256=told.sha256, mime=told.mime), path)

    async def leaf(self, request: web.Request) -> web.StreamResponse:
        """A page of a PDF as a picture: not every phone's browser shows one."""
        signing = await self._looked(request)
        number = request.match_info["page"]
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 3 else 0
        fine = signing.file and signing.file.mime == PDF and await self._state(signing) not in ("expired", "withdrawn")
        if not signing.file or not fine or not 1 <= at <= SHOWN:
            refuse(404)
        _, picture = await self._read(signing.file.sha256, at)
        headers = {"Cache-Control": "private, max-age=3600"}
        return web.Response(body=picture, content_type="image/jpeg", headers=headers) if picture else refuse(404)

    async def _leaves(self, signing: Signing) -> int:
        """How many pages can be shown; counted once."""
        if signing.file is None or signing.file.mime != PDF:
            return 0
        known = self._pages_of.get(signing.file.sha256)
        if known is None:
            known, _ = await self._read(signing.file.sha256, 0)
            if len(self._pages_of) > REMEMBERED:
                self._pages_of.clear()
            self._pages_of[signing.file.sha256] = known
        return known

    async def _read(self, sha256: str, page: int) -> tuple[int, bytes | None]:
        try:
            return await self._desk.links.paper(sha256, page)
        except FetchError:
            return refuse(503)

    async def sign(self, request: web.Request) -> web.StreamResponse:
        """200 once it is stored; every other answer says why nothing was counted."""
        secret = secret_of(request)
        try:
            if not self._tries.admits(secret, self._desk.clock.now()):
                raise Refused(429, "too_many")
            signing = await self._open(secret)
            given = _given(await body_of(request, BODY_CAP), request.headers.get("User-Agent", ""))
            await self._store(signing, given)
        except Refused as refused:
            return web.json_response({"problem": refused.code}, status=refused.status)
        return web.json_response({"state": await self._recorded(signing.id)})

    async def receipt(self, request: web.Request) -> web.StreamResponse:
        signing = await self._looked(request)
        if signing.state != "signed" or not signing.signed_at or (self._desk.clock.now() - signing.signed_at).days >= RECEIPT_DAYS:
            refuse(404)
        return paper(signing, await self._desk.links.receipt(signing))

    async def _looked(self, request: web.Request) -> Signing:
        secret = secret_of(request)
        if not self._looks.admits(secret, self._desk.clock.now()):
            refuse(429)
        return await signings.by_secret(secret) or refuse(404)

    async def _state(self, signing: Signing) -> str:
        """`taken`: signed a moment ago, and not in the ledger yet."""
        state = state_of(signing, self._desk.clock.now())
        return "taken" if state in ("open", "expired") and await signings.is_taken(signing.id) else state

    async def _open(self, secret: str) -> Signing:
        signing = await signings.by_secret(secret)
        if signing is None:
            raise Refused(404, "unknown")
        if (state := await self._state(signing)) != "open":
            raise Refused(409 if state in ("signed", "taken") else 410, state)
        return signing

    async def _store(self, signing: Signing, given: Given) -> None:
        try:
            first = await self._desk.links.give(signing, given)
        except FetchError as error:
            raise Refused(422 if error.permanent else 503, error.reason if error.permanent else "unavailable") from error
        if not first:
            raise Refused(409, "taken")

    async def _recorded(self, id_: str) -> str:
        for _ in range(int(WAIT_S / STEP_S)):
            signing = await signings.by_id(id_)
            if signing and signing.state == "signed":
                return "signed"
            await asyncio.sleep(STEP_S)
        return "taken"

    def _local(self, at: Any) -> Any:
        return at.astimezone(self._desk.config().zone)


def paper(signing: Signing, pdf: bytes) -> web.Response:
    """A receipt to look at or to keep."""
    headers = {
        "Content-Disposition": f'inline; filename="{signing.id}.pdf"',
        "Content-Security-Policy": "default-src 'none'; object-src 'self'",
    }
    return web.Response(body=pdf, content_type="application/pdf", headers=headers)


def _given(body: bytes, agent: str) -> Given:
    """Raises Refused."""
    try:
        told: Any = json.loads(body)
        name, title, method, consent = told["name"], told.get("title", ""), told["method"], told.get("consent")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Refused(400, "unreadable") from None
    if not (isinstance(name, str) and isinstance(title, str) and method in (DRAWN, TYPED)):
        raise Refused(400, "unreadable")
    name, title = " ".join(name.split()), " ".join(title.split())
    if not name:
        raise Refused(422, "no_name")
    if consent is not True:
        raise Refused(422, "no_consent")
    if not all(len(words) <= LONGEST and usable(words) and (not words or words.isprintable()) for words in (name, title)):
        raise Refused(422, "bad_name")
    drawn = b"" if method == TYPED else _picture(told.get("picture"))
    return Given(name=name, title=title, method=method, drawn=drawn, agent=agent.encode("ascii", "replace").decode()[:200])


def _picture(text: Any) -> bytes:
    if not isinstance(text, str) or not text:
        raise Refused(422, "blank")
    if len(text) > PICTURE_CAP * 4 // 3 + 4:
        raise Refused(413, "too_large")
    try:
        drawn = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(415, "undecodable") from None
    if not drawn.startswith(PNG):
        raise Refused(415, "undecodable")
    return drawn
