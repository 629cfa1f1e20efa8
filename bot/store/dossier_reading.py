"""What a dossier reads: entries with what ties them to their leaves, platform messages, and the projections that the PDF tells."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from bot.model import Action, Check, Json, Site
from bot.store import convert
from bot.store.reading_records import recorded
from bot.store.tables import ActionRow, Body, CheckRow, CustomerRow, DossierRow, Inbox, Leaf, OriginalRow, PersonRow, SiteRow

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A customer's records as the PDF tells them, oldest first; `second` is SM3 by SHA-256."""

    customer: str
    address: str
    actions: tuple[Action, ...]
    indexes: dict[str, int]
    names: dict[str, str]
    checks: tuple[Check, ...]
    sites: tuple[Site, ...]
    second: dict[str, str]


async def rows(indexes: Sequence[int]) -> dict[int, tuple[bytes, Json, bytes]]:
    """Leaf, body and salt by index; those that were erased are left out."""
    found: dict[int, tuple[bytes, Json, bytes]] = {}
    for start in range(0, len(indexes), PAGE):
        page = indexes[start : start + PAGE]
        leaves = {row.index: bytes(row.data) for row in await Leaf.filter(index__in=page)}
        for row in await Body.filter(index__in=page):
            if row.body and row.salt:
                found[row.index] = (leaves[row.index], json.loads(row.body), bytes(row.salt))
    return found


async def payloads(sources: Sequence[str]) -> dict[str, bytes]:
    """Platform messages by their source (platform:key)."""
    keys: dict[str, list[str]] = {}
    for source in sources:
        platform, _, key = source.partition(":")
        keys.setdefault(platform, []).append(key)
    found = {}
    for platform, names in keys.items():
        for start in range(0, len(names), PAGE):
            for row in await Inbox.filter(platform=platform, key__in=names[start : start + PAGE]):
                found[f"{platform}:{row.key}"] = bytes(row.payload)
    return found


async def customer_named(words: str) -> list[str]:
    """Ids of the customers of this id, name or alias; with none of those, of a name that holds the words."""
    exact = await CustomerRow.filter(Q(id=words) | Q(name=words) | Q(aliases__contains=json.dumps(words, ensure_ascii=False)))
    found = exact or await CustomerRow.filter(name__contains=words)
    return [row.id for row in found]


async def asked() -> list[DossierRow]:
    """Dossiers that wait to be made, oldest first."""
    return await DossierRow.filter(state="asked").order_by("at", "id")


async def customer_name(id_: str) -> str:
    row = await CustomerRow.get_or_none(id=id_)
    return row.name if row else id_


async def region_of(dossier: str) -> str | None:
    """Region of the customer whose dossier it is; None for one that was never made."""
    row = await DossierRow.get_or_none(id=dossier, state="made")
    customer = await CustomerRow.get_or_none(id=row.customer) if row else None
    return customer.region if customer else None


async def story(customer: str, since: datetime | None, until: datetime | None) -> Told:
    """Raises DoesNotExist for a customer that is not there."""
    row = await CustomerRow.get(id=customer)
    inside = Q(customer=customer) & (Q(at__gte=since) if since else Q()) & (Q(at__lt=until) if until else Q())
    found = list(await recorded(await ActionRow.filter(inside).order_by("at", "id")))
    checks = tuple(convert.check(one) for one in await CheckRow.filter(inside).order_by("at", "id"))
    people = {action.rep for action in (one.action for one in found)} | {check.rep for check in checks}
    digests = [item.sha256 for one in found for item in one.action.evidence if item.sha256]
    return Told(
        customer=row.name,
        address=row.address,
        actions=tuple(one.action for one in found),
        indexes={one.action.id: one.index for one in found},
        names={person.id: person.name for person in await PersonRow.filter(id__in=list(people))},
        checks=checks,
        sites=tuple(convert.site(one) for one in await SiteRow.filter(customer=customer).order_by("id")),
        second={one.sha256: one.sm3 for one in await OriginalRow.filter(sha256__in=digests)},
    )
