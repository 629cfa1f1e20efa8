"""Signing in with the account of the platform: no session means its OAuth redirect, and back to where one wanted to go."""

import logging
import re
import secrets
from collections.abc import Mapping

from aiohttp import web

from adapters.web.csrf import token
from adapters.web.desk import Desk, SignsIn, SignsInInside
from adapters.web.frame import SCRIPTED
from adapters.web.kits import Kits
from adapters.web.pages import Pages
from adapters.web.problems import refuse
from adapters.web.signing import LOGIN, SESSION, Signer, local_path
from adapters.web.viewer import Viewer, cookie_name, secure, session_of
from bot.errors import FetchError
from bot.model import Platform
from bot.store import people

log = logging.getLogger("salestrace.web")
# Words in a client's User-Agent.
SIGNS = {"wxwork": Platform.WECOM, "lark": Platform.FEISHU, "feishu": Platform.FEISHU, "dingtalk": Platform.DINGTALK}
CODE_LENGTH = 512
BROWSER = re.compile(r"[\w-]{22}", re.ASCII)


class SignIn:
    """The way in for pages."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages
        self._signer = Signer(desk.secret)
        self._kits = Kits(desk)
        self._ways = {platform: adapter for platform, adapter in desk.adapters.items() if isinstance(adapter, SignsIn)}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/auth/{platform}", self.back),
            web.get("/auth/{platform}/go", self.go),
            web.post("/auth/{platform}/inside", self.inside),
        ]

    async def viewer(self, request: web.Request) -> Viewer | web.Response:
        """The person in session, or the answer that leads to one."""
        found = await session_of(request, self._desk)
        if found:
            return found
        platform = self.client(request)
        way = self._ways.get(platform) if platform else None
        path = local_path(request.path_qs)
        if platform and isinstance(way, SignsInInside) and self._kits.there(platform) and (asked := way.inside()):
            return self._by_kit(request, platform, asked, path)
        if platform and way:
            return self._redirect(request, platform, way, path)
        return self._pages.render("sign_in", {"ways": [way.value for way in self._ways], "path": path}, status=401)

    def _by_kit(self, request: web.Request, platform: Platform, asked: Mapping[str, str], path: str) -> web.Response:
        values = {"platform": platform.value, "asked": asked, "path": path, "csrf": token(request)}
        response = self._pages.render("sign_in_inside", values, status=401)
        response.headers["Content-Security-Policy"] = SCRIPTED
        return response

    async def inside(self, request: web.Request) -> web.Response:
        """The client's kit gave the page a code: exchange it, once, for a session."""
        platform, way = self._way(request)
        if not isinstance(way, SignsInInside) or not way.inside():
            refuse(404)
        form = await request.post()
        code, path = str(form.get("code", "")), local_path(str(form.get("to", "/")))
        if not 0 < len(code) <= CODE_LENGTH:
            return self._pages.notice("sign_in_failed", 400)
        try:
            user = await way.inside_user(code)
        except FetchError as error:
            log.warning("sign-in refused by %s: %s", platform.value, error.reason)
            refuse(403 if error.permanent else 503)
        return await self._signed(platform, (user,), path)

    @staticmethod
    def client(request: web.Request) -> Platform | None:
        """The chat client that the page is open in."""
        agent = request.headers.get("User-Agent", "").lower()
        return next((platform for word, platform in SIGNS.items() if word in agent), None)

    async def go(self, request: web.Request) -> web.Response:
        """A way that was chosen by hand."""
        platform, way = self._way(request)
        return self._redirect(request, platform, way, local_path(request.query.get("to", "/")))

    async def back(self, request: web.Request) -> web.Response:
        """The platform sends the browser back with a code: exchange it, once, for a session."""
        platform, way = self._way(request)
        now = self._desk.clock.now()
        browser = request.cookies.get(self._browser_cookie(), "")
        path = self._signer.returns_to(platform.value, browser, request.query.get("state", ""), now) if browser else None
        code = request.query.get("code") or request.query.get("authCode", "")  # DingTalk's word for it
        if path is None or not 0 < len(code) <= CODE_LENGTH:
            return self._pages.notice("sign_in_failed", 400)
        return await self._signed(platform, await self._accounts(platform, way, code), local_path(path))

    async def _signed(self, platform: Platform, accounts: tuple[str, ...], path: str) -> web.Response:
        """With a session, on to the page."""
        person = await people.by_account(platform, *accounts)
        if person is None:
            return self._pages.notice("unknown_person", 403)
        response = web.Response(status=302, headers={"Location": path})
        session = self._signer.session(person.id, self._desk.clock.now())
        self._set(response, cookie_name(self._desk), session, int(SESSION.total_seconds()))
        response.del_cookie(self._browser_cookie(), path="/", secure=secure(self._desk), httponly=True, samesite="Lax")
        return response

    async def _accounts(self, platform: Platform, way: SignsIn, code: str) -> tuple[str, ...]:
        try:
            found = await way.oauth_user(code)
        except FetchError as error:
            log.warning("sign-in refused by %s: %s", platform.value, error.reason)
            refuse(403 if error.permanent else 503)
        return (found,) if isinstance(found, str) else found

    def _way(self, request: web.Request) -> tuple[Platform, SignsIn]:
        ways = {platform.value: (platform, way) for platform, way in self._ways.items()}
        return ways.get(request.match_info["platform"]) or refuse(404)

    def _redirect(self, request: web.Request, platform: Platform, way: SignsIn, path: str) -> web.Response:
        # The state only counts in the browser that asked for it: a link with somebody else's code signs nobody in.
        known = request.cookies.get(self._browser_cookie(), "")
        browser = known if BROWSER.fullmatch(known) else secrets.token_urlsafe(16)
        state = self._signer.state(platform.value, browser, path, self._desk.clock.now())
        redirect = f"{self._desk.config().server.public_url.rstrip('/')}/auth/{platform.value}"
        response = web.Response(status=302, headers={"Location": way.oauth_url(redirect, state)})
        self._set(response, self._browser_cookie(), browser, int(LOGIN.total_seconds()))
        return response

    def _set(self, response: web.Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=secure(self._desk))

    def _browser_cookie(self) -> str:
        return f"{cookie_name(self._desk)}-login"
