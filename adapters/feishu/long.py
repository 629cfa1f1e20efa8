"""Long-connection mode: the kit in a thread and a loop of its own, events handed over to ours; answered only once they are stored."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from adapters.feishu.codec import Codec
from bot.config.schema import Feishu
from bot.errors import Forged, StoreError
from bot.model import Envelope
from bot.ports import Clock

NOT_TAKEN = (500, b"")  # the platform brings it again: after 15 s, 5 min, 1 h, 6 h
log = logging.getLogger("salestrace.feishu")


@dataclass(slots=True)
class Rein:
    """Stops the other thread's loop, also before it has one."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    loop: asyncio.AbstractEventLoop | None = None
    event: asyncio.Event | None = None
    pulled: bool = False

    def hold(self) -> asyncio.Event:
        """Called in the other thread: what it has to wait for."""
        with self.lock:
            self.loop, self.event = asyncio.get_running_loop(), asyncio.Event()
            if self.pulled:
                self.event.set()
            return self.event

    def pull(self) -> None:
        with self.lock:
            self.pulled = True
            if self.loop and self.event and not self.loop.is_closed():
                self.loop.call_soon_threadsafe(self.event.set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """This side: what happens to an event's bytes. `ack` says what a stored callback is answered with; {} is left out."""

    codec: Codec
    clock: Clock
    ack: Callable[[Envelope], tuple[bytes, str]]
    receive: Callable[[Envelope], Awaitable[bool]]
    seen: Callable[[], None]

    async def take(self, payload: bytes) -> tuple[int, bytes]:
        """Stored, then answered. What could not be stored comes again."""
        try:
            envelope = self.codec.received(payload, self.clock.now())
        except Forged as problem:
            log.warning("long connection: an event was not understood (%s)", problem.reason)
            return NOT_TAKEN
        try:
            await self.receive(envelope)
        except StoreError:
            log.error("long connection: an event could not be stored and is not answered")
            return NOT_TAKEN
        self.seen()
        said, _ = self.ack(envelope)
        return 200, b"" if said == b"{}" else said


async def listen(config: Feishu, app_secret: str, intake: Intake) -> None:
    """Receive until cancelled."""
    ours = asyncio.get_running_loop()
    rein = Rein()

    async def deliver(payload: bytes) -> tuple[int, bytes]:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(intake.take(payload), ours))

    def work() -> None:
        async def hold() -> None:
            stop = rein.hold()
            from adapters.feishu.lark import LongConnection  # here: seconds and 170 MB that nobody else pays

            await LongConnection(config.app_id, app_secret, config.api_base, deliver).hold(stop)

        asyncio.run(hold())

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="feishu") as pool:
        working = ours.run_in_executor(pool, work)
        try:
            await asyncio.shield(working)
        finally:
            rein.pull()
            await asyncio.wait([working])
