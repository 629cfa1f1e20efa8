"""Durable ack: the real web application with its inbox, against the same application that stores nothing, in the same rounds."""

import asyncio
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.store.database import Database, tortoise_config
from tests.bench.callbacks import write_requests
from tests.bench.figures import Figure, Plan, figure, ratios
from tests.bench.postgres import scratch
from tests.bench.processes import ELSEWHERE, LINUX, cpu_seconds

CONNECTIONS = 64
GOAL = 0.85
NAMES = {"none": "不落盘", "sqlite": "SQLite FULL", "postgres": "PostgreSQL"}


class Broken(RuntimeError):
    """The measurement did not measure what it claims to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One server's share of a round."""

    wall: float  # requests per second
    cpu: float | None  # requests per processor second of the server
    p99_ms: float


@contextmanager
def server(mode: str, url: str, base: Path) -> Iterator[tuple[int, int]]:
    """Yield (pid, port)."""
    command = [sys.executable, "-m", "tests.bench.ack_server", mode, url, str(base)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            port = process.stdout.readline()
            if not port:
                raise Broken(f"the {mode} server did not start")
            yield process.pid, int(port)
        finally:
            process.communicate(timeout=10)


def turn(pid: int, port: int, requests: Path) -> Turn:
    before = cpu_seconds(pid)
    command = [sys.executable, "-m", "tests.bench.load", str(port), str(CONNECTIONS), str(requests)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=90)
    after, told = cpu_seconds(pid), json.loads(done.stdout)
    if told["refused"] or told["answered"] != told["sent"]:
        raise Broken(f"{told['refused']} of {told['sent']} callbacks refused")
    used = after - before if after is not None and before is not None else None
    return Turn(wall=told["answered"] / told["seconds"], cpu=told["answered"] / used if used else None, p99_ms=told["p99_ms"])


async def rows_stored(url: str, base: Path) -> int:
    async with opened(url, base, migrate=False) as database:
        [row] = await database.connection.execute_query_dict("SELECT count(*) AS n FROM inbox")
        return int(row["n"])


@asynccontextmanager
async def opened(url: str, base: Path, *, migrate: bool) -> AsyncIterator[Database]:
    database = Database(tortoise_config(url, base))
    await database.open(migrate=migrate)
    try:
        yield database
    finally:
        await database.close()


def measure(plan: Plan) -> list[Figure]:
    return asyncio.run(_measure(plan))


async def _measure(plan: Plan) -> list[Figure]:
    async with scratch() as postgres:
        urls = {"none": "sqlite://unused.sqlite3", "sqlite": "sqlite://inbox.sqlite3"}
        if postgres:
            urls["postgres"] = postgres
        stored = {mode: url for mode, url in urls.items() if mode != "none"}
        for url in stored.values():
            async with opened(url, plan.folder, migrate=True):
                pass
        count = 300 if plan.quick else 6000
        turns = await asyncio.to_thread(_rounds, plan, urls, count)
        for mode, url in stored.items():
            if (found := await rows_stored(url, plan.folder)) != (plan.rounds + 1) * count:
                raise Broken(f"{mode}: {found} rows of {(plan.rounds + 1) * count} acked")
    missing = [] if postgres else [Figure(name="落盘后应答 PostgreSQL", value=None, note="没有可用的 PostgreSQL")]
    return [*_figures(turns), *missing]


def _rounds(plan: Plan, urls: dict[str, str], count: int) -> dict[str, list[Turn]]:
    """Every server takes the same callbacks in every round, each time in another order. The first round only warms up."""
    turns: dict[str, list[Turn]] = defaultdict(list)
    with ExitStack() as stack:
        servers = {mode: stack.enter_context(server(mode, url, plan.folder)) for mode, url in urls.items()}
        for number in range(plan.rounds + 1):
            requests = plan.folder / "requests"
            write_requests(requests, number * count, count)
            order = [*urls][number % len(urls) :] + [*urls][: number % len(urls)]
            for mode in order:
                taken = turn(*servers[mode], requests)
                if number:
                    turns[mode].append(taken)
    return turns


def _figures(turns: dict[str, list[Turn]]) -> list[Figure]:
    figures = []
    base = turns["none"]
    for mode in turns.keys() - {"none"}:
        ours, name = turns[mode], f"落盘后应答 {NAMES[mode]}"
        figures.append(_per_cpu(f"{name} ÷ 不落盘，每 CPU 秒", ours, base))
        figures.append(ratios(f"{name} ÷ 不落盘，按时间", [one.wall for one in ours], [one.wall for one in base], note="受 fsync 和同机负载影响"))
    for mode, found in turns.items():
        p99 = max(one.p99_ms for one in found)
        figures.append(figure(f"应答速率 {NAMES[mode]}", [one.wall for one in found], "次/秒", note=f"{CONNECTIONS} 连接，p99 ≤ {p99:.0f} ms"))
    return figures


def _per_cpu(name: str, ours: list[Turn], base: list[Turn]) -> Figure:
    if not LINUX:
        return Figure(name=name, value=None, note=ELSEWHERE)
    return ratios(name, [one.cpu or 0.0 for one in ours], [one.cpu or 1.0 for one in base], at_least=GOAL)
