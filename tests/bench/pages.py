"""Pages over a long history: the server's time for record, list and 我的 at ten thousand actions and at a million; their weight."""

import asyncio
import json
import sqlite3
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from adapters.web.app import build
from adapters.web.pages import STYLE
from bot.store import ledger_rows
from bot.store.database import Database, tortoise_config
from bot.store.fields import to_ms
from bot.vault import Vault
from tests.bench.figures import Broken, Figure, Plan, figure, ratios
from tests.web.company import NOW
from tests.web.outside import Bench, Wound

GOAL_MS = 100
GOAL_KB = 60
REPS, YEAR = 200, timedelta(days=365)
TIMES = 20
PATHS = {
    "记录": "/record/{action}",
    "列表，主管": "/record",
    "列表，某月某状态": "/record?month=2026-11&state=incomplete",
    "列表，某客户": "/record?customer=C00003",
    "我的": "/me",
}


def measure(plan: Plan) -> list[Figure]:
    return asyncio.run(_measure(plan))


async def _measure(plan: Plan) -> list[Figure]:
    sizes = (1_000, 4_000) if plan.quick else (10_000, 1_000_000)
    spent = [await _pages(plan.folder / str(size), size) for size in sizes]
    figures = [figure(f"页面：{name}，{sizes[1]:,} 个动作", spent[1][name], "毫秒", at_most=GOAL_MS) for name in PATHS]
    figures += [ratios(f"页面：{name}，{sizes[1]:,} ÷ {sizes[0]:,}", spent[1][name], spent[0][name]) for name in PATHS]
    return [*figures, figure("页面：最重的一页，压缩后，连同样式", [max(spent[1]["bytes"]) / 1024], "KB", at_most=GOAL_KB)]


async def _pages(folder: Path, size: int) -> dict[str, list[float]]:
    """Milliseconds of each page, and the compressed bytes of each with its styles."""
    folder.mkdir()
    database = Database(tortoise_config("sqlite://pages.sqlite3", folder))
    await database.open(migrate=True)
    await ledger_rows.ensure_head()
    await asyncio.to_thread(_fill, folder / "pages.sqlite3", size)
    bench = Bench(Wound(NOW), Vault(folder / "vault"), database)
    found: dict[str, list[float]] = {"bytes": []}
    try:
        async with TestClient(TestServer(build(bench.desk()))) as client:
            for name, path in PATHS.items():
                asked = path.format(action=_action(size - 7)), "E007" if path == "/me" else "D003"
                found[name] = [await _get(client, bench, *asked, found["bytes"]) for _ in range(TIMES)]
    finally:
        await database.close()
    return found


async def _get(client: TestClient[Any, Any], bench: Bench, path: str, person: str, weights: list[float]) -> float:
    began = perf_counter()
    answer = await client.get(path, cookies=bench.session(person))
    body = await answer.read()
    took = (perf_counter() - began) * 1000
    if answer.status != 200 or len(body) < 2000:
        raise Broken(f"{path}: {answer.status}")
    weights.append(len(zlib.compress(body)) + sum(len(zlib.compress(file.read_bytes())) for file in STYLE.glob("*.css")))
    return took


def _action(number: int) -> str:
    return f"a_{number:08d}"


def _of(number: int) -> tuple[str, str, str]:
    """Rep, customer and region of an action: a rep has fifty customers, a region twenty reps."""
    rep = number % REPS
    return f"E{rep:03d}", f"C{rep + REPS * (number // REPS % 50):05d}", f"r{rep % 10}"


def _fill(path: Path, size: int) -> None:
    database = sqlite3.connect(path)
    now, step = to_ms(NOW), int(YEAR.total_seconds() * 1000) // size
    people = [(f"E{n:03d}", f"业务{n}", '["rep"]', f"r{n % 10}", now) for n in range(REPS)]
    people += [(f"D{n:03d}", f"总监{n}", '["director"]', f"r{n}", now) for n in range(10)]
    database.executemany("INSERT INTO people (id, name, roles, region, updated_at) VALUES (?, ?, ?, ?, ?)", people)
    customers = [(f"C{n:05d}", f"客户{n}", "[]", f"E{n % REPS:03d}", f"r{n % 10}", 60_000_000, 1, now) for n in range(REPS * 50)]
    names = "id, name, aliases, owner, region, annual_purchase_fen, imported_at, last_complete_at"
    database.executemany(f"INSERT INTO customers ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", customers)
    for table, rows in (("visits", _visits), ("actions", _actions), ("evidence", _evidence), ("views", _views)):
        found = rows(size, now, step)
        columns = next(found)
        marks = ", ".join("?" * len(columns))
        database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", found)
    database.commit()
    database.close()


def _visits(size: int, now: int, step: int) -> Iterator[tuple[Any, ...]]:
    yield "id", "rep", "customer", "state", "started_at", "ended_at"
    for n in range(size):
        rep, customer, _ = _of(n)
        at = now - (size - n) * step
        yield f"v_{n:08d}", rep, customer, "closed", at, at + 600_000


def _actions(size: int, now: int, step: int) -> Iterator[tuple[Any, ...]]:
    names = ("id", "visit", "rep", "customer", "region", "stage", "kind", "state", "tier", "reasons", "at", "received_at", "submitted_at")
    yield (*names, "ledger_index")
    reasons = json.dumps([{"code": "tier.record", "values": {}}])
    for n in range(size):
        rep, customer, region = _of(n)
        at = now - (size - n) * step
        state = "incomplete" if n % 7 == 0 else "complete"
        yield _action(n), f"v_{n:08d}", rep, customer, region, "demo", "solution_demo", state, "T4", reasons, at, at + 900, at + 600_000, n


def _evidence(size: int, now: int, step: int) -> Iterator[tuple[Any, ...]]:
    names = ("id", "visit", "action", "rep", "customer", "kind", "sha256", "mime", "seconds", "state", "reasons", "sent_at", "received_at")
    yield (*names, "ledger_index")
    for n in range(2 * size):
        rep, customer, _ = _of(n // 2)
        at, kind = now - (size - n // 2) * step, "voice" if n % 2 else "photo"
        about = (rep, customer, kind, f"{n:064x}", "image/jpeg", 31.0, "counted", "[]", at, at, n)
        yield f"e_{n:08d}", f"v_{n // 2:08d}", _action(n // 2), *about


def _views(size: int, now: int, step: int) -> Iterator[tuple[Any, ...]]:
    yield "record", "person", "at", "how"
    for n in range(0, size, 3):
        yield _action(n), f"D{n % 10:03d}", now - (size - n) * step + 1000, "page"
