"""What the rules make of the entries just recorded: incidents raised, grown and cleared, deadlines set. Runs inside the step."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import alerts, entries, marking
from bot.calendar import days
from bot.config.schema import Config, Document, Excess, FollowUp, Inactivity, Phrases, Rule, ShortDwell
from bot.drafts import drafts_due
from bot.entries import parse_instant
from bot.ids import new_id
from bot.model import Alert, AlertState, Draft, Entry, Finding, Outgoing, Role
from bot.rules.document import warn_at
from bot.rules.evaluate import evaluate
from bot.rules.facts import Facts
from bot.rules.inactivity import due_at
from bot.store import deadlines, facts, obligations, people
from bot.store.database import Tx
from bot.store.gather import alert_of
from bot.store.tables import ActionRow, EvidenceRow

BOT, CLEARED, ESCALATE = "bot", "cleared", "alert.escalate"
VOICED = ("evidence.added", "evidence.heard", "evidence.edited")


async def judge(db: Tx, done: Sequence[Entry], config: Config, now: datetime) -> Draft:
    """Judge what the entries touched, each subject once."""
    dwells = [rule for rule in config.rules if isinstance(rule, ShortDwell)]
    drafts = [
        *[await _silence(db, customer, config, now) for customer in await _served(done)],
        *[await _documents(db, customer, config, now) for customer in await _papered(done)],
        *[await _obligations(db, customer, config, now) for customer in await _obliged(done, config)],
        *[await _scripts(action, config, now) for action in await _spoken(done, config)],
        *[await _excess(rep, stage, moment, config, now) for rep, stage, moment in await _submissions(done)],
        *[await _dwell(action, config, now) for action in _of(done, "action.submitted")],
        *[await _clear(dwells, f"action:{action}", config, now) for action in _withdrawn(done)],
    ]
    await deadlines.arm(db, [*_visit_deadlines(done, config), *drafts_due(done, config)])
    await marking.arm(db, done, now)
    return join(drafts)


def join(drafts: Iterable[Draft]) -> Draft:
    """Several drafts as one."""
    drafts = list(drafts)
    return Draft(entries=tuple(e for d in drafts for e in d.entries), messages=tuple(m for d in drafts for m in d.messages))


def _of(done: Sequence[Entry], *types: str, name: str = "action") -> list[str]:
    return list(dict.fromkeys(str(entry.body[name]) for entry in done if entry.type in types))


def _withdrawn(done: Sequence[Entry]) -> list[str]:
    return [str(e.body["action"]) for e in done if e.type == "action.judged" and e.body["state"] == "withdrawn"]


async def _served(done: Sequence[Entry]) -> list[str]:
    """Customers whose last complete action, or first one of a stage, may have moved."""
    ids = _of(done, "action.judged", "action.corrected")
    rows = await ActionRow.filter(id__in=ids) if ids else []
    return sorted({row.customer for row in rows})


async def _submissions(done: Sequence[Entry]) -> list[tuple[str, str, datetime]]:
    """(rep, stage, moment) of every submission that was added, moved or taken back."""
    ids = {*_of(done, "action.submitted"), *_of(done, "action.corrected"), *_withdrawn(done)}
    rows = await ActionRow.filter(id__in=list(ids)) if ids else []
    touched = {(row.rep, row.stage, row.submitted_at) for row in rows if row.submitted_at}
    touched |= {(row.rep, row.corrected_from, row.submitted_at) for row in rows if row.submitted_at and row.corrected_from}
    return sorted(touched)


def _visit_deadlines(done: Sequence[Entry], config: Config) -> list[tuple[str, str, datetime | None]]:
    opened = [
        ("visit.timeout", f"visit:{e.body['visit']}", parse_instant(e.body["at"]) + timedelta(hours=config.visit.timeout_hours))
        for e in done
        if e.type == "visit.opened"
    ]
    ended = [("visit.timeout", f"visit:{e.body['visit']}", None) for e in done if e.type == "visit.ended"]
    moved = [entry.body for entry in done if entry.type == "alert.moved"]
    muted = [("alert.mute", f"alert:{body['alert']}", parse_instant(body["until"]) if body["until"] else None) for body in moved]
    return [*opened, *ended, *muted]


# ---- one verb each ---------------------------------------------------------------------------------------------------


async def _silence(db: Tx, customer: str, config: Config, now: datetime) -> Draft:
    """A complete action re-arms the silence and clears its incident; a withdrawn one may bring the deadline back."""
    rules = [rule for rule in config.rules if isinstance(rule, Inactivity)]
    return join([await _silence_of(db, customer, rule, config, now) for rule in rules])


async def _silence_of(db: Tx, customer: str, rule: Inactivity, config: Config, now: datetime) -> Draft:
    known = await facts.silence(customer, rule.min_tier)
    if known is None:
        return Draft()
    due = due_at(rule, known.last, config.zone, *days(config))
    await deadlines.arm(db, [(rule.id, f"customer:{customer}", due)])
    open_ = await facts.incidents(rule.id, f"customer:{customer}")
    broken = [alert for alert in open_ if alert.period != entries.instant(known.last) and due > now]
    return join([await _resolve(alert, config, now) for alert in broken])


async def silence_due(customer: str, rule: str, config: Config, now: datetime) -> Draft:
    """The sweep's half: a deadline has passed, judge it on the same facts and by the same function."""
    rules = [one for one in config.rules if one.id == rule and isinstance(one, Inactivity)]
    known = await facts.silence(customer, rules[0].min_tier) if rules else None
    if known is None:
        return Draft()
    return join([await _tell(finding, config, now) for finding in evaluate(rules, [known], now, config.zone, *days(config))])


async def _papered(done: Sequence[Entry]) -> list[str]:
    """Customers whose papers may be asked for, or were filed."""
    filed = {str(entry.body["customer"]) for entry in done if entry.type == "document.filed"}
    return sorted(filed | set(await _served(done)))


async def _documents(db: Tx, customer: str, config: Config, now: datetime) -> Draft:
    """A complete action starts the clock of a paper; filing it stops the clock and clears the incident."""
    drafts = []
    for rule in config.rules:
        known = await facts.document(customer, rule) if isinstance(rule, Document) else None
        if not isinstance(rule, Document) or known is None:
            continue
        asked = known.began is not None and known.filed_at is None
        due = warn_at(rule, known.began) if known.began and asked else None
        await deadlines.arm(db, [(rule.id, f"customer:{customer}", due)])
        if not asked:
            drafts.append(await _clear([rule], f"customer:{customer}", config, now))
    return join(drafts)


async def _obliged(done: Sequence[Entry], config: Config) -> list[str]:
    """Customers at whom something was seen that may start an obligation, or ended one."""
    if not any(isinstance(rule, FollowUp) for rule in config.rules):
        return []
    voices = _of(done, *VOICED, name="evidence")
    rows = await EvidenceRow.filter(id__in=voices).only("customer") if voices else []
    return sorted({row.customer for row in rows} | set(await _papered(done)))


async def _obligations(db: Tx, customer: str, config: Config, now: datetime) -> Draft:
    """Something seen starts the clock; the paper arriving stops it and clears the incident."""
    drafts = []
    for rule in config.rules:
        known = await obligations.followup(customer, rule) if isinstance(rule, FollowUp) else None
        if not isinstance(rule, FollowUp) or known is None:
            continue
        due = due_at(rule, known.seen, config.zone, *days(config)) if known.seen else None
        await deadlines.arm(db, [(rule.id, f"customer:{customer}", due)])
        if known.seen is None:
            drafts.append(await _clear([rule], f"customer:{customer}", config, now))
    return join(drafts)


async def _spoken(done: Sequence[Entry], config: Config) -> list[str]:
    """Actions whose scripts are to be judged: closed, or heard anew."""
    if not any(isinstance(rule, Phrases) and rule.share for rule in config.rules):
        return []
    voices = _of(done, *VOICED, name="evidence")
    rows = await EvidenceRow.filter(id__in=voices).only("action") if voices else []
    return sorted({row.action for row in rows if row.action} | set(_of(done, "action.submitted")))


async def _scripts(action: str, config: Config, now: datetime) -> Draft:
    known = await obligations.said(action, config)
    rules = [rule for rule in config.rules if isinstance(rule, Phrases) and rule.share]
    found = evaluate(rules, known, now, config.zone)
    kept = [rule for rule in rules if rule.id not in {finding.rule for finding in found}]
    told = [await _tell(finding, config, now) for finding in found]
    return join([*told, await _clear(kept, f"action:{action}", config, now)])


async def customer_due(customer: str, rule_id: str, config: Config, now: datetime) -> Draft:
    """The sweep's half: a customer's deadline has passed."""
    rule = next((one for one in config.rules if one.id == rule_id), None)
    match rule:
        case Document():
            known: Facts | None = await facts.document(customer, rule)
        case FollowUp():
            known = await obligations.followup(customer, rule)
        case _:
            return await silence_due(customer, rule_id, config, now)
    found = evaluate([rule], [known], now, config.zone, *days(config)) if known else []
    return join([await _tell(finding, config, now) for finding in found])


async def _excess(rep: str, stage: str, moment: datetime, config: Config, now: datetime) -> Draft:
    rules = [rule for rule in config.rules if isinstance(rule, Excess) and rule.stage == stage]
    if not rules:
        return Draft()
    day = await facts.day(rep, stage, moment, config)
    found = evaluate(rules, [day], now, config.zone)
    within = [rule for rule in rules if rule.id not in {finding.rule for finding in found}]
    told = [await _tell(finding, config, now) for finding in found]
    return join([*told, await _clear(within, f"rep:{rep}", config, now, period=day.day.isoformat())])


async def _dwell(action: str, config: Config, now: datetime) -> Draft:
    known = await facts.dwell(action)
    if known is None:
        return Draft()
    rules = [rule for rule in config.rules if isinstance(rule, ShortDwell) and rule.stage == known.stage]
    return join([await _tell(finding, config, now) for finding in evaluate(rules, [known], now, config.zone, *days(config))])


async def _clear(rules: Sequence[Rule], subject: str, config: Config, now: datetime, period: str | None = None) -> Draft:
    open_ = [alert for rule in rules for alert in await facts.incidents(rule.id, subject) if period in {None, alert.period}]
    return join([await _resolve(alert, config, now) for alert in open_])


# ---- incidents -------------------------------------------------------------------------------------------------------


async def _tell(finding: Finding, config: Config, now: datetime) -> Draft:
    """One message an incident: raise it once, let it grow in place."""
    finding = replace(finding, values=await facts.names(finding.values))
    alert = await facts.incident(finding.rule, finding.subject, finding.period)
    if alert is None:
        return await _raise(finding, config, now)
    if _cleared(alert):
        return await _back(finding, alert, config, now)
    if finding.count <= alert.count:
        return Draft()
    grown = replace(alert, count=finding.count, values={**alert.values, **finding.values})
    entry = entries.alert_grown(alert.id, finding.count, finding.values)
    return Draft(
        entries=(entry,), messages=await _cards(grown, config, now, version=f"n{finding.count}:{entries.instant(now)}", moved=False)
    )


def _cleared(alert: Alert) -> bool:
    """Resolved because what it was about had ended, not because somebody said so."""
    return alert.state is AlertState.RESOLVED and (alert.values.get("deed") or {}).get("how") == CLEARED


async def _back(finding: Finding, alert: Alert, config: Config, now: datetime) -> Draft:
    """What had cleared it was taken back (a withdrawn visit): the same incident is open again, on the same card."""
    firing = replace(alert, state=AlertState.FIRING, count=finding.count, values=finding.values)
    moved = entries.alert_moved(alert.id, "firing", BOT, now, "back")
    grown = entries.alert_grown(alert.id, finding.count, finding.values)
    return Draft(entries=(moved, grown), messages=await _cards(firing, config, now, version=f"back:{entries.instant(now)}"))


async def _raise(finding: Finding, config: Config, now: datetime) -> Draft:
    id_ = new_id("al_", now, f"{finding.rule}|{finding.subject}|{finding.period}")
    before = await facts.incidents(finding.rule, finding.subject)
    hushed = any(alert.state is AlertState.MUTED and alert.until and alert.until > now for alert in before)
    region = config.region(finding.region)
    told = bool(region and region.live) and not hushed
    alert = Alert(
        id=id_,
        rule=finding.rule,
        subject=finding.subject,
        period=finding.period,
        region=finding.region,
        state=AlertState.FIRING,
        count=finding.count,
        since=finding.since,
        told=told,
        version=config.version,
        values=finding.values,
    )
    entry = entries.alert_raised(alert, finding.owner)
    messages = await _cards(alert, config, now, version="", owner=finding.owner) if told else ()
    return Draft(entries=(entry,), messages=messages)


async def _resolve(alert: Alert, config: Config, now: datetime) -> Draft:
    moved = replace(alert, state=AlertState.RESOLVED, until=None)
    entry = entries.alert_moved(alert.id, "resolved", BOT, now, CLEARED)
    return Draft(entries=(entry,), messages=await _cards(moved, config, now, version=f"resolved:{entries.instant(now)}"))


async def arm_escalations(db: Tx, done: Sequence[Entry], config: Config, now: datetime) -> None:
    """The hours run from when whoever is told first can know."""
    rules = {rule.id: rule for rule in config.rules if rule.escalate}
    raised = [entry.body for entry in done if entry.type == "alert.raised" and entry.body["told"] and entry.body["rule"] in rules]
    rows: list[tuple[str, str, datetime | None]] = []
    for body in raised:
        rule = rules[body["rule"]]
        known = alerts.owner_hears(rule, config, now) if "owner" in rule.tell else now
        rows.append((ESCALATE, f"alert:{body['alert']}", known + timedelta(hours=rule.escalate.hours if rule.escalate else 0)))
    await deadlines.arm(db, rows)


async def escalate(alert_id: str, config: Config, now: datetime) -> Draft:
    """Nobody acknowledged it, and it has not ended: others hear of it, once."""
    alert = await alert_of(alert_id)
    rule = next((one for one in config.rules if alert and one.id == alert.rule), None)
    if alert is None or rule is None or rule.escalate is None or alert.state is not AlertState.FIRING or alerts.escalated_to(alert):
        return Draft()
    to, hours = rule.escalate.to, rule.escalate.hours
    reached = replace(alert, values={**alert.values, "escalated": {"to": to, "hours": hours}})
    entry = entries.alert_escalated(alert_id, to, hours, now)
    return Draft(entries=(entry,), messages=await _cards(reached, config, now, version="", only=(to,)))


async def unmute(alert_id: str, config: Config, now: datetime) -> Draft:
    """A mute has run out and nobody resolved the incident: the card says so again."""
    alert = await alert_of(alert_id)
    if alert is None or alert.state is not AlertState.MUTED:
        return Draft()
    firing = replace(alert, state=AlertState.FIRING, until=None)
    entry = entries.alert_moved(alert_id, "firing", BOT, now, "unmute")
    return Draft(entries=(entry,), messages=await _cards(firing, config, now, version=f"unmute:{entries.instant(now)}"))


async def _cards(
    alert: Alert,
    config: Config,
    now: datetime,
    *,
    version: str,
    owner: str | None = None,
    moved: bool = True,
    only: Collection[str] = ("owner", "region", "admin"),
) -> tuple[Outgoing, ...]:
    if not alert.told:
        return ()
    person = await people.by_id(owner or await facts.owner_of(alert.id) or "")
    admins = await people.with_role(Role.ADMIN)
    deed = alerts.deed_of(alert, await people.named(alerts.doers(alert)))
    return alerts.alert_messages(
        alert, config, owner=person, version=version, first=not version, now=now, deed=deed, admins=admins, moved=moved, only=only
    )
