"""What other systems say of the sample company, all invented: forecasts, orders, deals, payments, tickets, visits to the site, inquiries.

On whatever day it is opened there are a signed deal that nobody touched with a payment long overdue (`STUCK`), and what makes two
customers (adapters/sandbox/planning.py) a silent one and one who is likely to buy again.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random

from adapters.sandbox.company import Client, Company
from adapters.sandbox.planning import LOYAL, QUIET, ZONE

MONTHS = 4  # that are over
STUCK = "恒达"
STAGES = ("需求确认", "方案演示", "商务谈判", "已签约")
API = "定制化API对接"
TOPICS = ("报价", "交付周期", API, "售后响应", "样机试用")


def fact_files(company: Company, until: datetime, seed: int = 1) -> dict[str, bytes]:
    """CSV by kind of import; nothing but the forecasts reaches beyond `until`. The same for the same seed and moment."""
    random, today = Random(f"{seed}-figures"), until.astimezone(ZONE)
    here = today.year * 12 + today.month - 1
    chosen = [client for client in company.clients if random.random() < 0.6 and client.alias not in (QUIET, LOYAL)]
    quiet, loyal, stuck = (next(one for one in company.clients if one.alias == alias) for alias in (QUIET, LOYAL, STUCK))
    said, came = [], []
    for client in chosen:
        for month in range(here - MONTHS, here + 2):
            amount = _amount(client, random)
            said.append([f"F-{client.id}-{month}", client.owner, client.id, _month(month), amount, f"{_month(month - 1)}-20"])
            day = datetime(month // 12, month % 12 + 1, random.randint(3, 26), tzinfo=ZONE)
            if random.random() < 0.7 and day < today:
                came.append([f"O-{client.id}-{month}", client.id, round(amount * random.uniform(0.55, 1.2), -2), f"{day:%Y-%m-%d}"])
    return {
        "forecasts": _csv("id rep customer month amount made_at", [row for row in said if str(row[5]) <= f"{today:%Y-%m-%d}"]),
        "orders": _csv("id customer amount signed_at", came),
        "tickets": _csv("id customer closed_at", [*_tickets(chosen, today, random), [f"T-{loyal.id}", loyal.id, _ago(today, 20)]]),
        "web_visits": _csv("customer date seconds", [*_visits(chosen, today, random), *_long_visits(quiet, today)]),
        "inquiries": _csv("id customer at topic", [*_inquiries(chosen, today, random), [f"I-{quiet.id}", quiet.id, _ago(today, 3), API]]),
        "deals": _csv("id customer stage amount updated_at", _deals(chosen, stuck, today, random)),
        "payments": _csv("id customer due_at amount paid_at", _payments(chosen, stuck, today, random)),
    }


def _amount(client: Client, random: Random) -> int:
    return max(round(client.annual_purchase / 1200 * random.uniform(0.7, 1.4)) * 100, 1000)


def _month(months: int) -> str:
    return f"{months // 12}-{months % 12 + 1:02}"


def _ago(today: datetime, days: int) -> str:
    return f"{today - timedelta(days=days):%Y-%m-%d}"


def _tickets(clients: Sequence[Client], today: datetime, random: Random) -> Iterable[list[object]]:
    return [[f"T-{one.id}", one.id, _ago(today, random.randint(1, 140)) if random.random() < 0.8 else ""] for one in clients]


def _visits(clients: Sequence[Client], today: datetime, random: Random) -> Iterable[list[object]]:
    return [[one.id, _ago(today, random.randint(1, 80)), random.randint(20, 420)] for one in clients for _ in range(random.randint(0, 5))]


def _inquiries(clients: Sequence[Client], today: datetime, random: Random) -> Iterable[list[object]]:
    return [[f"I-{one.id}", one.id, _ago(today, random.randint(1, 60)), random.choice(TOPICS)] for one in clients[::2]]


def _long_visits(client: Client, today: datetime) -> Iterable[list[object]]:
    return [[client.id, _ago(today, days), 300 + days] for days in (2, 9, 24, 45)]


def _deals(clients: Sequence[Client], stuck: Client, today: datetime, random: Random) -> Iterable[list[object]]:
    """Most are looked after; the stuck one was called signed and not touched for a month."""
    rows: list[list[object]] = [
        [f"B-{one.id}", one.id, random.choice(STAGES), _amount(one, random), _ago(today, random.randint(0, 12))]
        for one in clients[::2]
        if one is not stuck
    ]
    return [*rows, [f"B-{stuck.id}", stuck.id, "已签约", _amount(stuck, random), _ago(today, 31)]]


def _payments(clients: Sequence[Client], stuck: Client, today: datetime, random: Random) -> Iterable[list[object]]:
    """Due over the last months: most are paid in time, some late; one is overdue by far more than 90 days."""
    rows: list[list[object]] = []
    for one in clients:
        for turn, due in enumerate((random.randint(95, 130), random.randint(62, 90), random.randint(31, 60), random.randint(2, 28))):
            after = random.randint(1, 28) if random.random() < 0.8 else random.randint(32, 60)
            paid = _ago(today, due - after) if after < due else ""
            rows.append([f"P-{one.id}-{turn}", one.id, _ago(today, due), _amount(one, random), paid])
    return [*rows, [f"P-{stuck.id}-overdue", stuck.id, _ago(today, 128), _amount(stuck, random), ""]]


def _csv(columns: str, rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns.split())
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
