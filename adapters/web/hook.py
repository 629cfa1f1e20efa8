"""Facts pushed by other systems: signed over time, kind and body, fresh, and the same request twice does nothing twice."""

import hmac
import re
from datetime import timedelta
from hashlib import sha256

from aiohttp import web

from adapters.web.callbacks import read_capped
from adapters.web.desk import Desk
from adapters.web.facts import CAP, FIRST, KINDS, rows_of
from adapters.web.problems import answer, refuse

FRESH = timedelta(minutes=5)
TIME, SIGNATURE = "X-SalesTrace-Timestamp", "X-SalesTrace-Signature"
SECONDS = re.compile(r"\d{9,11}")


def hook_route(desk: Desk) -> web.RouteDef:
    async def take(request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        if not desk.hook_secret or kind not in KINDS:
            refuse(404)
        data = await read_capped(request, CAP)
        if data is None:
            refuse(413)
        stamp = request.headers.get(TIME, "")
        signed = message(stamp, kind, data)
        if not hmac.compare_digest(request.headers.get(SIGNATURE, "").encode(), signature(desk.hook_secret, signed).encode()):
            refuse(401, "签名不对")
        if not _fresh(stamp, desk):
            refuse(401, "时间戳与本机相差超过 5 分钟")
        digest = sha256(signed).hexdigest()
        known = await desk.pushed(digest)
        if known is not None:
            return answer({**known, "repeated": True})
        rows = rows_of(data, request.content_type)
        taken = await desk.take_in(kind, [row for _, row in rows], data, "hook")
        rejected = [{"row": rows[one.row - FIRST][0], "reason": one.reason} for one in taken.rejected]
        told = {"accepted": taken.accepted, "unchanged": taken.unchanged, "rejected": rejected}
        await desk.push_done(digest, told)
        return answer({**told, "repeated": False})

    return web.post("/hook/facts/{kind}", take)


def message(stamp: str, kind: str, body: bytes) -> bytes:
    """What is signed: a signature for one kind is none for another."""
    return f"{stamp}.{kind}.".encode(errors="replace") + body


def signature(secret: str, signed: bytes) -> str:
    """`v1=` and the HMAC-SHA256 in hex."""
    return "v1=" + hmac.digest(secret.encode(), signed, "sha256").hex()


def _fresh(stamp: str, desk: Desk) -> bool:
    return bool(SECONDS.fullmatch(stamp)) and abs(desk.clock.now().timestamp() - int(stamp)) <= FRESH.total_seconds()
