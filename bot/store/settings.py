"""Small facts of the installation, and every config that was ever in force."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from bot.store.tables import Account, ConfigVersion, CustomerRow, EvidenceRow, PersonRow, Setting

PAGE = 5000


async def get(name: str) -> Any:
    """The value, or None."""
    row = await Setting.get_or_none(name=name)
    return row.value["is"] if row else None


async def put(name: str, value: Any, now: datetime) -> None:
    row = Setting(name=name, value={"is": value}, at=now)
    # One statement: a read first, and then a write, fails at once when another connection wrote in between (SQLite).
    await Setting.bulk_create([row], on_conflict=["name"], update_fields=["value", "at"])


async def named(prefix: str) -> dict[str, Any]:
    """Values of all settings whose name begins so."""
    return {row.name: row.value["is"] for row in await Setting.filter(name__startswith=prefix)}


async def config_in_force() -> str | None:
    """SHA-256 of the latest config that was applied."""
    row = await ConfigVersion.all().order_by("-id").first()
    return row.sha256 if row else None


async def keep_config(sha256: str, text: str, now: datetime) -> None:
    await ConfigVersion(sha256=sha256, text=text, at=now).save(force_create=True)


async def customers() -> AsyncIterator[list[tuple[str, datetime, datetime]]]:
    """(customer id, moment its silence runs from, when it was imported), a page at a time."""
    after = ""
    while rows := await CustomerRow.filter(id__gt=after).order_by("id").limit(PAGE):
        yield [(row.id, row.last_complete_at or row.imported_at, row.imported_at) for row in rows]
        after = rows[-1].id


async def reps_with_pending() -> list[str]:
    """People some of whose evidence waits for a record read."""
    return [str(rep) for rep in await EvidenceRow.filter(state="pending").distinct().values_list("rep", flat=True)]


async def counts() -> dict[str, int]:
    return {"people": await PersonRow.all().count(), "accounts": await Account.all().count(), "customers": await CustomerRow.all().count()}
