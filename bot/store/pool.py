"""The pool of silent customers, the marks of one customer and his health, and whether the marks were right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.config.schema import Config
from bot.measures.conversion import Began, conversion
from bot.measures.health import Signs, Vital, health
from bot.measures.pool import Pool, Quiet
from bot.measures.silent import Dated, industry_seconds, silent
from bot.store import signals
from bot.store.fields import from_ms
from bot.store.reading_sql import select
from bot.store.tables import ActionRow, CustomerRow, FactRow, MarkRow, PersonRow

PAGE = 500
FIRST = """
SELECT c.id AS id, (SELECT MIN(a.at) FROM actions a WHERE a.customer = c.id AND a.state = 'complete') AS first
FROM customers c WHERE (? = '' OR c.region = ?)
"""
FED = "SELECT kind, COUNT(*) AS n FROM facts WHERE customer = ? GROUP BY kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A mark that a customer bears."""

    mark: str
    since: datetime
    why: tuple[Mapping[str, object], ...]


async def pool(config: Config, region: str | None, now: datetime, limit: int) -> Pool:
    """`region` None = all."""
    today = signals.day_of(now, config)
    firsts = await select(FIRST, region or "", region or "")
    first = {str(row["id"]): from_ms(row["first"]) if row["first"] is not None else None for row in firsts}
    rows = [row for row in await MarkRow.all().order_by("-since", "id") if row.customer in first]
    quiet = _began([row for row in rows if row.mark == "silent"], config)
    again = _began([row for row in rows if row.mark == "repurchase"], config)
    inside = {one.customer for one in quiet}
    ordinary = [Began(customer=id_, day=signals.day_of(at, config)) for id_, at in first.items() if at and id_ not in inside]
    days = config.silence.outcome_days
    orders = await _orders([*first], config)
    standing = [row for row in rows if row.mark == "silent" and row.until is None]
    return Pool(
        region=region,
        count=len(standing),
        listed=tuple([await _quiet(row, config, now, today) for row in standing[:limit]]),
        pool=conversion(quiet, orders, days, today),
        ordinary=conversion(ordinary, orders, days, today),
        repurchase=conversion(again, orders, days, today),
        days=days,
    )


def _began(rows: Sequence[MarkRow], config: Config) -> list[Began]:
    """Each customer once, from when he first bore the mark."""
    first = {row.customer: row.since for row in sorted(rows, key=lambda row: row.since, reverse=True)}
    return [Began(customer=customer, day=signals.day_of(since, config)) for customer, since in sorted(first.items())]


async def _orders(customers: Sequence[str], config: Config) -> dict[str, list[date]]:
    found: dict[str, list[date]] = {}
    for start in range(0, len(customers), PAGE):
        rows = FactRow.filter(kind="orders", customer__in=list(customers[start : start + PAGE]))
        for customer, at in await rows.values_list("customer", "at"):
            found.setdefault(str(customer), []).append(signals.day_of(at, config))
    return found


async def _quiet(row: MarkRow, config: Config, now: datetime, today: date) -> Quiet:
    customer = await CustomerRow.get(id=row.customer)
    owner = await PersonRow.get_or_none(id=customer.owner)
    parts = silent(await signals.known(customer, config, now), config.silence, today)
    return Quiet(id=customer.id, name=customer.name, owner=owner.name if owner else customer.owner, since=row.since, parts=parts)


async def marks(customer: str) -> tuple[Marked, ...]:
    rows = await MarkRow.filter(customer=customer, until=None).order_by("mark")
    return tuple(Marked(mark=row.mark, since=row.since, why=tuple(row.why["parts"])) for row in rows)


async def vitals(customer: CustomerRow, config: Config, now: datetime) -> tuple[Vital, ...]:
    """The parts of a customer's health, from what is on record now."""
    today = signals.day_of(now, config)
    known = await signals.known(customer, config, now)
    last = await _last_action(customer.id, config)
    fed = {str(row["kind"]) for row in await select(FED, customer.id)}
    order = await FactRow.filter(kind="orders", customer=customer.id, at__lte=now + timedelta(days=1)).order_by("-at").first()
    unpaid = await FactRow.filter(kind="payments", customer=customer.id, done_at=None, at__lt=now).order_by("at").limit(PAGE)
    tickets = await FactRow.filter(kind="tickets", customer=customer.id, at=None).order_by("id").limit(PAGE)
    signs = Signs(
        last_action=last,
        last_order=Dated(day=signals.day_of(order.at, config), id=order.id) if order else None,
        overdue=tuple(Dated(day=signals.day_of(row.at, config), id=row.id) for row in unpaid),
        open_tickets=tuple(row.id for row in tickets),
        last_inquiry=known.inquiry,
        visits=known.visits,
        visit_ms=known.visit_ms,
        usual_seconds=industry_seconds(config.silence, customer.industry),
        fed=frozenset(fed),
    )
    return health(signs, today)


async def _last_action(customer: str, config: Config) -> Dated | None:
    row = await ActionRow.filter(customer=customer, state="complete").order_by("-at").first()
    return Dated(day=signals.day_of(row.at, config), id=row.id) if row else None
