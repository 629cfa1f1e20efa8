"""Who is who."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from bot.model import Person, Platform, Role
from bot.store import convert
from bot.store.tables import Account, ConsentRow, CustomerRow, PersonRow


async def by_account(platform: Platform, *users: str) -> Person | None:
    """The active person behind any of these platform user ids."""
    known = [user for user in users if user]
    account = await Account.filter(platform=platform.value, user__in=known).first() if known else None
    return await by_id(account.person) if account else None


async def by_id(id_: str) -> Person | None:
    row = await PersonRow.get_or_none(id=id_, active=True)
    return convert.person(row, await accounts(id_)) if row else None


async def accounts(person: str) -> dict[Platform, str]:
    """His user id on every platform that he is on."""
    return {Platform(row.platform): row.user for row in await Account.filter(person=person)}


async def named(ids: Iterable[str]) -> Mapping[str, Person]:
    """People by id, without their accounts."""
    rows = await PersonRow.filter(id__in=list(ids))
    return {row.id: convert.person(row, {}) for row in rows}


async def names(ids: Iterable[str]) -> dict[str, str]:
    """Names of people by id."""
    wanted = sorted({id_ for id_ in ids if id_})
    return dict(await PersonRow.filter(id__in=wanted).values_list("id", "name")) if wanted else {}


async def customer_names(ids: Iterable[str]) -> dict[str, str]:
    """Names of customers by id."""
    wanted = sorted({id_ for id_ in ids if id_})
    return dict(await CustomerRow.filter(id__in=wanted).values_list("id", "name")) if wanted else {}


async def with_role(role: Role, region: str | None = None) -> list[Person]:
    """Active people of a role, in a region when given."""
    rows = _holding(role) if region is None else _holding(role).filter(region=region)
    return [convert.person(row, await accounts(row.id)) for row in await rows]


def _holding(role: Role) -> QuerySet[PersonRow]:
    """Narrowed in the database: a company has a thousand reps and a few directors, and every message asks for them."""
    return PersonRow.filter(active=True, roles__contains=f'"{role.value}"')


async def met(id_: str, now: datetime) -> None:
    """Remember that this person has been spoken to."""
    await PersonRow.filter(id=id_, met_at=None).update(met_at=now)


async def read_records(ids: Iterable[str], began: datetime) -> None:
    """A read of these people's native records that began at `began` is complete."""
    rows = PersonRow.filter(id__in=list(ids))
    await rows.filter(Q(read_at=None) | Q(read_at__lt=began)).update(read_at=began)


async def consents(id_: str) -> dict[str, str]:
    """What a person said, by purpose: shown | given | withdrawn."""
    return {row.purpose: row.state for row in await ConsentRow.filter(person=id_)}


async def told_version(id_: str) -> str:
    """The latest consent text that a person was shown; "" for none."""
    row = await ConsentRow.filter(person=id_).order_by("-at").first()
    return row.version if row else ""


async def without_location(ids: Iterable[str]) -> set[str]:
    """Those who do not want their positions used."""
    return {row.person for row in await ConsentRow.filter(person__in=list(ids), purpose="location", state="withdrawn").only("person")}


async def read_at(id_: str) -> datetime | None:
    row = await PersonRow.get_or_none(id=id_)
    return row.read_at if row else None


async def reps_on(platform: Platform) -> Mapping[str, str]:
    """Platform user id → person id, of active reps."""
    reps = {row.id for row in await _holding(Role.REP)}
    return {row.user: row.person for row in await Account.filter(platform=platform.value) if row.person in reps}
