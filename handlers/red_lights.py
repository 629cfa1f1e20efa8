"""Taps on a red light's cards, and the list of those that are open."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot import entries
from bot.alerts import Deed, admin_key, alert_messages, alert_values, deed_of, owner_key, owner_of, region_key
from bot.errors import Refusal
from bot.model import Alert, AlertState, Can, Outgoing
from handlers.roles import decides_for, leads
from handlers.visit import offer
from handlers.words import Command
from handlers.work import Work

MUTED_FOR = timedelta(hours=24)
LISTED = 10
OFFERED = 3  # cards to act on: the group's may have no buttons, or went out as one
REASON = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a button does: the state it leads to, and what is recorded of it."""

    state: AlertState
    how: str
    own: bool = False  # a button of the owner's card


MOVES = {
    "alert.follow": Move(state=AlertState.ACKNOWLEDGED, how="follow"),
    "alert.false": Move(state=AlertState.RESOLVED, how="false_alarm"),
    "alert.mute": Move(state=AlertState.MUTED, how="mute"),
    "alert.go": Move(state=AlertState.ACKNOWLEDGED, how="follow", own=True),
    "alert.offline": Move(state=AlertState.ACKNOWLEDGED, how="offline", own=True),
    "alert.snooze": Move(state=AlertState.ACKNOWLEDGED, how="snooze", own=True),
}


def tapped(work: Work, command: Command) -> None:
    """A button of either card. 暂缓 asks for a line of reason first; 去拜访 brings the button that begins the visit."""
    move = MOVES[command.op]
    if not command.arg and not _only_one(work, move):
        return
    alert = _allowed(work, move)
    if command.op == "alert.snooze":
        work.record(entries.question_asked(work.person.id, "snooze", alert.id, work.interaction.sent_at))
        work.reply("reply/ask_snooze_reason", customer=str(alert.values.get("customer_name", "")))
        return
    _move(work, alert, move)
    customers = [one for one in work.own if one.id == alert.values.get("customer")]
    if command.op == "alert.go" and customers:
        offer(work, "go", customers)


def _only_one(work: Work, move: Move) -> bool:
    """The button's words were typed: they mean the one red light that waits for the sender. Several are listed, to tap on."""
    person = work.person
    mine = [
        one
        for one in work.case.alerts
        if (owner_of(one) == person.id if move.own and not leads(person) else decides_for(person, one.region))
    ]
    waiting = [one for one in mine if one.state is AlertState.FIRING] or mine
    if len(waiting) != 1:
        work.reply("card/red_lights", alerts=[alert_values(one, work.config) for one in waiting[:LISTED]], total=len(waiting))
        for alert in waiting[:OFFERED] if not work.interaction.chat else ():
            work.reply("card/alert_owner" if move.own and not leads(person) else "card/alert", **alert_values(alert, work.config))
        return False
    work.case = replace(work.case, alert=waiting[0])
    return True


def snooze(work: Work, reason: str) -> None:
    """The reason is there."""
    move = MOVES["alert.snooze"]
    _move(work, _allowed(work, move), move, reason[:REASON])


def _allowed(work: Work, move: Move) -> Alert:
    alert = work.case.alert
    if alert is None:
        raise Refusal("stale_button")
    if not (decides_for(work.person, alert.region) or (move.own and work.person.id == owner_of(alert))):
        raise Refusal("not_your_alert")
    return alert


def _move(work: Work, alert: Alert, move: Move, reason: str = "") -> None:
    """Record and show it. What is resolved stays so; the same again changes nothing but the card."""
    at = work.interaction.sent_at
    until = at + MUTED_FOR if move.state is AlertState.MUTED else None
    after = alert
    if alert.state is not AlertState.RESOLVED and (alert.state is not move.state or move.own):
        work.record(entries.alert_moved(alert.id, move.state.value, work.person.id, at, move.how, until, reason))
        after = replace(alert, state=move.state, until=until)
    done = Deed(how=move.how, by=work.person.name, reason=reason)
    deed = done if after is not alert else deed_of(alert, work.case.people)
    owner = work.case.people.get(owner_of(alert))
    cards = alert_messages(
        after,
        work.config,
        owner=owner,
        version=work.interaction.key,
        first=False,
        now=work.case.now,
        deed=deed,
        admins=work.case.admins,
        moved=after is not alert,
    )
    work.messages += [_at_once(work, card, move) for card in cards if alert.told]
    if after is alert or reason or not alert.told or work.interaction.choice is None or _unseen(work, move):
        work.reply("reply/alert_state", state=after.state.value, by=deed.by, reason=reason)


def _unseen(work: Work, move: Move) -> bool:
    """Whether the card under the finger stays as it was: the platform changes none, or it came in answer to 红灯."""
    if Can.UPDATES not in work.case.can:
        return True
    alert = work.case.alert
    rule = next((rule for rule in work.config.rules if alert and rule.id == alert.rule), None)
    own = rule is not None and "admin" in rule.tell and any(one.id == work.person.id for one in work.case.admins)
    return not (move.own or own or _tapped(work, move) == region_key(alert.id if alert else ""))


def _at_once(work: Work, card: Outgoing, move: Move) -> Outgoing:
    """The card that was tapped changes under the finger, with the token that the tap brought."""
    choice = work.interaction.choice
    if card.edits != _tapped(work, move):
        return card
    return replace(card, not_before=None, token=choice.token if choice else "")


def _tapped(work: Work, move: Move) -> str:
    """The outbox key of the card that the button stands on."""
    alert = work.case.alert.id if work.case.alert else ""
    if move.own:
        return owner_key(alert)
    region = work.config.region(work.case.alert.region) if work.case.alert else None
    # Where there is no group its card came to each director by himself.
    single = region is not None and region.alert_chat.startswith(f"{work.interaction.platform.value}:@")
    shared = bool(work.interaction.chat) or (single and decides_for(work.person, region.id if region else ""))
    return region_key(alert) if shared else admin_key(alert, work.person.id)


def open_lights(work: Work, _: Command) -> None:
    """红灯: what is open in the asker's regions, newest first."""
    if not leads(work.person):
        raise Refusal("directors_only")
    alerts = work.case.alerts
    work.reply(
        "card/red_lights",
        alerts=[alert_values(alert, work.config) for alert in alerts[:LISTED]],
        total=work.case.alerts_open,
    )
    if not work.interaction.chat:
        for alert in [one for one in alerts if one.state is AlertState.FIRING][:OFFERED]:
            work.reply("card/alert", **alert_values(alert, work.config))
