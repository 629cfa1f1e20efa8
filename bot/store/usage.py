"""Calls and pushes of a month, added to by every process."""

from collections.abc import Mapping

from bot.store.database import Database
from bot.store.tables import UsageRow

ADD = (
    "INSERT INTO usage (id, platform, what, month, amount) VALUES {rows}"
    " ON CONFLICT (id) DO UPDATE SET amount = usage.amount + excluded.amount"
)
COLUMNS = 5


async def add(database: Database, month: str, counts: Mapping[tuple[str, str], int]) -> None:
    """All in one statement: two processes that add at once lose nothing of each other, and what fails is added in no part.

    In a fixed order, so that the two never wait for each other in a ring.
    """
    if not counts:
        return
    values: list[object] = []
    for (platform, what), amount in sorted(counts.items()):
        values += [f"{platform}:{what}:{month}", platform, what, month, amount]
    marks = ["?" if database.sqlite else f"${n}" for n in range(1, len(values) + 1)]
    rows = ", ".join(f"({', '.join(marks[at : at + COLUMNS])})" for at in range(0, len(marks), COLUMNS))
    await database.connection.execute_query(ADD.format(rows=rows), values)


async def forget(month: str, platform: str, what: str) -> None:
    await UsageRow.filter(month=month, platform=platform, what=what).delete()


async def of_month(month: str) -> dict[tuple[str, str], int]:
    return {(row.platform, row.what): row.amount for row in await UsageRow.filter(month=month)}
