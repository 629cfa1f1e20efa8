"""Stream mode: a connection that we open ourselves. What a frame brings is durable before it is acked; a new connection is there before
the old one is let go."""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import aiohttp

from adapters.dingtalk.client import Client
from adapters.dingtalk.codec import CARD, ROBOT, frame_envelope
from adapters.dingtalk.errors import ApiError
from adapters.http import Unreachable
from bot.errors import Forged, StoreError
from bot.model import Envelope
from bot.ports import Clock

SUBSCRIPTIONS = [{"type": "EVENT", "topic": "*"}, {"type": "CALLBACK", "topic": ROBOT}, {"type": "CALLBACK", "topic": CARD}]
SILENT_S = 90.0  # without a frame or a pong a connection is dead, whatever the socket says
PING_S = 20.0
FIRST_S, LONGEST_S = 1.0, 60.0  # between tries to connect
LINGER_S = 12.0  # a server that said `disconnect` closes after ten seconds; until then acks may still go there
MAX_FRAME = 1 << 20
MOST_AT_ONCE = 1024  # messages on their way into the inbox; the others wait on the socket
log = logging.getLogger("salestrace.dingtalk")

Receive = Callable[[Envelope], Awaitable[bool]]


class Stream:
    """Holds one live connection until it is cancelled."""

    def __init__(self, client: Client, client_id: str, secret: str, clock: Clock, proxy: str = "", *, silent_s: float = SILENT_S) -> None:
        self._client = client
        self._credentials = {"clientId": client_id, "clientSecret": secret}
        self._clock = clock
        self._proxy = proxy or None
        self._silent_s = silent_s
        self.connected = 0  # how often a connection was opened

    async def run(self, receive: Receive, seen: Callable[[], None]) -> None:
        """Receive until cancelled. `seen` is called for every message, for doctor and metrics."""
        wait = FIRST_S
        old: set[asyncio.Task[None]] = set()
        async with aiohttp.ClientSession() as session:
            try:
                while True:
                    try:
                        socket = await self._connect(session)
                    except (ApiError, Unreachable, aiohttp.ClientError, TimeoutError, OSError) as problem:
                        log.warning("stream: no connection (%s)", problem.code if isinstance(problem, ApiError) else type(problem).__name__)
                        await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnects, keeps no secret
                        wait = min(wait * 2, LONGEST_S)
                        continue
                    wait = FIRST_S
                    leaving = asyncio.Event()
                    task = asyncio.create_task(self._serve(socket, receive, seen, leaving))
                    old.add(task)
                    task.add_done_callback(old.discard)
                    gone = asyncio.create_task(leaving.wait())
                    try:
                        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        gone.cancel()
                    if task.done() and not leaving.is_set():
                        await asyncio.sleep(FIRST_S * random.uniform(0.2, 1.0))  # noqa: S311 - as above
            finally:
                for task in old:
                    task.cancel()
                await asyncio.gather(*old, return_exceptions=True)

    async def _connect(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        """The ticket is good for one connection, so every try asks for its own."""
        asked = {**self._credentials, "subscriptions": SUBSCRIPTIONS, "ua": "salestrace"}
        told = await self._client.open("/v1.0/gateway/connections/open", asked)
        endpoint, ticket = told.get("endpoint"), told.get("ticket")
        if not isinstance(endpoint, str) or not isinstance(ticket, str):
            raise Unreachable("odd answer", sent=True)
        url = f"{endpoint}?ticket={quote(ticket, safe='')}"
        try:
            socket = await asyncio.wait_for(
                session.ws_connect(url, heartbeat=PING_S, max_msg_size=MAX_FRAME, autoping=True, proxy=self._proxy), 10
            )
        except aiohttp.ClientError as error:
            raise Unreachable(type(error).__name__, sent=False) from None  # its text holds the ticket
        self.connected += 1
        return socket

    async def _serve(
        self, socket: aiohttp.ClientWebSocketResponse, receive: Receive, seen: Callable[[], None], leaving: asyncio.Event
    ) -> None:
        """Answer frames until the connection ends; frames of one connection are stored side by side."""
        working: set[asyncio.Task[None]] = set()
        try:
            while True:
                try:
                    got = await asyncio.wait_for(socket.receive(), LINGER_S if leaving.is_set() else self._silent_s)
                except TimeoutError:
                    break
                if got.type is not aiohttp.WSMsgType.TEXT:
                    if got.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}:
                        break
                    continue
                frame = _frame(got.data)
                if frame.get("type") == "SYSTEM":
                    await self._system(socket, frame, leaving)
                    continue
                task = asyncio.create_task(self._take(socket, frame, receive, seen))
                working.add(task)
                task.add_done_callback(working.discard)
                if len(working) >= MOST_AT_ONCE:
                    await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if working:
                await asyncio.gather(*working, return_exceptions=True)
            with suppress(aiohttp.ClientError, ConnectionError):
                await socket.close()

    async def _system(self, socket: aiohttp.ClientWebSocketResponse, frame: Mapping[str, Any], leaving: asyncio.Event) -> None:
        topic = _header(frame, "topic")
        if topic == "ping":
            await _answer(socket, frame, str(frame.get("data") or "{}"))
        elif topic == "disconnect":
            leaving.set()

    async def _take(
        self, socket: aiohttp.ClientWebSocketResponse, frame: Mapping[str, Any], receive: Receive, seen: Callable[[], None]
    ) -> None:
        """Stored, then acked. What could not be stored is not acked: it may come again."""
        try:
            envelope = frame_envelope(frame, self._clock.now())
        except Forged as problem:
            log.warning("stream: a frame was not understood (%s)", problem.reason)
            await _answer(socket, frame, "{}", code=404)
            return
        try:
            await receive(envelope)
        except StoreError:
            log.error("stream: a message could not be stored and is not acked")
            await _answer(socket, frame, json.dumps({"status": "LATER", "message": "not stored"}), code=500)
            return
        seen()
        event = frame.get("type") == "EVENT"
        await _answer(socket, frame, json.dumps({"status": "SUCCESS", "message": "ok"} if event else {"response": None}))


async def _answer(socket: aiohttp.ClientWebSocketResponse, frame: Mapping[str, Any], data: str, *, code: int = 200) -> None:
    """On the connection that the frame came from."""
    headers = {"messageId": _header(frame, "messageId"), "contentType": "application/json"}
    with suppress(aiohttp.ClientError, ConnectionError):
        await socket.send_str(json.dumps({"code": code, "message": "OK" if code == 200 else "error", "headers": headers, "data": data}))


def _frame(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _header(frame: Mapping[str, Any], name: str) -> str:
    headers = frame.get("headers")
    return str(headers.get(name, "")) if isinstance(headers, dict) else ""
