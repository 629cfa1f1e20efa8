"""The path on one screen: a message arrives, is checked, becomes a recorded action with evidence, and whoever must know is told."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import entries, failpoint, judge, prepare
from bot.case import Case
from bot.config.schema import Config
from bot.errors import Refusal, SalesTraceError, StoreError
from bot.line import Line
from bot.model import OURS, Address, Can, Choice, Draft, Entry, Interaction, Kind, MediaFile, Outgoing, Person, Platform
from bot.store import derivations, exports, inbox_rows, ledger_rows, members, outbox_rows, people, pilots, projections, readings, voices
from bot.store.database import TROUBLE, Tx
from bot.store.gather import gather, question_of
from bot.store.inbox_rows import Claimed

ATTEMPTS = 5
story = logging.getLogger("salestrace.story")
log = logging.getLogger("salestrace.corridor")


class LeaseLost(SalesTraceError):
    """Another worker took the row over; this step is rolled back."""


async def walk(line: Line, id_: int) -> None:
    """Work one inbox row: read, prepare, then decide and record in one step. Nothing that was acked is dropped on the way."""
    claimed = await inbox_rows.claim(id_, line.clock.now())
    if claimed is None:
        return
    try:
        await _walk(line, claimed)
    except LeaseLost:
        log.warning("lease lost on inbox row %d", claimed.id)
    except prepare.Later as later:
        await inbox_rows.release(claimed, line.clock.now() + later.wait, later.reason, later.media)
    except prepare.Behind:
        await inbox_rows.postpone(claimed, line.clock.now())
    except (StoreError, *TROUBLE) as error:
        log.error("inbox row %d waits: %s", claimed.id, type(error).__name__)
        await inbox_rows.release(claimed, line.clock.now() + _pause(claimed), type(error).__name__, claimed.media)
    except Exception as error:
        # A message that breaks a handler must neither be lost nor block its sender: tried again, then kept with the reason.
        log.exception("inbox row %d failed", claimed.id)
        await _failed(line, claimed, type(error).__name__)


async def _walk(line: Line, claimed: Claimed) -> None:
    interaction = prepare.read(claimed.envelope, line.adapters)
    line.meter.came(interaction.platform, interaction.kind, interaction.received_at)
    person = await who(interaction)
    media = await prepare.prepare(line, claimed, interaction, person)
    async with line.database.step() as tx:
        draft = _sourced(await _decide(line, interaction, person, media), claimed, media)
        await record(tx, draft, line.config(), line.clock.now(), frozenset(line.adapters))
        if person:
            await people.met(person.id, line.clock.now())
        if not await inbox_rows.finish(claimed, line.clock.now(), interaction.kind.value, person.id if person else None):
            raise LeaseLost
        failpoint.reach("step.before_commit")
    failpoint.reach("step.after_commit")
    line.wake.notify("outbox")
    story.info("收到 %s %s → %s", interaction.platform.value, interaction.kind.value, ", ".join(e.type for e in draft.entries) or "仅回复")


async def ask(line: Line, person: Person, words: str = "", choice: Choice | None = None) -> tuple[tuple[Outgoing, ...], bool]:
    """What somebody asks for by a form of a page, as if he had typed it, or tapped a card: his answers, which are not sent, and
    whether anything was recorded. Others are told.

    Raises StoreError when it could not be recorded.
    """
    now = line.clock.now()
    key = f"form:{secrets.token_hex(12)}"
    interaction = Interaction(
        platform=Platform.INTERNAL, key=key, sender=person.id, kind=Kind.FORM, sent_at=now, received_at=now, text=words, choice=choice
    )
    try:
        async with line.database.step() as tx:
            draft = await _decide(line, interaction, person, ())
            answers = tuple(one for one in draft.messages if one.key.startswith(f"reply:{key}:"))
            others = tuple(one for one in draft.messages if one not in answers)
            await record(tx, replace(draft, messages=others), line.config(), now, frozenset(line.adapters))
    except TROUBLE as error:
        raise StoreError(type(error).__name__) from error
    line.wake.notify("outbox")
    return answers, bool(draft.entries)


def _sourced(draft: Draft, claimed: Claimed, media: Sequence[MediaFile]) -> Draft:
    """Before the facts, what they were made from: the platform's own bytes, and the originals."""
    envelope = claimed.envelope
    if not draft.entries or envelope.platform is Platform.INTERNAL:
        return draft
    source = f"{envelope.platform.value}:{envelope.key}"
    facts = [entries.message_received(source, envelope.payload, envelope.received_at)]
    facts += [entries.original_sealed(file.sha256, file.sm3, file.size) for file in media if file.sha256]
    facts += [entries.photo_read(file.sha256, file.prints, file.exif) for file in media if file.sha256 and (file.prints or file.exif)]
    return replace(draft, entries=(*facts, *draft.entries))


async def who(interaction: Interaction) -> Person | None:
    """The person behind an interaction; internal ones name him by his id."""
    if interaction.platform in OURS:
        return await people.by_id(interaction.sender)
    return await people.by_account(interaction.platform, interaction.sender, interaction.sender_alias)


async def _decide(line: Line, interaction: Interaction, person: Person | None, media: tuple[MediaFile, ...]) -> Draft:
    config = line.config()
    handler = line.handlers.get(interaction.kind) or line.handlers[Kind.UNKNOWN]
    wants = handler.wants(interaction, config, await question_of(person))
    case = await gather(interaction, person, wants, config, line.clock.now(), media, line.trend)
    adapter = line.adapters.get(interaction.platform)
    case = replace(case, can=adapter.can if adapter else frozenset(Can))
    try:
        return handler.decide(interaction, case)
    except Refusal as refusal:
        return Draft(messages=(_no(interaction, case, refusal),))


def _no(interaction: Interaction, case: Case, refusal: Refusal) -> Outgoing:
    to = Address(platform=interaction.platform, user=interaction.sender)
    if interaction.platform in OURS and case.person:
        to = Address(person=case.person.id)
    elif interaction.chat:
        to = Address(platform=interaction.platform, chat=interaction.chat)
    return Outgoing(key=f"reply:{interaction.key}:refusal", to=to, template=f"reply/refuse_{refusal.code}", values=refusal.values)


async def record(tx: Tx, draft: Draft, config: Config, now: datetime, enabled: frozenset[Platform]) -> None:
    """Ledger, projections, rules, outbox: inside the caller's step, all or nothing."""
    await _append(draft.entries, now)
    for entry in draft.entries:
        if entry.type == "person.left":
            await members.forget_letters(str(entry.body["person"]))
    found = await judge.judge(tx, draft.entries, config, now)
    await _append(found.entries, now)
    await judge.arm_escalations(tx, (*draft.entries, *found.entries), config, now)
    if config.photos.watermark:
        await derivations.queue(draft.entries, now)
    if config.photos.ocr:
        await readings.queue(draft.entries, now)
    await voices.queue(draft.entries, now)
    await exports.queue(draft.entries)
    await pilots.queue(draft.entries, now)
    for key in await outbox_rows.put((*draft.messages, *found.messages), now, enabled):
        log.warning("nobody to receive %s", key)


async def _append(facts: Sequence[Entry], now: datetime) -> None:
    for index, entry in zip(await ledger_rows.append(facts, now), facts, strict=True):
        await projections.apply(index, entry, now)


async def _failed(line: Line, claimed: Claimed, problem: str) -> None:
    now = line.clock.now()
    if claimed.attempts + 1 >= ATTEMPTS:
        await inbox_rows.bury(claimed, problem, now)
        return
    await inbox_rows.release(claimed, now + _pause(claimed), problem, claimed.media)


def _pause(claimed: Claimed) -> timedelta:
    return timedelta(seconds=2 ** min(claimed.attempts, 6))
