"""签字 <事项>: a link on which the customer signs for himself, and what becomes of his signature."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from bot import entries
from bot.case import Wants
from bot.entries import instant
from bot.errors import Refusal
from bot.ids import secret_digest
from bot.model import Action, Evidence, EvidenceState, Interaction, SignedFile, Signing, VerdictState, Visit, VisitState
from handlers import shown
from handlers.judging import bench, judged
from handlers.words import Command
from handlers.work import Work

GOOD_FOR = timedelta(hours=8)  # with a visit's twelve hours and a check's two that is less than the day of which everything is known
JUST_NOW = timedelta(minutes=10)  # a file sent so long before is the one that is meant
PHOTO = "照片"
WORDS = 200  # characters
SIGNABLE = frozenset({"file", "photo"})


def ask(work: Work, command: Command) -> None:
    """Give the link. What is signed: the words, and the file that was sent just before.

    A photo only where nothing else is named, or where the first word is 照片: most photos of a visit are no papers.
    """
    visit, at = work.visit, work.interaction.sent_at
    if visit is None:
        raise Refusal("no_visit")
    first, _, rest = command.arg.partition(" ")
    words = (rest if first == PHOTO else command.arg)[:WORDS]
    photo = not words or first == PHOTO
    item = just_sent(visit, at, SIGNABLE if photo else SIGNABLE - {"photo"})
    what = words or (item.name if item else "")
    if not what and item is None:
        raise Refusal("nothing_to_sign")
    what = what or (PHOTO if item and item.kind == "photo" else "文件")
    signing = Signing(
        id=work.id("sg_"),
        rep=work.person.id,
        visit=visit.id,
        customer=visit.customer,
        what=what,
        sha256=item.sha256 if item and item.sha256 else sha256(what.encode()).hexdigest(),
        at=at,
        until=at + GOOD_FOR,
        file=SignedFile(evidence=item.id, sha256=item.sha256 or "", name=item.name, mime="", size=0) if item else None,
    )
    work.record(entries.signature_asked(signing, secret_digest(work.case.chance)))
    url = f"{work.config.server.public_url.rstrip('/')}/sign/{work.case.chance}"
    file = {"kind": item.kind, "name": item.name, "at": instant(item.sent_at)} if item else None
    work.reply("card/signature", id=signing.id, customer=visit.customer_name, what=what, file=file, until=instant(signing.until), url=url)


def just_sent(visit: Visit, at: datetime, kinds: frozenset[str] = SIGNABLE) -> Evidence | None:
    """The visit's latest file or photo, if it came just now and is there."""
    items = [*visit.evidence, *(item for action in visit.actions for item in action.evidence)]
    recent = [item for item in items if item.kind in kinds and item.sha256 and at - JUST_NOW <= item.sent_at <= at]
    return max(recent, key=lambda item: (item.sent_at, item.id), default=None)


def withdraw(work: Work, command: Command) -> None:
    """作废: the link shows nothing any more."""
    signing = work.case.signing
    if signing is None or signing.rep != work.person.id or (not command.arg and signing.state != "open"):
        raise Refusal("no_signing")
    if signing.state != "open":
        raise Refusal("signing_over", state=signing.state)
    work.record(entries.signature_withdrawn(signing.id, work.person.id, work.interaction.sent_at))
    work.reply("reply/signing_withdrawn", what=signing.what)


def signed(interaction: Interaction) -> Wants:
    """What is needed when a customer's signature comes in from the page."""
    return Wants(visits=True, signing=str(interaction.told["signature"]))


def receive(work: Work) -> None:
    """Record it: an item of evidence of the visit that asked for it, judged like everything else that comes from there."""
    told, asked = work.interaction.told, work.case.signing
    if asked is None or asked.rep != work.person.id:
        return
    if asked.state != "open":
        work.reply("reply/signature_late", what=asked.what, name=str(told["name"]))
        return
    work.record(entries.original_sealed(told["picture"], told["sm3"], told["size"]))
    visit = next((one for one in work.visits if one.id == asked.visit and one.state is not VisitState.WITHDRAWN), None)
    item, action = _item(work, asked, visit) if visit else (None, None)
    signing = replace(
        asked,
        state="signed",
        signed_at=work.interaction.sent_at,
        evidence=item.id if item else "",
        name=str(told["name"]),
        title=str(told["title"]),
        method=str(told["method"]),
        picture=str(told["picture"]),
    )
    if visit and item:
        action = _into(work, visit, action, item)
    work.record(entries.signature_given(signing, str(told["consent"]), str(told["agent"])))
    _tell(work, signing, item, action)


def _item(work: Work, signing: Signing, visit: Visit) -> tuple[Evidence, Action | None]:
    """It belongs to the action that was open when it was asked for."""
    begun = [action for action in visit.actions if action.stamp.at <= signing.at]
    action = begun[-1] if begun else next(iter(visit.actions), None)
    item = Evidence(
        id=work.id("e_", signing.id),
        visit=visit.id,
        rep=visit.rep,
        customer=visit.customer,
        kind="signature",
        state=EvidenceState.PENDING,
        sent_at=work.interaction.sent_at,
        action=action.id if action else None,
        sha256=str(work.interaction.told["picture"]),
    )
    return bench(work.case).item(item, action), action


def _into(work: Work, visit: Visit, action: Action | None, item: Evidence) -> Action | None:
    received = work.interaction.received_at
    work.record(entries.evidence_added(item, mime="image/png", source=work.source, received_at=received))
    if action is None:
        after_visit = replace(visit, evidence=(*visit.evidence, item))
    else:
        after = bench(work.case).action(replace(action, evidence=(*action.evidence, item)))
        if (after.verdict, after.stamp) != (action.verdict, action.stamp):
            work.record(judged(after))
        action = after
        after_visit = replace(visit, actions=tuple(after if one.id == after.id else one for one in visit.actions))
    if work.visit and work.visit.id == visit.id:
        work.visit = after_visit
    return action


def _tell(work: Work, signing: Signing, item: Evidence | None, action: Action | None) -> None:
    complete = action is not None and action.verdict.state is VerdictState.COMPLETE
    work.tell(
        work.person.id,
        f"signature:{signing.id}",
        "card/signed",
        customer=shown.customer_name(work.case, signing.customer),
        what=signing.what,
        name=signing.name,
        title=signing.title,
        typed=signing.method == "typed",
        at=instant(work.interaction.sent_at),
        digest=signing.sha256,
        items=[shown.item(item)] if item else [],
        stage=shown.action_name(work.config, action) if action else "",
        come=shown.come(work.config, action) if action else [],
        complete=complete,
        url=f"{work.config.server.public_url.rstrip('/')}/receipt/{signing.id}",
    )
