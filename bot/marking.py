"""Marks on customers: who enters the pool of silent ones and who leaves it, who is likely to buy again. Each change is an entry.

Whatever may change a customer's marks sets his due row; the sweep looks at him once, and sets the row for the day on which
the answer may change by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from bot import entries
from bot.config.schema import Config
from bot.ids import new_id
from bot.measures.repurchase import next_change as tickets_change
from bot.measures.repurchase import repurchase
from bot.measures.silent import Part, next_change, silent
from bot.model import Address, Draft, Entry, Json, Outgoing, Role
from bot.store import deadlines, people, signals
from bot.store.database import Tx
from bot.store.tables import ActionRow, CustomerRow, MarkRow, MaterialRow, PresentationRow

RULE = "customer.marks"
SILENT, REPURCHASE = "silent", "repurchase"
FED = frozenset({"orders", "tickets", "web_visits", "inquiries"})
SETTLE = timedelta(seconds=10)  # a file's rows come in many steps: looked at once for as many of them as that


async def arm(db: Tx, done: Sequence[Entry], now: datetime) -> None:
    """Set the due row of every customer whom these entries are about."""
    fed = {str(row["customer"]) for e in done if e.type == "facts.taken" and e.body["kind"] in FED for row in e.body["rows"]}
    acted = await _acted(done)
    rows = [(RULE, f"customer:{customer}", now) for customer in sorted(acted)]
    rows += [(RULE, f"customer:{customer}", now + SETTLE) for customer in sorted(fed - acted)]
    await deadlines.soon(db, rows)


async def _acted(done: Sequence[Entry]) -> set[str]:
    judged = {str(entry.body["action"]) for entry in done if entry.type in ("action.judged", "action.corrected")}
    shown = {str(entry.body["presentation"]) for entry in done if entry.type == "presentation.closed"}
    found = {str(entry.body["customer"]) for entry in done if entry.type == "evidence.added" and entry.body.get("name")}
    opened = {str(entry.body["material"]) for entry in done if entry.type == "material.opened"}
    if opened:
        found |= {row.customer for row in await MaterialRow.filter(id__in=list(opened)).only("customer")}
    if judged:
        found |= {row.customer for row in await ActionRow.filter(id__in=list(judged)).only("customer")}
    if shown:
        found |= {row.customer for row in await PresentationRow.filter(id__in=list(shown)).only("customer") if row.customer}
    return found


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a customer came to, and when to look again."""

    draft: Draft
    again: datetime | None


async def look(customer: str, config: Config, now: datetime) -> Looked:
    """Judge a customer's marks on his facts."""
    row = await CustomerRow.get_or_none(id=customer)
    if row is None:
        return Looked(Draft(), None)
    today = signals.day_of(now, config)
    known = await signals.known(row, config, now)
    closed = await signals.closed_tickets(customer, config)
    quiet = silent(known, config.silence, today)
    again = repurchase(await signals.shown_to(customer), closed, config.repurchase, today)
    facts = [*await _mark(row, SILENT, quiet, now), *await _mark(row, REPURCHASE, again, now)]
    entered = [fact for fact in facts if fact.type == "mark.set" and fact.body["what"] == SILENT]
    cards = [card for fact in entered for card in await _cards(str(fact.body["mark"]), row, quiet, config)]
    days = [next_change(known, config.silence, today), tickets_change(closed, config.repurchase, today)]
    return Looked(Draft(entries=tuple(facts), messages=tuple(cards)), _first(days, config))


def _first(days: Iterable[date | None], config: Config) -> datetime | None:
    day = min((one for one in days if one), default=None)
    return signals.first_moment(day, config) if day else None


async def _mark(customer: CustomerRow, what: str, parts: Sequence[Part], now: datetime) -> list[Entry]:
    standing = await MarkRow.get_or_none(customer=customer.id, mark=what, until=None)
    holds = all(part.met for part in parts)
    if holds and standing is None:
        mark = new_id("mk_", now, f"{customer.id}|{what}")
        return [entries.mark_set(mark, what, customer.id, {"parts": parts_json(parts)}, now)]
    if not holds and standing is not None:
        left = [part for part in parts if not part.met]
        return [entries.mark_cleared(standing.id, customer.id, {"parts": parts_json(left)}, now)]
    return []


def parts_json(parts: Iterable[Part]) -> list[Json]:
    return [{**asdict(part), "sources": list(part.sources), "more": list(part.more)} for part in parts]


async def _cards(mark: str, customer: CustomerRow, parts: Sequence[Part], config: Config) -> list[Outgoing]:
    """To the presales of the region, and to those of no region; nobody is told while the region is a pilot."""
    region = config.region(customer.region)
    if region is None or not region.live:
        return []
    told = [person for person in await people.with_role(Role.PRESALES) if person.region in ("", customer.region)]
    owner = await people.by_id(customer.owner)
    values = {"customer": customer.name, "id": customer.id, "owner": owner.name if owner else "", "parts": parts_json(parts)}
    return [Outgoing(key=f"{mark}:{one.id}", to=Address(person=one.id), template="card/silent", values=values) for one in told]
