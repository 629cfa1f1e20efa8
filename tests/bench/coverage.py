"""A month's coverage of ten thousand customers: its cost, and that it is the same behind one month of history or behind years of it."""

import asyncio
import importlib
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import asyncpg

from bot.config.schema import Config, Region
from bot.store.fields import to_ms
from bot.store.reading import CoverageMonth, coverage_month, month_bounds
from tests.bench.ack import opened
from tests.bench.figures import Broken, Figure, Plan, figure, ratios
from tests.bench.postgres import scratch

CONFIG = Config(regions=tuple(Region(id=f"r{number}", name=f"大区{number}") for number in range(8)))
MONTH = "2026-11"
START, END = month_bounds(CONFIG, MONTH)
NOW = END - timedelta(days=1)
GOAL_MS, GROWTH = 200, 1.5
A_MONTH = 42_000  # actions: a million in two years
KINDS = (("need", "need_diagnosis"), ("need", "need_diagnosis"), ("demo", "solution_demo"), ("negotiate", None), ("lead", None))
DEED = ("action", "rep", "customer", "region", "stage", "kind", "state", "tier", "at", "photo", "place", "summary", "touched")
MONTHS: str = importlib.import_module("migrations.0022_months").CUSTOMER_MONTHS
CUSTOMER = ("id", "name", "aliases", "owner", "region", "annual_purchase_fen", "imported_at")


def measure(plan: Plan) -> list[Figure]:
    return asyncio.run(_measure(plan))


async def _measure(plan: Plan) -> list[Figure]:
    months = (1, 3) if plan.quick else (1, 24)
    sqlite = [f"sqlite://{plan.folder / f'coverage-{count}.sqlite3'}" for count in months]
    figures = await _compare("SQLite", plan, months, sqlite)
    async with scratch() as small, scratch() as large:
        if small is None or large is None:
            return [*figures, Figure(name="覆盖率 PostgreSQL", value=None, note="没有可用的 PostgreSQL")]
        return figures + await _compare("PostgreSQL", plan, months, [small, large])


async def _compare(name: str, plan: Plan, months: tuple[int, int], urls: list[str]) -> list[Figure]:
    customers = 1_000 if plan.quick else 10_000
    for url, count in zip(urls, months, strict=True):
        async with opened(url, plan.folder, migrate=True):
            pass
        await _fill(url, customers, count, customers * A_MONTH // 10_000)
    taken: list[list[float]] = [[], []]
    for number in range(plan.rounds + 1):  # turn by turn, so that whatever else the machine does hits both alike
        for url, seconds in zip(urls, taken, strict=True):
            async with opened(url, plan.folder, migrate=False):
                await _once(customers)
                seconds.extend([await _once(customers)] if number else [])
    title = f"一个月的覆盖率 {name}，{customers:,} 家客户"
    actions = months[1] * customers * A_MONTH // 10_000
    return [
        figure(title, (seconds * 1000 for seconds in taken[1]), "毫秒", at_most=GOAL_MS, note=f"库里有 {actions:,} 个动作"),
        ratios(f"{title}，{months[1]} 个月 ÷ {months[0]} 个月的历史", taken[1], taken[0], at_most=GROWTH),
    ]


async def _once(customers: int) -> float:
    since = perf_counter()
    found: CoverageMonth = await coverage_month(CONFIG, MONTH, NOW)
    seconds = perf_counter() - since
    report = found.report()
    if sum(row.customers for row in report.rows) != customers or not 0 < report.done < report.quota:
        raise Broken(f"{report.done} of {report.quota}")
    return seconds


def _customers(count: int) -> Iterator[tuple[object, ...]]:
    long_ago = to_ms(START - timedelta(days=900))
    for number in range(count):
        yield f"C{number:06}", f"客户{number}", "[]", f"E{number % 200:03}", f"r{number % 8}", (5, 20, 90)[number % 3] * 1_000_000, long_ago


def _deeds(customers: int, months: int, a_month: int) -> Iterator[tuple[object, ...]]:
    """Oldest first; every fifth is not complete."""
    for turn in range(months * a_month):
        back = months - 1 - turn // a_month
        at = to_ms(START) - back * 30 * 86_400_000 + (turn % a_month) * (28 * 86_400_000 // a_month)
        who, (stage, kind) = turn * 7919 % customers, KINDS[turn % len(KINDS)]
        state = "incomplete" if turn % 5 == 3 else "complete"
        yield f"a_{turn:024}", f"E{who % 200:03}", f"C{who:06}", f"r{who % 8}", stage, kind, state, "T4", at, 1, 1, turn % 2, turn


async def _fill(url: str, customers: int, months: int, a_month: int) -> None:
    if url.startswith("sqlite://"):
        await asyncio.to_thread(_fill_sqlite, Path(url.removeprefix("sqlite://")), customers, months, a_month)
        return
    server = await asyncpg.connect(url)
    await server.copy_records_to_table("customers", records=_customers(customers), columns=CUSTOMER)
    await server.copy_records_to_table("deeds", records=_deeds(customers, months, a_month), columns=DEED)
    await server.execute(MONTHS)
    await server.execute("VACUUM ANALYZE")  # as autovacuum does within minutes
    await server.close()


def _fill_sqlite(path: Path, customers: int, months: int, a_month: int) -> None:
    database = sqlite3.connect(path)
    for table, columns, rows in (("customers", CUSTOMER, _customers(customers)), ("deeds", DEED, _deeds(customers, months, a_month))):
        marks = ", ".join("?" * len(columns))
        database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
    database.execute(MONTHS)
    database.commit()
    database.close()
