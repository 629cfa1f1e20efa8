"""Writing other systems' facts: a row is new, a correction, the same, or refused because what it names is not there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot import entries
from bot.entries import instant, parse_instant
from bot.intake import FeedRow
from bot.model import Entry
from bot.store.tables import CustomerRow, FactBefore, FactRow, ImportRow, PersonRow

VALUES = ("customer", "at", "done_at", "amount", "word", "rep", "month")
INSTANTS = ("at", "done_at")
HINTED, LIKE = 200, 3  # words of a file that get a hint, and names in one


class Names:
    """Customers by id, name or alias, and people by id or name. An ambiguous word names nobody."""

    def __init__(self) -> None:
        self._customers: dict[str, str] | None = None
        self._people: dict[str, str] = {}
        self._ids: dict[str, bool] = {}
        self._hints: dict[str, str] = {}

    async def customers(self, words: Iterable[str]) -> dict[str, str]:
        """Word → id, those that are known."""
        wanted = set(words)
        if len(self._ids) > 50_000:
            self._ids.clear()
        fresh = wanted - self._ids.keys()
        if fresh:
            found = {str(id_) for id_ in await CustomerRow.filter(id__in=list(fresh)).values_list("id", flat=True)}
            self._ids |= {word: word in found for word in fresh}
        other = {word for word in wanted if not self._ids[word]}
        if other and self._customers is None:
            rows = await CustomerRow.all().values_list("id", "name", "aliases")
            self._customers = _unambiguous([(word, id_) for id_, name, aliases in rows for word in {name, *aliases}])
        named = self._customers or {}
        return {word: word for word in wanted if self._ids[word]} | {word: named[word] for word in other if word in named}

    def hint(self, word: str) -> str:
        """Whom a word may have meant that names nobody: a part of a name is not guessed in a file, which nobody looks at row by row."""
        if word not in self._hints and len(self._hints) < HINTED:
            like = sorted({f"{name}（{id_}）" for name, id_ in (self._customers or {}).items() if len(word) > 1 and word in name})
            self._hints[word] = f"; 是不是 {' 或 '.join(like[:LIKE])}? 请写编号或全称, 或给客户加上别名" if like else ", 请先导入客户"
        return self._hints.get(word, ", 请先导入客户")

    async def people(self) -> Mapping[str, str]:
        if not self._people:
            rows = await PersonRow.all().values_list("id", "name")
            self._people = _unambiguous([(name, id_) for id_, name in rows]) | {id_: id_ for id_, _ in rows}
        return self._people


def _unambiguous(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for word, id_ in pairs:
        found.setdefault(word, set()).add(id_)
    return {word: ids.pop() for word, ids in found.items() if len(ids) == 1}


@dataclass(slots=True, kw_only=True)
class Looked:
    """Rows whose customer and person are there, and why others are not: (row number, reason)."""

    rows: list[tuple[int, FeedRow]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)


async def look_up(names: Names, rows: Sequence[tuple[int, FeedRow]]) -> Looked:
    """Put ids in place of the words by which rows name customers and people."""
    customers = await names.customers(row.customer for _, row in rows)
    people = await names.people() if any(row.rep for _, row in rows) else {}
    looked = Looked()
    for number, row in rows:
        customer, rep = customers.get(row.customer), people.get(row.rep) if row.rep else ""
        if customer is None:
            looked.refused.append((number, f"没有编号、名称或别名是 {row.customer} 的客户{names.hint(row.customer)}"))
        elif rep is None:
            looked.refused.append((number, f"没有工号或姓名是 {row.rep} 的人员, 请先导入人员"))
        else:
            looked.rows.append((number, replace(row, customer=customer, rep=rep)))
    return looked


async def asked() -> list[ImportRow]:
    """Files from chat that nobody has taken in yet, the oldest first."""
    return await ImportRow.filter(state="asked").order_by("at", "id")


async def news(kind: str, rows: Sequence[FeedRow]) -> list[FeedRow]:
    """Those that say something that is not on record yet."""
    known = {row.id: row for row in await FactRow.filter(id__in=[f"{kind}:{row.id}" for row in rows])}
    return [row for row in rows if _said(known.get(f"{kind}:{row.id}")) != _values(row)]


def _said(row: FactRow | None) -> tuple[Any, ...] | None:
    return tuple(getattr(row, name) for name in VALUES) if row else None


def _values(row: FeedRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in VALUES)


def body_of(row: FeedRow) -> dict[str, Any]:
    """A row in an entry: what it does not say is left out."""
    said = {"id": row.id} | {name: getattr(row, name) for name in VALUES}
    return {name: instant(value) if isinstance(value, datetime) else value for name, value in said.items() if value not in (None, "")}


def taken(kind: str, rows: Sequence[FeedRow], by: str, file: str, now: datetime) -> Entry:
    return entries.facts_taken(kind, [body_of(row) for row in rows], by, file, now)


# ---- folding ---------------------------------------------------------------------------------------------------------


async def fold_taken(index: int, body: Mapping[str, Any]) -> None:
    await _fold(index, body["kind"], body["rows"], body["by"], parse_instant(body["at"]))


async def fold_stated(index: int, body: Mapping[str, Any]) -> None:
    said = {name: value for name, value in body.items() if name in VALUES} | {"id": str(body["fact"]).partition(":")[2]}
    await _fold(index, body["kind"], [said], body["by"], parse_instant(body["recorded_at"]))


async def _fold(index: int, kind: str, rows: Sequence[Mapping[str, Any]], by: str, recorded_at: datetime) -> None:
    ids = [f"{kind}:{row['id']}" for row in rows]
    known = {row.id: row for row in await FactRow.filter(id__in=ids)}
    before, fresh = [], []
    for id_, row in zip(ids, rows, strict=True):
        columns = {"kind": kind, "by": by, "recorded_at": recorded_at, "ledger_index": index} | _columns(row)
        old = known.get(id_)
        if old is None:
            fresh.append(FactRow(id=id_, **columns))
            continue
        said = {name: _plain(getattr(old, name)) for name in VALUES} | {"by": old.by}
        before.append(FactBefore(fact=id_, body=said, recorded_at=old.recorded_at, ledger_index=old.ledger_index))
        await FactRow.filter(id=id_).update(**columns, corrections=old.corrections + 1)
    await FactRow.bulk_create(fresh)
    await FactBefore.bulk_create(before)


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: row.get(name, "" if name in ("word", "rep", "month") else None) for name in VALUES}
    return {name: parse_instant(value) if name in INSTANTS and value else value for name, value in columns.items()}


def _plain(value: Any) -> Any:
    return instant(value) if isinstance(value, datetime) else value
