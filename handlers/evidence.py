"""Photos, voices and files: each goes to the action in whose time it was sent, is judged at once, and the rep hears what is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot import entries
from bot.consent import withheld
from bot.errors import Refusal
from bot.evidence.check import covering, holding
from bot.evidence.closing import closing_missing
from bot.evidence.codes import Code
from bot.evidence.device import match
from bot.evidence.photo import hints, repeated
from bot.model import Action, Check, CheckState, Entry, Evidence, EvidenceState, Json, MediaFile, Reason, VerdictState, Visit
from handlers import imports, shown
from handlers.contacts import card_waited, take_card
from handlers.documents import by_name
from handlers.judging import Bench, bench, judged
from handlers.scenes import tied
from handlers.visit import offer
from handlers.work import Work

KINDS = {"photo": "photo", "voice": "voice", "video": "file", "file": "file"}
NAMED = 200  # characters of a file's name that are kept
EXCEPTIONAL = frozenset({Code.PLACE_OUT, Code.PLACE_UNCERTAIN, Code.PLACE_NO_SITE})
ELSEWHERE = frozenset({Code.PLACE_OUT, Code.PLACE_NO_SITE})


def receive(work: Work) -> None:
    """Take in the files of a message and answer."""
    if not work.case.media:
        raise Refusal("no_file")
    if tables := imports.wanted(work):
        imports.ask(work, tables)
        return
    visit = home(work.visits, work.interaction.sent_at)
    if visit is None:
        if not work.own:
            raise Refusal("no_own_customers")
        offer(work, "evidence")
        return
    if work.interaction.page and work.interaction.page.visit != visit.id:
        raise Refusal("page_over")
    after, items = add(work, visit, work.case.media, bench(work.case))
    filed = by_name(work, visit, items, work.case.media)
    work.reply("card/received", **values(work, after, items))
    if filed:
        work.reply("reply/filed", customer=visit.customer_name, papers=filed)


def home(visits: Iterable[Visit], at: datetime) -> Visit | None:
    """The visit in whose time something was sent, also when it arrives late."""
    held = [visit for visit in visits if visit.started_at <= at and (visit.ended_at is None or at <= visit.ended_at)]
    return held[-1] if held else None


def action_at(visit: Visit, at: datetime) -> Action | None:
    """The action whose stage was open; what was sent before the first stage belongs to that one."""
    begun = [action for action in visit.actions if action.stamp.at <= at]
    return begun[-1] if begun else next(iter(visit.actions), None)


def add(work: Work, visit: Visit, media: Sequence[MediaFile], by: Bench) -> tuple[Visit, tuple[Evidence, ...]]:
    """Record the files as evidence of a visit, and judge the action again that they belong to."""
    action = action_at(visit, work.interaction.sent_at)
    items = tuple(_item(work, visit, action, file, n, by) for n, file in enumerate(media))
    for item, file in zip(items, media, strict=True):
        work.record(_added(work, item, file))
    if action is None:
        visit = replace(visit, evidence=(*visit.evidence, *items))
    else:
        after = by.action(replace(action, evidence=(*action.evidence, *items)))
        if (after.verdict, after.stamp) != (action.verdict, action.stamp):
            work.record(judged(after))
        visit = replace(visit, actions=tuple(after if one.id == after.id else one for one in visit.actions))
    if work.visit and work.visit.id == visit.id:
        work.visit = visit
    return visit, items


def _item(work: Work, visit: Visit, action: Action | None, file: MediaFile, n: int, by: Bench) -> Evidence:
    kind = KINDS.get(file.ref.kind, "file")
    card = kind == "photo" and file.sha256 is not None and not file.problem and card_waited(work, visit)
    kind = "file" if card else kind  # a card proves no visit
    item = Evidence(
        id=work.id("e_", str(n)),
        visit=visit.id,
        rep=visit.rep,
        customer=visit.customer,
        kind=kind,
        state=EvidenceState.PENDING,
        sent_at=work.interaction.sent_at,
        action=action.id if action else None,
        sha256=file.sha256,
        seconds=file.seconds if kind == "voice" else None,
        told=file.ref.said if kind == "voice" else "",
        agent="" if withheld(work.config, work.case.consents, "device") else work.interaction.agent,
        live=work.interaction.page is not None and work.interaction.page.live,
        name=file.ref.name[:NAMED] if kind == "file" else "",
    )
    if stranger := _foreign(work):
        return replace(item, state=EvidenceState.REFUSED, reasons=(stranger,))
    if card:
        take_card(work, visit, item)
    repeat = None if card else repeated(item, work.case.twins.get(file.sha256 or "", ()))
    if repeat:
        return repeat
    item = tied(work, visit, item)
    if item.state is EvidenceState.REFUSED:
        return item
    found = by.item(item, action, file.problem)
    if kind != "photo" or found.state is not EvidenceState.COUNTED:
        return found
    check = covering(by.checks, item.customer, item.sent_at)
    return replace(found, reasons=(*found.reasons, *hints(file.exif, item.sent_at, work.config.zone, check)))


def _foreign(work: Work) -> Reason | None:
    """A page signs with its device's key: what another device than the one on file signed does not count."""
    page = work.interaction.page
    if page is None or withheld(work.config, work.case.consents, "device"):
        return None
    found = match(page.device, work.case.devices, work.interaction.platform, work.config.presence.device)
    return found.reasons[0] if found.state == "refused" else None


def _added(work: Work, item: Evidence, file: MediaFile) -> Entry:
    received = work.interaction.received_at
    return entries.evidence_added(item, mime=file.mime, source=work.source, media=file.ref.id, received_at=received)


def values(work: Work, visit: Visit, items: Sequence[Evidence]) -> Json:
    """What the answer to sent files shows."""
    action = action_at(visit, work.interaction.sent_at)
    open_now = work.visit is not None and work.visit.id == visit.id
    closing = closing_missing(visit, work.config)
    complete = action is not None and action.verdict.state is VerdictState.COMPLETE
    held = [item for item in items if item.state is EvidenceState.QUARANTINED]
    failing = _failing(work.case.checks, held[-1]) if held else None
    return {
        "customer": visit.customer_name,
        "name": shown.action_name(work.config, action) if action else "",
        "items": [shown.item(item) for item in items],
        "state": _worst(items),
        "come": shown.come(work.config, action) if action else [],
        "complete": complete,
        "closing": shown.gaps(closing) if open_now and complete else [],
        "end": open_now and complete and not closing,
        "late": not open_now,
        "stages": shown.stages(work.config) if action is None and open_now else [],
        "records": work.by_record,
        **remedies(failing),
        "relocate": bool(held),
        "appeal": next((item.id for item in items if _appealable(item)), ""),
    }


def _appealable(item: Evidence) -> bool:
    """Whatever was refused for another reason than its mere length or the rep's own wish; what is held back has ways of its own."""
    codes = {reason.code for reason in item.reasons}
    own = codes & {Code.VOICE_SHORT, Code.CONSENT_MISSING, Code.CONSENT_WITHDRAWN, Code.PHOTO_AGAIN}
    return item.sha256 is not None and item.state is EvidenceState.REFUSED and not own


def remedies(failing: Check | None) -> Json:
    """What a rep can tap when a check did not pass: ask for an exception, propose a new place, ask for his new phone."""
    refused = failing is not None and failing.state is CheckState.REFUSED
    codes = {reason.code for reason in failing.reasons} if failing and refused else set()
    return {
        "failing": failing.id if failing else "",
        "exception": bool(codes & EXCEPTIONAL),
        "newsite": bool(codes & ELSEWHERE),
        "rebind": bool(codes & {Code.DEVICE_MISMATCH, Code.DEVICE_REJECTED}),
        "relocate": bool(codes),
    }


def _failing(checks: Iterable[Check], item: Evidence) -> Check | None:
    held = holding(checks, item.customer, item.sent_at)
    return held[-1] if held else None


def _worst(items: Sequence[Evidence]) -> str:
    order = ("quarantined", "refused", "lost", "pending", "counted")
    return min((item.state.value for item in items), key=order.index)
