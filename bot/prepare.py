"""Between claiming and deciding: fetch what the message points at, and read the native records that it may rest on."""

import asyncio
import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from bot import failpoint, submission
from bot.consent import MEDIA, Consents, withheld
from bot.errors import FetchError, SalesTraceError
from bot.evidence.alike import LIKENESS
from bot.line import Line
from bot.model import OURS, Envelope, Interaction, Json, Kind, MediaFile, MediaRef, Person, Platform, Role
from bot.ports import Adapter
from bot.store import people, twins
from bot.store.inbox_rows import Claimed
from bot.vault import sm3_of

OVERLAP = timedelta(minutes=10)
LOOKBACK = timedelta(hours=24)
WAITS = (1, 2, 4, 8, 15, 30, 60, 120, 300)  # seconds between tries at a platform's file


class Later(SalesTraceError):
    """Try this row again after `wait`; `media` is what was fetched so far."""

    def __init__(self, reason: str, attempts: int, media: Sequence[Json]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = timedelta(seconds=WAITS[min(attempts, len(WAITS) - 1)])
        self.media = media


class Behind(SalesTraceError):
    """Records came in that this row must be judged after."""


def read(envelope: Envelope, adapters: Mapping[Platform, Adapter]) -> Interaction:
    """Platform payloads through their adapter, internal ones here."""
    if envelope.platform is Platform.PAGE:
        return submission.read(envelope)
    if envelope.platform is not Platform.INTERNAL:
        return adapters[envelope.platform].read(envelope)
    told = json.loads(envelope.payload)
    return Interaction(
        platform=Platform.INTERNAL,
        key=envelope.key,
        sender=envelope.sender,
        kind=Kind(told["kind"]),
        told=told,
        sent_at=envelope.received_at,
        received_at=envelope.received_at,
    )


async def prepare(line: Line, claimed: Claimed, interaction: Interaction, person: Person | None) -> tuple[MediaFile, ...]:
    """Return the fetched files. Raises Later or Behind; never loses the row."""
    if person is None:
        return ()
    consents = await people.consents(person.id) if Role.REP in person.roles else None
    media = await _media(line, claimed, interaction, consents)
    placed = consents is None or not withheld(line.config(), consents, "location")
    if Role.REP in person.roles and interaction.kind is not Kind.CHECKIN and placed:
        await _records(line, claimed, interaction, person)
    return media


async def _media(line: Line, claimed: Claimed, interaction: Interaction, consents: Consents | None) -> tuple[MediaFile, ...]:
    have = {item["ref"]["id"]: _file(item) for item in claimed.media}
    for ref in interaction.media:
        if ref.id in have:
            continue
        asked = MEDIA.get(ref.kind)
        if asked and consents is not None and (why := withheld(line.config(), consents, asked)):
            have[ref.id] = MediaFile(ref=ref, sha256=None, problem=f"consent.{why}")  # never fetched
            continue
        try:
            have[ref.id] = await _fetch(line, interaction.platform, ref)
        except FetchError as error:
            if not error.permanent:
                raise Later(error.reason, claimed.attempts, [asdict(one) for one in have.values()]) from error
            have[ref.id] = MediaFile(ref=ref, sha256=None, problem=f"media.{error.reason}")
    return tuple(have[ref.id] for ref in interaction.media)


def _file(item: Json) -> MediaFile:
    return MediaFile(**{**item, "ref": MediaRef(**item["ref"]), "prints": tuple(item.get("prints", ()))})


async def _fetch(line: Line, platform: Platform, ref: MediaRef) -> MediaFile:
    path = line.vault.incoming / secrets.token_hex(8)
    try:
        mime = await _bring(line, platform, ref, path)
        facts = await line.inspector.inspect(path, ref.kind)
        size = path.stat().st_size
        failpoint.reach("media.before_vault")
        digest = await line.vault.put(path)
        sm3 = await asyncio.to_thread(sm3_of, path)
        failpoint.reach("media.after_vault")
        alike = await _alike(line, path, digest, facts.prints)
    finally:
        path.unlink(missing_ok=True)
    return MediaFile(
        ref=ref,
        sha256=digest,
        sm3=sm3,
        size=size,
        mime=facts.mime or mime,
        seconds=facts.seconds,
        problem=facts.problem,
        prints=facts.prints,
        exif=facts.exif,
        alike=alike,
    )


async def _bring(line: Line, platform: Platform, ref: MediaRef, into: Path) -> str:
    """From the platform; what a page sent lies in the vault since before it was acked, under its digest."""
    if platform is not Platform.PAGE:
        return await line.adapters[platform].fetch(ref, into)
    try:
        await asyncio.to_thread(shutil.copyfile, line.vault.path(ref.id), into)
    except FileNotFoundError:
        raise FetchError("missing", permanent=True) from None
    return ""


async def _alike(line: Line, path: Path, digest: str, prints: Sequence[str]) -> str | None:
    """The digest of the earlier photo that shows the same. Here and not in the step: pictures are opened for it."""
    near = await twins.near(line.database.connection, digest, prints)
    there = [one for one in near if line.vault.path(one).is_file()]
    likeness = await line.inspector.likeness(path, [line.vault.path(one) for one in there]) if there else []
    best = max(zip(likeness, there, strict=True), default=(0.0, ""))
    return best[1] if best[0] >= LIKENESS else None


async def _records(line: Line, claimed: Claimed, interaction: Interaction, person: Person) -> None:
    """Read the rep's own native records first, unless a read that began after this came in is done already.

    Not after he sent it: platforms' times are whole seconds of another clock.
    """
    sources = [p for p in line.adapters if p in person.accounts and interaction.platform in {p, *OURS}]
    last = await people.read_at(person.id)
    if not sources or (last and last >= interaction.received_at):
        return
    try:
        fresh = [await read_records(line, platform, {person.accounts[platform]: person.id}, last) for platform in sources]
    except FetchError as error:
        if interaction.kind is Kind.RECHECK:
            raise Later(error.reason, claimed.attempts, ()) from error
        await recheck(line, person.id)
        return
    if any(fresh):
        raise Behind


async def read_records(line: Line, platform: Platform, users: Mapping[str, str], last: datetime | None) -> bool:
    """Put the native records of these users (id there → person) into the inbox; True when there were new ones."""
    began = line.clock.now()
    since = max(last - OVERLAP, began - LOOKBACK) if last else began - LOOKBACK
    found = await line.adapters[platform].checkins(list(users), since, began + timedelta(minutes=1))
    fresh = [await line.inbox.receive(envelope) for envelope in found]
    await people.read_records(users.values(), began)
    return any(fresh)


async def recheck(line: Line, person: str) -> None:
    """Set the work of judging this person's pending evidence again, once a minute at most."""
    now = line.clock.now()
    body = json.dumps({"kind": Kind.RECHECK.value}).encode()
    key = f"recheck:{person}:{int(now.timestamp()) // 60}"
    await line.inbox.receive(Envelope(platform=Platform.INTERNAL, key=key, sender=person, payload=body, received_at=now))
