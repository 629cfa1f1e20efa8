"""Records as the API lists them: newest first, a page at a time, within what the viewer may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from tortoise import Model
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from bot.case import Paper
from bot.config.schema import Config
from bot.measures.health import Vital
from bot.model import Action, Alert, Contact, Customer
from bot.store import convert, facts, pool, signings
from bot.store.pool import Marked
from bot.store.tables import (
    ActionRow,
    AlertRow,
    ContactRow,
    CustomerRow,
    DerivedRow,
    EvidenceRow,
    FactBefore,
    FactRow,
    Leaf,
    OriginalRow,
    SiteRow,
    TranscriptRow,
)

Position = tuple[datetime, str]  # time and id of the last item of the page before
Row = TypeVar("Row", bound=Model)
STRETCH = 2000  # rows read at a time where the scope is applied to them afterwards


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a viewer may see: `regions` None = all; with `person`, only what is that person's own."""

    regions: frozenset[str] | None = None
    person: str = ""

    def admits(self, region: str, person: str | None) -> bool:
        """Whether a thing of this region and this person is inside."""
        return (self.regions is None or region in self.regions) and (not self.person or person == self.person)

    def of(self, owner: str) -> Q:
        """The same as a condition on a table whose person stands in the column `owner`."""
        condition = Q() if self.regions is None else Q(region__in=sorted(self.regions))
        return condition & Q(**{owner: self.person}) if self.person else condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An action with its place in the ledger."""

    action: Action
    index: int
    leaf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A customer with what is known around it; `last_at` tells when a contact was last met."""

    customer: Customer
    contacts: tuple[Contact, ...]
    last_at: dict[str, datetime | None]
    papers: tuple[Paper, ...] = ()
    marks: tuple[Marked, ...] = ()
    health: tuple[Vital, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Which actions are asked for; empty fields ask for nothing."""

    customer: str = ""
    rep: str = ""
    since: datetime | None = None
    until: datetime | None = None
    region: str = ""
    stage: str = ""
    kind: str = ""
    state: str = ""


async def actions(scope: Scope, asked: Period, after: Position | None, limit: int) -> list[Recorded]:
    """Actions by message time, `since` ≤ at < `until`."""
    narrow = bool(asked.customer or asked.rep)
    if scope.person and asked.rep not in {"", scope.person}:
        return []
    wanted = Q()
    for condition in (
        asked.customer and Q(customer=asked.customer),
        asked.rep and Q(rep=asked.rep),
        *(getattr(asked, name) and Q(**{name: getattr(asked, name)}) for name in ("stage", "kind", "state")),
        not narrow and asked.region and Q(region=asked.region),
        asked.since and Q(at__gte=asked.since),
        asked.until and Q(at__lt=asked.until),
    ):
        wanted &= condition or Q()
    rows = await (
        _admitted(scope, asked.region, wanted, after, limit)
        if narrow
        else _page(ActionRow.filter(scope.of("rep") & wanted), "at", after, limit)
    )
    return await recorded(rows)


async def _admitted(scope: Scope, region: str, wanted: Q, after: Position | None, limit: int) -> list[ActionRow]:
    """One customer's or one rep's: few, whatever the region holds; asked for both, SQLite would go through the region's."""
    found: list[str] = []
    while len(found) < limit:
        rows = _after(ActionRow.filter(wanted), "at", after).order_by("-at", "-id").limit(STRETCH)
        stretch = [(str(id_), at, str(where), str(rep)) for id_, at, where, rep in await rows.values_list("id", "at", "region", "rep")]
        found += [id_ for id_, _, where, rep in stretch if scope.admits(where, rep) and region in {"", where}]
        if len(stretch) < STRETCH:
            break
        after = stretch[-1][1], stretch[-1][0]
    return await ActionRow.filter(id__in=found[:limit]).order_by("-at", "-id")


async def recorded(rows: Sequence[ActionRow]) -> list[Recorded]:
    """Rows with their evidence and leaves, in the order given."""
    items = await EvidenceRow.filter(action__in=[row.id for row in rows]).order_by("sent_at", "id")
    leaves = dict(await Leaf.filter(index__in=[row.ledger_index for row in rows]).values_list("index", "hash"))
    dress = await dressing(items)
    return [
        Recorded(
            action=dress(convert.action(row, [item for item in items if item.action == row.id])),
            index=row.ledger_index,
            leaf=bytes(leaves.get(row.ledger_index, b"")).hex(),
        )
        for row in rows
    ]


async def dressing(items: Sequence[EvidenceRow]) -> Callable[[Action], Action]:
    """Puts second digests and copies on the evidence of an action that is shown."""
    second = {row.sha256: row.sm3 for row in await OriginalRow.filter(sha256__in=[item.sha256 for item in items if item.sha256])}
    copies = {row.evidence: row.sha256 for row in await DerivedRow.filter(evidence__in=[item.id for item in items])}
    voices = [item.id for item in items if item.kind == "voice"]
    words = {row.evidence: convert.transcript(row) for row in await TranscriptRow.filter(evidence__in=voices)} if voices else {}
    signatures = [item.id for item in items if item.kind == "signature"]
    signed = await signings.behind(signatures) if signatures else {}

    def dress(shown: Action) -> Action:
        worn = (
            replace(
                item,
                sm3=second.get(item.sha256 or ""),
                copy=copies.get(item.id),
                transcript=words.get(item.id),
                signing=signed.get(item.id),
            )
            for item in shown.evidence
        )
        return replace(shown, evidence=tuple(worn))

    return dress


async def action(scope: Scope, id_: str) -> Recorded | None:
    row = await ActionRow.get_or_none(id=id_)
    return (await recorded([row]))[0] if row and scope.admits(row.region, row.rep) else None


async def alerts(scope: Scope, state: str, after: Position | None, limit: int) -> list[Alert]:
    """Alerts by their beginning; `state` "" = all."""
    wanted = AlertRow.filter(scope.of("owner") & (Q(state=state) if state else Q()))
    return [convert.alert(row) for row in await _page(wanted, "since", after, limit)]


async def profile(scope: Scope, id_: str, config: Config, now: datetime) -> Profile | None:
    row = await CustomerRow.get_or_none(id=id_)
    if row is None or not scope.admits(row.region, row.owner):
        return None
    contacts = await ContactRow.filter(customer=id_).order_by("name", "id")
    sites = await SiteRow.filter(customer=id_, state="approved").order_by("name", "id")
    return Profile(
        customer=convert.customer(row, sites, None),
        contacts=tuple(convert.contact(item) for item in contacts),
        last_at={item.id: item.last_at for item in contacts},
        papers=tuple(await facts.papers(id_, config, now)),
        marks=await pool.marks(id_),
        health=await pool.vitals(row, config, now),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Another system's fact as it now stands, and what it said before, the latest first."""

    row: FactRow
    before: tuple[FactBefore, ...]


async def fact(scope: Scope, kind: str, id_: str) -> Fact | None:
    row = await FactRow.get_or_none(id=f"{kind}:{id_}")
    customer = await CustomerRow.get_or_none(id=row.customer) if row else None
    if row is None or customer is None or not scope.admits(customer.region, customer.owner):
        return None
    return Fact(row=row, before=tuple(await FactBefore.filter(fact=row.id).order_by("-ledger_index")))


async def _page(rows: QuerySet[Row], time: str, after: Position | None, limit: int) -> list[Row]:
    return await _after(rows, time, after).order_by(f"-{time}", "-id").limit(limit)


def _after(rows: QuerySet[Row], time: str, after: Position | None) -> QuerySet[Row]:
    if after is None:
        return rows
    at, id_ = after
    earlier: dict[str, Any] = {f"{time}__lt": at}
    same: dict[str, Any] = {time: at, "id__lt": id_}
    return rows.filter(Q(**earlier) | Q(**same))
