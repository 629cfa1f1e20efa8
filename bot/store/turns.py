"""What rules look at, change by change: kept beside the projections so that other rules can be tried on the recorded history."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.ground import Client, Scope, Turn
from bot.store.fields import to_ms
from bot.store.reading_sql import select, tuples
from bot.store.tables import ActionRow, TurnRow

PER_ENTRY = 4  # most turns that one entry makes
PAGE = 2000  # rows; a page is what a shadow run works through between two looks at anything else
READ = """
SELECT id, at, op, action, rep, customer, stage, tier, began, ended FROM turns
WHERE id > ? AND at < ? AND ({scopes}) ORDER BY id LIMIT ?
"""
CLIENTS = "SELECT id, name, region, owner, industry, imported_at FROM customers ORDER BY id"
BEFORE = "SELECT id FROM turns WHERE at < ? ORDER BY at DESC, id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Step:
    """The entry that makes a turn: its index, and when it was recorded."""

    index: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An action as far as rules look at it."""

    action: str
    rep: str
    customer: str
    stage: str
    tier: str
    began: datetime
    complete: bool
    ended: datetime | None  # None: not submitted, or withdrawn


def standing(row: ActionRow) -> Standing:
    return Standing(
        action=row.id,
        rep=row.rep,
        customer=row.customer,
        stage=row.stage,
        tier=row.tier,
        began=row.at,
        complete=row.state == "complete",
        ended=None if row.state == "withdrawn" else row.submitted_at,
    )


def between(before: Standing, after: Standing, *, closed: bool) -> list[tuple[str, Standing]]:
    """What changed for the rules. `closed`: the action was submitted just now."""
    found = []
    counted = (before.complete, before.stage, before.tier) != (after.complete, after.stage, after.tier)
    if before.complete and counted:
        found.append(("undone", before))
    if after.complete and counted:
        found.append(("complete", after))
    listed = (before.ended, before.stage) != (after.ended, after.stage)
    if before.ended and listed:
        found.append(("taken", before))
    if after.ended and listed:
        found.append(("submitted" if closed else "moved", after))
    return found


async def note(step: Step, before: Standing, after: Standing, *, closed: bool = False) -> None:
    """Write down what an entry changed, inside its own step. `closed`: by being submitted."""
    if found := rows(step, before, after, closed=closed):
        await TurnRow.bulk_create(found)


def rows(step: Step, before: Standing, after: Standing, *, closed: bool) -> list[TurnRow]:
    """What an entry changed for the rules, as rows."""
    return [_row(step, n, op, one) for n, (op, one) in enumerate(between(before, after, closed=closed))]


def _row(step: Step, n: int, op: str, one: Standing) -> TurnRow:
    same = {name: getattr(one, name) for name in ("action", "rep", "customer", "stage", "tier", "began", "ended")}
    return TurnRow(id=step.index * PER_ENTRY + n, at=step.at, op=op, **same)


async def filed(step: Step, customer: str, rule: str, at: datetime) -> None:
    """A paper is on file."""
    await TurnRow.bulk_create([filing(step, customer, rule, at)])


def filing(step: Step, customer: str, rule: str, at: datetime) -> TurnRow:
    none = {"action": "", "rep": "", "tier": ""}
    return TurnRow(id=step.index * PER_ENTRY, at=step.at, op="filed", customer=customer, stage=rule, began=at, **none)


async def pages(scopes: Sequence[Scope], since: datetime | None, until: datetime, size: int = PAGE) -> AsyncIterator[list[Turn]]:
    """Turns of these scopes recorded in [since, until), in the order of the ledger, a page at a time; `since` None: from the first."""
    if not scopes:
        return
    last, end = await _before(since), to_ms(until)
    sql = READ.format(scopes=" OR ".join(_condition(ops, stage) for ops, stage in scopes))
    stages = [stage for _, stage in scopes if stage]
    while found := await tuples(sql, last, end, *stages, size):
        page = [Turn._make(row) for row in found]
        yield page
        last = page[-1].id


def _condition(ops: Iterable[str], stage: str) -> str:
    """Ops are words of ours."""
    named = ", ".join(f"'{op}'" for op in ops)
    return f"op IN ({named})" + (" AND stage = ?" if stage else "")


async def _before(since: datetime | None) -> int:
    """The last turn before a moment."""
    found = await select(BEFORE, to_ms(since)) if since else []
    return int(found[0]["id"]) if found else -1


async def company() -> tuple[dict[str, Client], dict[str, str]]:
    """Customers, and the regions of people, as they are known now."""
    clients = {row[0]: Client(*row[1:]) for row in await tuples(CLIENTS)}
    return clients, {row[0]: row[1] for row in await tuples("SELECT id, region FROM people")}


async def first_at() -> datetime | None:
    """When the first turn was recorded."""
    row = await TurnRow.all().order_by("id").first()
    return row.at if row else None
