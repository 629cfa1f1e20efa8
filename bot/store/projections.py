"""Folding entries into the tables: one small function an entry type, and nothing else writes these tables.

A projection is a function of the ledger alone; running all entries through `apply` on empty tables gives the same rows.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from tortoise import Model
from tortoise.exceptions import DoesNotExist

from bot.entries import parse_instant
from bot.model import Entry
from bot.store import feeds, figure_fold, master_fold, turns, twins
from bot.store.tables import (
    ActionRow,
    AlertRow,
    ApprovalRow,
    CardRow,
    CheckRow,
    ConsentRow,
    ContactRow,
    DeckRow,
    DerivedRow,
    DeviceRow,
    DocumentRow,
    DossierRow,
    EvidenceRow,
    ImportRow,
    LinkRow,
    MarkRow,
    MaterialRow,
    MeetingRow,
    NoteRow,
    OpeningRow,
    OriginalRow,
    PhotoPrint,
    PresentationRow,
    ProposalRow,
    QuestionRow,
    SceneRow,
    SigningRow,
    SiteRow,
    StatementRow,
    SurveyRow,
    TitleRow,
    TranscriptRow,
    ViewRow,
    VisitRow,
)

Body = Mapping[str, Any]
ESCALATED = "escalated"  # among an alert's values: to whom, after how many hours, when
DEED = "deed"  # among an alert's values: how, by whom and why it came to its state


async def apply(index: int, entry: Entry, at: datetime) -> None:
    """Fold one entry, recorded at `at`. Types without a projection (import.done, message.received) only live in the ledger."""
    fold = FOLDS.get(entry.type)
    if fold:
        await fold(index, entry.body)
        return
    turning = TURNING.get(entry.type)
    if turning:
        await turning(turns.Step(index, at), entry.body)


async def apply_remaining(index: int, entry: Entry, at: datetime) -> None:
    """Fold an entry of a ledger of which some entries were erased: what it is about may be gone."""
    try:
        await apply(index, entry, at)
    except DoesNotExist:
        return


async def _insert(table: type[Model], **columns: Any) -> None:
    await table(**columns).save(force_create=True)


def _at(body: Body, field: str) -> datetime:
    return parse_instant(body[field])


async def _visit_opened(_: int, body: Body) -> None:
    await _insert(VisitRow, id=body["visit"], rep=body["rep"], customer=body["customer"], state="open", started_at=_at(body, "at"))
    await figure_fold.effort(body["rep"], _at(body, "at"))


async def _visit_ended(_: int, body: Body) -> None:
    await VisitRow.filter(id=body["visit"]).update(state=body["how"], ended_at=_at(body, "at"))


async def _action_opened(index: int, body: Body) -> None:
    same = ("visit", "rep", "customer", "region", "stage", "kind", "override", "source")
    await _insert(
        ActionRow,
        id=body["action"],
        **{name: body[name] for name in same},
        state="incomplete",
        tier="T0",
        reasons=[],
        at=_at(body, "at"),
        received_at=_at(body, "received_at"),
        ledger_index=index,
    )
    await figure_fold.deed(body["action"], index)
    await figure_fold.effort(body["rep"], _at(body, "at"))


async def _action_judged(step: turns.Step, body: Body) -> None:
    action = await ActionRow.get(id=body["action"])
    before, states = turns.standing(action), (action.state, body["state"])
    same = ("state", "tier", "reasons", "point", "device", "distance_m", "battery", "kind")
    await action.update_from_dict({name: body[name] for name in same}).save(update_fields=list(same))
    await figure_fold.deed(action.id, step.index)
    if "complete" in states:
        await master_fold.refresh_silence(action.customer)
    await turns.note(step, before, turns.standing(action))


async def _action_submitted(step: turns.Step, body: Body) -> None:
    action = await ActionRow.get(id=body["action"])
    before = turns.standing(action)
    await action.update_from_dict({"submitted_at": _at(body, "at")}).save(update_fields=["submitted_at"])
    await turns.note(step, before, turns.standing(action), closed=True)


async def _action_corrected(step: turns.Step, body: Body) -> None:
    action = await ActionRow.get(id=body["action"])
    before = turns.standing(action)
    moved = {"stage": body["stage"], "kind": body["kind"], "corrected_from": action.corrected_from or action.stage}
    await action.update_from_dict(moved).save(update_fields=list(moved))
    await figure_fold.deed(action.id, step.index)
    await turns.note(step, before, turns.standing(action))


async def _original_sealed(_: int, body: Body) -> None:
    row = OriginalRow(sha256=body["original"], sm3=body["sm3"], size=body["size"])
    await OriginalRow.bulk_create([row], ignore_conflicts=True)  # the same picture may come twice


async def _photo_read(_: int, body: Body) -> None:
    if not await PhotoPrint.exists(photo=body["photo"]):  # the same picture may come twice
        await PhotoPrint.bulk_create(twins.rows(body["photo"], body["prints"]))


async def _evidence_signed(_: int, body: Body) -> None:
    sign = {name: body[name] for name in ("seen", "by", "words", "score", "faces")}
    await EvidenceRow.filter(id=body["evidence"]).update(sign=sign)


async def _evidence_heard(_: int, body: Body) -> None:
    item = await EvidenceRow.get(id=body["evidence"])
    same = {name: body[name] for name in ("engine", "spans", "marks", "state")}
    await _transcript(item, machine=body["text"], **same, problem="", at=_at(body, "at"))


async def _evidence_unheard(_: int, body: Body) -> None:
    item = await EvidenceRow.get(id=body["evidence"])
    await _transcript(item, spans=[], marks=[], state="unheard", problem=body["reason"], at=_at(body, "at"))


async def _transcript(item: EvidenceRow, **columns: Any) -> None:
    same = {name: getattr(item, name) for name in ("visit", "rep", "customer", "scene", "sent_at")}
    await TranscriptRow.filter(evidence=item.id).delete()
    await _insert(TranscriptRow, evidence=item.id, **same, **columns)
    await figure_fold.chain([item.action])


async def _evidence_edited(_: int, body: Body) -> None:
    await TranscriptRow.filter(evidence=body["evidence"]).update(edited=body["text"], marks=body["marks"], at=_at(body, "at"))
    item = await EvidenceRow.get_or_none(id=body["evidence"])
    await figure_fold.chain([item.action if item else None])


async def _evidence_submitted(_: int, body: Body) -> None:
    await TranscriptRow.filter(evidence=body["evidence"]).update(state="submitted", at=_at(body, "at"))


async def _evidence_expired(_: int, body: Body) -> None:
    await TranscriptRow.filter(evidence=body["evidence"]).update(state="expired", at=_at(body, "at"))


async def _scene_opened(_: int, body: Body) -> None:
    await SceneRow.filter(person=body["person"]).delete()
    if body["scene"]:
        same = {name: body[name] for name in ("person", "scene", "visit")}
        await _insert(SceneRow, **same, at=_at(body, "at"), until=_at(body, "until"))


async def _contact_met(_: int, body: Body) -> None:
    await _met(body["contact"], body["visit"], _at(body, "at"))


async def _met(contact: str, visit: str, at: datetime) -> None:
    row = await ContactRow.get(id=contact)
    await ContactRow.filter(id=contact).update(last_at=max(row.last_at or at, at))
    await MeetingRow.bulk_create([MeetingRow(contact=contact, visit=visit, at=at)], ignore_conflicts=True)


async def _card_sent(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("evidence", "visit", "customer", "rep")}
    await _insert(CardRow, **same, state="sent", at=_at(body, "at"))


async def _card_read(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("name", "title", "phone")}
    await CardRow.filter(evidence=body["evidence"]).update(**same, state="read")


async def _card_answered(_: int, body: Body) -> None:
    await CardRow.filter(evidence=body["evidence"]).update(state=body["state"])


async def _title_asked(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("customer", "evidence", "rep")}
    await _insert(TitleRow, id=body["title"], title=body["name"], **same, state="asked", at=_at(body, "at"))


async def _title_answered(_: int, body: Body) -> None:
    await TitleRow.filter(id=body["title"]).update(state=body["state"])


async def _evidence_derived(_: int, body: Body) -> None:
    same = ("evidence", "sha256", "kind", "mime")
    await _insert(DerivedRow, **{name: body[name] for name in same}, at=_at(body, "at"))


async def _evidence_added(index: int, body: Body) -> None:
    same = ("visit", "action", "rep", "customer", "kind", "sha256", "mime", "seconds", "state", "reasons", "source", "media")
    await _insert(
        EvidenceRow,
        id=body["evidence"],
        **{name: body[name] for name in same},
        scene=body.get("scene", ""),
        told=body.get("told", ""),
        agent=body.get("agent", ""),
        live=body.get("live", False),
        name=body.get("name", "")[:200],
        sent_at=_at(body, "sent_at"),
        received_at=_at(body, "received_at"),
        ledger_index=index,
    )
    await figure_fold.chain([body["action"]])
    await figure_fold.effort(body["rep"], _at(body, "sent_at"))


async def _evidence_judged(_: int, body: Body) -> None:
    item = await EvidenceRow.get(id=body["evidence"])
    touched = (item.action, body["action"])
    same = ("action", "state", "reasons")
    await item.update_from_dict({name: body[name] for name in same}).save(update_fields=list(same))
    await figure_fold.chain(touched)


async def _check_made(_: int, body: Body) -> None:
    same = ("rep", "customer", "site", "point", "state", "distance_m", "device", "reasons", "place")
    given = {name: body[name] for name in same} | {"battery": body.get("battery")}
    await _insert(CheckRow, id=body["check"], **given, at=_at(body, "at"), until=_at(body, "until"))


async def _check_decided(_: int, body: Body) -> None:
    await CheckRow.filter(id=body["check"]).update(state=body["state"])


async def _device_seen(_: int, body: Body) -> None:
    row = DeviceRow(
        id=body["device"], person=body["person"], platform=body["platform"], device=body["name"], state=body["state"], since=_at(body, "at")
    )
    await DeviceRow.bulk_create([row], ignore_conflicts=True)


async def _device_decided(_: int, body: Body) -> None:
    device = await DeviceRow.get(id=body["device"])
    if body["state"] == "active":
        await DeviceRow.filter(person=device.person, platform=device.platform, state="active").update(state="retired")
    await DeviceRow.filter(id=device.id).update(state=body["state"], by=body["by"], since=_at(body, "at"))


async def _site_proposed(_: int, body: Body) -> None:
    point = body["point"]
    await _insert(
        SiteRow,
        id=body["site"],
        customer=body["customer"],
        name=body["name"],
        lat=point["lat"],
        lng=point["lng"],
        datum=point["datum"],
        state="pending",
        by=body["by"],
    )


async def _site_decided(_: int, body: Body) -> None:
    await SiteRow.filter(id=body["site"]).update(state=body["state"])


async def _approval_asked(_: int, body: Body) -> None:
    same = ("what", "subject", "rep", "region")
    await _insert(ApprovalRow, id=body["approval"], **{name: body[name] for name in same}, at=_at(body, "at"), body=body["values"])


async def _approval_decided(_: int, body: Body) -> None:
    await ApprovalRow.filter(id=body["approval"]).update(decided=body["yes"], by=body["by"])


async def _contact_added(_: int, body: Body) -> None:
    same = ("customer", "name", "title", "role", "phone")
    values = {name: body[name] for name in same}
    await ContactRow.update_or_create(defaults={**values, "last_at": _at(body, "at")}, id=body["contact"])
    if body["visit"]:
        await _met(body["contact"], body["visit"], _at(body, "at"))


async def _note_added(_: int, body: Body) -> None:
    same = ("customer", "kind", "month", "text", "by")
    await _insert(NoteRow, id=body["note"], **{name: body[name] for name in same}, at=_at(body, "at"))


async def _question_asked(_: int, body: Body) -> None:
    await QuestionRow.filter(person=body["person"]).delete()
    if body["op"]:
        await _insert(QuestionRow, person=body["person"], op=body["op"], arg=body["arg"], at=_at(body, "at"))


async def _alert_raised(_: int, body: Body) -> None:
    same = ("rule", "subject", "period", "region", "owner", "count", "told")
    await _insert(
        AlertRow,
        id=body["alert"],
        **{name: body[name] for name in same},
        state="firing",
        since=_at(body, "since"),
        body=body["values"],
        version=body.get("version", ""),
    )


async def _alert_grown(_: int, body: Body) -> None:
    alert = await AlertRow.get(id=body["alert"])
    values = {**body["values"], **{name: alert.body[name] for name in (DEED, ESCALATED) if name in alert.body}}
    await alert.update_from_dict({"count": body["count"], "body": values}).save(update_fields=["count", "body"])


async def _alert_escalated(_: int, body: Body) -> None:
    alert = await AlertRow.get(id=body["alert"])
    told = {**alert.body, ESCALATED: {name: body[name] for name in ("to", "hours", "at")}}
    await alert.update_from_dict({"body": told}).save(update_fields=["body"])


async def _alert_moved(_: int, body: Body) -> None:
    alert = await AlertRow.get(id=body["alert"])
    until = parse_instant(body["until"]) if body["until"] else None
    deed = {name: body[name] for name in ("how", "by", "reason")}
    moved = {"state": body["state"], "how": body["how"], "until": until, "body": {**alert.body, DEED: deed}}
    await alert.update_from_dict(moved).save(update_fields=list(moved))


async def _deck_imported(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("name", "tags", "pages", "source")}
    await DeckRow.update_or_create(defaults={**same, "at": _at(body, "at")}, id=body["deck"])


async def _presentation_opened(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("deck", "rep", "visit", "customer", "name")}
    await _insert(PresentationRow, id=body["presentation"], **same, state="open", seconds=[], at=_at(body, "at"))


async def _presentation_closed(_: int, body: Body) -> None:
    await PresentationRow.filter(id=body["presentation"]).update(state="closed", seconds=body["seconds"])


async def _signature_asked(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("digest", "rep", "visit", "customer", "what", "of")}
    times = {"at": _at(body, "at"), "until": _at(body, "until")}
    await _insert(SigningRow, id=body["signature"], **same, sha256=body["subject_sha256"], state="open", **times)


async def _signature_given(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("name", "title", "method", "picture", "evidence")}
    await SigningRow.filter(id=body["signature"]).update(**same, state="signed", signed_at=_at(body, "at"))


async def _signature_withdrawn(_: int, body: Body) -> None:
    await SigningRow.filter(id=body["signature"]).update(state="withdrawn")


async def _material_sent(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("digest", "deck", "name", "customer", "by", "recipient")}
    await _insert(MaterialRow, id=body["material"], **same, at=_at(body, "at"), until=_at(body, "until"))


async def _material_opened(_: int, body: Body) -> None:
    row = await MaterialRow.get(id=body["material"])
    await MaterialRow.filter(id=row.id).update(opens=row.opens + 1)
    await _insert(OpeningRow, id=body["opening"], material=row.id, at=_at(body, "at"), state="open", seconds=[], downloads=[])


async def _material_read(_: int, body: Body) -> None:
    await OpeningRow.filter(id=body["opening"]).update(state="closed", seconds=body["seconds"])


async def _material_downloaded(_: int, body: Body) -> None:
    row, opening = await MaterialRow.get(id=body["material"]), await OpeningRow.get(id=body["opening"])
    await MaterialRow.filter(id=row.id).update(downloads=row.downloads + 1)
    await OpeningRow.filter(id=opening.id).update(downloads=[*opening.downloads, body["at"]])


async def _link_offered(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("person", "digest")}
    await _insert(LinkRow, id=body["link"], **same, until=_at(body, "until"))


async def _link_taken(_: int, body: Body) -> None:
    await LinkRow.filter(id=body["link"]).update(taken=True)


async def _master_set(_: int, body: Body) -> None:
    await master_fold.fold(body)


async def _import_asked(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("kind", "name", "sha256", "by", "chat")}
    await _insert(ImportRow, id=body["import"], **same, at=_at(body, "at"), state="asked")


async def _import_ended(_: int, body: Body) -> None:
    await ImportRow.filter(id=body["import"]).update(state=body["state"])


async def _mark_set(index: int, body: Body) -> None:
    await _insert(
        MarkRow, id=body["mark"], mark=body["what"], customer=body["customer"], why=body["why"], since=_at(body, "at"), ledger_index=index
    )


async def _mark_cleared(_: int, body: Body) -> None:
    await MarkRow.filter(id=body["mark"]).update(until=_at(body, "at"), left=body["left"])


async def _document_filed(step: turns.Step, body: Body) -> None:
    await turns.filed(step, body["customer"], body["rule"], _at(body, "at"))
    values = {name: body[name] for name in ("customer", "rule", "evidence", "by")}
    await DocumentRow.update_or_create(defaults={**values, "at": _at(body, "at")}, id=body["document"])


async def _consent(body: Body, state: str) -> None:
    for purpose in body["purposes"]:
        values = {"person": body["person"], "purpose": purpose, "version": body["version"], "at": _at(body, "at")}
        id_ = f"{body['person']}:{purpose}"
        known = await ConsentRow.get_or_none(id=id_)
        if known is None:
            await _insert(ConsentRow, id=id_, state=state, **values)
        else:
            # Being told of a new text does not take back what was said to the old one.
            await ConsentRow.filter(id=id_).update(**values, state=known.state if state == "shown" else state)


async def _consent_shown(_: int, body: Body) -> None:
    await _consent(body, "shown")


async def _consent_given(_: int, body: Body) -> None:
    await _consent(body, "given")


async def _consent_withdrawn(_: int, body: Body) -> None:
    await _consent(body, "withdrawn")


async def _dossier_asked(_: int, body: Body) -> None:
    period = {name: parse_instant(body[name]) if body[name] else None for name in ("since", "until")}
    same = {name: body[name] for name in ("customer", "without", "by")}
    await _insert(DossierRow, id=body["dossier"], **same, **period, at=_at(body, "at"), state="asked", manifest="")


async def _dossier_made(_: int, body: Body) -> None:
    made = {"state": "made", "manifest": body["manifest"]}
    if not await DossierRow.filter(id=body["dossier"]).update(**made):  # by the command, without asking in chat
        same = {name: body[name] for name in ("customer", "without", "by")}
        await _insert(DossierRow, id=body["dossier"], **same, at=_at(body, "at"), **made)


async def _dossier_failed(_: int, body: Body) -> None:
    await DossierRow.filter(id=body["dossier"]).update(state="failed")


async def _statement_made(index: int, body: Body) -> None:
    same = {name: body[name] for name in ("action", "by", "text")}
    await _insert(StatementRow, id=body["statement"], **same, at=_at(body, "at"), ledger_index=index)


async def _survey_opened(_: int, body: Body) -> None:
    times = {"opened_at": _at(body, "at"), "closes_at": _at(body, "closes")}
    await _insert(SurveyRow, id=body["survey"], state="open", invited=body["invited"], answers=0, result=None, **times)


async def _survey_closed(_: int, body: Body) -> None:
    await SurveyRow.filter(id=body["survey"]).update(state="closed", answers=body["answers"], result=body["result"])


async def _config_proposed(_: int, body: Body) -> None:
    same = {name: body[name] for name in ("sha256", "edit", "by")}
    await _insert(ProposalRow, id=body["proposal"], **same, at=_at(body, "at"), state="sent")


async def _config_checked(_: int, body: Body) -> None:
    state = "broken" if body["problems"] else "checked"
    await ProposalRow.filter(id=body["proposal"]).update(sha256=body["sha256"], base=body["base"], state=state)


async def _config_moved(_: int, body: Body) -> None:
    await ProposalRow.filter(id=body["proposal"]).update(state=body["state"], **({"decided_by": body["by"]} if body["by"] else {}))


async def _config_applied(_: int, body: Body) -> None:
    state = {"chat": "applied", "undo": "undone"}.get(body.get("how", ""))
    if state:
        await ProposalRow.filter(id=body["proposal"]).update(state=state)


async def _record_viewed(_: int, body: Body) -> None:
    await _insert(ViewRow, record=body["record"], person=body["person"], at=_at(body, "at"), how=body["how"])


FOLDS: Mapping[str, Callable[[int, Body], Awaitable[None]]] = {
    "master.set": _master_set,
    "deck.imported": _deck_imported,
    "presentation.opened": _presentation_opened,
    "presentation.closed": _presentation_closed,
    "facts.taken": feeds.fold_taken,
    "fact.stated": feeds.fold_stated,
    "import.asked": _import_asked,
    "import.ended": _import_ended,
    "mark.set": _mark_set,
    "mark.cleared": _mark_cleared,
    "signature.asked": _signature_asked,
    "signature.given": _signature_given,
    "signature.withdrawn": _signature_withdrawn,
    "material.sent": _material_sent,
    "material.opened": _material_opened,
    "material.read": _material_read,
    "material.downloaded": _material_downloaded,
    "link.offered": _link_offered,
    "link.taken": _link_taken,
    "visit.opened": _visit_opened,
    "visit.ended": _visit_ended,
    "action.opened": _action_opened,
    "original.sealed": _original_sealed,
    "photo.read": _photo_read,
    "evidence.derived": _evidence_derived,
    "evidence.signed": _evidence_signed,
    "evidence.heard": _evidence_heard,
    "evidence.unheard": _evidence_unheard,
    "evidence.edited": _evidence_edited,
    "evidence.submitted": _evidence_submitted,
    "evidence.expired": _evidence_expired,
    "evidence.added": _evidence_added,
    "evidence.judged": _evidence_judged,
    "check.made": _check_made,
    "check.decided": _check_decided,
    "device.seen": _device_seen,
    "device.decided": _device_decided,
    "site.proposed": _site_proposed,
    "site.decided": _site_decided,
    "approval.asked": _approval_asked,
    "approval.decided": _approval_decided,
    "scene.opened": _scene_opened,
    "contact.added": _contact_added,
    "contact.met": _contact_met,
    "card.sent": _card_sent,
    "card.read": _card_read,
    "card.answered": _card_answered,
    "title.asked": _title_asked,
    "title.answered": _title_answered,
    "note.added": _note_added,
    "question.asked": _question_asked,
    "alert.raised": _alert_raised,
    "alert.grown": _alert_grown,
    "alert.moved": _alert_moved,
    "alert.escalated": _alert_escalated,
    "consent.shown": _consent_shown,
    "consent.given": _consent_given,
    "consent.withdrawn": _consent_withdrawn,
    "dossier.asked": _dossier_asked,
    "dossier.made": _dossier_made,
    "dossier.failed": _dossier_failed,
    "statement.made": _statement_made,
    "record.viewed": _record_viewed,
    "survey.opened": _survey_opened,
    "survey.closed": _survey_closed,
    "config.proposed": _config_proposed,
    "config.checked": _config_checked,
    "config.moved": _config_moved,
    "config.applied": _config_applied,
}

# Folds whose changes the rules look at: they note when these were recorded, too.
TURNING: Mapping[str, Callable[[turns.Step, Body], Awaitable[None]]] = {
    "action.judged": _action_judged,
    "action.submitted": _action_submitted,
    "action.corrected": _action_corrected,
    "document.filed": _document_filed,
}
