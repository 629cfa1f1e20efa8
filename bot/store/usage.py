"""Calls and pushes of a month, added to by every process."""

from collections.abc import Mapping

from bot.store.database import Database
from bot.store.tables import UsageRow

ADD = (
    "INSERT INTO usage (id, platform, what, month, amount) VALUES ({values})"
    " ON CONFLICT (id) DO UPDATE SET amount = usage.amount + excluded.amount"
)


async def add(database: Database, month: str, counts: Mapping[tuple[str, str], int]) -> None:
    """One statement a count: two processes that add at once lose nothing of each other."""
    marks = "?, ?, ?, ?, ?" if database.sqlite else "$1, $2, $3, $4, $5"
    for (platform, what), amount in counts.items():
        values = [f"{platform}:{what}:{month}", platform, what, month, amount]
        await database.connection.execute_query(ADD.format(values=marks), values)


async def of_month(month: str) -> dict[tuple[str, str], int]:
    return {(row.platform, row.what): row.amount for row in await UsageRow.filter(month=month)}
