"""Voices that are to be heard: queued in the step that recorded them, heard beside it; and what is known of those that were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.hearing.deciding import Voice
from bot.model import Entry, EvidenceState, Transcript
from bot.store import convert
from bot.store.tables import (
    ActionRow,
    ContactRow,
    CustomerRow,
    EvidenceRow,
    QuestionRow,
    TitleRow,
    TranscriptRow,
    VoiceJob,
)

ANSWERABLE = timedelta(minutes=30)  # how long a question waits for its line
TRIES = 3
FIRST_WAIT = timedelta(seconds=10)
UNHEARABLE = frozenset({EvidenceState.LOST.value})
REFUSED_BUT_WHOLE = frozenset({"voice.short"})  # too short for its stage, and still somebody's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many voices wait, and since when the oldest does; how many were given up."""

    depth: int
    oldest: datetime | None
    given_up: int


async def queue(done: Sequence[Entry], now: datetime) -> None:
    """Inside the step: voices whose file is here and whole, each once."""
    touched = {str(entry.body["evidence"]) for entry in done if entry.type in ("evidence.added", "evidence.judged")}
    rows = await EvidenceRow.filter(id__in=sorted(touched), kind="voice") if touched else []
    whole = [row.id for row in rows if row.sha256 and _whole(row)]
    heard = {row.evidence for row in await TranscriptRow.filter(evidence__in=whole).only("evidence")} if whole else set()
    jobs = [VoiceJob(evidence=id_, due_at=now, queued_at=now) for id_ in whole if id_ not in heard]
    if jobs:
        await VoiceJob.bulk_create(jobs, ignore_conflicts=True)


def _whole(row: EvidenceRow) -> bool:
    if row.state == EvidenceState.REFUSED.value:
        return {reason["code"] for reason in row.reasons} <= REFUSED_BUT_WHOLE
    return row.state not in UNHEARABLE


async def due(now: datetime) -> str | None:
    """The voice that is next."""
    row = await VoiceJob.filter(due_at__lte=now).order_by("due_at", "evidence").first()
    return row.evidence if row else None


async def waiting() -> Waiting:
    oldest = await VoiceJob.all().order_by("queued_at").first()
    return Waiting(
        depth=await VoiceJob.all().count(),
        oldest=oldest.queued_at if oldest else None,
        given_up=await TranscriptRow.filter(state="unheard").count(),
    )


async def mime_of(evidence: str) -> str:
    row = await EvidenceRow.get_or_none(id=evidence)
    return row.mime if row else ""


async def voice(evidence: str, now: datetime) -> Voice | None:
    """With what is known around it; None when nobody needs its words any more: erased, or heard already."""
    row = await EvidenceRow.get_or_none(id=evidence)
    if row is None or not row.sha256 or await TranscriptRow.exists(evidence=evidence):
        return None
    action = await ActionRow.get_or_none(id=row.action) if row.action else None
    customer = await CustomerRow.get_or_none(id=row.customer)
    beside = await EvidenceRow.filter(action=row.action, kind="voice").only("id") if row.action else []
    return Voice(
        item=convert.evidence(row),
        stage=action.stage if action else "",
        customer_name=customer.name if customer else row.customer,
        contacts=tuple(convert.contact(one) for one in await ContactRow.filter(customer=row.customer)),
        titles=tuple(convert.title(one) for one in await TitleRow.filter(customer=row.customer)),
        asked=await QuestionRow.filter(person=row.rep, at__gte=now - ANSWERABLE).exclude(op="transcript").exists(),
        others=tuple(one.text for one in await transcripts([other.id for other in beside])),
    )


async def transcripts(evidence: Iterable[str]) -> list[Transcript]:
    """Of these voices, oldest first."""
    rows = await TranscriptRow.filter(evidence__in=list(evidence)).order_by("sent_at", "evidence")
    return [convert.transcript(row) for row in rows]


async def done(evidence: str) -> None:
    await VoiceJob.filter(evidence=evidence).delete()


async def drop_all() -> None:
    """Nobody is there to hear them."""
    if await VoiceJob.all().exists():
        await VoiceJob.all().delete()


async def later(evidence: str, now: datetime) -> bool:
    """Try again, ever later; False after the last try."""
    row = await VoiceJob.get_or_none(evidence=evidence)
    if row is None or row.attempts + 1 >= TRIES:
        return False
    await VoiceJob.filter(evidence=evidence).update(attempts=row.attempts + 1, due_at=now + FIRST_WAIT * 2**row.attempts)
    return True
