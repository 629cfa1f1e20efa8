"""A group with a robot in it (消息推送)."""

from typing import Any

from aiohttp import web

from adapters.sandbox.group import Group, Refused


class WeComGroup(Group):
    """`/cgi-bin/webhook/send?key=`: text of 2048 bytes, markdown of 4096, 20 a minute."""

    key = "wecom-robot-key"

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/cgi-bin/webhook/send", self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        return await self.take(request, ("errcode", "errmsg"), self._accept)

    def _accept(self, request: web.Request, body: dict[str, Any], size: int) -> dict[str, Any]:
        del size
        if request.query.get("key") != self.key:
            raise Refused(93000, "invalid webhook url")
        kind = body.get("msgtype")
        content = body.get(str(kind), {}).get("content") if kind in {"text", "markdown"} else None
        if not isinstance(content, str) or not content:
            raise Refused(40008, "invalid message type")
        if len(content.encode()) > (2048 if kind == "text" else 4096):
            raise Refused(45002, "content size out of limit")
        if set(body) - {"msgtype", str(kind)}:
            raise Refused(40058, "invalid request parameter")
        self.pace(((20, 60),), 45009)
        return {"type": kind, "text": content, "mentioned": body[str(kind)].get("mentioned_list", [])}
