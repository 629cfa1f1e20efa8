"""Destroying content: bodies and salts of entries, projections that came of them, platform messages. The leaves stay.

What a refold of the remaining entries would not make again must not stand in the tables either; so a thing is erased with everything
that is said about it, never half.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

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
    PersonRow,
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
Row = TypeVar("Row", bound=Model)
BY_PERSON = frozenset({"question", "scene"})
PAGE = 500


@dataclass(slots=True)
class Doomed:
    """What is to be destroyed: ids of things, entries, files, platform messages."""

    things: dict[str, set[str]] = field(default_factory=dict)
    indexes: list[int] = field(default_factory=list)
    digests: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    reports: set[str] | None = None  # regions of which the reports that were told go, for they list names

    def has(self, kind: str, id_: object) -> bool:
        return id_ in self.things.get(kind, ())


async def of_person(person: str) -> Doomed:
    """Everything that a person did: visits, actions and what was said about them, evidence, checks, devices, questions,
    approvals asked for, his messages, and the pictures of reports that list reps of his regions."""
    doomed = Doomed()
    owned = {"visit": (VisitRow, "rep"), "action": (ActionRow, "rep"), "evidence": (EvidenceRow, "rep"), "check": (CheckRow, "rep")}
    others = {"device": (DeviceRow, "person"), "approval": (ApprovalRow, "rep"), "link": (LinkRow, "person")}
    others |= {"presentation": (PresentationRow, "rep"), "signature": (SigningRow, "rep"), "material": (MaterialRow, "by")}
    for kind, (table, column) in (owned | others).items():
        doomed.things[kind] = {str(row.pk) for row in await table.filter(**{column: person})}
    doomed.things["fact"] = {row.id for row in await FactRow.filter(rep=person, by="chat").only("id")}
    doomed.things |= {kind: {person} for kind in BY_PERSON}
    doomed.reports = await _regions(person)
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
    return found | {row.id for row in await _among(StatementRow, "action", ids)}


async def _regions(person: str) -> set[str]:
    """Where a report may have listed him: his region, those in which he acted, and "", a report of all of them."""
    known = await PersonRow.get_or_none(id=person)
    acted = await ActionRow.filter(rep=person).distinct().values_list("region", flat=True)
    return {"", *map(str, acted), *([known.region] if known else [])}


async def _among(table: type[Row], column: str, ids: Iterable[str]) -> list[Row]:
    """Rows whose column is one of these; a page of them at once, for a statement takes no more than some 32,000 values."""
    wanted, found = sorted(ids), []
    for start in range(0, len(wanted), PAGE):
        found += await table.filter(**{f"{column}__in": wanted[start : start + PAGE]})
    return found


async def _drop(table: type[Model], column: str, ids: Iterable[str]) -> None:
    wanted = sorted(ids)
    for start in range(0, len(wanted), PAGE):
        await table.filter(**{f"{column}__in": wanted[start : start + PAGE]}).delete()


async def of_items(ids: Iterable[str]) -> Doomed:
    """Items of evidence whose time is over."""
    items = await _among(EvidenceRow, "id", ids)
    return await _completed(Doomed(things={"evidence": {row.id for row in items}}, sources={row.source for row in items if row.source}))


async def _completed(doomed: Doomed) -> Doomed:
    """With the entries that speak of these things, and the files that nothing else names."""
    items = await _among(EvidenceRow, "id", doomed.things.get("evidence", ()))
    ids = {row.id for row in items}
    given = [*await _among(SigningRow, "evidence", ids), *await _among(SigningRow, "id", doomed.things.get("signature", ()))]
    doomed.things["signature"] = {row.id for row in given}  # who signed, and what he wrote, goes with the signature
    doomed.sources |= {f"internal:signature:{row.id}" for row in given}
    mine = {row.sha256 for row in items if row.sha256} | {row.picture for row in given if row.picture}
    copies = await _among(DerivedRow, "evidence", ids)
    kept = {row.sha256 for row in await _among(EvidenceRow, "sha256", mine) if row.id not in ids}
    doomed.digests = (mine - kept) | {row.sha256 for row in copies}
    doomed.sources -= await _shared(doomed)
    async for index, _, entry in ledger_rows.entries():
        if _speaks(doomed, entry.type, entry.body):
            doomed.indexes.append(index)
            if entry.type == "report.made":
                doomed.digests.add(str(entry.body["sha256"]))
    return doomed


async def _shared(doomed: Doomed) -> set[str]:
    """Messages that something else still comes from: several files may have come in one."""
    items = [row for row in await _among(EvidenceRow, "source", doomed.sources) if not doomed.has("evidence", row.id)]
    actions = [row for row in await _among(ActionRow, "source", doomed.sources) if not doomed.has("action", row.id)]
    return {row.source for row in items} | {row.source for row in actions}


def _speaks(doomed: Doomed, type_: str, body: Json) -> bool:
    kind = type_.partition(".")[0]
    if type_ == "report.made":
        return doomed.reports is not None and body["region"] in doomed.reports
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
    actions = doomed.things.get("action", set())
    customers = {row.customer for row in await _among(ActionRow, "id", actions)}
    counted = await _counted(doomed)
    await _drop(TurnRow, "action", actions)
    for kind, ids in doomed.things.items():
        table, column = THINGS[kind]
        await _drop(table, column, ids)
    await _drop(OpeningRow, "material", doomed.things.get("material", ()))
    await month_fold.gone(await _among(DeedRow, "action", actions))
    await _drop(DeedRow, "action", actions)
    await _drop(FactBefore, "fact", doomed.things.get("fact", ()))
    for queue in (DerivedRow, Derivation, SignJob, VoiceJob, TranscriptRow, CardRow):
        await _drop(queue, "evidence", doomed.things.get("evidence", ()))
    await _drop(OriginalRow, "sha256", doomed.digests)
    await _drop(PhotoPrint, "photo", doomed.digests)
    if doomed.reports is not None:  # their cards named the reps too
        await Outbox.filter(template="card/report", state="sent").update(body=json.loads("{}"))
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
        for row in await _among(THINGS[kind][0], "id", doomed.things.get(kind, ())):
            moments.setdefault(row.rep, set()).add(getattr(row, column))  # type: ignore[attr-defined] # all three are a rep's
    deeds = await _among(DeedRow, "action", doomed.things.get("action", ()))
    items = await _among(EvidenceRow, "id", doomed.things.get("evidence", ()))
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
