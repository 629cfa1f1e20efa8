"""Photos that count and may show the customer's name: queued in the step that counted them, read beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Entry, EvidenceState, SentCard
from bot.store import convert
from bot.store.tables import CardRow, CustomerRow, EvidenceRow, SignJob

TRIES = 5
FIRST_WAIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRead:
    """One photo to be read, and the names to look for."""

    evidence: str
    sha256: str
    mime: str
    names: tuple[str, ...]


async def queue(done: Sequence[Entry], now: datetime) -> None:
    """Inside the step."""
    judged = [entry.body for entry in done if entry.type in ("evidence.added", "evidence.judged")]
    counted = [str(body["evidence"]) for body in judged if body["state"] == EvidenceState.COUNTED.value]
    cards = [str(entry.body["evidence"]) for entry in done if entry.type == "card.sent"]
    if cards:
        await SignJob.bulk_create([SignJob(evidence=one, due_at=now) for one in cards], ignore_conflicts=True)
    photos = await EvidenceRow.filter(id__in=counted, kind="photo", sign=None).only("id") if counted else []
    if photos:
        await SignJob.bulk_create([SignJob(evidence=row.id, due_at=now) for row in photos], ignore_conflicts=True)


async def due(now: datetime, limit: int) -> list[str]:
    return [row.evidence for row in await SignJob.filter(due_at__lte=now).order_by("due_at").limit(limit)]


async def wanted(evidence: str) -> ToRead | None:
    """None when nobody needs it any more: it counts no longer, or the name was seen on a photo of the visit already."""
    row = await EvidenceRow.get_or_none(id=evidence, state=EvidenceState.COUNTED.value)
    if row is None or not row.sha256 or row.sign:
        return None
    others = await EvidenceRow.filter(visit=row.visit, kind="photo").exclude(sign=None).only("sign")
    customer = await CustomerRow.get_or_none(id=row.customer)
    if customer is None or any(other.sign["seen"] for other in others):
        return None
    return ToRead(evidence=evidence, sha256=row.sha256, mime=row.mime, names=(customer.name, *customer.aliases))


async def card(evidence: str) -> tuple[SentCard, str, str, str] | None:
    """A business card that waits to be read, with its file's digest and type, and the customer's name; None for anything else."""
    row = await CardRow.get_or_none(evidence=evidence, state="sent")
    item = await EvidenceRow.get_or_none(id=evidence)
    if row is None or item is None or not item.sha256:
        return None
    customer = await CustomerRow.get_or_none(id=row.customer)
    return convert.card(row), item.sha256, item.mime, customer.name if customer else row.customer


async def done(evidence: str) -> None:
    await SignJob.filter(evidence=evidence).delete()


async def later(evidence: str, now: datetime) -> None:
    """Try again, ever later; after the last try a person is asked at the visit's end all the same."""
    row = await SignJob.get_or_none(evidence=evidence)
    if row is None:
        return
    if row.attempts + 1 >= TRIES:
        await row.delete()
        return
    await SignJob.filter(evidence=evidence).update(attempts=row.attempts + 1, due_at=now + FIRST_WAIT * 2**row.attempts)
