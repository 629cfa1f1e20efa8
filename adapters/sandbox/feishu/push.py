"""Pushes events and card callbacks to the product: encrypted, signed, and again when it does not answer in time."""

import asyncio
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from adapters.sandbox.feishu.crypt import encrypt, signature
from adapters.sandbox.feishu.long import Long
from bot.ports import Clock

RETRIES = (timedelta(seconds=15), timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))
ANSWER = aiohttp.ClientTimeout(total=3, connect=2)
LOOK_EVERY = 0.2  # real seconds between looks at the clock


@dataclass(slots=True)
class Delivery:
    """An event on its way: the same bytes and headers at every try."""

    event_id: str
    body: bytes
    headers: dict[str, str]
    due: datetime
    tries: int = 0


@dataclass(slots=True)
class Courier:
    """`log` keeps (event id, HTTP status or 0 for none) of every try. With `long`, everything goes over that connection, plain."""

    clock: Clock
    encrypt_key: str
    long: Long | None = None
    callback_url: str = ""
    waiting: list[Delivery] = field(default_factory=list)
    log: list[tuple[str, int]] = field(default_factory=list)
    session: aiohttp.ClientSession | None = None
    task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look at the clock for what is due again."""
        self.session = aiohttp.ClientSession(timeout=ANSWER)
        self.task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop, forgetting what still waits."""
        if self.task:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task
        if self.session:
            await self.session.close()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self.redeliver(due_only=True)

    def seal(self, event: dict[str, Any], *, signed: bool = True) -> tuple[bytes, dict[str, str]]:
        """Return body and headers as the platform sends them."""
        plain = json.dumps(event, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if not self.encrypt_key or self.long:
            return plain, headers
        body = json.dumps({"encrypt": encrypt(plain, self.encrypt_key)}).encode()
        if signed:
            stamp, nonce = str(int(self.clock.now().timestamp())), secrets.token_hex(8)
            headers |= {"X-Lark-Request-Timestamp": stamp, "X-Lark-Request-Nonce": nonce}
            headers["X-Lark-Signature"] = signature(stamp, nonce, self.encrypt_key, body)
        return body, headers

    async def push(self, event: dict[str, Any]) -> bool:
        """Deliver an event now; if that fails it is tried again after 15 s, 5 min, 1 h and 6 h."""
        body, headers = self.seal(event)
        delivery = Delivery(event["header"]["event_id"], body, headers, self.clock.now())
        return await self._try(delivery)

    async def redeliver(self, *, due_only: bool = False) -> int:
        """Try again what waits, at once or only what is due; return how many were tried."""
        now = self.clock.now()
        chosen = [each for each in self.waiting if not due_only or each.due <= now]
        for delivery in chosen:
            if delivery in self.waiting:  # the background look may have taken it meanwhile
                self.waiting.remove(delivery)
                await self._try(delivery)
        return len(chosen)

    async def _try(self, delivery: Delivery) -> bool:
        status, _ = await self.post(delivery.body, delivery.headers)
        self.log.append((delivery.event_id, status))
        if status != 200 and delivery.tries < len(RETRIES):
            delivery.due = self.clock.now() + RETRIES[delivery.tries]
            delivery.tries += 1
            self.waiting.append(delivery)
        return status == 200

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """POST to the callback address; status 0 when there was no answer in 3 s."""
        if self.long:
            return await self.long.deliver(body)
        if self.session is None or not self.callback_url:
            return 0, b""
        try:
            async with self.session.post(self.callback_url, data=body, headers=headers, allow_redirects=False) as reply:
                return reply.status, await reply.read()
        except (aiohttp.ClientError, TimeoutError):
            return 0, b""
