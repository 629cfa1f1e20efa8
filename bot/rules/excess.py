"""Excess: more submitted actions of one stage on one local day than anybody can really do (M27)."""

from zoneinfo import ZoneInfo

from bot.config.schema import Excess
from bot.entries import instant
from bot.model import Finding
from bot.rules.facts import DayFacts


def judge(rule: Excess, facts: DayFacts, zone: ZoneInfo) -> Finding | None:
    """With per_day = 5 the 6th fires. One incident a rep and local day; `count` grows with the day."""
    listed = sorted(((at, action, customer) for action, at, customer in facts.submitted if at.astimezone(zone).date() == facts.day))
    if facts.stage != rule.stage or len(listed) <= rule.per_day:
        return None
    return Finding(
        rule=rule.id,
        subject=f"rep:{facts.rep}",
        period=facts.day.isoformat(),
        region=facts.region,
        owner=facts.rep,
        since=listed[rule.per_day][0],
        count=len(listed),
        values={
            "rep": facts.rep,
            "rep_name": facts.rep_name,
            "stage": facts.stage,
            "day": facts.day.isoformat(),
            "per_day": rule.per_day,
            "actions": [{"action": action, "at": instant(at), "customer_name": customer} for at, action, customer in listed],
        },
    )
