"""Durable before the ack: envelopes of concurrent requests share one fsynced commit."""

import asyncio

from bot import failpoint
from bot.errors import StoreError
from bot.model import Envelope
from bot.ports import Wake
from bot.store.inbox_writer import InboxWriter

MAX_GROUP = 256
MAX_WAITING = 4096
PASSES = 3  # of the event loop before a group is taken: the acked answer, their sockets are read again, their handlers come here


class Inbox:
    """`receive` returns only when the envelope is on disk. No timer: a group is what arrived during the previous commit."""

    def __init__(self, writer: InboxWriter, wake: Wake) -> None:
        self._writer = writer
        self._wake = wake
        self._waiting: list[tuple[Envelope, asyncio.Future[bool]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def receive(self, envelope: Envelope) -> bool:
        """Store; True when it is new, False for a redelivery. Raises StoreError: then nothing may be acked."""
        if len(self._waiting) >= MAX_WAITING:
            raise StoreError("inbox: overloaded")
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((envelope, done))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        return await done

    async def _flush(self) -> None:
        while self._waiting:
            for _ in range(PASSES):
                # Who is already at the door comes along: under load twice as many share a commit (`make bench`), idle it takes no time.
                await asyncio.sleep(0)
            group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
            try:
                failpoint.reach("inbox.before_commit")
                new = await self._writer.write([envelope for envelope, _ in group])
                failpoint.reach("inbox.after_commit")
            except StoreError as error:
                self._settle(group, error)
                continue
            for (_, done), fresh in zip(group, new, strict=True):
                if not done.done():
                    done.set_result(fresh)
            self._wake.notify("inbox")

    @staticmethod
    def _settle(group: list[tuple[Envelope, asyncio.Future[bool]]], error: StoreError) -> None:
        for _, done in group:
            if not done.done():
                done.set_exception(error)

    async def close(self) -> None:
        """Finish what is waiting, then release the connection."""
        if self._flushing:
            await self._flushing
        await self._writer.close()
