"""Folding master data: a `master.set` entry → one row of its table, and what follows from it in others."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tortoise import Model

from bot.entries import master_set, parse_instant
from bot.model import Entry
from bot.store import figure_fold
from bot.store.fields import columns_of, is_instant, table_of
from bot.store.tables import Account, ActionRow, ContactRow, CustomerRow, PersonRow, PurchaseRow, SiteRow

Body = Mapping[str, Any]
Columns = dict[str, Any]
ROWS: Mapping[str, type[Model]] = {table_of(table): table for table in (PersonRow, CustomerRow, SiteRow, ContactRow)}
# What is kept of these rows beside master data; it has entries or clocks of its own.
OWN = {"people": ("met_at", "read_at"), "customers": ("last_complete_at",), "contacts": ("last_at",), "sites": ("by",)}


async def fold(body: Body) -> None:
    """Bring the row that a `master.set` body names to what it says."""
    columns = {name: value for name, value in body.items() if name not in ("table", "id")}
    special = SPECIAL.get(body["table"])
    if special:
        await special(body["id"], columns)
        return
    table = ROWS[body["table"]]
    for name in columns.keys() & _instants(table):
        columns[name] = parse_instant(columns[name])
    if not await table.filter(id=body["id"]).update(**columns):
        await table(id=body["id"], **columns).save(force_create=True)
        if table is CustomerRow:
            await refresh_silence(body["id"])  # he may have been served before he became an entry
    if table is PersonRow and "region" in columns:
        await CustomerRow.filter(owner=body["id"]).update(region=columns["region"])


async def refresh_silence(customer: str) -> None:
    """Recompute when the customer was last really served: his latest complete action."""
    last = await ActionRow.filter(customer=customer, state="complete").order_by("-at").first()
    await CustomerRow.filter(id=customer).update(last_complete_at=last.at if last else None)


async def _account(_: str, columns: Columns) -> None:
    await Account.filter(platform=columns["platform"], person=columns["person"]).delete()
    if columns["user"]:
        await Account(**columns).save(force_create=True)


async def _purchase(customer: str, columns: Columns) -> None:
    await PurchaseRow(customer=customer, since=parse_instant(columns["since"]), fen=columns["fen"]).save(force_create=True)


SPECIAL: Mapping[str, Callable[[str, Columns], Awaitable[None]]] = {
    "accounts": _account,
    "purchases": _purchase,
    "holdings": figure_fold.holding,
}


def _instants(table: type[Model]) -> set[str]:
    return {name for name, column in columns_of(table).items() if is_instant(column)}


async def standing() -> list[Entry]:
    """All master data as entries: what a ledger begun before master data were entries is given once."""
    found: list[Entry] = []
    for name, table in ROWS.items():
        columns = [column for column in columns_of(table) if column not in ("id", *OWN.get(name, ()))]
        found += [
            master_set(name, row.pk, {column: getattr(row, column) for column in columns}) for row in await table.all().order_by("id")
        ]
    for account in await Account.all().order_by("id"):
        values = {"platform": account.platform, "person": account.person, "user": account.user, "by": account.by}
        found.append(master_set("accounts", f"{account.platform}:{account.person}", values))
    found += [master_set("purchases", row.customer, {"since": row.since, "fen": row.fen}) for row in await PurchaseRow.all().order_by("id")]
    return found
