"""The platform's HTTP side: token, gateway, sending, files, check-in records; strict as the documents say."""

import json
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from yarl import URL as URL_OF

from adapters.sandbox.dingtalk import cards
from adapters.sandbox.dingtalk.world import World

MAX_PARAM = 15_000
MSG_KEYS = {"sampleText": ("content",), "sampleMarkdown": ("title", "text"), "sampleImageMsg": ("photoURL",)}
MSG_KEYS["sampleFile"] = ("mediaId", "fileName", "fileType")
MSG_KEYS |= {"sampleActionCard": ("title", "text", "singleTitle", "singleURL")}
for count in range(2, 6):
    names = [f"action{what}{n}" for n in range(1, count + 1) for what in ("Title", "URL")]
    MSG_KEYS[f"sampleActionCard{count}"] = ("title", "text", *names)
URL = re.compile(r"^(https?|dtmd)://\S+$")


class Refused(Exception):
    """Answered as the platform words it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


def _taken(answer: dict[str, Any] | str) -> dict[str, Any]:
    """Raises Refused for a code."""
    if isinstance(answer, str):
        raise Refused(400, answer)
    return answer


def _china(words: Any) -> int:
    """Milliseconds of a time as the platform wants it written."""
    return int(datetime.strptime(str(words), "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)


class Api:
    """Handlers; what each was called is counted in `world.calls`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.base = ""
        self.faults: list[tuple[str, int, Any]] = []  # part of a path, status, body: used up one by one

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1.0/oauth2/accessToken", self._guarded(self.token)),
            web.post("/v1.0/gateway/connections/open", self._guarded(self.gateway)),
            web.post("/v1.0/robot/oToMessages/batchSend", self._guarded(self.one_to_one)),
            web.post("/v1.0/robot/groupMessages/send", self._guarded(self.group)),
            web.post("/v1.0/robot/messageFiles/download", self._guarded(self.download)),
            web.get("/files/{code}", self.file),
            web.get("/oauth2/auth", self.consent),
            web.post("/v1.0/oauth2/userAccessToken", self._guarded(self.user_token)),
            web.get("/v1.0/contact/users/me", self._guarded(self.me)),
            web.post("/v1.0/oauth2/jsapiTickets", self._guarded(self.jsapi_ticket)),
            web.post("/topapi/user/getbyunionid", self._guarded(self.by_union)),
            web.post("/topapi/v2/user/getuserinfo", self._guarded(self.by_code)),
            web.post("/topapi/v2/user/getbymobile", self._guarded(self.by_mobile)),
            web.post("/topapi/checkin/record/get", self._guarded(self.checkins)),
            web.post("/v1.0/card/instances/createAndDeliver", self._guarded(self.deliver_card)),
            web.put("/v1.0/card/instances", self._guarded(self.change_card)),
            web.post("/attendance/listRecord", self._guarded(self.attendance)),
            web.post("/media/upload", self._guarded(self.upload)),
        ]

    def _guarded(self, handle: Any) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            self._world.calls[request.path] = self._world.calls.get(request.path, 0) + 1
            for fault in self.faults:
                if fault[0] in request.path:
                    self.faults.remove(fault)
                    return web.json_response(fault[2], status=fault[1])
            try:
                return web.json_response(await handle(request))
            except Refused as no:
                return web.json_response({"requestid": "r", "code": no.code, "message": no.code}, status=no.status)

        return answer

    async def token(self, request: web.Request) -> dict[str, Any]:
        body = await request.json()
        if (body.get("appKey"), body.get("appSecret")) != (self._world.client_id, self._world.secret):
            raise Refused(400, "invalidClientIdOrSecret")
        token, seconds = self._world.grant()
        return {"accessToken": token, "expireIn": seconds}

    async def gateway(self, request: web.Request) -> dict[str, Any]:
        body = await request.json()
        if (body.get("clientId"), body.get("clientSecret")) != (self._world.client_id, self._world.secret):
            raise Refused(401, "authFailed")
        if not body.get("subscriptions"):
            raise Refused(400, "systemError")
        return {"endpoint": f"{self.base.replace('http', 'ws', 1)}/connect", "ticket": self._world.ticket()}

    async def one_to_one(self, request: web.Request) -> dict[str, Any]:
        body = await self._message(request)
        users = body.get("userIds")
        if not isinstance(users, list) or not 0 < len(users) <= 20:
            raise Refused(400, "send.too.many.people")
        invalid = [user for user in users if user not in self._world.users]
        slow = [user for user in users if user in self._world.flow_controlled]
        for user in users:
            if user not in invalid and user not in slow:
                self._world.show(user, "robot", body["msgKey"], param=body["param"])
        return {"processQueryKey": f"q{next(self._world.ids)}", "invalidStaffIdList": invalid, "flowControlledStaffIdList": slow}

    async def group(self, request: web.Request) -> dict[str, Any]:
        body = await self._message(request)
        chat = body.get("openConversationId")
        if chat not in self._world.groups:
            raise Refused(400, "invalid.openConversationId")
        self._world.show(str(chat), "robot", body["msgKey"], param=body["param"])
        return {"processQueryKey": f"q{next(self._world.ids)}"}

    async def _message(self, request: web.Request) -> dict[str, Any]:
        self._authorised(request)
        body: dict[str, Any] = await request.json()
        if body.get("robotCode") != self._world.client_id:
            raise Refused(400, "invalidParameter.robotCode.auth")
        key, text = body.get("msgKey"), body.get("msgParam")
        if not isinstance(text, str):
            raise Refused(400, "invalidParameter.msgParam.empty")
        if len(text.encode()) > MAX_PARAM:
            raise Refused(400, "invalidParameter.msgParam.tooLong")
        param = json.loads(text)
        if key not in MSG_KEYS or set(param) != set(MSG_KEYS[key]) or not all(isinstance(value, str) and value for value in param.values()):
            raise Refused(400, "invalidParameter.msgKey.invalid")
        if any("URL" in name and name != "photoURL" and not URL.match(value) for name, value in param.items()):
            raise Refused(400, "contain.unsafe.url")
        return {**body, "param": param}

    async def download(self, request: web.Request) -> dict[str, Any]:
        self._authorised(request)
        body = await request.json()
        held = self._world.files.get(str(body.get("downloadCode")))
        if body.get("robotCode") != self._world.client_id:
            raise Refused(400, "invalidParameter.robotCode.auth")
        if held is None or held.until < self._world.now:
            raise Refused(400, "invalidParameter.robotCode.downloadCode")
        return {"downloadUrl": f"{self.base}/files/{body['downloadCode']}?Expires={int(held.until)}"}

    async def file(self, request: web.Request) -> web.Response:
        held = self._world.files.get(request.match_info["code"])
        return web.Response(body=held.data, content_type="application/octet-stream") if held else web.Response(status=403)

    async def consent(self, request: web.Request) -> web.Response:
        """The sign-in page of somebody whose cookie says who he is: he agrees at once."""
        user = request.cookies.get("dingtalk_user", "")
        if request.query.get("client_id") != self._world.client_id or not user:
            return web.Response(status=401, text="unknown")
        code = f"code{next(self._world.ids)}"
        self._world.codes[code] = user
        back = URL_OF(request.query["redirect_uri"]).update_query(authCode=code, state=request.query.get("state", ""))
        return web.Response(status=302, headers={"Location": str(back)})

    async def user_token(self, request: web.Request) -> dict[str, Any]:
        body = await request.json()
        if (body.get("clientId"), body.get("clientSecret")) != (self._world.client_id, self._world.secret):
            raise Refused(400, "invalidClientIdOrSecret")
        user = self._world.codes.pop(str(body.get("code")), "")
        if not user or body.get("grantType") != "authorization_code":
            raise Refused(400, "invalidParameter.authCode.notFound")
        return {"accessToken": f"user-{user}", "refreshToken": "r", "expireIn": 7200, "corpId": "dingcorp"}

    async def jsapi_ticket(self, request: web.Request) -> dict[str, Any]:
        self._authorised(request)
        return {"jsapiTicket": f"{self._world.client_id}-ticket", "expireIn": 7200}

    async def me(self, request: web.Request) -> dict[str, Any]:
        token = request.headers.get("x-acs-dingtalk-access-token", "")
        if not token.startswith("user-"):
            raise Refused(400, "InvalidAuthentication")
        return {"nick": "n", "unionId": f"union-{token.removeprefix('user-')}", "openId": "o"}

    async def by_code(self, request: web.Request) -> dict[str, Any]:
        """A code of the client's kit: once, within five minutes, and no code of the sign-in page."""
        if not self._world.good(request.query.get("access_token", "")):
            return {"errcode": 88, "sub_code": "40014", "errmsg": "ding talk error"}
        user, until = self._world.inside.pop(str((await request.json()).get("code", "")), ("", self._world.clock.now()))
        if not user or until <= self._world.clock.now():
            return {"errcode": 40078, "errmsg": "不存在的临时授权码"}
        return {"errcode": 0, "result": {"userid": user, "unionid": f"union-{user}", "sys": False}}

    async def by_union(self, request: web.Request) -> dict[str, Any]:
        if not self._world.good(request.query.get("access_token", "")):
            return {"errcode": 88, "sub_code": "40014", "errmsg": "ding talk error"}
        user = str((await request.json()).get("unionid", "")).removeprefix("union-")
        if user not in self._world.users:
            return {"errcode": 60121, "errmsg": "user not found"}
        return {"errcode": 0, "result": {"contact_type": 0, "userid": user}}

    async def by_mobile(self, request: web.Request) -> dict[str, Any]:
        if not self._world.good(request.query.get("access_token", "")):
            return {"errcode": 88, "sub_code": "40014", "errmsg": "ding talk error"}
        user = self._world.phones.get(str((await request.json()).get("mobile", "")), "")
        return {"errcode": 0, "result": {"userid": user}} if user else {"errcode": 60121, "errmsg": "user not found"}

    async def checkins(self, request: web.Request) -> dict[str, Any]:
        if not self._world.good(request.query.get("access_token", "")):
            return {"errcode": 88, "sub_code": "40014", "errmsg": "ding talk error"}
        body = await request.json()
        users = str(body.get("userid_list", "")).split(",")
        start, end, size = int(body["start_time"]), int(body["end_time"]), int(body["size"])
        if len(users) > 10 or size > 100 or end - start > (10 if len(users) == 1 else 1) * 86_400_000:
            return {"errcode": 40035, "errmsg": "invalid parameter"}
        cursor = int(body.get("cursor") or 0)
        found = [one for one in self._world.records if one["userid"] in users and start <= one["checkin_time"] <= end]
        following = cursor + size if cursor + size < len(found) else None
        return {"errcode": 0, "result": {"page_list": found[cursor : cursor + size], "next_cursor": following}}

    async def deliver_card(self, request: web.Request) -> dict[str, Any]:
        self._authorised(request)
        return _taken(cards.deliver(self._world, await request.json()))

    async def change_card(self, request: web.Request) -> dict[str, Any]:
        self._authorised(request)
        return _taken(cards.change(self._world, await request.json()))

    async def attendance(self, request: web.Request) -> dict[str, Any]:
        if not self._world.good(request.query.get("access_token", "")):
            return {"errcode": 88, "sub_code": "40014", "errmsg": "ding talk error"}
        body = await request.json()
        users, start, end = body.get("userIds"), *(_china(body.get(name)) for name in ("checkDateFrom", "checkDateTo"))
        if not isinstance(users, list) or not 0 < len(users) <= 50 or not 0 <= end - start <= 7 * 86_400_000:
            return {"errcode": 40035, "errmsg": "invalid parameter"}
        found = [one for one in self._world.punches if one["userId"] in users and start <= one["userCheckTime"] // 1000 * 1000 <= end]
        return {"errcode": 0, "errmsg": "ok", "recordresult": found}

    async def upload(self, request: web.Request) -> dict[str, Any]:
        if not self._world.good(request.query.get("access_token", "")):
            return {"errcode": 40014, "errmsg": "invalid access_token"}
        form = await request.post()
        media = form.get("media")
        data = media.file.read() if isinstance(media, web.FileField) else b""
        if not data:
            return {"errcode": 40035, "errmsg": "empty"}
        return {"errcode": 0, "media_id": f"@{self._world.keep(data, 'image/jpeg')}", "type": "image"}

    def _authorised(self, request: web.Request) -> None:
        if not self._world.good(request.headers.get("x-acs-dingtalk-access-token", "")):
            raise Refused(400, "InvalidAuthentication")
