"""A group with a custom robot in it."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from adapters.sandbox.group import HOUR, Group, Refused
from bot.ports import Clock


class DingTalkGroup(Group):
    """`/robot/send?access_token=&timestamp=&sign=`: a repeated msgUuid is taken and not shown.

    Beyond 20 a minute it takes nothing for ten.
    """

    token, secret = "ding-robot-token", "SECding"
    closed_until = 0.0

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.seen: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/robot/send", self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        return await self.take(request, ("errcode", "errmsg"), self._accept)

    def _accept(self, request: web.Request, body: dict[str, Any], size: int) -> dict[str, Any] | None:
        if request.query.get("access_token") != self.token:
            raise Refused(400101, "access_token is not exist")
        self._signed(request.query.get("timestamp", ""), request.query.get("sign", ""))
        kind = body.get("msgtype")
        content = body.get(str(kind))
        if not isinstance(content, dict) or size > 20_000:
            raise Refused(40035, "invalid parameter")
        _ding_shape(str(kind), content)
        if body.get("at", {}).get("isAtAll"):
            raise Refused(40035, "nobody wants that")
        now = self.clock.now().timestamp()
        if now < self.closed_until:
            raise Refused(410100, "send too fast")
        try:
            self.pace(((20, 60),), 410100)
        except Refused:
            self.closed_until = now + 600
            raise
        known = body.get("msgUuid") in self.seen
        self.seen |= {str(body["msgUuid"])} if "msgUuid" in body else set()
        return None if known else {"type": kind, **content}

    def _signed(self, stamp: str, sign: str) -> None:
        if not stamp.isdigit() or abs(self.clock.now().timestamp() - int(stamp) / 1000) > HOUR:
            raise Refused(310000, "invalid timestamp")
        right = base64.b64encode(hmac.new(self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256).digest()).decode()
        if sign != right:
            raise Refused(310000, "sign not match")


def _ding_shape(kind: str, content: dict[str, Any]) -> None:
    single = {"title", "text", "singleTitle", "singleURL"}
    shapes = {"text": [{"content"}], "markdown": [{"title", "text"}], "actionCard": [single, {"title", "text", "btnOrientation", "btns"}]}
    if set(content) not in shapes.get(kind, []):
        raise Refused(40035, "invalid parameter")
    links = [content["singleURL"]] if "singleURL" in content else [one["actionURL"] for one in content.get("btns", [])]
    if any(urlsplit(link).scheme not in {"http", "https"} for link in links):
        raise Refused(430101, "unsafe url")
