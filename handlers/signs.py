"""The customer's name or sign on the closing photo: read by a machine, or confirmed by the rep with one tap."""

from bot import entries
from bot.config.schema import Config
from bot.evidence.verdict import place_mode
from bot.model import Evidence, EvidenceState, Sign, VerdictState, Visit
from handlers.words import Command
from handlers.work import Work


def photo_to_confirm(config: Config, visit: Visit) -> Evidence | None:
    """The latest photo of a visit on site on none of which the name was seen yet; None when there is nothing to ask."""
    actions = [action for action in visit.actions if action.verdict.state is not VerdictState.WITHDRAWN]
    if not any(place_mode(config, action) == "onsite" for action in actions):
        return None
    photos = [item for action in actions for item in action.evidence if item.kind == "photo" and item.state is EvidenceState.COUNTED]
    if any(item.sign and item.sign.seen for item in photos):
        return None
    return max(photos, key=lambda item: (item.sent_at, item.id), default=None)


def ask(work: Work, visit: Visit, *, required: bool) -> None:
    """One card with two buttons."""
    work.reply("card/closing_sign", arg=visit.id, customer=visit.customer_name, required=required)


def confirm(work: Work, command: Command) -> Visit | None:
    """看得到: noted with who said so. The visit, when it stays open for this alone."""
    visit = _noted(work, command, seen=True)
    return visit if visit and work.visit and visit.id == work.visit.id else None


def deny(work: Work, command: Command) -> None:
    """看不到."""
    _noted(work, command, seen=False)


def _asking(work: Work) -> Visit | None:
    """The latest visit whose photo still waits for a word; what was typed names none."""
    return next((one for one in reversed(work.visits) if photo_to_confirm(work.config, one)), None)


def _noted(work: Work, command: Command, *, seen: bool) -> Visit | None:
    visit = next((one for one in work.visits if one.id == command.arg), None) if command.arg else _asking(work)
    photo = photo_to_confirm(work.config, visit) if visit else None
    if visit is None or photo is None:
        work.reply("reply/sign_noted", customer=visit.customer_name if visit else "", seen=seen, open=False, already=True)
        return None
    sign = Sign(seen=seen, by=work.person.id, faces=photo.sign.faces if photo.sign else None)
    work.record(entries.evidence_signed(photo.id, sign, work.interaction.sent_at))
    waits = work.visit is not None and work.visit.id == visit.id
    if not (seen and waits):
        work.reply("reply/sign_noted", customer=visit.customer_name, seen=seen, open=waits, already=False)
    return visit
