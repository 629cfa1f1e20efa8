"""The visit page: where a rep is, what he sees and says there, signed by his device's key. What it sends is stored before it is acked."""

import asyncio
import base64
import json
import logging
import secrets
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiohttp import web

from adapters.jsapi import SignsPages
from adapters.web.csrf import token
from adapters.web.desk import Desk
from adapters.web.frame import SCRIPTED
from adapters.web.kits import Kits
from adapters.web.pages import Pages
from adapters.web.params import usable
from adapters.web.problems import Problem, refuse
from adapters.web.signin import SignIn
from adapters.web.signing import NONCE, Signer
from adapters.web.viewer import session_of
from bot import submission
from bot.errors import FetchError, Forged
from bot.evidence.needs import progress
from bot.model import Action, Visit, VisitState
from bot.submission import Signed

ALLOWED = "camera=(self), geolocation=(self), microphone=(self)"
NONCES = 8  # what may be made without network
REPORT_CAP = 16 * 1024
SIGNED_CAP = 16 * 1024
CAPS = {"photo": 20 << 20, "voice": 4 << 20}
SLOWEST_S = 300.0  # for a file
OVER = (409, "over", "这次拜访已经结束，没有计入。请在聊天里发「开始拜访 客户名」，再打开新的页面。")
SHAPE = (400, "bad_request", "内容不完整，没有计入。请刷新页面再试。")
SIGNATURE = (403, "signature", "签名不符，没有计入。请刷新页面再试；换了手机或清过浏览器数据，请重新点开始拜访，再在聊天里发「换手机」。")
FOREIGN = (403, "nonce", "这一页不是为您打开的，没有计入。请从聊天里重新打开。")
EXPIRED = (410, "expired", "离线太久，无法证明当时的时间，没有计入。请再做一次。")
REPLAYED = (409, "replayed", "这次提交已经用过，没有再计入。请刷新页面再做一次。")
DIGEST = (400, "digest", "文件在路上不完整，没有计入，会自动重发。")
TOO_LARGE = (413, "too_large", "文件太大，没有计入。")
WITHHELD = (403, "withheld", "您没有同意使用这类内容，没有保存。可在聊天里发「我的数据」查看。")
log = logging.getLogger("salestrace.web")


class VisitPages:
    """`/visit/{id}`: for the visit's rep, and nobody else."""

    def __init__(self, desk: Desk, pages: Pages, sign_in: SignIn) -> None:
        self._desk = desk
        self._pages = pages
        self._sign_in = sign_in
        self._signer = Signer(desk.secret)
        self._kits = Kits(desk)

    def routes(self) -> list[web.RouteDef]:
        return [
            *self._kits.routes(),
            web.get("/visit/{id}", self.page),
            web.get("/visit/{id}/state", self.state),
            web.get("/visit/{id}/nonces", self.nonces),
            web.get("/visit/{id}/jsapi", self.jsapi),
            web.post("/visit/{id}/start", self.start),
            web.post("/visit/{id}/file", self.file),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        viewer = await self._sign_in.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        visit = await self._own(request, viewer.person.id if viewer.person else "")
        await self._desk.record_viewed(visit.id, viewer.name, "page")
        values = await self._values(visit, "") | {"csrf": token(request), "nonces": self._some(visit), "person": visit.rep}
        client = self._sign_in.client(request)
        values["kit"] = client.value if client and self._kits.there(client) else ""
        response = self._pages.render("visit", values)
        response.headers["Content-Security-Policy"] = SCRIPTED
        response.headers["Permissions-Policy"] = ALLOWED
        return response

    async def state(self, request: web.Request) -> web.StreamResponse:
        """The page's changing part. `key`: tells in X-Worked whether what was sent with this nonce was judged."""
        visit = await self._session(request)
        response = self._pages.render("visit/state", await self._values(visit, request.query.get("device", "")))
        key = request.query.get("key", "")
        response.headers["X-Worked"] = "1" if not usable(key) or not key or await self._desk.visits.worked(key) else "0"
        return response

    async def nonces(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"nonces": self._some(await self._session(request))})

    async def jsapi(self, request: web.Request) -> web.StreamResponse:
        """What opens the JSAPI of the client that the page is open in; 404 where there is none. `url`: the page's own."""
        visit = await self._session(request)
        platform = self._sign_in.client(request)
        adapter = self._desk.adapters.get(platform) if platform else None
        url = request.query.get("url", "")
        if platform is None or not isinstance(adapter, SignsPages):
            refuse(404)
        if url.partition("#")[0].partition("?")[0] != f"{self._desk.config().server.public_url.rstrip('/')}/visit/{visit.id}":
            refuse(400)
        try:
            config = await adapter.jsapi(url, self._desk.clock.now())
        except FetchError as error:
            log.warning("no JSAPI ticket from %s: %s", platform.value, error.reason)
            refuse(503)
        return web.json_response({"platform": platform.value, **config}) if config else refuse(404)

    async def start(self, request: web.Request) -> web.StreamResponse:
        visit = await self._session(request)
        signed = _opened(await request.content.read(REPORT_CAP + 1))
        if signed.statement.what != "start":
            raise Problem(*SHAPE)
        return await self._take(visit, signed) or await self._store(request, visit, signed)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """The bytes are the body; what was signed about them stands in a header."""
        visit = await self._session(request)
        signed = _opened(_unwrapped(request.headers.get("X-Signed", "")))
        what = signed.statement.what
        if what not in CAPS:
            raise Problem(*SHAPE)
        if what in (await self._desk.visits.standing(visit)).withheld:
            raise Problem(*WITHHELD)
        if answer := await self._take(visit, signed):
            return answer
        path = self._desk.visits.incoming / f"page-{secrets.token_hex(8)}"
        try:
            if await _received(request, path, CAPS[what]) != signed.statement.sha256:
                raise Problem(*DIGEST)
            await self._desk.visits.keep(path)
        finally:
            path.unlink(missing_ok=True)
        return await self._store(request, visit, signed)

    async def _take(self, visit: Visit, signed: Signed) -> web.Response | None:
        """The answer, if there is nothing to be stored. Raises Problem for what counts nothing."""
        issued = self._signer.issued(_about(visit), signed.statement.nonce)
        if issued is None or signed.statement.page != visit.id:
            raise Problem(*FOREIGN)
        if known := await self._desk.visits.kept(signed.statement.nonce):
            if _same(known, signed):
                return self._ack(visit, again=True)
            log.warning("visit page: a used nonce came again")
            raise Problem(*REPLAYED)
        now = self._desk.clock.now()
        if now - issued > NONCE:
            raise Problem(*EXPIRED)
        if visit.state is not VisitState.OPEN and (signed.statement.what == "start" or now - (visit.ended_at or issued) > NONCE):
            raise Problem(*OVER)
        return None

    async def _store(self, request: web.Request, visit: Visit, signed: Signed) -> web.Response:
        now, nonce = self._desk.clock.now(), signed.statement.nonce
        issued = self._signer.issued(_about(visit), nonce) or now
        agent = request.headers.get("User-Agent", "")
        fresh = await self._desk.receive(submission.sealed(signed, visit.rep, nonce, min(issued, now), now, agent))
        if not fresh and not _same(await self._desk.visits.kept(nonce) or b"", signed):
            raise Problem(*REPLAYED)
        return self._ack(visit, again=not fresh)

    def _ack(self, visit: Visit, *, again: bool) -> web.Response:
        return web.json_response({"stored": True, "again": again, "nonces": self._some(visit)[:1]})

    async def _session(self, request: web.Request) -> Visit:
        """Scripts are told 401 where a page would be led to the sign-in."""
        viewer = await session_of(request, self._desk)
        if viewer is None or viewer.person is None:
            refuse(401)
        return await self._own(request, viewer.person.id)

    async def _own(self, request: web.Request, person: str) -> Visit:
        id_ = request.match_info["id"]
        visit = await self._desk.visits.visit(id_) if usable(id_) else None
        return visit if visit and visit.rep == person else refuse(404)

    def _some(self, visit: Visit) -> list[str]:
        now = self._desk.clock.now()
        return [self._signer.nonce(_about(visit), now) for _ in range(NONCES)]

    async def _values(self, visit: Visit, device: str) -> dict[str, Any]:
        config, standing = self._desk.config(), await self._desk.visits.standing(visit)

        def local(at: datetime) -> datetime:
            return at.astimezone(config.zone)

        action = _current(visit)
        stage = next((one for one in config.stages if action and one.id == action.stage), None)
        return {
            "visit": visit,
            "standing": standing,
            "device": standing.devices.get(device, "") if device else "",
            "stage": stage.name if stage else "",
            "lines": progress(stage.evidence, action.evidence) if stage and action else (),
            "items": (*visit.evidence, *(item for one in visit.actions for item in one.evidence)),
            "local": local,
            "word": self._desk.word,
        }


def _about(visit: Visit) -> str:
    return f"{visit.id} {visit.rep}"


def _current(visit: Visit) -> Action | None:
    return next((one for one in reversed(visit.actions) if one.submitted_at is None), None)


def _same(kept: bytes, signed: Signed) -> bool:
    try:
        return bool(json.loads(kept)["statement"] == signed.text)
    except (ValueError, KeyError):
        return False


def _unwrapped(header: str) -> bytes:
    try:
        return base64.b64decode(header, validate=True) if len(header) <= SIGNED_CAP else b""
    except ValueError:
        return b""


def _opened(body: bytes) -> Signed:
    """Raises Problem."""
    try:
        return submission.opened(json.loads(body) if len(body) <= REPORT_CAP else None)
    except (ValueError, RecursionError):
        raise Problem(*SHAPE) from None
    except Forged as error:
        log.warning("visit page refused: %s", error.reason)
        raise Problem(*(SIGNATURE if error.reason == "signature" else SHAPE)) from None


async def _received(request: web.Request, path: Path, cap: int) -> str:
    """Write the body to a file; return its digest, "" for one that broke off. Raises Problem when it is too large."""
    seen, size = sha256(), 0
    if (request.content_length or 0) > cap:
        raise Problem(*TOO_LARGE)
    try:
        async with asyncio.timeout(SLOWEST_S):
            with await asyncio.to_thread(path.open, "wb") as file:
                while chunk := await request.content.readany():
                    size += len(chunk)
                    if size > cap:
                        raise Problem(*TOO_LARGE)
                    seen.update(chunk)
                    await asyncio.to_thread(file.write, chunk)
    except (TimeoutError, ConnectionError, web.RequestPayloadError):
        return ""
    return seen.hexdigest()
