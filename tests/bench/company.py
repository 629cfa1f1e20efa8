"""A company's year in its tables: two hundred reps, ten thousand customers, as many actions as are asked for, and all that a page reads."""

import importlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.config.schema import Config, Region, Server
from bot.ids import secret_digest
from bot.store.fields import to_ms
from tests.web.company import NOW

REPS, REGIONS, CLIENTS = 200, 10, 10_000
YEAR_MS, DAY_MS = 365 * 86_400_000, 86_400_000
STAGES = ("lead", "need", "demo", "negotiate", "sign", "deliver")
KINDS = {"need": "need_diagnosis", "demo": "solution_demo", "negotiate": "executive_visit"}
RULES = ("inactive-72h", "excess-need", "short-demo")
ALERTS, DEALS, PAYMENTS, NOTES = 20_000, 10_000, 20_000, 500
SECRET = "a-link-of-the-bench-22"
CONFIG = Config(
    server=Server(public_url="http://127.0.0.1:8080"), regions=tuple(Region(id=f"r{n}", name=f"大区{n}") for n in range(REGIONS))
)
Rows = Iterator[tuple[Any, ...]]


def action(number: int) -> str:
    return f"a_{number:08d}"


def visit(number: int) -> str:
    return f"v_{number:08d}"


def of(number: int) -> tuple[str, str, str]:
    """Rep, customer and region of an action: a rep has fifty customers, a region twenty reps."""
    rep = number % REPS
    return f"E{rep:03d}", f"C{number % CLIENTS:05d}", f"r{rep % REGIONS}"


def fill(path: Path, size: int) -> None:
    """Into a migrated SQLite database: `size` actions, spread over the year before NOW, the newest last."""
    database = sqlite3.connect(path)
    now, step = to_ms(NOW), YEAR_MS // size
    for table, rows in TABLES.items():
        found = rows(size, now, step)
        columns = next(found)
        marks = ", ".join("?" * len(columns))
        database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", found)
    figures, months = (importlib.import_module(f"migrations.{name}") for name in ("0017_figures", "0022_months"))
    for sql in (figures.DEEDS, figures.MILESTONES, figures.EFFORTS, months.REP_MONTHS, months.CUSTOMER_MONTHS):
        database.execute(sql)  # what figures are counted from follows from these rows
    database.commit()
    database.close()


def _people(_: int, now: int, __: int) -> Rows:
    yield "id", "name", "roles", "region", "updated_at"
    yield "X001", "管理员", '["admin"]', "", now
    yield from ((f"E{n:03d}", f"业务{n}", '["rep"]', f"r{n % REGIONS}", now) for n in range(REPS))
    yield from ((f"D{n:03d}", f"总监{n}", '["director"]', f"r{n}", now) for n in range(REGIONS))


def _customers(_: int, now: int, __: int) -> Rows:
    yield "id", "name", "aliases", "owner", "region", "annual_purchase_fen", "imported_at", "last_complete_at"
    for n in range(CLIENTS):
        rep, customer, region = of(n)
        yield customer, f"客户{n}", "[]", rep, region, (5, 20, 90)[n % 3] * 1_000_000, now - YEAR_MS, now


def _purchases(_: int, now: int, __: int) -> Rows:
    yield "customer", "since", "fen"
    yield from ((f"C{n:05d}", now - YEAR_MS, (5, 20, 90)[n % 3] * 1_000_000) for n in range(CLIENTS))


def _visits(size: int, now: int, step: int) -> Rows:
    """The last one is still open."""
    yield "id", "rep", "customer", "state", "started_at", "ended_at"
    for n in range(size):
        rep, customer, _ = of(n)
        at, last = now - (size - n) * step, n == size - 1
        yield visit(n), rep, customer, "open" if last else "closed", at, None if last else at + 600_000


def _actions(size: int, now: int, step: int) -> Rows:
    """Every customer goes as far as his number says; a third of what is incomplete claims to be one stage further.

    All are of the ledger's first entry: nothing has moved since, so that months that are over stay counted.
    """
    names = ("id", "visit", "rep", "customer", "region", "stage", "kind", "state", "tier", "reasons", "at", "received_at", "submitted_at")
    yield (*names, "ledger_index")
    reasons = json.dumps([{"code": "tier.record", "values": {}}])
    for n in range(size):
        rep, customer, region = of(n)
        at, depth = now - (size - n) * step, 1 + n % CLIENTS % 6
        state = "incomplete" if n % 7 == 0 else "complete"
        stage = STAGES[min(depth, 5) if n % 21 == 0 else (n // CLIENTS + n) % depth]
        submitted = None if n == size - 1 else at + 600_000
        yield action(n), visit(n), rep, customer, region, stage, KINDS.get(stage), state, "T4", reasons, at, at + 900, submitted, 0


def _evidence(size: int, now: int, step: int) -> Rows:
    names = ("id", "visit", "action", "rep", "customer", "kind", "sha256", "mime", "seconds", "state", "reasons", "sent_at", "received_at")
    yield (*names, "ledger_index")
    for n in range(2 * size):
        rep, customer, _ = of(n // 2)
        at, kind = now - (size - n // 2) * step, "voice" if n % 2 else "photo"
        about = (rep, customer, kind, f"{n:064x}", "image/jpeg", 31.0, "counted", "[]", at, at, n)
        yield f"e_{n:08d}", visit(n // 2), action(n // 2), *about


def _views(size: int, now: int, step: int) -> Rows:
    yield "record", "person", "at", "how"
    for n in range(0, size, 3):
        yield action(n), f"D{n % REGIONS:03d}", now - (size - n) * step + 1000, "page"


def _alerts(_: int, now: int, __: int) -> Rows:
    yield "id", "rule", "subject", "period", "region", "owner", "state", "how", "count", "since", "told", "body"
    for n in range(ALERTS):
        rep, customer, region = of(n * 7)
        state, how = ("firing", "") if n % 40 == 0 else ("resolved", "false_alarm" if n % 9 == 0 else "cleared")
        about = (RULES[n % 3], f"customer:{customer}", str(n), region, rep, state, how)
        yield f"al_{n:08d}", *about, 1, now - (ALERTS - n) * (YEAR_MS // ALERTS), 1, "{}"


def _facts(_: int, now: int, __: int) -> Rows:
    """A deal a customer, two payments; some are signed and untouched, some long overdue."""
    yield "id", "kind", "customer", "at", "done_at", "amount", "word", "by", "recorded_at", "ledger_index"
    for n in range(DEALS):
        at = now - n % 60 * DAY_MS
        yield f"deals:D{n}", "deals", f"C{n % CLIENTS:05d}", at, None, 1_000_000 + n, STAGES[n // 7 % 6], "import", at, 0
    for n in range(PAYMENTS):
        due = now - n % 300 * DAY_MS
        paid = None if n % 11 == 0 else due + n % 50 * DAY_MS
        yield f"payments:P{n}", "payments", f"C{n % CLIENTS:05d}", due, paid, 500_000 + n, "", "import", due, 0


def _notes(_: int, now: int, __: int) -> Rows:
    yield "id", "customer", "kind", "month", "text", "by", "at"
    yield from ((f"n_{n}", f"C{n * 19 % CLIENTS:05d}", "solution_demo", "2026-11", "客户停产", "E000", now) for n in range(NOTES))


def _signings(size: int, now: int, _: int) -> Rows:
    yield "id", "digest", "rep", "visit", "customer", "what", "sha256", "state", "at", "until"
    rep, customer, _region = of(size - 1)
    about = (rep, visit(size - 1), customer, "设备验收单", "0" * 64, "open")
    yield "s_0", secret_digest(SECRET), *about, now, now + to_ms(NOW + timedelta(hours=8)) - to_ms(NOW)


TABLES: Mapping[str, Callable[[int, int, int], Rows]] = {
    "people": _people,
    "customers": _customers,
    "purchases": _purchases,
    "visits": _visits,
    "actions": _actions,
    "evidence": _evidence,
    "views": _views,
    "alerts": _alerts,
    "facts": _facts,
    "notes": _notes,
    "signings": _signings,
}
