"""Stale stage: a deal that stands at a stage and whose status nobody touched for so many days (M47)."""

from datetime import datetime, timedelta
from hashlib import sha256

from bot.config.schema import StaleStage
from bot.entries import instant
from bot.measures.deals import is_stale
from bot.model import Finding
from bot.rules.facts import DealFacts


def due_at(rule: StaleStage, facts: DealFacts) -> datetime | None:
    """When it will have lain untouched too long; None where it stands at another stage."""
    return facts.deal.updated_at + timedelta(days=rule.days) if facts.deal.stage == rule.stage else None


def judge(rule: StaleStage, facts: DealFacts, now: datetime) -> Finding | None:
    """Fires at the due moment itself. One incident a deal and the last time that somebody touched it."""
    deal, due = facts.deal, due_at(rule, facts)
    if due is None or not is_stale(deal, now, rule.days):
        return None
    return Finding(
        rule=rule.id,
        subject=f"customer:{deal.customer}",
        period=period(deal.id, deal.updated_at),
        region=facts.region,
        owner=facts.owner,
        since=due,
        values={
            "customer": deal.customer,
            "owner": facts.owner,
            "deal": deal.id,
            "stage": deal.stage,
            "fen": deal.fen,
            "days": rule.days,
            "last": instant(deal.updated_at),
        },
    )


def period(id_: str, at: datetime) -> str:
    """Tells one thing of a customer from his others, at most 40 characters."""
    return f"{instant(at)}#{sha256(id_.encode()).hexdigest()[:12]}"
