"""The server under measurement, a process of its own: the real web application; its `receive` stores, or stores nothing.

Arguments: `none`, `sqlite` or `postgres`; the database URL; the folder that relative paths start at.
Prints its port, ends when its input does.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from aiohttp import web

from adapters.shared import MemoryWake
from adapters.web.app import build
from adapters.web.desk import Desk, Outcome
from bot.config.schema import Config
from bot.inbox import Inbox
from bot.model import Envelope, Platform, Reason
from bot.store.database import Database, tortoise_config
from bot.store.inbox_writer import PostgresInboxWriter, SqliteInboxWriter
from tests.bench.callbacks import CLOCK, wecom


class Nothing:
    """The baseline: as the inbox, but nothing is stored."""

    async def receive(self, _: Envelope) -> bool:
        return True

    async def close(self) -> None:
        return None


def inbox(mode: str, url: str, base: Path) -> Inbox | Nothing:
    if mode == "none":
        return Nothing()
    credentials = Database(tortoise_config(url, base)).credentials
    writer = SqliteInboxWriter(Path(credentials["file_path"])) if mode == "sqlite" else PostgresInboxWriter(credentials)
    return Inbox(writer, MemoryWake())


def desk(store: Inbox | Nothing) -> Desk:
    """Only what a callback asks for does anything."""

    async def ready() -> list[str]:
        return []

    async def stats() -> Mapping[str, float]:
        return {}

    async def viewed(*_: str) -> None:
        return None

    async def taken(_kind: str, _rows: Sequence[Mapping[str, str]], _data: bytes) -> Outcome:
        raise NotImplementedError

    def word(reason: Reason) -> str:
        return reason.code

    config, seen, adapter = Config(), dict[Platform, object](), wecom()
    return Desk(
        clock=CLOCK,
        config=lambda: config,
        adapters={adapter.platform: adapter},
        receive=store.receive,
        seen=seen.__setitem__,
        ready=ready,
        stats=stats,
        record_viewed=viewed,
        take_in=taken,
        vault=Path,
        word=word,
        secret=b"0" * 32,
    )


async def _serve(mode: str, url: str, base: Path) -> None:
    store = inbox(mode, url, base)
    runner = web.AppRunner(build(desk(store)), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()
    await store.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
