"""Feishu's long connection as its own kit holds it. Importing this costs seconds and 170 MB: only `long` does, in a thread of its own."""

import asyncio
import base64
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from lark_oapi.ws import client as kit

FIRST_S, LONGEST_S = 1.0, 60.0  # between tries; the kit waits up to 30 s before its first and 120 s between the others
DISCOVERY_S = 10.0
FAREWELL_S = 3.0  # what is under way when we stop still gets its answer
CALMEST_PING_S, BUSIEST_PING_S = 120, 10
MOST_PARTS = 64
MOST_AT_ONCE = 256  # events under way; the others wait on the socket
TROUBLE = (
    kit.ClientException,
    kit.ServerException,
    kit.ConnectionClosedException,
    kit.requests.RequestException,
    kit.websockets.WebSocketException,
    OSError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
)

log = logging.getLogger("salestrace.feishu")
kit.logger.disabled = True  # it writes the address, which opens the connection, and whole messages

Deliver = Callable[[bytes], Awaitable[tuple[int, bytes]]]


class LongConnection(kit.Client):  # type: ignore[misc] # the kit ships no types
    """Discovery, handshake, frames and pings are the kit's. Ours: answers only once an event is stored, side by side, and patience.

    `deliver` gets an event's bytes and returns the status and what a callback is answered with.
    """

    def __init__(self, app_id: str, app_secret: str, domain: str, deliver: Deliver) -> None:
        super().__init__(app_id, app_secret, domain=domain)
        kit.logger.disabled = True
        self._deliver = deliver
        self._working: set[asyncio.Task[None]] = set()

    async def hold(self, stop: asyncio.Event) -> None:
        """Connect, and again whenever it is gone, until `stop`. One connection a process: the kit keeps its loop in a global."""
        kit.loop = asyncio.get_running_loop()
        tasks = [asyncio.create_task(self._from_the_start()), asyncio.create_task(self._ping_loop())]
        await stop.wait()
        if self._working:
            await asyncio.wait(self._working, timeout=FAREWELL_S)
        self._auto_reconnect = False
        for task in (*tasks, *(task for task in asyncio.all_tasks() if task is not asyncio.current_task())):
            task.cancel()
        with suppress(*TROUBLE):
            await asyncio.wait_for(self._disconnect(), FAREWELL_S)

    async def _from_the_start(self) -> None:
        if not await self._connects():
            await self._reconnect()

    async def _reconnect(self) -> None:
        wait = FIRST_S
        while True:
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnects, keeps no secret
            if await self._connects():
                return
            wait = min(wait * 2, LONGEST_S)

    async def _connects(self) -> bool:
        """A wrong secret is tried again too, ever more slowly: somebody may mend it in the console."""
        try:
            await self._connect()
        except TROUBLE as problem:
            log.warning("long connection: none (%s)", getattr(problem, "code", None) or type(problem).__name__)
            return False
        return True

    def _get_conn_url(self) -> str:
        """Where to connect. As the kit asks, which would wait for an answer for ever."""
        asked = {"AppID": self._app_id, "AppSecret": self._app_secret}
        answer = kit.requests.post(self._domain + kit.GEN_ENDPOINT_URI, json=asked, headers={"locale": "zh"}, timeout=DISCOVERY_S)
        answer.raise_for_status()
        told = answer.json()
        if told["code"] != kit.OK:
            raise kit.ServerException(told["code"], "refused")
        self._configure(kit.ClientConfig(told["data"].get("ClientConfig") or {}))
        return str(told["data"]["URL"])

    def _configure(self, conf: Any) -> None:
        """Of what the platform wishes only how often it is pinged, within reason."""
        wished = conf.PingInterval if isinstance(conf.PingInterval, int) else CALMEST_PING_S
        self._ping_interval = min(max(wished, BUSIEST_PING_S), CALMEST_PING_S)

    async def _receive_message_loop(self) -> None:
        """As the kit's, which takes up everything at once: in a burst the first would be answered with the last, all of them too late."""
        try:
            while self._conn is not None:
                message = await self._conn.recv()
                task = asyncio.create_task(self._handle_message(message))
                self._working.add(task)
                task.add_done_callback(self._working.discard)
                if len(self._working) >= MOST_AT_ONCE:
                    await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)
        except TROUBLE as problem:
            log.info("long connection: over (%s)", type(problem).__name__)
        await self._disconnect()
        await self._reconnect()

    async def _handle_data_frame(self, frame: Any) -> None:
        socket = self._conn
        payload = self._whole(frame)
        if payload is None or socket is None:
            return
        began = time.monotonic()
        code, said = await self._deliver(payload)
        taken = frame.headers.add()
        taken.key, taken.value = kit.HEADER_BIZ_RT, str(int((time.monotonic() - began) * 1000))
        answer: dict[str, Any] = {"code": code}
        if said:
            answer["data"] = base64.b64encode(said).decode()
        frame.payload = json.dumps(answer).encode()
        with suppress(kit.websockets.WebSocketException, OSError):
            await socket.send(frame.SerializeToString())  # on the connection that it came from

    def _whole(self, frame: Any) -> bytes | None:
        """The payload; None while parts of it are missing."""
        said = {header.key: header.value for header in frame.headers}
        parts, at = int(said.get(kit.HEADER_SUM) or 1), int(said.get(kit.HEADER_SEQ) or 0)
        if parts <= 1:
            return bytes(frame.payload)
        if parts > MOST_PARTS or not 0 <= at < parts:
            return None
        whole = self._combine(said.get(kit.HEADER_MESSAGE_ID, ""), parts, at, frame.payload)
        return None if whole is None else bytes(whole)
