"""Overdue: a payment that is late by more than so many days, by the company's calendar (M47)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.config.schema import Overdue
from bot.entries import instant
from bot.measures.deals import days_overdue
from bot.model import Finding
from bot.rules.facts import PaymentFacts
from bot.rules.stale_stage import period


def due_at(rule: Overdue, facts: PaymentFacts, zone: ZoneInfo) -> datetime | None:
    """Local midnight after the last day that is still borne with, in UTC; None for what is paid."""
    if facts.payment.paid_at is not None:
        return None
    day = facts.payment.due_at.astimezone(zone).date() + timedelta(days=rule.days + 1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def judge(rule: Overdue, facts: PaymentFacts, now: datetime, zone: ZoneInfo) -> Finding | None:
    """With days = 90 the 91st day fires. One incident a payment and its due day."""
    payment, due = facts.payment, due_at(rule, facts, zone)
    if due is None or days_overdue(payment, now, zone) <= rule.days:
        return None
    return Finding(
        rule=rule.id,
        subject=f"customer:{payment.customer}",
        period=period(payment.id, payment.due_at),
        region=facts.region,
        owner=facts.owner,
        since=due,
        values={
            "customer": payment.customer,
            "owner": facts.owner,
            "payment": payment.id,
            "fen": payment.fen,
            "days": rule.days,
            "due": instant(payment.due_at),
        },
    )
