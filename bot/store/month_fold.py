"""Folding deeds into months: what a deed was is taken away, what it is now is added.

Months are UTC's, so that they follow from the ledger alone; who counts a local month adds and takes away the hours at its edges.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.store.reading_sql import run
from bot.store.tables import DeedRow

REP = """
INSERT INTO rep_months (id, month, rep, region, stage, kind, state, photo, place, summary, n) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET n = rep_months.n + excluded.n
"""
CUSTOMER = """
INSERT INTO customer_months (id, month, customer, rep, region, stage, kind, tier, n) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET n = customer_months.n + excluded.n
"""
NONE_LEFT = "DELETE FROM {table} WHERE id = ? AND n = 0"


def month_of(at: datetime) -> int:
    """`at` in UTC."""
    return at.year * 12 + at.month - 1


async def move(before: DeedRow | None, after: DeedRow | None) -> None:
    """A deed came, changed or went."""
    await _move("rep_months", REP, _of_rep(before), _of_rep(after))
    await _move("customer_months", CUSTOMER, _of_customer(before), _of_customer(after))


async def gone(deeds: Iterable[DeedRow]) -> None:
    for deed in deeds:
        await move(deed, None)


async def _move(table: str, sql: str, before: tuple[object, ...], after: tuple[object, ...]) -> None:
    if before == after:
        return
    if after:
        await run(sql, _key(after), *after, 1)
    if before:
        await run(sql, _key(before), *before, -1)
        await run(NONE_LEFT.format(table=table), _key(before))


def _of_rep(deed: DeedRow | None) -> tuple[object, ...]:
    if deed is None:
        return ()
    told = (deed.rep, deed.region, deed.stage, deed.kind or "", deed.state)
    return (month_of(deed.at), *told, int(deed.photo), int(deed.place), int(deed.summary))


def _of_customer(deed: DeedRow | None) -> tuple[object, ...]:
    if deed is None or deed.state != "complete":
        return ()
    return month_of(deed.at), deed.customer, deed.rep, deed.region, deed.stage, deed.kind or "", deed.tier


def _key(values: tuple[object, ...]) -> str:
    """The flags of a chain stand together."""
    flags = "".join(str(one) for one in values[6:]) if len(values) == 9 else str(values[6])
    return ":".join([*map(str, values[:6]), flags])
