"""What other systems say of the sample company, all invented: forecasts, orders, tickets, visits to the site, inquiries."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random

from adapters.sandbox.company import Client, Company
from adapters.sandbox.planning import ZONE

MONTHS = 4  # that are over
TOPICS = ("报价", "交付周期", "定制化API对接", "售后响应", "样机试用")


def fact_files(company: Company, until: datetime, seed: int = 1) -> dict[str, bytes]:
    """CSV by kind of import; nothing but the forecasts reaches beyond `until`. The same for the same seed and moment."""
    random, today = Random(f"{seed}-figures"), until.astimezone(ZONE)
    here = today.year * 12 + today.month - 1
    chosen = [client for client in company.clients if random.random() < 0.6]
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
        "tickets": _csv("id customer closed_at", _tickets(chosen, today, random)),
        "web_visits": _csv("customer date seconds", _visits(chosen, today, random)),
        "inquiries": _csv("id customer at topic", _inquiries(chosen, today, random)),
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


def _csv(columns: str, rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns.split())
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
