"""Excess: more submitted actions of one stage on one local day than anybody can really do (M27)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.config.schema import Excess
from bot.entries import instant
from bot.model import Finding
from bot.rules.facts import DayFacts, Submitted


def judge(rule: Excess, facts: DayFacts, zone: ZoneInfo) -> Finding | None:
    """With per_day = 5 the 6th fires. One incident a rep and local day; `count` grows with the day."""
    listed = sorted((item for item in facts.submitted if item.at.astimezone(zone).date() == facts.day), key=_by_time)
    if facts.stage != rule.stage or len(listed) <= rule.per_day:
        return None
    return Finding(
        rule=rule.id,
        subject=f"rep:{facts.rep}",
        period=facts.day.isoformat(),
        region=facts.region,
        owner=facts.rep,
        since=listed[rule.per_day].at,
        count=len(listed),
        values={
            "rep": facts.rep,
            "stage": facts.stage,
            "day": facts.day.isoformat(),
            "per_day": rule.per_day,
            "actions": [{"action": item.action, "at": instant(item.at), "customer": item.customer} for item in listed],
        },
    )


def _by_time(item: Submitted) -> tuple[datetime, str]:
    return item.at, item.action
