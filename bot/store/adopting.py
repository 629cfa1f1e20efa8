"""What a database of before this version lacks, made once of its ledger."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.entries import parse_instant
from bot.store import ledger_rows, turns
from bot.store.database import Database
from bot.store.tables import ActionRow, TurnRow
from bot.store.turns import Standing, Step

AT_ONCE = 2000
Body = Mapping[str, Any]


async def adopt_turns(database: Database) -> None:
    """Turns of a ledger that was begun before they were kept; a no-op ever after."""
    if await TurnRow.exists() or not await ActionRow.exists():
        return
    async with database.step():
        told, found = _Told(), list[TurnRow]()
        async for index, at, entry in ledger_rows.entries():
            found += told.turns(Step(index, at), entry.type, entry.body)
            if len(found) >= AT_ONCE:
                await TurnRow.bulk_create(found)
                found = []
        await TurnRow.bulk_create(found)


class _Told:
    """The actions as the ledger has told of them so far."""

    def __init__(self) -> None:
        self._actions: dict[str, Standing] = {}
        self._submitted: dict[str, datetime] = {}

    def turns(self, step: Step, type_: str, body: Body) -> list[TurnRow]:
        if type_ == "document.filed":
            return [turns.filing(step, body["customer"], body["rule"], parse_instant(body["at"]))]
        if type_ == "action.opened":
            self._actions[body["action"]] = Standing(
                action=body["action"],
                rep=body["rep"],
                customer=body["customer"],
                stage=body["stage"],
                tier="T0",
                began=parse_instant(body["at"]),
                complete=False,
                ended=None,
            )
        before = self._actions.get(body.get("action", "")) if type_ in CHANGES else None
        if before is None:
            return []
        after = self._actions[before.action] = self._changed(before, type_, body)
        return turns.rows(step, before, after, closed=type_ == "action.submitted")

    def _changed(self, before: Standing, type_: str, body: Body) -> Standing:
        if type_ == "action.corrected":
            return replace(before, stage=body["stage"])
        if type_ == "action.submitted":
            ended = self._submitted[before.action] = parse_instant(body["at"])
            return replace(before, ended=ended)
        ended_at = None if body["state"] == "withdrawn" else self._submitted.get(before.action)
        return replace(before, complete=body["state"] == "complete", tier=body["tier"], ended=ended_at)


CHANGES = frozenset({"action.judged", "action.submitted", "action.corrected"})
