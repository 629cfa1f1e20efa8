"""What stands on a record's page, and who may look at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q

from bot.ledger import leaf_hash
from bot.model import Action, Alert, Check, Person, Role, Site
from bot.store import convert
from bot.store.reading_records import Scope, dressing
from bot.store.tables import (
    ActionRow,
    AlertRow,
    CheckRow,
    CustomerRow,
    DerivedRow,
    EvidenceRow,
    Head,
    Leaf,
    PersonRow,
    SiteRow,
)

DAY = timedelta(days=1)
TIMELINE = 100  # actions shown of a customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Where the record lies in the ledger. `intact`: the leaf as it lies there still has the hash that the tree was built of."""

    index: int
    leaf: str
    size: int
    intact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A stored file of an evidence item."""

    id: str
    action: str | None
    kind: str
    sha256: str
    mime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionView:
    """Everything on an action's page; `names` puts names to ids of people and customers."""

    action: Action
    names: dict[str, str]
    mimes: dict[str, str]
    seal: Seal
    check: Check | None
    site: Site | None
    alerts: tuple[Alert, ...]
    visit: str
    sources: tuple[str, ...] = ()  # the platforms' messages that it was made from


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """The actions behind an alert: a customer's timeline, or a rep's day."""

    alert: Alert
    actions: tuple[Action, ...]
    names: dict[str, str]
    last_complete_at: datetime | None = None


def scope_of(person: Person) -> Scope:
    """Admins see everything, a director his region, anybody else what is his own there."""
    if Role.ADMIN in person.roles:
        return Scope()
    if Role.DIRECTOR in person.roles:
        return Scope(regions=frozenset({person.region} - {""}))
    return Scope(person=person.id)


async def action_view(id_: str) -> ActionView | None:
    row = await ActionRow.get_or_none(id=id_)
    if row is None:
        return None
    items = await EvidenceRow.filter(action=id_).order_by("sent_at", "id")
    check = await _check(row)
    site = await SiteRow.get_or_none(id=check.site) if check and check.site else None
    return ActionView(
        action=(await dressing(items))(convert.action(row, items)),
        names=await names_of([row]),
        mimes={item.id: item.mime for item in items},
        seal=await seal_of(row.ledger_index),
        check=convert.check(check) if check else None,
        site=convert.site(site) if site else None,
        alerts=await _alerts(row),
        visit=row.visit,
        sources=tuple(dict.fromkeys(source for source in (row.source, *(item.source for item in items)) if source)),
    )


async def alert_view(alert: Alert) -> ListView:
    """For an alert about a customer its timeline, for one about a rep the actions that it names."""
    about, _, subject = alert.subject.partition(":")
    if about == "customer":
        rows = await ActionRow.filter(customer=subject).order_by("-at", "-id").limit(TIMELINE)
    else:
        named = [item["action"] for item in alert.values.get("actions", ())]
        rows = await ActionRow.filter(id__in=named).order_by("at", "id")
    items = await EvidenceRow.filter(action__in=[row.id for row in rows])
    customer = await CustomerRow.get_or_none(id=subject) if about == "customer" else None
    return ListView(
        alert=alert,
        actions=tuple(convert.action(row, [item for item in items if item.action == row.id]) for row in rows),
        names=await names_of(rows) | await _names(PersonRow, [subject, _owner(alert)]) | await _names(CustomerRow, [subject]),
        last_complete_at=customer.last_complete_at if customer else None,
    )


async def alert_of(id_: str) -> Alert | None:
    row = await AlertRow.get_or_none(id=id_)
    return convert.alert(row) if row else None


async def original_of(id_: str) -> Original | None:
    """The file behind an evidence item, if it has one."""
    row = await EvidenceRow.get_or_none(id=id_)
    if row is None or row.sha256 is None:
        return None
    return Original(id=row.id, action=row.action, kind=row.kind, sha256=row.sha256, mime=row.mime)


async def copy_of(id_: str) -> Original | None:
    """The copy with a watermark that was made of an evidence item, if there is one."""
    row, copy = await EvidenceRow.get_or_none(id=id_), await DerivedRow.get_or_none(evidence=id_)
    if row is None or copy is None:
        return None
    return Original(id=row.id, action=row.action, kind=row.kind, sha256=copy.sha256, mime=copy.mime)


async def seal_of(index: int) -> Seal:
    leaf = await Leaf.get_or_none(index=index)
    head = await Head.get_or_none(id=1)
    size = head.size if head else 0
    if leaf is None:
        return Seal(index=index, leaf="", size=size, intact=False)
    return Seal(index=index, leaf=bytes(leaf.hash).hex(), size=size, intact=leaf_hash(bytes(leaf.data)) == bytes(leaf.hash))


async def names_of(rows: Iterable[ActionRow]) -> dict[str, str]:
    rows = list(rows)
    return await names_for((row.rep for row in rows), (row.customer for row in rows))


async def names_for(people: Iterable[str], customers: Iterable[str]) -> dict[str, str]:
    """Names by id."""
    return await _names(PersonRow, people) | await _names(CustomerRow, customers)


async def _names(table: type[PersonRow] | type[CustomerRow], ids: Iterable[str]) -> dict[str, str]:
    wanted = [id_ for id_ in ids if id_]
    return dict(await table.filter(id__in=wanted).values_list("id", "name")) if wanted else {}


def _owner(alert: Alert) -> str:
    return str(alert.values.get("owner") or "")


async def _check(row: ActionRow) -> CheckRow | None:
    """The presence check that the stamp's place was taken from: same point, latest first."""
    if row.point is None:
        return None
    near = CheckRow.filter(rep=row.rep, customer=row.customer, at__lte=row.submitted_at or row.received_at)
    found = await near.order_by("-at").limit(20)
    return next((check for check in found if check.point == row.point and check.distance_m == row.distance_m), None)


async def _alerts(row: ActionRow) -> tuple[Alert, ...]:
    """Alerts about this very action, and those about its rep that name it."""
    around = {"since__gte": row.at - DAY, "since__lt": (row.submitted_at or row.at) + 2 * DAY}
    about = Q(subject=f"action:{row.id}") | Q(Q(subject=f"rep:{row.rep}"), Q(**around))
    alerts = [convert.alert(found) for found in await AlertRow.filter(about).order_by("-since")]
    return tuple(alert for alert in alerts if row.id in _actions_of(alert))


def _actions_of(alert: Alert) -> list[str]:
    listed = [item["action"] for item in alert.values.get("actions", ())]
    return [alert.subject.removeprefix("action:"), str(alert.values.get("action", "")), *listed]
