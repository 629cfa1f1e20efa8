"""Which entries belong to a customer's dossier: those that name him, and those that name what such entries made."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.entries import parse_instant
from bot.model import Entry
from bot.store import ledger_rows

# An entry's own thing, by the field that names it; what refers to such a thing belongs where it does.
THINGS = ("visit", "action", "evidence", "check", "site", "approval", "contact", "note", "document", "appeal", "title", "card", "signature")
KINDS = frozenset(THINGS)
AROUND = 64  # sources lie in the same step as their facts, just before them
SOURCES = ("message.received", "original.sealed")


@dataclass(slots=True, kw_only=True)
class Chosen:
    """Entries by index, in the ledger's order; `told_by`: the message that an entry was recorded with."""

    entries: dict[int, Entry] = field(default_factory=dict)
    told_by: dict[int, int] = field(default_factory=dict)

    def of(self, *types: str) -> list[tuple[int, Mapping[str, Any]]]:
        """Index and body of the entries of these types."""
        return [(index, entry.body) for index, entry in self.entries.items() if entry.type in types]


class Selection:
    """Walks the ledger once; memory grows with the dossier, not with the ledger."""

    def __init__(self, customer: str, since: datetime | None, until: datetime | None) -> None:
        """`since` ≤ a visit's, check's or note's time < `until`; None = open."""
        self._customer = customer
        self._since, self._until = since, until
        self._known: set[str] = set()
        self._sources: deque[tuple[int, Entry]] = deque(maxlen=AROUND)
        self._step: tuple[datetime, int, Entry] | None = None  # the message whose facts follow it, at the same instant
        self.chosen = Chosen()

    async def run(self) -> Chosen:
        async for index, at, entry in ledger_rows.entries():
            if entry.type in SOURCES:
                self._sources.append((index, entry))
                if entry.type == "message.received":
                    self._step = (at, index, entry)
            elif self._belongs(entry, at):
                self._take(index, entry, at)
        self.chosen.entries = dict(sorted(self.chosen.entries.items()))
        return self.chosen

    def _belongs(self, entry: Entry, recorded: datetime) -> bool:
        body, kind = entry.body, entry.type.partition(".")[0]
        if entry.type == "master.set":
            return bool(body.get("customer") == self._customer or (body["table"] == "customers" and body["id"] == self._customer))
        if kind not in KINDS:
            return False
        if any(body.get(name) in self._known for name in (*THINGS, "subject") if body.get(name)):
            return True
        return body.get("customer") == self._customer and self._inside(body, recorded)

    def _inside(self, body: Mapping[str, Any], recorded: datetime) -> bool:
        text = body.get("at") or body.get("sent_at")
        at = parse_instant(text) if text else recorded
        return (self._since is None or at >= self._since) and (self._until is None or at < self._until)

    def _take(self, index: int, entry: Entry, at: datetime) -> None:
        kind, body = entry.type.partition(".")[0], entry.body
        if kind in KINDS and body.get(kind):
            self._known.add(body[kind])
        self.chosen.entries[index] = entry
        if self._step and self._step[0] == at:
            self.chosen.told_by[index] = self._step[1]
            self.chosen.entries[self._step[1]] = self._step[2]
        for name in (body.get("source"), body.get("sha256")):
            for place, source in self._sources:
                if name and name in (source.body.get("source"), source.body.get("original")):
                    self.chosen.entries[place] = source


def digests(found: Iterable[Mapping[str, Any]], name: str) -> set[str]:
    """The digests that these bodies name in a field."""
    return {body[name] for body in found if body.get(name)}
