"""Tokens, sign-in and the robot's own data, as the platform answers them."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from adapters.sandbox.feishu.faults import Handler, refusal
from adapters.sandbox.feishu.world import Board, User

TOKEN_LIFE = timedelta(hours=2)
RENEW_BELOW = timedelta(minutes=30)
CODE_LIFE = timedelta(minutes=5)
OPEN_PATHS = ("/open-apis/auth/", "/open-apis/authen/", "/stand-in/", "/callback/ws/", "/ws", "/open-apis/bot/v2/hook/")


@dataclass(slots=True)
class Code:
    """A sign-in code: single use."""

    open_id: str
    until: datetime


@dataclass(slots=True)
class Accounts:
    """Who may call: the app by its tenant token, a person by what the sign-in gave."""

    board: Board
    app_id: str
    app_secret: str
    tokens: dict[str, datetime] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)  # user token → open_id
    tickets: int = 0  # asked for

    def routes(self) -> list[web.RouteDef]:
        """Return the routes served here."""
        return [
            web.post("/open-apis/auth/v3/tenant_access_token/internal", self.tenant_token),
            web.get("/open-apis/authen/v1/authorize", self.authorize),
            web.post("/open-apis/authen/v2/oauth/token", self.user_token),
            web.get("/open-apis/authen/v1/user_info", self.user_info),
            web.get("/open-apis/bot/v3/info", self.bot_info),
            web.post("/open-apis/jssdk/ticket/get", self.jsapi_ticket),
            web.post("/open-apis/contact/v3/users/batch_get_id", self.by_mobile),
            web.get("/open-apis/contact/v3/users/{open_id}", self.employee),
        ]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let nobody call without a living tenant token."""
        if request.path.startswith(OPEN_PATHS):
            return await handler(request)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            return refusal(99991661, "Missing access token for authorization")
        if self.tokens.get(token, datetime.min.replace(tzinfo=self.board.clock.now().tzinfo)) <= self.board.clock.now():
            return refusal(99991663, "Invalid access token for authorization")
        return await handler(request)

    def expire_tokens(self) -> None:
        """Make every token that is out there invalid at once."""
        self.tokens.clear()

    async def tenant_token(self, request: web.Request) -> web.Response:
        """The same token while more than 30 minutes are left, then a new one; both stay valid."""
        body = await _json(request)
        if body.get("app_id") != self.app_id or not secrets.compare_digest(str(body.get("app_secret")), self.app_secret):
            return web.json_response({"code": 10014, "msg": "app secret invalid"})
        now = self.board.clock.now()
        token = next((token for token, until in self.tokens.items() if until - now > RENEW_BELOW), "")
        if not token:
            token = "t-" + secrets.token_hex(20)
            self.tokens[token] = now + TOKEN_LIFE
        left = int((self.tokens[token] - now).total_seconds())
        return web.json_response({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": left})

    async def jsapi_ticket(self, _: web.Request) -> web.Response:
        """What pages are signed with, for two hours."""
        self.tickets += 1
        return web.json_response({"code": 0, "msg": "ok", "data": {"expire_in": 7200, "ticket": f"{self.app_id}-ticket"}})

    async def employee(self, request: web.Request) -> web.Response:
        """A person of the directory; user_id is what attendance knows him by."""
        user = self.board.users.get(request.match_info["open_id"])
        if user is None or request.query.get("user_id_type") != "open_id":
            return refusal(41050, "no user authority error")
        return web.json_response({"code": 0, "msg": "success", "data": {"user": {"open_id": user.open_id, "user_id": user.user_id}}})

    async def authorize(self, request: web.Request) -> web.Response:
        """The sign-in page: inside the client nobody is asked, so it redirects at once as the current user."""
        query = request.query
        if query.get("client_id") != self.app_id or query.get("response_type") != "code" or not query.get("redirect_uri"):
            return web.Response(status=400, text="20029: redirect_uri 请求不合法")
        user = self.board.user(query.get("as") or request.cookies.get("feishu_user", ""))
        if user is None:
            return web.Response(status=401, text="请先登录飞书")
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(user.open_id, self.board.clock.now() + CODE_LIFE)
        separator = "&" if "?" in query["redirect_uri"] else "?"
        parameters = {"code": code} | ({"state": query["state"]} if "state" in query else {})
        return web.Response(status=302, headers={"Location": query["redirect_uri"] + separator + urlencode(parameters)})

    async def user_token(self, request: web.Request) -> web.Response:
        """Exchange a code, once, within five minutes."""
        body = await _json(request)
        if body.get("client_id") != self.app_id or not secrets.compare_digest(str(body.get("client_secret")), self.app_secret):
            return web.json_response({"code": 20002, "error": "invalid_client", "error_description": "client secret invalid"}, status=400)
        code = self.codes.pop(str(body.get("code")), None)
        if body.get("grant_type") != "authorization_code" or code is None:
            return web.json_response({"code": 20003, "error": "invalid_grant", "error_description": "code not found"}, status=400)
        if code.until <= self.board.clock.now():
            return web.json_response({"code": 20004, "error": "invalid_grant", "error_description": "code expired"}, status=400)
        token = "eyJ" + secrets.token_urlsafe(48)
        self.people[token] = code.open_id
        return web.json_response({"code": 0, "access_token": token, "expires_in": 7200, "token_type": "Bearer", "scope": ""})

    async def user_info(self, request: web.Request) -> web.Response:
        """Say whose token it is."""
        user = self.board.user(self.people.get(request.headers.get("Authorization", "").removeprefix("Bearer "), ""))
        if user is None:
            return refusal(99991668, "Invalid access token for authorization", 401)
        return web.json_response({"code": 0, "msg": "success", "data": _profile(user)})

    async def by_mobile(self, request: web.Request) -> web.Response:
        """Ids behind at most 50 numbers; who is not there, or out of the app's range, comes without one."""
        mobiles = (await _json(request)).get("mobiles")
        if not isinstance(mobiles, list) or not 0 < len(mobiles) <= 50 or request.query.get("user_id_type") != "open_id":
            return refusal(99992402, "field validation failed")
        known = {user.phone: user.open_id for user in self.board.users.values() if user.phone and user.available}
        found = [{"mobile": one, **({"user_id": known[one]} if one in known else {})} for one in mobiles]
        return web.json_response({"code": 0, "msg": "success", "data": {"user_list": found}})

    async def bot_info(self, _request: web.Request) -> web.Response:
        """Answer as an enabled robot."""
        bot = {"activate_status": 2, "app_name": "销售行迹", "open_id": "ou_bot", "avatar_url": "", "ip_white_list": []}
        return web.json_response({"code": 0, "msg": "ok", "bot": bot})


def _profile(user: User) -> dict[str, Any]:
    return {"name": user.name, "open_id": user.open_id, "union_id": "on_" + user.open_id, "user_id": user.user_id, "tenant_key": "tk_demo"}


async def _json(request: web.Request) -> dict[str, Any]:
    body = await request.json()
    return body if isinstance(body, dict) else {}
