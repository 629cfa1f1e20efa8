"""Faults on demand, as the product would meet them on a bad day."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from aiohttp import web

FaultKind: TypeAlias = Literal["http500", "timeout", "reset", "invalid_token", "rate", "busy", "ip", "late_reply", "late_reset"]
Answer: TypeAlias = Callable[[], Awaitable[web.StreamResponse]]
ERRORS = {
    "invalid_token": (40014, "invalid access_token"),
    "rate": (45009, "api freq out of limit"),
    "busy": (-1, "system busy"),
    "ip": (60020, "not allow to access from your ip, hint: [1], from ip: 203.0.113.7"),
}


@dataclass(slots=True)
class Planned:
    """A fault for the next `times` calls whose path contains `path_part`."""

    path_part: str
    kind: FaultKind
    times: int


@dataclass(slots=True)
class Faults:
    """What goes wrong, and when. `outage`: every call is answered 503."""

    outage: bool = False
    planned: list[Planned] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, path: str) -> FaultKind | None:
        """Return the fault for this call, using it up."""
        for fault in self.planned:
            if fault.path_part in path and fault.times > 0:
                fault.times -= 1
                return fault.kind
        return None

    async def apply(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        """Answer the request, or do what the fault says instead."""
        if self.outage:
            return web.Response(status=503, text="Service Unavailable")
        kind = self.take(request.path)
        if kind is None:
            return await answer()
        if kind in ERRORS:
            code, message = ERRORS[kind]
            return web.json_response({"errcode": code, "errmsg": message})
        if kind == "http500":
            return web.Response(status=500, text="Internal Server Error")
        if kind in {"late_reply", "late_reset"}:
            await answer()  # accepted, but the client will not hear of it
        if kind in {"reset", "late_reset"}:
            _cut(request)
        else:
            await self.over.wait()  # the client gives up first
        return web.Response(status=504)


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
