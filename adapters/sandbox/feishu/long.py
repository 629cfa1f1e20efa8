"""The platform's side of the long connection, written from the document: discovery, frames, answers within three seconds."""

import asyncio
import base64
import json
import random
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

ANSWER_S = 3.0
MOST = 50  # connections of one app
CONFIG = {"ReconnectCount": -1, "ReconnectInterval": 120, "ReconnectNonce": 30, "PingInterval": 120}
WHOLE, BYTES = 0, 2  # wire types: a number, bytes with their length before them


@dataclass(slots=True)
class Frame:
    """What goes over the socket: `pbbp2.Frame`. `method` 0 controls, 1 carries data."""

    method: int
    service: int = 1
    seq: int = 0
    log: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    payload: bytes = b""

    def pack(self) -> bytes:
        numbers = b"".join(_tag(at, WHOLE) + _number(value) for at, value in enumerate((self.seq, self.log, self.service, self.method), 1))
        headers = b"".join(_sized(5, _sized(1, key.encode()) + _sized(2, value.encode())) for key, value in self.headers.items())
        return numbers + headers + _sized(8, self.payload)

    @classmethod
    def unpack(cls, data: bytes) -> "Frame":
        """Raises IndexError for what is cut short."""
        found = cls(method=0)
        for at, value in _fields(data):
            if at == 5 and isinstance(value, bytes):
                pair = dict(_fields(value))
                found.headers[_text(pair[1])] = _text(pair[2])
            elif at == 8 and isinstance(value, bytes):
                found.payload = value
            elif isinstance(value, int):
                setattr(found, {1: "seq", 2: "log", 3: "service", 4: "method"}[at], value)
        return found


@dataclass(slots=True)
class Long:
    """The endpoint and its sockets. `part_bytes` splits what is longer; `asked` counts discoveries; `answers` keeps every answer."""

    app_id: str
    app_secret: str
    part_bytes: int = 1 << 30
    base_url: str = ""
    asked: int = 0
    busy: int = 0  # so many discoveries are answered with 1, system busy
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    answers: list[Frame] = field(default_factory=list)
    pings: int = 0
    deaf: bool = False  # events are sent, answers never heard
    _tickets: set[str] = field(default_factory=set)
    _waiting: dict[str, asyncio.Future[Frame]] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/callback/ws/endpoint", self.endpoint), web.get("/ws", self.connect)]

    async def endpoint(self, request: web.Request) -> web.Response:
        """Discovery: the address is good for one connection."""
        self.asked += 1
        body = await request.json()
        if body.get("AppID") != self.app_id or not secrets.compare_digest(str(body.get("AppSecret")), self.app_secret):
            return web.json_response({"code": 514, "msg": "auth failed"})
        if self.busy:
            self.busy -= 1
            return web.json_response({"code": 1, "msg": "system busy"})
        if len(self.sockets) >= MOST:
            return web.json_response({"code": 1000040350, "msg": "exceed connection limit"})
        ticket = secrets.token_urlsafe(12)
        self._tickets.add(ticket)
        url = f"{self.base_url.replace('http', 'ws', 1)}/ws?device_id={secrets.randbelow(10**12)}&service_id=1&ticket={ticket}"
        return web.json_response({"code": 0, "msg": "", "data": {"URL": url, "ClientConfig": CONFIG}})

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """The handshake; refusals are told in its headers."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            refused = {"handshake-status": "514", "handshake-msg": "ticket invalid", "handshake-autherrcode": "0"}
            return web.Response(status=400, headers=refused)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(max_msg_size=1 << 20)
        await socket.prepare(request)
        self.sockets.append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.BINARY:
                    await self._heard(socket, Frame.unpack(message.data))
        finally:
            self._leave(socket)
        return socket

    async def _heard(self, socket: web.WebSocketResponse, frame: Frame) -> None:
        if frame.headers.get("type") == "ping":
            self.pings += 1
            await socket.send_bytes(Frame(method=0, headers={"type": "pong"}, payload=json.dumps(CONFIG).encode()).pack())
        elif not self.deaf:
            self.answers.append(frame)
            waiting = self._waiting.get(frame.headers.get("message_id", ""))
            if waiting and not waiting.done():
                waiting.set_result(frame)

    async def deliver(self, plain: bytes) -> tuple[int, bytes]:
        """Bring an event to one connection, chosen at random; (0, b"") when nobody answered within three seconds."""
        if not self.sockets:
            return 0, b""
        socket, id_ = random.choice(self.sockets), secrets.token_hex(16)
        self._waiting[id_] = asyncio.get_running_loop().create_future()
        try:
            for frame in self._frames(id_, plain):
                await socket.send_bytes(frame.pack())
            answer = await asyncio.wait_for(self._waiting[id_], ANSWER_S)
            told: dict[str, Any] = json.loads(answer.payload)
            return int(told["code"]), base64.b64decode(told.get("data") or "") or b"{}"
        except (TimeoutError, ConnectionError, ValueError):
            return 0, b""
        finally:
            del self._waiting[id_]

    def _frames(self, id_: str, plain: bytes) -> Iterator[Frame]:
        parts = [plain[at : at + self.part_bytes] for at in range(0, len(plain), self.part_bytes)]
        for at, part in enumerate(parts):
            headers = {"type": "event", "message_id": id_, "sum": str(len(parts)), "seq": str(at), "trace_id": secrets.token_hex(8)}
            yield Frame(method=1, seq=at + 1, headers=headers, payload=part)

    def cut(self) -> None:
        """Every connection breaks without a word."""
        for socket in list(self.sockets):
            self._leave(socket)
            if socket._req and socket._req.transport:  # noqa: SLF001 - a cable pulled out is nothing that the public side offers
                socket._req.transport.abort()  # noqa: SLF001 - as above

    async def hang_up(self) -> None:
        """Close every connection politely."""
        for socket in list(self.sockets):
            self._leave(socket)
            with suppress(ConnectionError):
                await socket.close()

    async def connected(self, patience: float = 20.0) -> None:
        """Wait until somebody is there: the kit takes seconds to be imported."""
        for _ in range(int(patience / 0.02)):
            if self.sockets:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("nobody opened a long connection")

    def _leave(self, socket: web.WebSocketResponse) -> None:
        if socket in self.sockets:
            self.sockets.remove(socket)


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _tag(at: int, kind: int) -> bytes:
    return _number(at << 3 | kind)


def _sized(at: int, data: bytes) -> bytes:
    return _tag(at, BYTES) + _number(len(data)) + data


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _read(data, at)
        value, at = _read(data, at)
        if tag & 7 == BYTES:
            yield tag >> 3, data[at : at + value]
            at += value
        else:
            yield tag >> 3, value


def _read(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _text(value: int | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else ""
