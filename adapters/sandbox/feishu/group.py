"""A group with a custom robot in it."""

import base64
import hashlib
import hmac
from typing import Any

from aiohttp import web

from adapters.sandbox.feishu.cards import BadCard, buttons, check
from adapters.sandbox.group import HOUR, Group, Refused


class FeishuGroup(Group):
    """`/open-apis/bot/v2/hook/<id>`: signed in the body, 20 KB, 5 a second and 100 a minute; cards open pages and call nobody back."""

    key, secret = "feishu-robot-hook", "demoSecret"

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/open-apis/bot/v2/hook/{key}", self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        return await self.take(request, ("code", "msg"), self._accept)

    def _accept(self, request: web.Request, body: dict[str, Any], size: int) -> dict[str, Any]:
        if request.match_info["key"] != self.key:
            raise Refused(19001, "incoming webhook access token invalid")
        stamp = str(body.get("timestamp", ""))
        right = base64.b64encode(hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()).decode()
        if not stamp.isdigit() or abs(self.clock.now().timestamp() - int(stamp)) > HOUR or body.get("sign") != right:
            raise Refused(19021, "sign match fail or timestamp is not within one hour from current time")
        if size > 20 * 1024:
            raise Refused(9499, "Bad Request")
        self.pace(((5, 1), (100, 60)), 11232)
        if body.get("msg_type") == "text" and isinstance(body.get("content"), dict) and body["content"].get("text"):
            return {"type": "text", "text": body["content"]["text"]}
        if body.get("msg_type") != "interactive" or not isinstance(body.get("card"), dict):
            raise Refused(9499, "Bad Request")
        return {"type": "interactive", "card": self._card(body["card"])}

    @staticmethod
    def _card(card: dict[str, Any]) -> dict[str, Any]:
        try:
            check(card, lambda _: False)
        except BadCard:
            raise Refused(9499, "Bad Request") from None
        if any(behaviour.get("type") != "open_url" for button in buttons(card) for behaviour in button["behaviors"]):
            raise Refused(9499, "a webhook's card calls nobody back")
        return card
