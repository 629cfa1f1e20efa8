"""Follow-up: when something is seen at a customer, a named paper must be on file within hours (M13)."""

from collections.abc import Container
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.config.schema import FollowUp
from bot.entries import instant
from bot.model import Finding
from bot.rules.facts import FollowUpFacts
from bot.rules.inactivity import due_at


def standing(facts: FollowUpFacts, due: datetime | None, now: datetime) -> str:
    """filed | open (nothing asks for it) | due | overdue."""
    if facts.seen is None or due is None:
        return "filed" if facts.filed_at else "open"
    return "overdue" if now >= due else "due"


def judge(
    rule: FollowUp, facts: FollowUpFacts, now: datetime, zone: ZoneInfo, holidays: Container[date] = (), makeup: Container[date] = ()
) -> Finding | None:
    """Fires at the due moment itself. One incident an obligation: its period is when it began."""
    if facts.rule != rule.id or facts.seen is None:
        return None
    due = due_at(rule, facts.seen, zone, holidays, makeup)
    if now < due:
        return None
    return Finding(
        rule=rule.id,
        subject=f"customer:{facts.customer}",
        period=instant(facts.seen),
        region=facts.region,
        owner=facts.owner,
        since=due,
        values={
            "customer": facts.customer,
            "customer_name": facts.name,
            "owner": facts.owner,
            "followup": rule.name,
            "due": instant(due),
            "last": instant(facts.seen),
            "hours": rule.hours,
        },
    )
