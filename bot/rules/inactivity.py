"""Inactivity: a customer without a complete action for so many hours (M26)."""

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.config.schema import FollowUp, Inactivity
from bot.entries import instant
from bot.model import Finding
from bot.rules.facts import SilenceFacts
from bot.rules.working import FAR_DAYS, is_working_day


def due_at(
    rule: Inactivity | FollowUp, last: datetime, zone: ZoneInfo, holidays: Container[date] = (), makeup: Container[date] = ()
) -> datetime:
    """Return the moment `hours` after `last`, in UTC. With `workdays` only the hours of working days run."""
    span = timedelta(hours=rule.hours)
    if rule.clock == "elapsed":
        return last.astimezone(UTC) + span
    return _after_workdays(last, span, zone, holidays, makeup)


def judge(
    rule: Inactivity, facts: SilenceFacts, now: datetime, zone: ZoneInfo, holidays: Container[date] = (), makeup: Container[date] = ()
) -> Finding | None:
    """Fires at the due moment itself. One incident a silence: its period is when the silence began."""
    due = due_at(rule, facts.last, zone, holidays, makeup)
    if now < due:
        return None
    last = instant(facts.last)
    return Finding(
        rule=rule.id,
        subject=f"customer:{facts.customer}",
        period=last,
        region=facts.region,
        owner=facts.owner,
        since=due,
        values={
            "customer": facts.customer,
            "customer_name": facts.name,
            "owner": facts.owner,
            "rep_name": facts.owner_name,
            "last": last,
            "hours": rule.hours,
            "clock": rule.clock,
        },
    )


def _after_workdays(last: datetime, span: timedelta, zone: ZoneInfo, holidays: Container[date], makeup: Container[date]) -> datetime:
    moment, left = last.astimezone(UTC), span
    for _ in range(FAR_DAYS):
        day = moment.astimezone(zone).date()
        midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        if is_working_day(day, holidays, makeup):
            if moment + left <= midnight:
                return moment + left
            left -= midnight - moment
        moment = midnight
    return moment
