"""Deals and payments of other systems as rules look at them: by customer, and when the next of them is over its time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.config.schema import Overdue, StaleStage
from bot.measures.deals import Deal, Payment
from bot.rules import overdue, stale_stage
from bot.rules.facts import DealFacts, PaymentFacts
from bot.store.tables import CustomerRow, FactRow


async def known(customer: str, rule: StaleStage | Overdue) -> list[DealFacts | PaymentFacts]:
    """Those of a customer that the rule is about; none for a customer that is not there."""
    row = await CustomerRow.get_or_none(id=customer)
    if row is None:
        return []
    if isinstance(rule, StaleStage):
        deals = await FactRow.filter(kind="deals", customer=customer, word=rule.stage).order_by("id")
        return [DealFacts(deal=_deal(one), region=row.region, owner=row.owner) for one in deals if one.at]
    payments = await FactRow.filter(kind="payments", customer=customer, done_at=None).order_by("id")
    return [PaymentFacts(payment=_payment(one), region=row.region, owner=row.owner) for one in payments if one.at]


def next_due(rule: StaleStage | Overdue, some: Iterable[DealFacts | PaymentFacts], now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next moment after `now` at which one of them is over its time."""
    return min((due for one in some if (due := _due(rule, one, zone)) and due > now), default=None)


async def armed(
    rule: StaleStage | Overdue, customers: Sequence[str], now: datetime, zone: ZoneInfo
) -> list[tuple[str, str, datetime | None]]:
    """The deadlines of a rule that is new: what is over its time already is due at once."""
    found: list[tuple[str, str, datetime | None]] = []
    for customer in customers:
        dues = [due for one in await known(customer, rule) if (due := _due(rule, one, zone))]
        found.append((rule.id, f"customer:{customer}", max(min(dues), now) if dues else None))
    return found


def _due(rule: StaleStage | Overdue, one: DealFacts | PaymentFacts, zone: ZoneInfo) -> datetime | None:
    match rule, one:
        case StaleStage(), DealFacts():
            return stale_stage.due_at(rule, one)
        case Overdue(), PaymentFacts():
            return overdue.due_at(rule, one, zone)
    return None


def _deal(row: FactRow) -> Deal:
    return Deal(id=row.id.partition(":")[2], customer=row.customer, stage=row.word, fen=row.amount or 0, updated_at=row.at)


def _payment(row: FactRow) -> Payment:
    return Payment(id=row.id.partition(":")[2], customer=row.customer, fen=row.amount or 0, due_at=row.at, paid_at=row.done_at)
