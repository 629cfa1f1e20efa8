"""What a visit page shows of its visit, and what it sent."""

from datetime import datetime, timedelta

from bot.model import Check, Platform, Visit
from bot.store import convert
from bot.store.gather import visit_of
from bot.store.tables import CheckRow, DeviceRow, Inbox, VisitRow

DAY = timedelta(hours=24)


async def visit(id_: str) -> Visit | None:
    row = await VisitRow.get_or_none(id=id_)
    return await visit_of(row) if row else None


async def checks(visit: Visit, now: datetime) -> tuple[Check, ...]:
    """The rep's checks at the visit's customer within a day, the latest last."""
    rows = CheckRow.filter(rep=visit.rep, customer=visit.customer, at__gte=now - DAY)
    return tuple(convert.check(row) for row in await rows.order_by("at", "id"))


async def devices(rep: str) -> dict[str, str]:
    """State by thumbprint of the keys that his pages signed with."""
    return {row.device: row.state for row in await DeviceRow.filter(person=rep, platform=Platform.PAGE.value)}


async def kept(key: str) -> bytes | None:
    row = await Inbox.get_or_none(platform=Platform.PAGE.value, key=key)
    return bytes(row.payload) if row else None


async def worked(key: str) -> bool:
    return await Inbox.exists(platform=Platform.PAGE.value, key=key, state__in=["done", "dead"])
