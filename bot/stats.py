"""How the installation is doing: queues, dead rows, alerts, ledger."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.measures.quota import Quota
from bot.model import Platform
from bot.store import checkpoint_rows, copies, inbox_rows, ledger_rows, outbox_rows, voices
from bot.store.database import Database


async def figures(database: Database, now: datetime, seen: Mapping[Platform, datetime]) -> dict[str, float]:
    """Gauges for /metrics and doctor. Ages in seconds, 0 for an empty queue."""
    db = database.connection
    inbox, outbox = await inbox_rows.depth(db), await outbox_rows.depth(db)
    alerts = await db.execute_query_dict("SELECT state, COUNT(*) AS n FROM alerts GROUP BY state")
    size, sealed = (await ledger_rows.head()).size, await checkpoint_rows.last()
    standing, queue = await copies.standing(), await voices.waiting()
    return {
        "inbox_depth": inbox.get("new", 0) + inbox.get("claimed", 0),
        "inbox_age_seconds": _age(await inbox_rows.oldest(db), now),
        "outbox_depth": outbox.get("new", 0) + outbox.get("claimed", 0),
        "outbox_age_seconds": _age(await outbox_rows.oldest(db, now), now),
        "dead_rows.inbox": inbox.get("dead", 0),
        "dead_rows.outbox": outbox.get("dead", 0),
        **{f"alerts.{row['state']}": row["n"] for row in alerts},
        "copies_waiting": standing.waiting,
        "copies_age_seconds": _age(standing.oldest, now),
        "voices_waiting": queue.depth,
        "voices_age_seconds": _age(queue.oldest, now),
        "voices_unheard": queue.given_up,
        "ledger_size": size,
        "ledger_unsealed": size - (sealed.size if sealed else 0),
        **{f"callback_age_seconds.{platform.value}": _age(at, now) for platform, at in seen.items()},
    }


def allowances(found: Iterable[Quota]) -> dict[str, float]:
    """Gauges of the month's calls and pushes."""
    told: dict[str, float] = {}
    for one in found:
        name = f"{one.platform}_{one.what}"
        told |= {f"quota_used.{name}": one.used, f"quota_limit.{name}": one.limit, f"quota_forecast.{name}": one.forecast or one.used}
    return told


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0


async def ready(database: Database) -> list[str]:
    """What keeps this process from working, in Chinese; [] when nothing does."""
    try:
        await database.connection.execute_query("SELECT size FROM ledger_head WHERE id = 1")
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, the answer is the same
        return [f"数据库不可用: {type(error).__name__}"]
    return []
