"""Honest deals (M47, M44): what is called signed and never touched again, crossed with what was never paid; and what is paid in time.

Money is integer fen. A deal is stale by elapsed time (14 days to the millisecond); a payment is overdue by the company's calendar: due on
the 1st it is one day overdue on the 2nd, whatever the hour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

STALE_DAYS = 14  # untouched so long, or longer
OVERDUE_DAYS = 90  # more than that
COLLECT_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A deal as somebody keeps it elsewhere. `updated_at`: when its status was last touched."""

    id: str
    customer: str
    stage: str
    fen: int
    updated_at: datetime
    name: str = ""  # of the customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A sum that is due. `paid_at` None: not paid."""

    id: str
    customer: str
    fen: int
    due_at: datetime
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """A stale signed deal and its customer's overdue payments, worst first: both facts, or there is no row."""

    deal: Deal
    untouched_days: int
    payments: tuple[Payment, ...]
    overdue_days: int  # of the worst

    @property
    def overdue_fen(self) -> int:
        return sum(payment.fen for payment in self.payments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Honesty:
    """The crossing, with how many there are of each side alone."""

    anomalies: tuple[Anomaly, ...]
    signed: int
    stale: int
    overdue: int

    @property
    def stale_share(self) -> float | None:
        """Share of the signed deals that nobody touched."""
        return self.stale / self.signed if self.signed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Of what was due and had its 30 days: how much was paid within them. `open_fen`: due less than 30 days ago, not judged yet."""

    due_fen: int
    paid_fen: int
    payments: int
    paid: int
    open_fen: int
    open: int

    @property
    def rate(self) -> float | None:
        """By money; None while nothing had its time."""
        return self.paid_fen / self.due_fen if self.due_fen else None


def is_stale(deal: Deal, now: datetime, days: float = STALE_DAYS) -> bool:
    """At exactly `days` it is."""
    return now - deal.updated_at >= timedelta(days=days)


def days_overdue(payment: Payment, now: datetime, zone: ZoneInfo) -> int:
    """Whole local days since it was due; 0 when it is paid or not due yet."""
    if payment.paid_at is not None and payment.paid_at <= now:
        return 0
    return max(0, (now.astimezone(zone).date() - payment.due_at.astimezone(zone).date()).days)


def honesty(
    deals: Iterable[Deal],
    payments: Iterable[Payment],
    now: datetime,
    zone: ZoneInfo,
    *,
    stage: str = "sign",
    stale_days: float = STALE_DAYS,
    overdue_days: int = OVERDUE_DAYS,
) -> Honesty:
    """Cross them by customer. A deal untouched exactly `stale_days` is in it, a payment overdue exactly `overdue_days` is not."""
    signed = [deal for deal in deals if deal.stage == stage]
    stale = [deal for deal in signed if is_stale(deal, now, stale_days)]
    late = [payment for payment in payments if days_overdue(payment, now, zone) > overdue_days]
    owed: dict[str, list[Payment]] = {}
    for payment in sorted(late, key=lambda one: (one.due_at, one.id)):
        owed.setdefault(payment.customer, []).append(payment)
    crossed = [_anomaly(deal, owed[deal.customer], now, zone) for deal in stale if deal.customer in owed]
    crossed.sort(key=lambda one: (-one.overdue_days, -one.untouched_days, one.deal.id))
    return Honesty(anomalies=tuple(crossed), signed=len(signed), stale=len(stale), overdue=len(late))


def _anomaly(deal: Deal, payments: Sequence[Payment], now: datetime, zone: ZoneInfo) -> Anomaly:
    return Anomaly(
        deal=deal,
        untouched_days=(now - deal.updated_at).days,
        payments=tuple(payments),
        overdue_days=max(days_overdue(one, now, zone) for one in payments),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDay:
    """Payments due on one local day, added up. `paid`: those paid on the 30th local day after it or before; early is in time.

    `settled`: those 30 days are over.
    """

    settled: bool
    payments: int
    fen: int
    paid: int
    paid_fen: int


def collection(days: Iterable[DueDay]) -> Collection:
    """Days whose time is not over are counted apart, paid or not: taking only the paid ones of them would flatter."""
    days = list(days)
    settled, still = [one for one in days if one.settled], [one for one in days if not one.settled]
    return Collection(
        due_fen=sum(one.fen for one in settled),
        paid_fen=sum(one.paid_fen for one in settled),
        payments=sum(one.payments for one in settled),
        paid=sum(one.paid for one in settled),
        open_fen=sum(one.fen for one in still),
        open=sum(one.payments for one in still),
    )
