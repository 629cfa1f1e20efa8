"""All rules over all facts."""

from collections.abc import Container, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.config.schema import Document, Excess, FollowUp, Inactivity, Overdue, Phrases, Rule, ShortDwell, StaleStage
from bot.model import Finding
from bot.rules import document, excess, followup, inactivity, overdue, phrases, short_dwell, stale_stage
from bot.rules.facts import DayFacts, DealFacts, DocumentFacts, DwellFacts, Facts, FollowUpFacts, PaymentFacts, ScriptFacts, SilenceFacts


def evaluate(
    rules: Iterable[Rule],
    facts: Iterable[Facts],
    now: datetime,
    zone: ZoneInfo,
    holidays: Container[date] = (),
    makeup: Container[date] = (),
) -> list[Finding]:
    """Return what must be told, in the order of facts, then rules. The same input gives the same findings: incidents are keyed by them.

    `makeup`: weekend days that are worked, `holidays`: weekdays that are not; for rules on the workdays clock.
    """
    rules = tuple(rules)
    judged = (_judge(rule, fact, now, zone, holidays, makeup) for fact in facts for rule in rules)
    return [finding for finding in judged if finding]


def _judge(rule: Rule, facts: Facts, now: datetime, zone: ZoneInfo, holidays: Container[date], makeup: Container[date]) -> Finding | None:
    match rule, facts:
        case Inactivity(), SilenceFacts():
            return inactivity.judge(rule, facts, now, zone, holidays, makeup)
        case Excess(), DayFacts():
            return excess.judge(rule, facts, zone)
        case ShortDwell(), DwellFacts():
            return short_dwell.judge(rule, facts, now, zone)
        case Document(), DocumentFacts():
            return document.judge(rule, facts, now)
        case FollowUp(), FollowUpFacts():
            return followup.judge(rule, facts, now, zone, holidays, makeup)
        case Phrases(), ScriptFacts():
            return phrases.judge(rule, facts, now)
    return _judge_owed(rule, facts, now, zone)


def _judge_owed(rule: Rule, facts: Facts, now: datetime, zone: ZoneInfo) -> Finding | None:
    """What other systems tell of a customer."""
    match rule, facts:
        case StaleStage(), DealFacts():
            return stale_stage.judge(rule, facts, now)
        case Overdue(), PaymentFacts():
            return overdue.judge(rule, facts, now, zone)
    return None
