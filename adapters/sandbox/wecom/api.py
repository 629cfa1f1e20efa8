"""The platform's HTTP side: what qyapi.weixin.qq.com and open.weixin.qq.com answer."""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from adapters.sandbox.wecom import files, messages, records
from adapters.sandbox.wecom.faults import Faults
from adapters.sandbox.wecom.group import WeComGroup
from adapters.sandbox.wecom.world import TOKEN_SECONDS, ApiError, World

Json: TypeAlias = dict[str, Any]
Call: TypeAlias = Callable[[World, Json], Json]
MENU_TYPES = ("click", "view", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select")
BASE_PER_MINUTE = 10_000
TOKENS_PER_MINUTE = 600
TICKETS_PER_HOUR = 100  # an app


class Api:
    """Routes of the stand-in."""

    def __init__(self, world: World, faults: Faults, group: WeComGroup) -> None:
        self._world = world
        self._faults = faults
        self._group = group

    def app(self) -> web.Application:
        """Build the application."""
        app = web.Application(client_max_size=25 << 20, middlewares=[self._guard])
        app.add_routes(
            [
                *self._group.routes(),
                web.get("/cgi-bin/gettoken", self._gettoken),
                web.post("/cgi-bin/message/send", self._json(messages.send)),
                web.post("/cgi-bin/message/update_template_card", self._json(messages.update_card)),
                web.post("/cgi-bin/menu/create", self._menu_create),
                web.get("/cgi-bin/menu/get", self._menu_get),
                web.post("/cgi-bin/media/upload", self._upload),
                web.get("/cgi-bin/media/get", self._download),
                web.post("/cgi-bin/checkin/getcheckindata", self._json(records.read)),
                web.post("/cgi-bin/user/getuserid", self._json(_getuserid)),
                web.get("/cgi-bin/auth/getuserinfo", self._userinfo),
                web.get("/cgi-bin/get_jsapi_ticket", self._jsapi_ticket),
                web.get("/connect/oauth2/authorize", self._authorize),
                web.get("/phone/media/{id}", self._phone_media),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        if request.path.startswith("/phone/"):
            return await handler(request)  # type: ignore[no-any-return]
        self._world.calls[request.path] += 1
        return await self._faults.apply(request, lambda: self._answer(request, handler))

    async def _answer(self, request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        try:
            if not request.path.startswith(("/connect/", "/cgi-bin/webhook/")):
                self._admit(request)
            return await handler(request)  # type: ignore[no-any-return]
        except ApiError as error:
            return web.json_response({"errcode": error.code, "errmsg": error.message})

    def _admit(self, request: web.Request) -> None:
        """Limits, then the token."""
        limit = TOKENS_PER_MINUTE if request.path.endswith("/gettoken") else BASE_PER_MINUTE
        if not request.path.endswith("/message/send") and self._world.full(request.path, limit, 60):
            raise ApiError(45009, "api freq out of limit")
        if request.path.endswith("/gettoken"):
            return
        token = request.query.get("access_token", "")
        if not token:
            raise ApiError(41001, "access_token missing")
        if token not in self._world.tokens:
            raise ApiError(40014, "invalid access_token")
        if self._world.tokens[token] <= self._world.clock.now():
            raise ApiError(42001, "access_token expired")

    def _json(self, call: Call) -> Callable[[web.Request], Any]:
        async def handler(request: web.Request) -> web.Response:
            return _ok(call(self._world, await _body(request)))

        return handler

    async def _gettoken(self, request: web.Request) -> web.Response:
        if request.query.get("corpid") != self._world.corp_id:
            raise ApiError(40013, "invalid corpid")
        if not secrets.compare_digest(request.query.get("corpsecret", "").encode(), self._world.secret.encode()):
            raise ApiError(40001, "invalid credential")
        return _ok({"access_token": self._world.new_token(), "expires_in": TOKEN_SECONDS})

    async def _menu_create(self, request: web.Request) -> web.Response:
        self._check_agent(request)
        menu = (await _body(request)).get("button")
        if not isinstance(menu, list) or not 1 <= len(menu) <= 3:
            raise ApiError(40016, "invalid button size")
        for top in menu:
            _check_item(top, 16)
        self._world.menu = menu
        self._world.touch()
        return _ok({})

    async def _menu_get(self, request: web.Request) -> web.Response:
        self._check_agent(request)
        if not self._world.menu:
            raise ApiError(46003, "menu no exist")
        return _ok({"button": self._world.menu})

    def _check_agent(self, request: web.Request) -> None:
        if not self._world.ip_allowed:
            raise ApiError(60020, "not allow to access from your ip, from ip: 203.0.113.9")
        if request.query.get("agentid") != str(self._world.agent_id):
            raise ApiError(301002, "not permit to use the agentid")

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        field = form.get("media")
        if not isinstance(field, web.FileField):
            raise ApiError(41005, "media data missing")
        media = files.accept(self._world, request.query.get("type", ""), field.file.read(), field.filename)
        return _ok({"type": media.kind, "media_id": media.id, "created_at": str(int(self._world.clock.now().timestamp()))})

    async def _download(self, request: web.Request) -> web.Response:
        return files.serve(self._world, request.query.get("media_id", ""), request.headers.get("Range", ""))

    async def _phone_media(self, request: web.Request) -> web.Response:
        media = self._world.media.get(request.match_info["id"])
        if media is None:
            raise web.HTTPNotFound
        return web.Response(body=media.data, content_type=media.mime)

    async def _userinfo(self, request: web.Request) -> web.Response:
        user, until = self._world.logins.pop(request.query.get("code", ""), ("", self._world.clock.now()))
        if until <= self._world.clock.now():
            raise ApiError(40029, "invalid code")
        return _ok({"userid": user})

    async def _jsapi_ticket(self, _: web.Request) -> web.Response:
        """The same ticket for two hours; a hundred asks an hour, then none."""
        if self._world.full("get_jsapi_ticket", TICKETS_PER_HOUR, 3600):
            raise ApiError(45009, "api freq out of limit")
        return _ok({"ticket": self._world.jsapi_ticket, "expires_in": TOKEN_SECONDS})

    async def _authorize(self, request: web.Request) -> web.Response:
        query, target = request.query, urlsplit(request.query.get("redirect_uri", ""))
        fine = query.get("appid") == self._world.corp_id and query.get("response_type") == "code" and query.get("scope") == "snsapi_base"
        if not fine or target.scheme not in {"http", "https"} or not re.fullmatch(r"[a-zA-Z0-9]{0,128}", query.get("state", "")):
            return web.Response(status=400, text="参数错误")
        user = query.get("as") or request.cookies.get("wecom_user", "")
        if user not in self._world.members:
            return web.Response(status=403, text="请在企业微信客户端打开链接")
        code = secrets.token_urlsafe(32)
        self._world.logins[code] = (user, self._world.clock.now() + timedelta(minutes=5))
        added = urlencode({"code": code, "state": query.get("state", "")})
        raise web.HTTPFound(target._replace(query="&".join(filter(None, [target.query, added]))).geturl())


def _ok(answer: Json) -> web.Response:
    return web.json_response({"errcode": 0, "errmsg": "ok", **answer})


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        raise ApiError(47001, "data format error") from None
    if not isinstance(body, dict):
        raise ApiError(47001, "data format error")
    return body


def _check_item(item: Json, name_bytes: int) -> None:
    if not 1 <= len(str(item.get("name", "")).encode()) <= name_bytes:
        raise ApiError(40018, "invalid button name size")
    below = item.get("sub_button", [])
    if len(below) > 5:
        raise ApiError(40023, "invalid sub button size")
    for sub in below:
        _check_item(sub, 40)
    if below:
        return
    if item.get("type") not in MENU_TYPES:
        raise ApiError(40017, "invalid button type")
    if not (item.get("url") if item["type"] == "view" else item.get("key")):
        raise ApiError(40019, "invalid button key size")


def _getuserid(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Whose number it is; who is out of the app's range is not there."""
    user = world.phones.get(str(body.get("mobile")), "")
    if user not in world.members:
        raise ApiError(46004, "user no exist")
    return {"userid": user}
