"""Recordings of scenes that nobody submitted yet: the rep is reminded once, and then they expire, visibly."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot import entries
from bot.calendar import days
from bot.config.schema import Config
from bot.entries import parse_instant
from bot.hearing.deciding import draft_key, marks_of
from bot.hearing.marks import marked
from bot.model import Address, Draft, Entry, Json, Outgoing, Transcript, TranscriptState
from bot.rules.working import next_working_minute
from bot.store import voices
from bot.store.tables import CustomerRow

REMIND, EXPIRE = "draft.remind", "draft.expire"
ENDED = frozenset({"evidence.submitted", "evidence.expired"})


def drafts_due(done: Sequence[Entry], config: Config) -> list[tuple[str, str, datetime | None]]:
    """Deadlines that these entries set or lift."""
    rows: list[tuple[str, str, datetime | None]] = []
    for entry in done:
        if entry.type == "evidence.heard" and entry.body["state"] == TranscriptState.DRAFT.value:
            at = parse_instant(entry.body["at"])
            rows.append((REMIND, _subject(entry), at + timedelta(hours=config.voice.remind_hours)))
            rows.append((EXPIRE, _subject(entry), at + timedelta(hours=config.voice.expire_hours)))
        elif entry.type in ENDED:
            rows += [(REMIND, _subject(entry), None), (EXPIRE, _subject(entry), None)]
    return rows


def _subject(entry: Entry) -> str:
    return f"draft:{entry.body['evidence']}"


async def draft_due(evidence: str, what: str, due_at: datetime, config: Config, now: datetime) -> Draft:
    """A draft's deadline has passed; nothing when it was submitted or erased meanwhile."""
    found = await voices.transcripts([evidence])
    if not found or found[0].state is not TranscriptState.DRAFT:
        return Draft()
    draft = found[0]
    customer = await CustomerRow.get_or_none(id=draft.customer)
    name = customer.name if customer else draft.customer
    scene = config.scene(draft.scene)
    told = {"customer": name, "scene": scene.name if scene else draft.scene}
    if what == REMIND:
        until = due_at + timedelta(hours=config.voice.expire_hours - config.voice.remind_hours)
        return Draft(messages=(_to(draft, "remind", "reply/draft_waits", {**told, "until": entries.instant(until)}, config, now),))
    card = Outgoing(
        key=f"{draft_key(evidence)}:expired",
        to=Address(person=draft.rep),
        template="card/draft",
        values={
            **told,
            "text": marked(draft.text, marks_of(draft.marks)),
            "evidence": evidence,
            "keywords": [],
            "state": "expired",
        },
        edits=draft_key(evidence),
    )
    notice = _to(draft, "expired", "reply/draft_expired", told, config, now)
    return Draft(entries=(entries.evidence_expired(evidence, now),), messages=(notice, card))


def _to(draft: Transcript, what: str, template: str, told: Json, config: Config, now: datetime) -> Outgoing:
    """The bot starts this by itself, so it waits for working hours."""
    held = next_working_minute(now, config.privacy, config.zone, *days(config))
    to = Address(person=draft.rep)
    return Outgoing(key=f"draft:{draft.evidence}:{what}", to=to, template=template, values=told, not_before=held)
