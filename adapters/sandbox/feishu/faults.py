"""What can go wrong at a platform, on demand."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PROCESSED = frozenset({"late_reply", "lost_reply"})  # kinds after whose failure the request has been carried out all the same


def refusal(code: int, message: str, status: int = 400, headers: dict[str, str] | None = None) -> web.Response:
    """Return an error as the platform words it."""
    return web.json_response({"code": code, "msg": message, "error": {"log_id": "2026112300000000"}}, status=status, headers=headers)


def rate_limited(seconds: float) -> web.Response:
    """Return the gateway's answer to too many calls."""
    headers = {"x-ogw-ratelimit-limit": "50", "x-ogw-ratelimit-reset": str(max(1, round(seconds)))}
    return refusal(99991400, "request trigger frequency limit", 429, headers)


@dataclass(slots=True)
class Fault:
    """`kind` for the next `left` calls whose "METHOD /path" contains `part`."""

    part: str
    kind: str
    left: int


@dataclass(slots=True)
class Faults:
    """The stand-in's misbehaviour and its call counter."""

    closing: asyncio.Event
    armed: list[Fault] = field(default_factory=list)
    outage: bool = False
    calls: Counter[str] = field(default_factory=Counter)

    def arm(self, part: str, kind: str, times: int) -> None:
        """See `FeishuStandIn.fail`."""
        self.armed.append(Fault(part, kind, times))

    def take(self, call: str) -> str:
        """Return the kind of fault for this call, "" for none."""
        for fault in self.armed:
            if fault.left > 0 and fault.part in call:
                fault.left -= 1
                return fault.kind
        return "outage" if self.outage else ""

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count the call, then let it through or spoil it."""
        resource = request.match_info.route.resource
        self.calls[f"{request.method} {resource.canonical if resource else request.path}"] += 1
        kind = self.take(f"{request.method} {request.path}")
        if not kind:
            return await handler(request)
        if kind in PROCESSED:
            await handler(request)
        return await self.spoil(kind, request)

    async def spoil(self, kind: str, request: web.Request) -> web.StreamResponse:
        """Answer wrongly, or not at all."""
        if kind in {"http500", "outage"}:
            return web.Response(status=500 if kind == "http500" else 503, text="<html>upstream error</html>", content_type="text/html")
        if kind == "invalid_token":
            return refusal(99991663, "Invalid access token for authorization. Please make a test attempt after refresh.")
        if kind == "rate":
            return rate_limited(7)
        if kind.removeprefix("200:").isdigit():
            code = int(kind.removeprefix("200:"))
            return refusal(code, f"refused with {code}", 200 if kind.startswith("200:") else 400)
        if kind in {"reset", "lost_reply"}:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if kind in {"timeout", "late_reply"}:
            await self.closing.wait()
            return web.Response(status=504)
        raise ValueError(f"unknown fault {kind}")
