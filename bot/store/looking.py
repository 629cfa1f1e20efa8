"""Who looked at a person's records, as he is told in the chat and on his own page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.store.fields import from_ms, to_ms
from bot.store.reading_sql import select
from bot.store.tables import ActionRow

WITHIN = timedelta(days=90)  # of his records: neither his years nor the company's looks make the answer slower
# From the person's own records to who looked at them, and at their originals, which open under them alone.
LOOKED = """
SELECT a.id AS action, v.person AS person, v.at AS at
FROM actions a JOIN views v ON v.record = a.id WHERE a.rep = ? AND a.at >= ? AND v.person <> ?
UNION ALL SELECT a.id, v.person, v.at
FROM actions a JOIN evidence e ON e.action = a.id JOIN views v ON v.record = e.id WHERE a.rep = ? AND a.at >= ? AND v.person <> ?
"""
LATEST_LOOKS = f"""
SELECT action, person, COUNT(*) AS n, MAX(at) AS last FROM ({LOOKED}) l
GROUP BY action, person ORDER BY last DESC, action, person LIMIT ?
"""
COUNTED_LOOKS = f"SELECT COUNT(*) AS n FROM ({LOOKED}) l"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Somebody looked at a record or its originals, so often, and last then. `stage`, `customer`: the record's, "" where it has none."""

    person: str
    action: str
    times: int
    last_at: datetime
    stage: str = ""
    customer: str = ""


async def looks_of(person: str, now: datetime, limit: int) -> tuple[Seen, ...]:
    """Others' looks at his records of the last 90 days, one a record and onlooker, latest first."""
    rows = await select(LATEST_LOOKS, *_whose(person, now), limit)
    return tuple(await _about(rows))


async def looked_at(person: str, now: datetime) -> int:
    """How often others looked at his records of the last 90 days."""
    return int((await select(COUNTED_LOOKS, *_whose(person, now)))[0]["n"])


def _whose(person: str, now: datetime) -> tuple[str | int, ...]:
    return (person, to_ms(now - WITHIN), person) * 2


async def _about(rows: Sequence[Mapping[str, Any]]) -> list[Seen]:
    actions = {one.id: one for one in await ActionRow.filter(id__in=[row["action"] for row in rows])}
    found = []
    for row in rows:
        about = actions.get(row["action"])
        seen = Seen(person=row["person"], action=row["action"], times=row["n"], last_at=from_ms(row["last"]))
        found.append(replace(seen, stage=about.stage, customer=about.customer) if about else seen)
    return found
