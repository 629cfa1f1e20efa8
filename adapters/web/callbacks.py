"""The platforms' callbacks: verified, stored, and only then answered 200."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web

from adapters.web.desk import Acks, Desk
from adapters.web.metrics import Metrics
from bot.errors import Forged, StoreError
from bot.model import Envelope, Platform
from bot.ports import Adapter

BODY_CAP = 256 * 1024
log = logging.getLogger("salestrace.web")

Handle: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Ack: TypeAlias = Callable[[Envelope], tuple[bytes, str]]


def routes(desk: Desk, metrics: Metrics) -> list[web.RouteDef]:
    """One handler for each platform that is switched on; the others stay 404."""
    found = []
    if wecom := desk.adapters.get(Platform.WECOM):
        handle = _door(wecom, desk, metrics)
        found += [web.get("/wecom/callback", handle, allow_head=False), web.post("/wecom/callback", handle)]
    if feishu := desk.adapters.get(Platform.FEISHU):
        found.append(web.post("/feishu/event", _door(feishu, desk, metrics)))
    if dingtalk := desk.adapters.get(Platform.DINGTALK):
        handle = _door(dingtalk, desk, metrics)
        found += [web.post("/dingtalk/robot", handle), web.post("/dingtalk/event", handle)]
    return found


def _door(adapter: Adapter, desk: Desk, metrics: Metrics) -> Handle:
    # Everything is looked up once: a platform allows seconds, but a burst of redeliveries must not pile up here.
    platform, open_, receive, now, count = adapter.platform, adapter.open, desk.receive, desk.clock.now, metrics.callback
    ack: Ack = adapter.ack if isinstance(adapter, Acks) else _empty

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await read_capped(request, BODY_CAP)
        if body is None:
            return _refuse(count, platform, "too_large", 413)
        moment = now()
        try:
            opened = open_(request.headers, request.query, body, moment)
            if isinstance(opened, str):
                count(platform, "check")
                return _echo(opened)
            fresh = await receive(opened)
        except Forged as error:
            desk.refused(platform, error.reason, moment)
            return _refuse(count, platform, error.reason, 403)
        except StoreError:
            return _refuse(count, platform, "not_stored", 503)
        desk.seen(platform, moment)
        count(platform, "stored" if fresh else "repeated")
        answer, kind = ack(opened)
        return web.Response(body=answer, headers={"Content-Type": kind})  # may name a charset

    return handle


async def read_capped(request: web.Request, cap: int) -> bytes | None:
    """The body, or None once it is larger than `cap` bytes: the rest is not read."""
    if (request.content_length or 0) > cap:
        return None
    body = bytearray()
    while chunk := await request.content.readany():
        body += chunk
        if len(body) > cap:
            return None
    return bytes(body)


def _empty(_: Envelope) -> tuple[bytes, str]:
    return b"", "text/plain"


def _echo(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json" if text.startswith("{") else "text/plain")


def _refuse(count: Callable[[Platform, str], None], platform: Platform, reason: str, status: int) -> web.Response:
    """Empty outside, one line inside: the code only, never what was sent."""
    log.warning("callback refused: %s %s", platform.value, reason)
    count(platform, {403: "forged", 413: "too_large", 503: "not_stored"}[status])
    return web.Response(status=status)
