"""Photos that count and want a watermarked copy: queued in the step that counted them, made beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Action, Entry, Evidence, EvidenceState
from bot.store import convert
from bot.store.tables import ActionRow, CustomerRow, Derivation, DerivedRow, EvidenceRow, PersonRow

TRIES = 8
FIRST_WAIT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One copy to be made."""

    item: Evidence
    mime: str
    action: Action | None
    rep_name: str
    customer_name: str


async def queue(done: Sequence[Entry], now: datetime) -> None:
    """Inside the step."""
    touched = [str(entry.body["evidence"]) for entry in done if entry.type in ("evidence.added", "evidence.judged")]
    counted = [one for one in touched if one in _counted(done)]
    photos = await EvidenceRow.filter(id__in=counted, kind="photo").only("id") if counted else []
    made = {row.evidence for row in await DerivedRow.filter(evidence__in=[row.id for row in photos])} if photos else set()
    rows = [Derivation(evidence=row.id, due_at=now) for row in photos if row.id not in made]
    if rows:
        await Derivation.bulk_create(rows, ignore_conflicts=True)


def _counted(done: Sequence[Entry]) -> set[str]:
    state = EvidenceState.COUNTED.value
    return {
        str(entry.body["evidence"])
        for entry in done
        if entry.type in ("evidence.added", "evidence.judged") and entry.body["state"] == state
    }


async def due(now: datetime, limit: int) -> list[str]:
    return [row.evidence for row in await Derivation.filter(due_at__lte=now).order_by("due_at").limit(limit)]


async def wanted(evidence: str) -> Wanted | None:
    """None when there is nothing to make any more: withdrawn, erased, or made already."""
    row = await EvidenceRow.get_or_none(id=evidence, state=EvidenceState.COUNTED.value)
    if row is None or not row.sha256 or await DerivedRow.exists(evidence=evidence):
        return None
    action = await ActionRow.get_or_none(id=row.action) if row.action else None
    person, customer = await PersonRow.get_or_none(id=row.rep), await CustomerRow.get_or_none(id=row.customer)
    return Wanted(
        item=convert.evidence(row),
        mime=row.mime,
        action=convert.action(action, []) if action else None,
        rep_name=person.name if person else row.rep,
        customer_name=customer.name if customer else row.customer,
    )


async def done(evidence: str) -> None:
    await Derivation.filter(evidence=evidence).delete()


async def later(evidence: str, now: datetime) -> None:
    """Try again, ever later; after the last try it is given up: the original is there all the same."""
    row = await Derivation.get_or_none(evidence=evidence)
    if row is None:
        return
    if row.attempts + 1 >= TRIES:
        await row.delete()
        return
    await Derivation.filter(evidence=evidence).update(attempts=row.attempts + 1, due_at=now + FIRST_WAIT * 2**row.attempts)
