"""The cards of a red light: one in the region's group, one at the owner's; both are updated in place for as long as the incident lives."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.calendar import days
from bot.config.schema import Config, Region, Rule
from bot.entries import instant
from bot.model import ROBOT, Address, Alert, AlertState, Json, Outgoing, Person, Platform
from bot.rules.working import next_telling_minute, next_working_minute

LISTED = 10  # actions named on a card
LONGEST = 30  # days on which working hours and quiet hours may leave no minute; then working hours win


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did about an alert, for its cards. `how` as in entries.alert_moved, or `go`."""

    how: str = ""
    by: str = ""
    reason: str = ""


NOTHING = Deed()


def doers(alert: Alert) -> set[str]:
    """Ids of whoever brought it to its state."""
    return {str((alert.values.get("deed") or {}).get("by", ""))} - {""}


def deed_of(alert: Alert, people: Mapping[str, Person]) -> Deed:
    """What somebody did that still stands: a later change of the card must not wipe it off."""
    told = alert.values.get("deed") or {}
    stands = alert.state in {AlertState.ACKNOWLEDGED, AlertState.MUTED} or told.get("how") == "false_alarm"
    person = people.get(told.get("by", ""))
    return Deed(how=told["how"], by=person.name, reason=told["reason"]) if stands and person else NOTHING


def region_key(alert: str) -> str:
    """The outbox key of the group's card."""
    return f"alert:{alert}:region"


def owner_key(alert: str) -> str:
    """The outbox key of the owner's card."""
    return f"alert:{alert}:owner"


def admin_key(alert: str, admin: str) -> str:
    """The outbox key of an admin's card."""
    return f"alert:{alert}:admin:{admin}"


def alert_messages(
    alert: Alert,
    config: Config,
    *,
    owner: Person | None,
    version: str,
    first: bool,
    now: datetime,
    deed: Deed = NOTHING,
    admins: Sequence[Person] = (),
    moved: bool = True,
    only: Collection[str] = ("owner", "region", "admin"),
) -> tuple[Outgoing, ...]:
    """The cards to send (`first`) or to update, of whom the rule tells, or an escalation reached. `version` tells updates apart.

    A group robot's card stands as it was sent: a state that it `moved` to is a short message, more of the same is none.

    The owner's card, and whatever changes it, waits for the next working minute; the others wait only where the rule has quiet hours.
    """
    rule = next((rule for rule in config.rules if rule.id == alert.rule), None)
    tell = (set(rule.tell if rule else ("owner", "region")) | {escalated_to(alert)}) & set(only)
    values, later = alert_values(alert, config, deed), _held(rule, config, now)
    cards = []
    if "region" in tell and (chat := _chat(alert, config)):
        cards.append(Outgoing(key=region_key(alert.id), to=chat, template="card/alert", values=values, not_before=later))
    if "owner" in tell and owner:
        held = owner_hears(rule, config, now)
        to = Address(person=owner.id)
        cards.append(Outgoing(key=owner_key(alert.id), to=to, template="card/alert_owner", values=values, not_before=held))
    if "admin" in tell:
        cards += [
            Outgoing(key=admin_key(alert.id, admin.id), to=Address(person=admin.id), template="card/alert", values=values, not_before=later)
            for admin in admins
        ]
    if first:
        return tuple(cards)
    return tuple(_update(card, version) for card in cards if moved or card.to.chat != ROBOT)


def escalated_to(alert: Alert) -> str:
    """Whom its escalation reached; "" before one."""
    return str((alert.values.get("escalated") or {}).get("to", ""))


def owner_hears(rule: Rule | None, config: Config, now: datetime) -> datetime:
    """The first working minute that is not one of the rule's quiet ones."""
    at = next_working_minute(now, config.privacy, config.zone, *days(config))
    for _ in range(LONGEST):
        told = next_telling_minute(at, rule, config.zone, *days(config)) if rule else at
        if told == at:
            break
        at = next_working_minute(told, config.privacy, config.zone, *days(config))
    return at


def _held(rule: Rule | None, config: Config, now: datetime) -> datetime | None:
    """None: at once."""
    if rule is None or not (rule.quiet or rule.tell_on == "workdays"):
        return None
    later = next_telling_minute(now, rule, config.zone, *days(config))
    return later if later > now else None


def alert_values(alert: Alert, config: Config, deed: Deed = NOTHING) -> Json:
    """What the cards and the list of red lights show."""
    found = alert.values
    stage = str(found.get("stage", ""))
    return {
        "id": alert.id,
        "rule": alert.rule,
        "what": what_of(alert),
        "state": alert.state.value,
        "count": alert.count,
        "since": instant(alert.since),
        "until": instant(alert.until) if alert.until else "",
        "escalated": _plain((found.get("escalated") or {}).get("hours", 0)),
        "customer": str(found.get("customer_name") or ""),
        "person": str(found.get("rep_name") or found.get("owner_name") or ""),
        "stage": next((one.name for one in config.stages if one.id == stage), stage),
        "hours": _plain(found.get("hours", 0)),
        "last": str(found.get("last") or ""),
        "document": str(found.get("document") or found.get("followup") or ""),
        "script": str(found.get("script") or ""),
        "heard": found.get("heard", 0),
        "points": found.get("points", 0),
        "missing": [str(one) for one in found.get("missing", ())],
        "due": str(found.get("due") or ""),
        "per_day": found.get("per_day", 0),
        "seconds": found.get("seconds", 0),
        "limit": found.get("limit", 0),
        "of": found.get("of", 1),
        "listed": [{"at": one["at"], "customer": str(one.get("customer_name") or one.get("customer", ""))} for one in _actions(alert)],
        "url": record_url(alert, config),
        "how": deed.how,
        "by": deed.by,
        "reason": deed.reason,
    }


def what_of(alert: Alert) -> str:
    """The kind of its rule, told from its own values: the rule may be gone from the config."""
    if "per_day" in alert.values:
        return "excess"
    for what in ("document", "followup"):
        if what in alert.values:
            return what
    if "points" in alert.values:
        return "phrases"
    return "short_dwell" if "seconds" in alert.values else "inactivity"


def record_url(alert: Alert, config: Config) -> str:
    """The very record: the action for one short demo, else what stands behind the alert."""
    about, _, subject = alert.subject.partition(":")
    return f"{config.server.public_url.rstrip('/')}/record/{subject if about == 'action' else alert.id}"


def owner_of(alert: Alert) -> str:
    """The person whom it is about."""
    return str(alert.values.get("owner") or alert.values.get("rep") or "")


def _update(card: Outgoing, version: str) -> Outgoing:
    if card.to.chat == ROBOT:
        return Outgoing(key=f"{card.key}:{version}", to=card.to, template="reply/alert_moved", values=card.values)
    return Outgoing(
        key=f"{card.key}:{version}", to=card.to, template=card.template, values=card.values, edits=card.key, not_before=card.not_before
    )


def _chat(alert: Alert, config: Config) -> Address | None:
    return group_of(config.region(alert.region))


def group_of(region: Region | None) -> Address | None:
    """The directors' group of a region, if it has one."""
    platform, _, chat = region.alert_chat.partition(":") if region else ("", "", "")
    return Address(platform=Platform(platform), chat=chat) if chat and platform in set(Platform) else None


def only_told(region: Region | None) -> bool:
    """Whether nothing comes back from where its red lights go: a group robot's."""
    chat = group_of(region)
    return chat is not None and chat.chat == ROBOT


def _actions(alert: Alert) -> list[Json]:
    return list(alert.values.get("actions", ()))[-LISTED:]


def _plain(hours: float) -> float | int:
    return int(hours) if float(hours).is_integer() else hours
