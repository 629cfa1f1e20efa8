"""The state of queues, alerts and ledger in figures, for metrics and doctor."""

from collections.abc import Mapping
from datetime import datetime

from bot.store.fields import to_ms
from bot.store.reading_sql import select

QUEUES = """
SELECT '{table}' AS queue, state, COUNT(*) AS n, MIN({since}) AS oldest FROM {table}
WHERE state IN ('new', 'claimed', 'dead') GROUP BY state
"""
QUEUE_COUNTS = " UNION ALL ".join(
    QUEUES.format(table=table, since=since) for table, since in (("inbox", "received_at"), ("outbox", "created_at"))
)
ALERTS = "SELECT state, COUNT(*) AS n FROM alerts GROUP BY state"
LEDGER = "SELECT size FROM ledger_head"


async def stats(now: datetime) -> Mapping[str, float]:
    """Depth and age (seconds) of both queues, dead rows, alerts by state, entries in the ledger."""
    figures = {f"alerts.{row['state']}": float(row["n"]) for row in await select(ALERTS)}
    for queue in ("inbox", "outbox"):
        figures |= {f"{queue}_depth": 0.0, f"{queue}_age_seconds": 0.0, f"dead_rows.{queue}": 0.0}
    for row in await select(QUEUE_COUNTS):
        if row["state"] == "dead":
            figures[f"dead_rows.{row['queue']}"] = float(row["n"])
            continue
        figures[f"{row['queue']}_depth"] += row["n"]
        age = max(0, to_ms(now) - row["oldest"]) / 1000
        figures[f"{row['queue']}_age_seconds"] = max(age, figures[f"{row['queue']}_age_seconds"])
    for row in await select(LEDGER):
        figures["ledger_size"] = float(row["size"])
    return figures
