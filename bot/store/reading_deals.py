"""Deals and payments of other systems, counted by the database: only what is over its time is looked at one by one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from bot.config.schema import Config
from bot.measures.board import Within
from bot.measures.deals import COLLECT_DAYS, OVERDUE_DAYS, STALE_DAYS, Collection, Deal, DueDay, Honesty, Payment, collection, honesty
from bot.store.fields import from_ms, to_ms
from bot.store.reading import month_bounds
from bot.store.reading_sql import select, tuples

SIGNED = "sign"
WHOSE = "(? = '' OR c.region = ?) AND (? = '' OR c.owner = ?)"
COUNTED = f"""
SELECT COUNT(*) AS signed, COALESCE(SUM(CASE WHEN f.at <= ? THEN 1 ELSE 0 END), 0) AS stale
FROM facts f JOIN customers c ON c.id = f.customer WHERE f.kind = 'deals' AND f.word = '{SIGNED}' AND {WHOSE}
"""
# Unpaid ones are found by the index alone, however many were paid in the past.
LATE = """
SELECT f.id, f.customer, f.amount, f.at, f.done_at, f.word FROM facts f WHERE f.kind = 'payments' AND f.done_at IS NULL AND f.at < ?
UNION ALL
SELECT f.id, f.customer, f.amount, f.at, f.done_at, f.word FROM facts f WHERE f.kind = 'payments' AND f.done_at > ? AND f.at < ?
"""
STALE = f"""
SELECT f.id, f.customer, f.amount, f.at, f.done_at, f.word FROM facts f
WHERE f.kind = 'deals' AND f.word = '{SIGNED}' AND f.at <= ?
"""
LATE_COUNTED = f"SELECT COUNT(*) AS n FROM ({LATE}) f JOIN customers c ON c.id = f.customer WHERE {WHOSE}"
CROSSED = f"""
SELECT f.id AS id, f.customer AS customer, f.amount AS amount, f.at AS at, f.done_at AS done_at, f.word AS word, c.name AS name
FROM ({{these}}) f JOIN customers c ON c.id = f.customer
WHERE f.customer IN (SELECT customer FROM ({{those}}) o) AND {WHOSE} ORDER BY f.at, f.id
"""
DUE = f"""
WITH days (day, until, late) AS (VALUES {{days}})
SELECT d.day, COUNT(*), SUM(COALESCE(f.amount, 0)), SUM(CASE WHEN f.done_at < d.late AND f.done_at <= ? THEN 1 ELSE 0 END),
    SUM(CASE WHEN f.done_at < d.late AND f.done_at <= ? THEN COALESCE(f.amount, 0) ELSE 0 END)
FROM days d JOIN facts f ON f.kind = 'payments' AND f.at >= d.day AND f.at < d.until JOIN customers c ON c.id = f.customer
WHERE {WHOSE} GROUP BY d.day ORDER BY d.day
"""


async def honesty_now(config: Config, now: datetime, region: str = "", rep: str = "") -> Honesty:
    """Signed deals that nobody touches, crossed with overdue payments, as both stand."""
    scope = (region, region, rep, rep)
    untouched, bearable = to_ms(now - timedelta(days=STALE_DAYS)), _midnight(config, now, -OVERDUE_DAYS)
    late = (bearable, to_ms(now), bearable)
    [counted] = await select(COUNTED, untouched, *scope)
    [overdue] = await select(LATE_COUNTED, *late, *scope)
    deals = await select(CROSSED.format(these=STALE, those=LATE), untouched, *late, *scope)
    payments = await select(CROSSED.format(these=LATE, those=STALE), *late, untouched, *scope)
    crossed = honesty(map(_deal, deals), map(_payment, payments), now, config.zone, stage=SIGNED)
    return replace(crossed, signed=counted["signed"], stale=counted["stale"], overdue=overdue["n"])


async def collection_month(config: Config, asked: Within, now: datetime) -> Collection:
    """Of what was due in the month: how much was paid within 30 days."""
    start, end = month_bounds(config, asked.month)
    length = (end.date() - start.date()).days
    days = [(n, n + 1, n + COLLECT_DAYS + 1) for n in range(length)]  # each day, the next one, and the one after the time to pay
    sql = DUE.format(days=", ".join(["(CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT))"] * length))
    values = [_midnight(config, start, number) for day in days for number in day]
    rows = await tuples(sql, *values, to_ms(now), to_ms(now), asked.region, asked.region, asked.rep, asked.rep)
    settled = _midnight(config, now, -COLLECT_DAYS)
    return collection(_due_day(row, settled) for row in rows)


def _due_day(row: Sequence[Any], settled: int) -> DueDay:
    day, payments, fen, paid, paid_fen = (int(value) for value in row)
    return DueDay(settled=day < settled, payments=payments, fen=fen, paid=paid, paid_fen=paid_fen)


def _midnight(config: Config, at: datetime, days: int) -> int:
    """The beginning of the local day that is so many days after that of a moment."""
    day = at.astimezone(config.zone).date() + timedelta(days=days)
    return to_ms(datetime.combine(day, time(), config.zone))


def _deal(row: dict[str, Any]) -> Deal:
    return Deal(
        id=row["id"].partition(":")[2],
        customer=row["customer"],
        stage=row["word"],
        fen=row["amount"] or 0,
        updated_at=from_ms(row["at"]),
        name=row["name"],
    )


def _payment(row: dict[str, Any]) -> Payment:
    return Payment(
        id=row["id"].partition(":")[2],
        customer=row["customer"],
        fen=row["amount"] or 0,
        due_at=from_ms(row["at"]),
        paid_at=None if row["done_at"] is None else from_ms(row["done_at"]),
    )
