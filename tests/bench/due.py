"""The due query: ten thousand customers against a million, with the same number due, through the store's own function."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from bot.store.database import tortoise_config
from bot.store.deadlines import due
from bot.store.fields import to_ms
from tests.bench.ack import opened
from tests.bench.callbacks import CLOCK
from tests.bench.figures import Broken, Figure, Plan, ratios
from tests.bench.postgres import scratch, without_password

DUE = 100
LIMIT = 200  # as the sweep asks
GOAL = 1.5
NOW = CLOCK.now()


def measure(plan: Plan) -> list[Figure]:
    return asyncio.run(_measure(plan))


async def _measure(plan: Plan) -> list[Figure]:
    sizes = (1_000, 10_000) if plan.quick else (10_000, 1_000_000)
    sqlite = (f"sqlite://{plan.folder / 'small.sqlite3'}", f"sqlite://{plan.folder / 'large.sqlite3'}")
    figures = await _compare("SQLite", plan, sizes, sqlite)
    async with scratch() as small, scratch() as large:
        if small is None or large is None:
            return [*figures, Figure(name="到期查询 PostgreSQL", value=None, note="没有可用的 PostgreSQL")]
        return figures + await _compare("PostgreSQL", plan, sizes, (small, large))


async def _compare(name: str, plan: Plan, sizes: tuple[int, int], urls: tuple[str, str]) -> list[Figure]:
    for url, size in zip(urls, sizes, strict=True):
        async with opened(url, plan.folder, migrate=True):
            pass
        await _fill(url, size)
    async with _both(plan.folder, *urls) as databases:
        wall, cpu = await _rounds(plan, *databases)
    title = f"到期查询 {name}，{sizes[1]:,} ÷ {sizes[0]:,} 客户"
    return [
        ratios(f"{title}，按时间", wall[1], wall[0], at_most=GOAL, note=f"各有 {DUE} 条到期；{min(wall[1]) * 1e3:.2g} 毫秒一次"),
        ratios(f"{title}，CPU", cpu[1], cpu[0], note="只计本进程"),
    ]


@asynccontextmanager
async def _both(base: Path, small: str, large: str) -> AsyncIterator[tuple[BaseDBAsyncClient, BaseDBAsyncClient]]:
    """Connections to both databases at once, each as the product makes its own."""
    configs = [tortoise_config(bare, base, password) for bare, password in map(without_password, (small, large))]
    config = configs[0]
    config["connections"]["large"] = configs[1]["connections"]["default"]
    await Tortoise.init(config=config, _enable_global_fallback=True)
    try:
        yield get_connection("default"), get_connection("large")
    finally:
        await Tortoise.close_connections()


async def _rounds(plan: Plan, *databases: BaseDBAsyncClient) -> tuple[list[list[float]], list[list[float]]]:
    """Seconds a query, by the wall and of the processor: for each database, for each round."""
    wall: list[list[float]] = [[] for _ in databases]
    cpu: list[list[float]] = [[] for _ in databases]
    repeat = 10 if plan.quick else 100
    for number in range(plan.rounds + 1):
        spent = [[0.0, 0.0] for _ in databases]
        for _ in range(repeat):  # turn by turn, so that whatever else the machine does hits both alike
            for index, database in enumerate(databases):
                taken = await _query(database)
                spent[index][0] += taken[0]
                spent[index][1] += taken[1]
        for index, (seconds, processor) in enumerate(spent if number else ()):
            wall[index].append(seconds / repeat)
            cpu[index].append(processor / repeat)
    return wall, cpu


async def _query(database: BaseDBAsyncClient) -> tuple[float, float]:
    wall, cpu = perf_counter(), process_time()
    rows = await due(database, NOW, LIMIT)
    taken = perf_counter() - wall, process_time() - cpu
    if len(rows) != DUE:
        raise Broken(f"{len(rows)} deadlines due instead of {DUE}")
    return taken


def _rows(size: int) -> Iterator[tuple[str, str, int]]:
    """A customer each; the due ones lie scattered, the others ahead over 72 hours."""
    now, every = to_ms(NOW), size // DUE
    for number in range(size):
        wait = -1000 * (number // every) if number % every == 0 else 1000 + number * 7919 % int(timedelta(hours=72).total_seconds() * 1000)
        yield "inactive-72h", f"customer:C{number:07d}", now + wait


async def _fill(url: str, size: int) -> None:
    if url.startswith("sqlite://"):
        await asyncio.to_thread(_fill_sqlite, Path(url.removeprefix("sqlite://")), size)
        return
    server = await asyncpg.connect(url)
    await server.copy_records_to_table("deadlines", records=_rows(size), columns=["rule", "subject", "due_at"])
    await server.execute("ANALYZE deadlines")  # as autovacuum does within minutes
    await server.close()


def _fill_sqlite(path: Path, size: int) -> None:
    database = sqlite3.connect(path)
    database.executemany("INSERT INTO deadlines (rule, subject, due_at) VALUES (?, ?, ?)", _rows(size))
    database.commit()
    database.close()
