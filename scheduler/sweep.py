"""Deadlines that have passed: silences to judge, visits to time out, mutes to lift. Each in a step of its own."""

import json
import logging

from bot import corridor, judge, materials
from bot.drafts import draft_due
from bot.line import Line
from bot.model import Draft, Envelope, Kind, Platform
from bot.store import deadlines, decks
from bot.store.database import Tx
from bot.store.deadlines import Due
from bot.visits import timed_out

AT_ONCE = 200
log = logging.getLogger("salestrace.sweep")
story = logging.getLogger("salestrace.story")


async def sweep(line: Line) -> int:
    """Settle every deadline past now; return how many there were."""
    done = 0
    while rows := await deadlines.due(line.database.connection, line.clock.now(), AT_ONCE):
        for row in rows:
            await _settle(line, row)
        done += len(rows)
    if done:
        line.wake.notify("outbox")
    return done


async def _settle(line: Line, row: Due) -> None:
    if row.rule == decks.DEADLINE:
        await _presentation(line, row)
    async with line.database.step() as tx:
        await deadlines.arm(tx, [(row.rule, row.subject, None)])  # first: judging it may set the next one
        draft = await _draft(line, row, tx)
        await corridor.record(tx, draft, line.config(), line.clock.now(), frozenset(line.adapters))
    for entry in draft.entries:
        story.info("到期 %s %s → %s", row.rule, row.subject, entry.type)


async def _presentation(line: Line, row: Due) -> None:
    """Set the work of closing it: what was looked at is judged like everything else that a rep sends."""
    id_ = row.subject.partition(":")[2]
    body = json.dumps({"kind": Kind.DECK.value}).encode()
    key = f"deck:{id_}:{int(row.due_at.timestamp())}"
    rep = await decks.rep_of(id_)
    await line.inbox.receive(Envelope(platform=Platform.INTERNAL, key=key, sender=rep, payload=body, received_at=line.clock.now()))


async def _draft(line: Line, row: Due, tx: Tx) -> Draft:
    config, now = line.config(), line.clock.now()
    what, _, id_ = row.subject.partition(":")
    if what == "deck":
        return Draft()
    if what == "opening":
        return await materials.closed(id_, config, now)
    if what == "visit":
        return await timed_out(id_, row.due_at, config, now)
    if what == "alert":
        return await judge.unmute(id_, config, now)
    if what == "draft":
        return await draft_due(id_, row.rule, row.due_at, config, now)
    return await judge.customer_due(tx, id_, row.rule, config, now)
