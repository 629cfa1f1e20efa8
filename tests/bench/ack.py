"""Durable ack: the real web application with its inbox, against the same application that stores nothing, in the same rounds."""

import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias

from bot.store.database import Database, tortoise_config
from tests.bench.callbacks import write_requests
from tests.bench.figures import Broken, Figure, Plan, figure, ratios
from tests.bench.load import CONNECTIONS
from tests.bench.postgres import scratch, without_password
from tests.bench.processes import ELSEWHERE, LINUX, cpu_seconds

GOAL = 0.85
TURNS, REQUESTS = 6, 500  # a server's turns a round, and callbacks a turn: short, so that a noisy machine is unfair to nobody
NAMES = {"none": "不落盘", "sqlite": "SQLite FULL", "postgres": "PostgreSQL"}
Send: TypeAlias = Callable[[int, Path, int, int], dict[str, object]]


@dataclass(slots=True, kw_only=True)
class Share:
    """What one server did in one round."""

    pid: int
    port: int
    requests: int = 0
    wall: float = 0.0  # seconds
    cpu: float | None = 0.0  # seconds of the server's processor
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.requests / self.wall

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.latencies, n=100)[98] * 1e3


@contextmanager
def _child(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that ends when its input does."""
    with subprocess.Popen([sys.executable, "-m", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            try:
                process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def server(mode: str, url: str, base: Path) -> Iterator[tuple[int, int]]:
    """Yield (pid, port)."""
    with _child("tests.bench.ack_server", mode, url, str(base)) as process:
        yield process.pid, int(_line(process.stdout, f"the {mode} server did not start"))


@contextmanager
def load() -> Iterator[Send]:
    """Yield what sends `count` of the prepared requests to a port and tells what came back."""
    with _child("tests.bench.load") as process:

        def send(port: int, path: Path, first: int, count: int) -> dict[str, object]:
            assert process.stdin
            process.stdin.write(json.dumps({"port": port, "path": str(path), "first": first, "count": count}) + "\n")
            process.stdin.flush()
            told: dict[str, object] = json.loads(_line(process.stdout, "the load generator ended"))
            return told

        yield send


def _line(stream: IO[str] | None, otherwise: str) -> str:
    line = stream.readline() if stream else ""
    if not line:
        raise Broken(otherwise)
    return line


@asynccontextmanager
async def opened(url: str, base: Path, *, migrate: bool) -> AsyncIterator[Database]:
    bare, password = without_password(url)
    database = Database(tortoise_config(bare, base, password))
    await database.open(migrate=migrate)
    try:
        yield database
    finally:
        await database.close()


def measure(plan: Plan) -> list[Figure]:
    return asyncio.run(_measure(plan))


async def _measure(plan: Plan) -> list[Figure]:
    async with scratch() as postgres:
        stored = {"sqlite": "sqlite://inbox.sqlite3", **({"postgres": postgres} if postgres else {})}
        urls = {"none": "sqlite://none.sqlite3", **stored}
        for url in urls.values():
            async with opened(url, plan.folder, migrate=True):
                pass
        rounds = await asyncio.to_thread(_rounds, plan, urls)
        sent = sum(one["sqlite"].requests for one in rounds)
        for mode, url in stored.items():
            if (found := await _rows(url, plan.folder)) != sent:
                raise Broken(f"{mode}: {found} rows of {sent} acked")
    missing = [] if postgres else [Figure(name="落盘后应答 PostgreSQL", value=None, note="没有可用的 PostgreSQL")]
    return [*_figures(rounds[1:], [*stored]), *missing]


async def _rows(url: str, base: Path) -> int:
    async with opened(url, base, migrate=False) as database:
        [row] = await database.connection.execute_query_dict("SELECT count(*) AS n FROM inbox")
        return int(row["n"])


def _rounds(plan: Plan, urls: Mapping[str, str]) -> list[dict[str, Share]]:
    """Every server takes the same callbacks in every round, turn by turn, in changing order. The first round only warms up."""
    turns, size = (1, 300) if plan.quick else (TURNS, REQUESTS)
    requests, rounds = plan.folder / "requests", []
    with ExitStack() as stack:
        send = stack.enter_context(load())
        servers = {mode: stack.enter_context(server(mode, url, plan.folder)) for mode, url in urls.items()}
        for number in range(plan.rounds + 1):
            write_requests(requests, number * turns * size, turns * size)
            shares = {mode: Share(pid=pid, port=port) for mode, (pid, port) in servers.items()}
            for turn in range(turns):
                for mode in _rotated([*urls], number + turn):
                    _take(shares[mode], send, requests, turn * size, size)
            rounds.append(shares)
    return rounds


def _rotated(modes: list[str], by: int) -> list[str]:
    return modes[by % len(modes) :] + modes[: by % len(modes)]


def _take(share: Share, send: Send, requests: Path, first: int, count: int) -> None:
    before = cpu_seconds(share.pid)
    told = send(share.port, requests, first, count)
    after = cpu_seconds(share.pid)
    if told["refused"] or told["answered"] != count:
        raise Broken(f"{told['refused']} of {count} callbacks refused")
    share.requests += count
    share.wall += float(str(told["seconds"]))
    share.cpu = share.cpu + after - before if share.cpu is not None and after is not None and before is not None else None
    share.latencies += told["latencies"]  # type: ignore[arg-type] # a list of numbers


def _figures(rounds: list[dict[str, Share]], stored: list[str]) -> list[Figure]:
    found = []
    for mode in stored:
        name = f"落盘后应答 {NAMES[mode]} ÷ 不落盘"
        ours, base = ([one[which] for one in rounds] for which in (mode, "none"))
        found.append(_per_cpu(f"{name}，每 CPU 秒", ours, base))
        found.append(ratios(f"{name}，按时间", [one.rate for one in ours], [one.rate for one in base], note="受 fsync 和同机负载影响"))
    for mode in ("none", *stored):
        shares = [one[mode] for one in rounds]
        p99 = statistics.median(one.p99_ms for one in shares)
        found.append(
            figure(f"应答速率 {NAMES[mode]}", [one.rate for one in shares], "次/秒", note=f"{CONNECTIONS} 连接，p99 {p99:.0f} 毫秒")
        )
    return found


def _per_cpu(name: str, ours: list[Share], base: list[Share]) -> Figure:
    """Of the processor seconds that the two servers took for the same callbacks."""
    if not LINUX:
        return Figure(name=name, value=None, note=ELSEWHERE)
    each = statistics.median((one.cpu or 0.0) / one.requests for one in ours) * 1e6
    rates = ([one.requests / max(one.cpu or 0.0, 0.01) for one in shares] for shares in (ours, base))
    return ratios(name, *rates, at_least=GOAL, note=f"服务进程每条 {each:.0f} 微秒")
