"""Writing master data: a row is new, changed, the same, or refused because what it names is not there.

Each change is a fact (`master.set`) and is folded at once, since later rows of the same file name earlier ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from tortoise import Model

from bot import entries
from bot.calendar import days
from bot.config.schema import Config, Inactivity
from bot.ids import new_id
from bot.intake import ContactRow, CustomerRow, PersonRow, Rejected, Row, SiteRow
from bot.model import Entry, Platform
from bot.rules.inactivity import due_at
from bot.store import deadlines, master_fold, tables
from bot.store.database import Database
from bot.store.fields import table_of


@dataclass(slots=True, kw_only=True)
class Written:
    """What became of a batch. `facts` are folded already; `decisions` are entries that the caller records and folds."""

    changed: int = 0
    unchanged: int = 0
    refused: list[Rejected] = field(default_factory=list)
    facts: list[Entry] = field(default_factory=list)
    decisions: list[Entry] = field(default_factory=list)


class Writer:
    """Takes rows one by one inside a step."""

    def __init__(self, database: Database, config: Config, now: datetime) -> None:
        self._database = database
        self._config = config
        self._now = now
        self.written = Written()

    async def write(self, number: int, row: Row) -> bool | Rejected:
        """True when something changed, False when all was there already."""
        match row:
            case PersonRow():
                return await self._person(number, row)
            case CustomerRow():
                return await self._customer(number, row)
            case SiteRow():
                return await self._site(number, row)
            case ContactRow():
                return await self._contact(number, row)

    async def _person(self, number: int, row: PersonRow) -> bool | Rejected:
        accounts = {Platform.WECOM: row.wecom, Platform.DINGTALK: row.dingtalk, Platform.FEISHU: row.feishu}
        for platform, user in accounts.items():
            taken = await tables.Account.get_or_none(platform=platform.value, user=user) if user else None
            if taken and taken.person != row.id:
                return Rejected(row=number, reason=f"{platform.value} 账号已属于 {taken.person}")
        before = await tables.PersonRow.get_or_none(id=row.id)
        if before and before.region != row.region:
            for held in await tables.CustomerRow.filter(owner=row.id).order_by("id"):
                await self._held(held)
        changed = await self._set(tables.PersonRow, row.id, name=row.name, roles=list(row.roles), region=row.region, active=row.active)
        for platform, user in accounts.items():
            changed |= await self._account(row.id, platform, user)
        if not row.active:
            if before and before.active:
                await self._left(row.id)
            return changed
        return await self._device(row) or changed

    async def _account(self, person: str, platform: Platform, user: str) -> bool:
        known = await tables.Account.get_or_none(platform=platform.value, person=person)
        if (known.user if known else "") == user or (known and known.by == "code" and not user):
            return False
        values = {"platform": platform.value, "person": person, "user": user, "by": ""}
        await self._record("accounts", f"{platform.value}:{person}", values)
        return True

    async def _left(self, person: str) -> None:
        """He may come back by a later import; his devices are to be approved anew then."""
        self.written.decisions.append(entries.person_left(person, "import", self._now))
        for device in await tables.DeviceRow.filter(person=person, state__in=["active", "pending"]).order_by("id"):
            self.written.decisions.append(entries.device_decided(device.id, person, "retired", "import", self._now))

    async def _device(self, row: PersonRow) -> bool:
        """The device filed with the person counts as approved; another one before it retires."""
        platform = Platform.WECOM if row.wecom or not row.dingtalk else Platform.DINGTALK
        known = await tables.DeviceRow.filter(person=row.id, platform=platform.value, device=row.device).first()
        if not row.device or (known and known.state == "active"):
            return False
        id_ = known.id if known else new_id("d_", self._now, f"{row.id}|{platform}|{row.device}")
        if not known:
            self.written.decisions.append(entries.device_seen(id_, row.id, platform.value, row.device, "pending", self._now))
        self.written.decisions.append(entries.device_decided(id_, row.id, "active", "import", self._now))
        return True

    async def _customer(self, number: int, row: CustomerRow) -> bool | Rejected:
        owner = await tables.PersonRow.get_or_none(id=row.owner)
        if owner is None:
            return Rejected(row=number, reason=f"没有工号为 {row.owner} 的人员, 请先导入人员")
        known = await tables.CustomerRow.get_or_none(id=row.id)
        if known and (known.owner, known.region) != (row.owner, owner.region):
            await self._held(known)
        changed = await self._set(
            tables.CustomerRow,
            row.id,
            name=row.name,
            aliases=list(row.aliases),
            owner=row.owner,
            region=owner.region,
            annual_purchase_fen=row.fen,
            industry=row.industry,
            address=row.address,
            **({} if known else {"imported_at": self._now}),
        )
        if known is None or known.annual_purchase_fen != row.fen:
            await self._record("purchases", row.id, {"since": self._now, "fen": row.fen})
        if known is None:
            rules = [rule for rule in self._config.rules if isinstance(rule, Inactivity)]
            armed = [(rule.id, f"customer:{row.id}", due_at(rule, self._now, self._config.zone, *days(self._config))) for rule in rules]
            await deadlines.arm(self._database.connection, armed)
        return await self._registered(row) or changed

    async def _held(self, known: tables.CustomerRow) -> None:
        """He gets another owner or region: months that are over stay with the former one."""
        await self._record("holdings", known.id, {"until": self._now, "owner": known.owner, "region": known.region})

    async def _registered(self, row: CustomerRow) -> bool:
        if row.lat is None or row.lng is None or row.datum is None:
            return False
        values = {"customer": row.id, "name": "注册地址", "lat": row.lat, "lng": row.lng, "datum": row.datum.value, "state": "approved"}
        return await self._set(tables.SiteRow, f"{row.id}/registered", **values)

    async def _site(self, number: int, row: SiteRow) -> bool | Rejected:
        if not await tables.CustomerRow.exists(id=row.customer):
            return Rejected(row=number, reason=f"没有编号为 {row.customer} 的客户, 请先导入客户")
        values = {"lat": row.lat, "lng": row.lng, "datum": row.datum.value, "radius_m": row.radius_m, "state": "approved"}
        return await self._set(tables.SiteRow, _id(row.customer, row.name), customer=row.customer, name=row.name, **values)

    async def _contact(self, number: int, row: ContactRow) -> bool | Rejected:
        if not await tables.CustomerRow.exists(id=row.customer):
            return Rejected(row=number, reason=f"没有编号为 {row.customer} 的客户, 请先导入客户")
        values = {"name": row.name, "title": row.title, "role": row.role, "phone": row.phone}
        known = await tables.ContactRow.filter(customer=row.customer, name=row.name).first()  # a chat may have named him before
        return await self._set(tables.ContactRow, known.id if known else _id(row.customer, row.name), customer=row.customer, **values)

    async def _set(self, table: type[Model], id_: str, **columns: object) -> bool:
        known = await table.get_or_none(id=id_)
        changed = known is None or any(getattr(known, name) != value for name, value in columns.items())
        if changed:
            await self._record(table_of(table), id_, columns)
        return changed

    async def _record(self, table: str, id_: str, columns: Mapping[str, Any]) -> None:
        if table == "people":
            columns = {**columns, "updated_at": self._now}
        entry = entries.master_set(table, id_, columns)
        self.written.facts.append(entry)
        await master_fold.fold(entry.body)


def _id(customer: str, name: str) -> str:
    """Id of something that a customer has one of by that name."""
    return f"{customer[:60]}/{sha256(name.encode()).hexdigest()[:12]}"


async def write_all(database: Database, rows: Sequence[tuple[int, Row]], config: Config, now: datetime) -> Written:
    """Write checked rows inside the caller's step."""
    writer = Writer(database, config, now)
    written = writer.written
    for number, row in rows:
        done = await writer.write(number, row)
        if isinstance(done, Rejected):
            written.refused.append(done)
        else:
            written.changed += done
            written.unchanged += not done
    return written
