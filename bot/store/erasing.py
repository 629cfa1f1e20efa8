"""Destroying content: bodies and salts of entries, projections that came of them, platform messages. The leaves stay.

What a refold of the remaining entries would not make again must not stand in the tables either; so a thing is erased with everything
that is said about it, never half.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tortoise import Model
from tortoise.expressions import Q

from bot.model import Json, Platform
from bot.store import figure_fold, ledger_rows, master_fold, month_fold
from bot.store.tables import (
    Account,
    ActionRow,
    ApprovalRow,
    Body,
    CardRow,
    CheckRow,
    DeedRow,
    Derivation,
    DerivedRow,
    DeviceRow,
    EvidenceRow,
    FactBefore,
    FactRow,
    Inbox,
    LinkRow,
    MaterialRow,
    OpeningRow,
    OriginalRow,
    Outbox,
    PhotoPrint,
    PresentationRow,
    QuestionRow,
    SceneRow,
    SigningRow,
    SignJob,
    StatementRow,
    TranscriptRow,
    TurnRow,
    VisitRow,
    VoiceJob,
)

# Which table an entry's own thing lies in, and by which column.
THINGS: dict[str, tuple[type[Model], str]] = {
    "visit": (VisitRow, "id"),
    "action": (ActionRow, "id"),
    "evidence": (EvidenceRow, "id"),
    "check": (CheckRow, "id"),
    "device": (DeviceRow, "id"),
    "link": (LinkRow, "id"),
    "presentation": (PresentationRow, "id"),
    "fact": (FactRow, "id"),
    "signature": (SigningRow, "id"),
    "material": (MaterialRow, "id"),
    "approval": (ApprovalRow, "id"),
    "statement": (StatementRow, "id"),
    "question": (QuestionRow, "person"),
    "scene": (SceneRow, "person"),
}
BY_PERSON = frozenset({"question", "scene"})
PAGE = 500


@dataclass(slots=True)
class Doomed:
    """What is to be destroyed: ids of things, entries, files, platform messages."""

    things: dict[str, set[str]] = field(default_factory=dict)
    indexes: list[int] = field(default_factory=list)
    digests: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)

    def has(self, kind: str, id_: object) -> bool:
        return id_ in self.things.get(kind, ())


async def of_person(person: str) -> Doomed:
    """Everything that a person did: visits, actions and what was said about them, evidence, checks, devices, questions,
    approvals asked for, and his messages."""
    doomed = Doomed()
    owned = {"visit": (VisitRow, "rep"), "action": (ActionRow, "rep"), "evidence": (EvidenceRow, "rep"), "check": (CheckRow, "rep")}
    others = {"device": (DeviceRow, "person"), "approval": (ApprovalRow, "rep"), "link": (LinkRow, "person")}
    others |= {"presentation": (PresentationRow, "rep"), "signature": (SigningRow, "rep"), "material": (MaterialRow, "by")}
    for kind, (table, column) in (owned | others).items():
        doomed.things[kind] = {str(row.pk) for row in await table.filter(**{column: person})}
    doomed.things["fact"] = {row.id for row in await FactRow.filter(rep=person, by="chat").only("id")}
    doomed.things |= {kind: {person} for kind in BY_PERSON}
    doomed.things["statement"] = await _statements(doomed.things["action"], by=person)
    users = [(row.platform, row.user) for row in await Account.filter(person=person)] + [(Platform.PAGE.value, person)]
    for platform, user in users:
        doomed.sources |= {f"{platform}:{row.key}" for row in await Inbox.filter(platform=platform, sender=user).only("key")}
    return await _completed(doomed)


async def of_record(id_: str) -> Doomed:
    """An action with its evidence, or one item of evidence. Raises LookupError for what is neither."""
    items = await EvidenceRow.filter(Q(id=id_) | Q(action=id_))
    actions = await ActionRow.filter(id=id_)
    if not items and not actions:
        raise LookupError(id_)
    doomed = Doomed(things={"evidence": {row.id for row in items}, "action": {row.id for row in actions}})
    doomed.things["statement"] = await _statements(row.id for row in actions)
    doomed.sources = {row.source for row in items if row.source} | {row.source for row in actions if row.source}
    return await _completed(doomed)


async def _statements(actions: Iterable[str], by: str = "") -> set[str]:
    """What was said about these actions, and what this person said about any."""
    ids, found = sorted(actions), {row.id for row in await StatementRow.filter(by=by).only("id")} if by else set()
    for start in range(0, len(ids), PAGE):
        found |= {row.id for row in await StatementRow.filter(action__in=ids[start : start + PAGE]).only("id")}
    return found


async def of_items(ids: Iterable[str]) -> Doomed:
    """Items of evidence whose time is over."""
    items = await EvidenceRow.filter(id__in=list(ids))
    return await _completed(Doomed(things={"evidence": {row.id for row in items}}, sources={row.source for row in items if row.source}))


async def _completed(doomed: Doomed) -> Doomed:
    """With the entries that speak of these things, and the files that nothing else names."""
    items = await EvidenceRow.filter(id__in=list(doomed.things.get("evidence", ())))
    given = await SigningRow.filter(Q(evidence__in=[row.id for row in items]) | Q(id__in=list(doomed.things.get("signature", ()))))
    doomed.things["signature"] = {row.id for row in given}  # who signed, and what he wrote, goes with the signature
    doomed.sources |= {f"internal:signature:{row.id}" for row in given}
    mine = {row.sha256 for row in items if row.sha256} | {row.picture for row in given if row.picture}
    copies = await DerivedRow.filter(evidence__in=[row.id for row in items])
    kept = {row.sha256 for row in await EvidenceRow.filter(sha256__in=list(mine)).exclude(id__in=[row.id for row in items])}
    doomed.digests = (mine - kept) | {row.sha256 for row in copies}
    doomed.sources -= await _shared(doomed)
    async for index, _, entry in ledger_rows.entries():
        if _speaks(doomed, entry.type, entry.body):
            doomed.indexes.append(index)
    return doomed


async def _shared(doomed: Doomed) -> set[str]:
    """Messages that something else still comes from: several files may have come in one."""
    wanted = list(doomed.sources)
    items = await EvidenceRow.filter(source__in=wanted).exclude(id__in=list(doomed.things.get("evidence", ()))).only("source")
    actions = await ActionRow.filter(source__in=wanted).exclude(id__in=list(doomed.things.get("action", ()))).only("source")
    return {row.source for row in items} | {row.source for row in actions}


def _speaks(doomed: Doomed, type_: str, body: Json) -> bool:
    kind = type_.partition(".")[0]
    if kind == "card":
        return doomed.has("evidence", body["evidence"])
    if kind in doomed.things:
        return doomed.has(kind, body.get("person" if kind in BY_PERSON else kind))
    if kind == "message":
        return body["source"] in doomed.sources
    return kind in ("original", "photo") and body.get(kind) in doomed.digests


async def destroy(doomed: Doomed) -> None:
    """Inside the step that records the tombstone. Files are destroyed after it."""
    for start in range(0, len(doomed.indexes), PAGE):
        await Body.filter(index__in=doomed.indexes[start : start + PAGE]).update(body=None, salt=None)
    actions = list(doomed.things.get("action", ()))
    customers = {row.customer for row in await ActionRow.filter(id__in=actions)}
    counted = await _counted(doomed)
    await TurnRow.filter(action__in=actions).delete()
    for kind, ids in doomed.things.items():
        table, column = THINGS[kind]
        await table.filter(**{f"{column}__in": list(ids)}).delete()
    await OpeningRow.filter(material__in=list(doomed.things.get("material", ()))).delete()
    evidence = list(doomed.things.get("evidence", ()))
    await DerivedRow.filter(evidence__in=evidence).delete()
    await Derivation.filter(evidence__in=evidence).delete()
    await month_fold.gone(await DeedRow.filter(action__in=actions))
    await DeedRow.filter(action__in=actions).delete()
    await FactBefore.filter(fact__in=list(doomed.things.get("fact", ()))).delete()
    for queue in (SignJob, VoiceJob, TranscriptRow, CardRow):
        await queue.filter(evidence__in=evidence).delete()
    await OriginalRow.filter(sha256__in=list(doomed.digests)).delete()
    await PhotoPrint.filter(photo__in=list(doomed.digests)).delete()
    for customer in customers:
        await master_fold.refresh_silence(customer)
    await _recount(counted)
    await _messages(sorted(doomed.sources))


@dataclass(frozen=True, slots=True)
class _Counted:
    """Where figures counted what is going: stages that it proved, actions whose chain it was in, and when it was sent, by rep."""

    stages: set[tuple[str, str]]
    actions: set[str]
    moments: dict[str, set[datetime]]


async def _counted(doomed: Doomed) -> _Counted:
    moments: dict[str, set[datetime]] = {}
    for kind, column in (("visit", "started_at"), ("action", "at"), ("evidence", "sent_at")):
        for row in await THINGS[kind][0].filter(id__in=list(doomed.things.get(kind, ()))):
            moments.setdefault(row.rep, set()).add(getattr(row, column))  # type: ignore[attr-defined] # all three are a rep's
    deeds = await DeedRow.filter(action__in=list(doomed.things.get("action", ())))
    items = await EvidenceRow.filter(id__in=list(doomed.things.get("evidence", ()))).only("action")
    return _Counted({(row.customer, row.stage) for row in deeds}, {row.action for row in items if row.action}, moments)


async def _recount(counted: _Counted) -> None:
    await figure_fold.milestones(counted.stages)
    await figure_fold.chain(counted.actions)
    for rep, moments in counted.moments.items():
        await figure_fold.effort(rep, *moments)


async def _messages(sources: Sequence[str]) -> None:
    """The payload goes, the key stays: the same message redelivered must not come back to life."""
    for source in sources:
        platform, _, key = source.partition(":")
        await Inbox.filter(platform=platform, key=key).update(payload=b"", media=None)


async def letters_of(person: str) -> None:
    """What was written to a person, once it was sent."""
    for account in await Account.filter(person=person):
        await Outbox.filter(platform=account.platform, recipient=f"user:{account.user}", state="sent").update(body=json.loads("{}"))


async def overdue(kind: str, before: datetime, held: Iterable[str], limit: int) -> list[str]:
    """Items of a kind that are older, of nobody on hold."""
    hold = list(held)
    rows = EvidenceRow.filter(kind=kind, sent_at__lt=before).exclude(Q(rep__in=hold) | Q(customer__in=hold))
    return [row.id for row in await rows.order_by("sent_at").limit(limit).only("id")]
