"""The catalogue of facts: one constructor an entry type. The ledger keeps them, the projections are folded from them alone.

Bodies are flat JSON objects; every field is committed to on its own, so that a dossier can withhold one and still be checked.
Times in bodies are RFC 3339, UTC, milliseconds.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bot.model import (
    Alert,
    Check,
    Deck,
    Entry,
    Evidence,
    HeardTitle,
    Json,
    Material,
    Opening,
    Point,
    Presentation,
    Reason,
    Sign,
    Signing,
    Stamp,
    Verdict,
)
from bot.ports import Heard


def instant(at: datetime) -> str:
    """Spell an aware datetime as the ledger does. Raises ValueError on a naive one."""
    if at.tzinfo is None:
        raise ValueError("naive datetime")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Inverse of `instant`."""
    return datetime.fromisoformat(text)


def point_json(point: Point | None) -> Json | None:
    if point is None:
        return None
    return {
        "lat": point.lat,
        "lng": point.lng,
        "datum": point.datum.value,
        "accuracy_m": point.accuracy_m,
        "source": point.source,
    }


def reasons_json(reasons: Iterable[Reason]) -> list[Json]:
    return [{"code": reason.code, "values": dict(reason.values)} for reason in reasons]


def _entry(type_: str, **body: Any) -> Entry:
    return Entry(type=type_, body=body)


def message_received(source: str, payload: bytes, received_at: datetime) -> Entry:
    """The platform's own message that the following facts come from. `source`: platform and inbox key; the payload by its digest."""
    return _entry(
        "message.received", source=source, sha256=sha256(payload).hexdigest(), size=len(payload), received_at=instant(received_at)
    )


def original_sealed(sha256_: str, sm3: str, size: int) -> Entry:
    """A file lies in the vault. Two digests of the same bytes: Chinese notary chains take SM3."""
    return _entry("original.sealed", original=sha256_, sm3=sm3, size=size)


def photo_read(photo: str, prints: Iterable[str], exif: Json) -> Entry:
    """What was read out of a photo: hashes by which it is found again, and what its camera noted."""
    noted = {name: exif.get(name) for name in ("taken_at", "model", "lat", "lng")}
    return _entry("photo.read", photo=photo, prints=list(prints), **noted)


def evidence_derived(evidence: str, of: str, sha256_: str, kind: str, mime: str, at: datetime) -> Entry:
    """A copy made from an original, which stays untouched. `kind`: watermark."""
    return _entry("evidence.derived", evidence=evidence, of=of, sha256=sha256_, kind=kind, mime=mime, at=instant(at))


def evidence_signed(evidence: str, sign: Sign, at: datetime) -> Entry:
    """Whether the customer's name or sign is seen on a photo; a person's word comes after a machine's, never before."""
    told = {"seen": sign.seen, "by": sign.by, "words": sign.words, "score": sign.score, "faces": sign.faces}
    return _entry("evidence.signed", evidence=evidence, **told, at=instant(at))


def visit_opened(visit: str, rep: str, customer: str, at: datetime, cause: str, point: Point | None = None) -> Entry:
    """`cause`: text | menu | location | checkin | card | page."""
    return _entry("visit.opened", visit=visit, rep=rep, customer=customer, at=instant(at), cause=cause, point=point_json(point))


def visit_ended(visit: str, at: datetime, how: str, reason: str = "") -> Entry:
    """`how`: closed | timed_out | withdrawn. Ending a visit submits its last action."""
    return _entry("visit.ended", visit=visit, at=instant(at), how=how, reason=reason)


def action_opened(
    action: str,
    visit: str,
    rep: str,
    customer: str,
    region: str,
    stage: str,
    kind: str | None,
    stamp: Stamp,
    *,
    source: str,
    override: str = "",
) -> Entry:
    """A stage of a visit begins. `source`: platform and inbox key it came from; `override`: reason for a stage jump."""
    return _entry(
        "action.opened",
        action=action,
        visit=visit,
        rep=rep,
        customer=customer,
        region=region,
        stage=stage,
        kind=kind,
        at=instant(stamp.at),
        received_at=instant(stamp.received_at),
        source=source,
        override=override,
    )


def action_judged(action: str, verdict: Verdict, stamp: Stamp, kind: str | None) -> Entry:
    """Verdict with the place that covers it; written whenever one of them changes."""
    return _entry(
        "action.judged",
        action=action,
        state=verdict.state.value,
        tier=verdict.tier,
        reasons=reasons_json(verdict.reasons),
        point=point_json(stamp.point),
        device=stamp.device,
        distance_m=stamp.distance_m,
        battery=stamp.battery,
        kind=kind,
    )


def action_submitted(action: str, at: datetime) -> Entry:
    """Its stage was closed, by the next stage or by the visit's end; `at` ends its dwell."""
    return _entry("action.submitted", action=action, at=instant(at))


def action_corrected(action: str, stage: str, kind: str | None, by: str, at: datetime) -> Entry:
    return _entry("action.corrected", action=action, stage=stage, kind=kind, by=by, at=instant(at))


def evidence_heard(evidence: str, heard: Heard, seconds: float | None, marks: Iterable[Json], state: str, at: datetime) -> Entry:
    """What a machine heard in a voice. `marks`: start, end, word, sure; `state`: heard | draft."""
    spans = [list(span) for span in heard.spans]
    told = {"text": heard.text, "engine": heard.engine, "spans": spans, "seconds": seconds}
    return _entry("evidence.heard", evidence=evidence, **told, marks=list(marks), state=state, at=instant(at))


def evidence_unheard(evidence: str, reason: str, at: datetime) -> Entry:
    """Nobody could make words of it; the voice itself stays what it is."""
    return _entry("evidence.unheard", evidence=evidence, reason=reason, at=instant(at))


def evidence_edited(evidence: str, text: str, marks: Iterable[Json], by: str, at: datetime) -> Entry:
    """The rep's own words for what was said; what the machine heard stands in an entry of its own."""
    return _entry("evidence.edited", evidence=evidence, text=text, marks=list(marks), by=by, at=instant(at))


def evidence_submitted(evidence: str, by: str, at: datetime) -> Entry:
    """The rep stands by the words of a scene's recording."""
    return _entry("evidence.submitted", evidence=evidence, by=by, at=instant(at))


def evidence_expired(evidence: str, at: datetime) -> Entry:
    """A draft that nobody submitted in time."""
    return _entry("evidence.expired", evidence=evidence, at=instant(at))


def scene_opened(person: str, scene: str, visit: str, at: datetime, until: datetime) -> Entry:
    """A scene was tapped: the next voice of this person until then belongs to it. `scene` "" = no longer."""
    return _entry("scene.opened", person=person, scene=scene, visit=visit, at=instant(at), until=instant(until))


def card_sent(evidence: str, visit: str, customer: str, rep: str, at: datetime) -> Entry:
    """A photo is a business card of somebody at this customer: to be read, no proof of a visit. Named by its evidence."""
    return _entry("card.sent", card=evidence, evidence=evidence, visit=visit, customer=customer, rep=rep, at=instant(at))


def card_read(evidence: str, name: str, title: str, phone: str, at: datetime) -> Entry:
    """What a machine read on it; `name` "" when it found none."""
    return _entry("card.read", card=evidence, evidence=evidence, name=name, title=title, phone=phone, at=instant(at))


def card_answered(evidence: str, state: str, by: str, at: datetime) -> Entry:
    """`state`: registered | wrong."""
    return _entry("card.answered", card=evidence, evidence=evidence, state=state, by=by, at=instant(at))


def contact_met(contact: str, visit: str, evidence: str, at: datetime) -> Entry:
    """A contact was named in a visit. `evidence`: the voice that names him, "" when the rep typed it."""
    return _entry("contact.met", contact=contact, visit=visit, evidence=evidence, at=instant(at))


def title_asked(title: HeardTitle) -> Entry:
    """A title was heard that nobody at this customer has; the rep is asked once, ever."""
    told = {"customer": title.customer, "name": title.title, "evidence": title.evidence, "rep": title.rep}
    return _entry("title.asked", title=title.id, **told, at=instant(title.at))


def title_answered(title: str, state: str, by: str, at: datetime) -> Entry:
    """`state`: registered | foreign (nobody of the customer's) | ignored."""
    return _entry("title.answered", title=title, state=state, by=by, at=instant(at))


def evidence_added(item: Evidence, *, mime: str, source: str, media: str = "", received_at: datetime) -> Entry:
    """`source`: platform and inbox key of the message that carried it; `media`: the platform's media id."""
    more = {name: value for name in ("scene", "told", "agent", "live", "name") if (value := getattr(item, name))}
    return _entry(
        "evidence.added",
        evidence=item.id,
        visit=item.visit,
        action=item.action,
        rep=item.rep,
        customer=item.customer,
        kind=item.kind,
        sha256=item.sha256,
        mime=mime,
        seconds=item.seconds,
        state=item.state.value,
        reasons=reasons_json(item.reasons),
        sent_at=instant(item.sent_at),
        received_at=instant(received_at),
        source=source,
        media=media,
        **more,
    )


def evidence_judged(item: Evidence) -> Entry:
    """A later judgement of the same item: state, reasons, and the action it now belongs to."""
    return _entry("evidence.judged", evidence=item.id, action=item.action, state=item.state.value, reasons=reasons_json(item.reasons))


def check_made(check: Check, *, source: str, wifi: str = "", exceptions: Iterable[str] = ()) -> Entry:
    more = {} if check.battery is None else {"battery": check.battery}
    return _entry(
        "check.made",
        check=check.id,
        rep=check.rep,
        customer=check.customer,
        site=check.site,
        at=instant(check.at),
        until=instant(check.until),
        point=point_json(check.point),
        state=check.state.value,
        distance_m=check.distance_m,
        device=check.device,
        reasons=reasons_json(check.reasons),
        place=check.place,
        wifi=wifi,
        exceptions=list(exceptions),
        source=source,
        **more,
    )


def check_decided(check: str, state: str, by: str, at: datetime, reason: str) -> Entry:
    """A director's tap on an exception or an uncertain fix; `state`: passed | refused."""
    return _entry("check.decided", check=check, state=state, by=by, at=instant(at), reason=reason)


def device_seen(device: str, person: str, platform: str, name: str, state: str, at: datetime) -> Entry:
    """`device` is our id, `name` the platform's device id; `state`: pending | active | recorded."""
    return _entry("device.seen", device=device, person=person, platform=platform, name=name, state=state, at=instant(at))


def device_decided(device: str, person: str, state: str, by: str, at: datetime) -> Entry:
    """`state`: active (the person's former active ones on that platform retire) | rejected."""
    return _entry("device.decided", device=device, person=person, state=state, by=by, at=instant(at))


def site_proposed(site: str, customer: str, name: str, point: Point, by: str, at: datetime) -> Entry:
    return _entry("site.proposed", site=site, customer=customer, name=name, point=point_json(point), by=by, at=instant(at))


def site_decided(site: str, state: str, by: str, at: datetime) -> Entry:
    """`state`: approved | rejected."""
    return _entry("site.decided", site=site, state=state, by=by, at=instant(at))


def approval_asked(approval: str, what: str, subject: str, rep: str, region: str, at: datetime, values: Json) -> Entry:
    """`what`: device | check | site | item (an appeal); `subject`: its id; `values`: what the director's card shows."""
    return _entry(
        "approval.asked", approval=approval, what=what, subject=subject, rep=rep, region=region, at=instant(at), values=dict(values)
    )


def approval_decided(approval: str, yes: bool, by: str, at: datetime) -> Entry:
    return _entry("approval.decided", approval=approval, yes=yes, by=by, at=instant(at))


def contact_added(
    contact: str, customer: str, name: str, title: str, role: str, phone: str, visit: str | None, by: str, at: datetime
) -> Entry:
    return _entry(
        "contact.added",
        contact=contact,
        customer=customer,
        name=name,
        title=title,
        role=role,
        phone=phone,
        visit=visit,
        by=by,
        at=instant(at),
    )


def note_added(note: str, customer: str, kind: str, month: str, text: str, by: str, at: datetime) -> Entry:
    """Why a standard action is missing; shown beside the gap, never raises the figure. `month`: YYYY-MM, local."""
    return _entry("note.added", note=note, customer=customer, kind=kind, month=month, text=text, by=by, at=instant(at))


def question_asked(person: str, op: str, arg: str, at: datetime) -> Entry:
    """The bot waits for one line from this person (a jump's reason, a snooze's reason); `op` "" = no longer."""
    return _entry("question.asked", person=person, op=op, arg=arg, at=instant(at))


def alert_raised(alert: Alert, owner: str | None) -> Entry:
    """A new incident. `owner`: the person whom it concerns, if any."""
    return _entry(
        "alert.raised",
        alert=alert.id,
        rule=alert.rule,
        subject=alert.subject,
        period=alert.period,
        region=alert.region,
        owner=owner,
        since=instant(alert.since),
        count=alert.count,
        told=alert.told,
        version=alert.version,
        values=dict(alert.values),
    )


def alert_grown(alert: str, count: int, values: Json) -> Entry:
    return _entry("alert.grown", alert=alert, count=count, values=dict(values))


def alert_escalated(alert: str, to: str, hours: float, at: datetime) -> Entry:
    """Nobody acknowledged it or did anything for so many hours: others hear of it. `to`: region | admin."""
    return _entry("alert.escalated", alert=alert, to=to, hours=hours, at=instant(at))


def alert_moved(alert: str, state: str, by: str, at: datetime, how: str, until: datetime | None = None, reason: str = "") -> Entry:
    """`state`: acknowledged | muted | resolved | firing.

    `how`: follow | false_alarm | mute | unmute | offline | snooze | cleared | back.
    """
    return _entry(
        "alert.moved",
        alert=alert,
        state=state,
        by=by,
        at=instant(at),
        how=how,
        until=instant(until) if until else None,
        reason=reason,
    )


def master_set(table: str, id_: str, columns: Mapping[str, Any]) -> Entry:
    """A row of master data as it now stands: the columns that were set.

    `table`: people | accounts | customers | purchases | holdings | sites | contacts.
    """
    values = {name: instant(value) if isinstance(value, datetime) else value for name, value in columns.items()}
    return _entry("master.set", table=table, id=id_, **values)


def deck_imported(deck: Deck, source: str, by: str, at: datetime) -> Entry:
    """A deck as it is shown from now on. `source`: SHA-256 of the file it was made from, or of its pages' digests."""
    pages = [{"large": one.large, "small": one.small, "width": one.width, "height": one.height} for one in deck.pages]
    return _entry("deck.imported", deck=deck.id, name=deck.name, tags=list(deck.tags), pages=pages, source=source, by=by, at=instant(at))


def deck_opened(shown: Presentation) -> Entry:
    """A rep asked for a deck; without a visit it is a rehearsal and counts nowhere."""
    same = {"deck": shown.deck, "rep": shown.rep, "visit": shown.visit, "customer": shown.customer, "name": shown.name}
    return _entry("presentation.opened", presentation=shown.id, **same, at=instant(shown.at))


def deck_closed(shown: Presentation, at: datetime) -> Entry:
    """How long each page was really looked at, in seconds."""
    total = round(sum(shown.seconds), 1)
    return _entry("presentation.closed", presentation=shown.id, seconds=list(shown.seconds), total=total, at=instant(at))


def signature_asked(signing: Signing, digest: str) -> Entry:
    """A rep asks for a customer's signature. `digest`: SHA-256 of the link's secret; `of`: the evidence that is signed."""
    same = {
        "rep": signing.rep,
        "visit": signing.visit,
        "customer": signing.customer,
        "what": signing.what,
        "subject_sha256": signing.sha256,
    }
    of, until = signing.file.evidence if signing.file else "", instant(signing.until)
    return _entry("signature.asked", signature=signing.id, **same, of=of, digest=digest, at=instant(signing.at), until=until)


def signature_given(signing: Signing, consent: str, agent: str) -> Entry:
    """Somebody of the customer's signed: who he says he is, the picture, what it is for, and the sentence that he agreed to.

    `agent`: what his browser says of itself; it decides nothing.
    """
    told = {"name": signing.name, "title": signing.title, "method": signing.method, "picture": signing.picture}
    at = instant(signing.signed_at or signing.at)
    of = {"customer": signing.customer, "evidence": signing.evidence, "subject_sha256": signing.sha256}
    return _entry("signature.given", signature=signing.id, **told, **of, consent=consent, agent=agent, at=at)


def signature_withdrawn(signature: str, by: str, at: datetime) -> Entry:
    """The link is of no use any more."""
    return _entry("signature.withdrawn", signature=signature, by=by, at=instant(at))


def material_sent(material: Material, digest: str) -> Entry:
    """A deck goes to somebody at a customer by a link of its own. `digest`: SHA-256 of the link's secret."""
    same = {"deck": material.deck, "name": material.name, "customer": material.customer, "by": material.by, "recipient": material.recipient}
    return _entry("material.sent", material=material.id, **same, digest=digest, at=instant(material.at), until=instant(material.until))


def material_opened(opening: Opening) -> Entry:
    """Whoever holds the link was told that views are counted, and opened it."""
    return _entry("material.opened", material=opening.material, opening=opening.id, at=instant(opening.at))


def material_read(opening: Opening, at: datetime) -> Entry:
    """How long each page was really looked at, in seconds."""
    total = round(sum(opening.seconds), 1)
    same = {"material": opening.material, "opening": opening.id, "seconds": list(opening.seconds), "total": total}
    return _entry("material.read", **same, at=instant(at))


def material_downloaded(opening: str, material: str, at: datetime) -> Entry:
    """The whole deck was taken away as a PDF."""
    return _entry("material.downloaded", material=material, opening=opening, at=instant(at))


def sandbox_granted(grant: str, customer: str, by: str, url: str, at: datetime, until: datetime) -> Entry:
    """Somebody at a customer may try the product until then; `url`: as it is configured."""
    return _entry("sandbox.granted", grant=grant, customer=customer, by=by, url=url, at=instant(at), until=instant(until))


def link_offered(link: str, person: str, digest: str, at: datetime, until: datetime) -> Entry:
    """A one-time code for another account of this person, by its SHA-256."""
    return _entry("link.offered", link=link, person=person, digest=digest, at=instant(at), until=instant(until))


def link_taken(link: str, person: str, platform: str, user: str, at: datetime) -> Entry:
    """The code was typed from this account, which is his from now on."""
    return _entry("link.taken", link=link, person=person, platform=platform, user=user, at=instant(at))


def person_left(person: str, by: str, at: datetime) -> Entry:
    """Somebody left the company: his access ends, what he recorded stays. `by`: a person's id or `import`."""
    return _entry("person.left", person=person, by=by, at=instant(at))


def customers_handed(frm: str, to: str, customers: Iterable[str], by: str, at: datetime) -> Entry:
    """Customers got another owner; what was recorded with them stays as it is."""
    return _entry("customers.handed", frm=frm, to=to, customers=list(customers), by=by, at=instant(at))


def facts_taken(kind: str, rows: list[Json], by: str, file: str, at: datetime) -> Entry:
    """Rows of another system, some hundred at a time; a later one of the same id is a correction.

    `by`: import | chat | api | hook | sample; `file`: SHA-256 of the file they stood in, "" for what was pushed.
    """
    return _entry("facts.taken", kind=kind, rows=rows, by=by, file=file, at=instant(at))


def fact_stated(fact: str, kind: str, values: Mapping[str, Any], person: str, source: str, at: datetime) -> Entry:
    """A fact that a person stated in chat (a forecast). `fact`: kind:id; `source`: platform and inbox key of the message."""
    return _entry("fact.stated", fact=fact, kind=kind, **values, by="chat", person=person, source=source, recorded_at=instant(at))


def import_asked(import_: str, kind: str, name: str, sha256_: str, by: str, chat: str, at: datetime) -> Entry:
    """An admin dropped a file into the chat. `kind` "": to be told by its header; `chat`: platform:user."""
    return _entry("import.asked", **{"import": import_}, kind=kind, name=name, sha256=sha256_, by=by, chat=chat, at=instant(at))


def import_ended(import_: str, state: str, why: str, refused: str, at: datetime) -> Entry:
    """`state`: done | failed; `refused`: SHA-256 of the file of refused rows, "" without any."""
    return _entry("import.ended", **{"import": import_}, state=state, why=why, refused=refused, at=instant(at))


def mark_set(mark: str, what: str, customer: str, why: Json, at: datetime) -> Entry:
    """A customer got a mark. `what`: silent | repurchase; `why`: the facts that it rests on, with where they come from."""
    return _entry("mark.set", mark=mark, what=what, customer=customer, why=dict(why), at=instant(at))


def mark_cleared(mark: str, customer: str, left: Json, at: datetime) -> Entry:
    """It no longer holds; `left`: what has changed."""
    return _entry("mark.cleared", mark=mark, customer=customer, left=dict(left), at=instant(at))


def import_done(kind: str, sha256: str, accepted: int, unchanged: int, rejected: int, by: str, at: datetime) -> Entry:
    """A file of master data or facts was taken in; the file itself lies in the vault under its digest."""
    return _entry("import.done", kind=kind, sha256=sha256, accepted=accepted, unchanged=unchanged, rejected=rejected, by=by, at=instant(at))


def dossier_asked(
    dossier: str, customer: str, since: datetime | None, until: datetime | None, without: list[str], by: str, at: datetime
) -> Entry:
    """Somebody wants a dossier; it is made outside of his message's step."""
    period = {"since": instant(since) if since else None, "until": instant(until) if until else None}
    return _entry("dossier.asked", dossier=dossier, customer=customer, **period, without=without, by=by, at=instant(at))


def dossier_failed(dossier: str, why: str, at: datetime) -> Entry:
    return _entry("dossier.failed", dossier=dossier, why=why, at=instant(at))


def dossier_made(dossier: str, customer: str, manifest: str, without: list[str], by: str, at: datetime) -> Entry:
    """A dossier was given out. `manifest`: SHA-256 of its list, so that nothing can be left out of it later."""
    return _entry("dossier.made", dossier=dossier, customer=customer, manifest=manifest, without=without, by=by, at=instant(at))


def export_asked(export: str, by: str, at: datetime) -> Entry:
    """An admin wants everything in one file; it is made outside of his message's step."""
    return _entry("export.asked", export=export, by=by, at=instant(at))


def export_failed(export: str, why: str, at: datetime) -> Entry:
    return _entry("export.failed", export=export, why=why, at=instant(at))


def export_made(export: str, manifest: str, by: str, at: datetime) -> Entry:
    """Everything was written into one file. `manifest`: SHA-256 of its list; `by`: a person's id or `command`."""
    return _entry("export.made", export=export, manifest=manifest, by=by, at=instant(at))


def report_made(report: str, region: str, kind: str, since: datetime, until: datetime, sha256_: str, at: datetime) -> Entry:
    """A health report was told to a region's directors. `sha256_`: its picture, which the vault keeps; `kind`: week | month."""
    told = {"region": region, "kind": kind, "since": instant(since), "until": instant(until)}
    return _entry("report.made", report=report, **told, sha256=sha256_, at=instant(at))


def survey_opened(survey: str, invited: int, at: datetime, closes: datetime) -> Entry:
    """All reps were asked, anonymously. `survey`: YYYY-MM."""
    return _entry("survey.opened", survey=survey, invited=invited, at=instant(at), closes=instant(closes))


def survey_closed(survey: str, answers: int, result: Mapping[str, int] | None, at: datetime) -> Entry:
    """What came of it: how many answered, and the sums by answer where they were enough that nobody can be told from them."""
    return _entry("survey.closed", survey=survey, answers=answers, result=dict(result) if result else None, at=instant(at))


def pilot_asked(region: str, live: bool, by: str, at: datetime) -> Entry:
    """A director or an admin wants a region's people to be told of red lights, or no longer; the config file is changed for it."""
    return _entry("pilot.asked", region=region, live=live, by=by, at=instant(at))


def document_filed(customer: str, rule: str, evidence: str, by: str, at: datetime) -> Entry:
    """An item of evidence is the paper that a document rule asks for; a later one takes its place."""
    return _entry("document.filed", document=f"{customer}:{rule}", customer=customer, rule=rule, evidence=evidence, by=by, at=instant(at))


def consent_shown(person: str, version: str, sha256_: str, purposes: Iterable[str], at: datetime) -> Entry:
    """A person was told what is kept of him, in the text of this digest."""
    return _entry("consent.shown", person=person, version=version, sha256=sha256_, purposes=list(purposes), at=instant(at))


def consent_given(person: str, purposes: Iterable[str], version: str, at: datetime) -> Entry:
    return _entry("consent.given", person=person, purposes=list(purposes), version=version, at=instant(at))


def consent_withdrawn(person: str, purposes: Iterable[str], version: str, at: datetime) -> Entry:
    return _entry("consent.withdrawn", person=person, purposes=list(purposes), version=version, at=instant(at))


def content_erased(
    what: str, subject: str, indexes: Iterable[int], digests: Iterable[str], sources: Iterable[str], by: str, reason: str, at: datetime
) -> Entry:
    """A tombstone: these entries' bodies and salts, these files and these platform messages were destroyed. Their leaves still stand.

    `what`: person | record | retention. The digests name what no longer exists; they say nothing about it.
    """
    return _entry(
        "content.erased",
        what=what,
        subject=subject,
        indexes=list(indexes),
        digests=list(digests),
        sources=list(sources),
        by=by,
        reason=reason,
        at=instant(at),
    )


def statement_made(statement: str, action: str, by: str, text: str, at: datetime) -> Entry:
    """What its rep or his director has to say about an action (申诉). It changes no verdict; it stands beside it for good."""
    return _entry("statement.made", statement=statement, action=action, by=by, text=text, at=instant(at))


def record_viewed(record: str, person: str, at: datetime, how: str) -> Entry:
    """Somebody looked at a record, or at an original of it; `how`: page | api | chat."""
    return _entry("record.viewed", record=record, person=person, at=instant(at), how=how)


def config_applied(sha256: str, at: datetime, *, how: str = "file", by: str = "", proposal: str = "") -> Entry:
    """From here on, figures and alerts are computed under this config. `how`: file | chat | undo; its file lies in the vault."""
    return _entry("config.applied", sha256=sha256, at=instant(at), how=how, by=by, proposal=proposal)


def config_proposed(proposal: str, sha256: str, edit: str, by: str, at: datetime) -> Entry:
    """An admin sent a config as a file (its digest), or one value to change in the present one (`edit`)."""
    return _entry("config.proposed", proposal=proposal, sha256=sha256, edit=edit, by=by, at=instant(at))


def config_checked(proposal: str, sha256: str, base: str, problems: int, at: datetime) -> Entry:
    """It was read beside the config in force then (`base`). `problems`: how many it has; with none it can be put in force."""
    return _entry("config.checked", proposal=proposal, sha256=sha256, base=base, problems=problems, at=instant(at))


def config_moved(proposal: str, state: str, by: str, at: datetime, effect: Json | None = None) -> Entry:
    """What became of it. `state`: shown | approved | dropped | stale | undoing; `effect` of one that is shown: more, fewer, people."""
    return _entry("config.moved", proposal=proposal, state=state, by=by, at=instant(at), effect=dict(effect) if effect else None)
