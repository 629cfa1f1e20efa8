"""Phrases: how much of a script was said in a submitted action's voices (M14). Below its share an incident; else information alone."""

from datetime import datetime

from bot.config.schema import Phrases
from bot.model import Finding
from bot.rules.facts import ScriptFacts


def judge(rule: Phrases, facts: ScriptFacts, now: datetime) -> Finding | None:
    """Fires strictly below the share."""
    if facts.rule != rule.id or len(facts.heard) >= rule.share * len(rule.points):
        return None
    return Finding(
        rule=rule.id,
        subject=f"action:{facts.action}",
        period="once",
        region=facts.region,
        owner=facts.rep,
        since=now,
        values={
            "action": facts.action,
            "rep": facts.rep,
            "customer": facts.customer,
            "script": rule.product,
            "heard": len(facts.heard),
            "points": len(rule.points),
            "missing": list(facts.missing),
        },
    )
