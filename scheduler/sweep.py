"""Deadlines that have passed: silences to judge, visits to time out, mutes to lift. Each in a step of its own."""

import json
import logging

from bot import corridor, judge, marking, materials
from bot.drafts import draft_due
from bot.line import Line
from bot.marking import Looked
from bot.model import Draft, Envelope, Kind, Platform
from bot.store import deadlines, decks
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
        looked = await _draft(line, row)
        draft = looked.draft
        await deadlines.arm(tx, [(row.rule, row.subject, looked.again)])
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


async def _draft(line: Line, row: Due) -> Looked:
    config, now = line.config(), line.clock.now()
    what, _, id_ = row.subject.partition(":")
    if row.rule == marking.RULE:
        return await marking.look(id_, config, now)
    if what == "deck":
        return Looked(Draft(), None)
    if what == "opening":
        return Looked(await materials.closed(id_, config, now), None)
    if what == "visit":
        return Looked(await timed_out(id_, row.due_at, config, now), None)
    if row.rule == judge.ESCALATE:
        return Looked(await judge.escalate(id_, config, now), None)
    if what == "alert":
        return Looked(await judge.unmute(id_, config, now), None)
    if what == "draft":
        return Looked(await draft_due(id_, row.rule, row.due_at, config, now), None)
    return Looked(await judge.customer_due(id_, row.rule, config, now), None)
