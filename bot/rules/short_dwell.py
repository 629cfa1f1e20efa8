"""Short dwell: a demo too short to have been one (M28)."""

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.config.schema import ShortDwell
from bot.model import Finding
from bot.rules.facts import DwellFacts

LATEST = 10


def judge(rule: ShortDwell, facts: DwellFacts, now: datetime, zone: ZoneInfo) -> Finding | None:
    """Fires strictly below the limit (89.9 of 90.0).

    `session` is about the one action; `rep_mean` about the rep's mean over his last ten, one incident a local day.
    """
    if facts.stage != rule.stage:
        return None
    session = rule.measure == "session"
    latest = facts.recent[-LATEST:] or (facts.seconds,)
    seconds = facts.seconds if session else math.fsum(latest) / len(latest)
    if seconds >= rule.seconds:
        return None
    return Finding(
        rule=rule.id,
        subject=f"action:{facts.action}" if session else f"rep:{facts.rep}",
        period="once" if session else now.astimezone(zone).date().isoformat(),
        region=facts.region,
        owner=facts.rep,
        since=now,
        values={
            "action": facts.action,
            "rep": facts.rep,
            "customer": facts.customer,
            "stage": facts.stage,
            "seconds": math.floor(seconds * 10) / 10,  # cut, not rounded: 89.96 is not the 90.0 that was asked for
            "limit": rule.seconds,
            "measure": rule.measure,
            "of": 1 if session else len(latest),
        },
    )
