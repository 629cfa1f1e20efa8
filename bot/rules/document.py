"""Documents: a customer of a type must have a paper on file so many days after a stage was reached (M25)."""

from datetime import datetime, timedelta

from bot.config.schema import Document
from bot.entries import instant
from bot.model import Finding
from bot.rules.facts import DocumentFacts


def applies(rule: Document, industry: str) -> bool:
    """Whether customers of this industry need it; a rule without industries is for all."""
    return not rule.industry or industry in rule.industry


def due_at(rule: Document, began: datetime) -> datetime:
    """When it has to be on file, from the first complete action of the stage."""
    return began + timedelta(days=rule.days)


def warn_at(rule: Document, began: datetime) -> datetime:
    """When its lack is told: before it is due."""
    return due_at(rule, began) - timedelta(days=rule.warn_days)


def standing(rule: Document, facts: DocumentFacts, now: datetime) -> str:
    """filed | open (nothing asks for it yet) | due | red (soon due) | overdue."""
    if facts.filed_at:
        return "filed"
    if facts.began is None:
        return "open"
    if now >= due_at(rule, facts.began):
        return "overdue"
    return "red" if now >= warn_at(rule, facts.began) else "due"


def judge(rule: Document, facts: DocumentFacts, now: datetime) -> Finding | None:
    """Fires at the warning's own moment. One incident a stage's beginning."""
    if facts.rule != rule.id or facts.began is None or standing(rule, facts, now) not in ("red", "overdue"):
        return None
    return Finding(
        rule=rule.id,
        subject=f"customer:{facts.customer}",
        period=instant(facts.began),
        region=facts.region,
        owner=facts.owner,
        since=warn_at(rule, facts.began),
        values={
            "customer": facts.customer,
            "customer_name": facts.name,
            "owner": facts.owner,
            "rep_name": facts.owner_name,
            "document": rule.name,
            "due": instant(due_at(rule, facts.began)),
            "last": instant(facts.began),
        },
    )
