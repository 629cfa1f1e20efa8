"""Folding what figures are counted from: deeds and their months, milestones, efforts, holdings. Called by the folds of their rows.

Each is recomputed from those rows for the one action, stage or hour that an entry touches, so its cost does not grow with the history,
and what was erased is recomputed in the same way.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.entries import parse_instant
from bot.measures.effort import FIRST, GAP
from bot.store import month_fold
from bot.store.fields import to_ms
from bot.store.reading_sql import run, select
from bot.store.tables import ActionRow, DeedRow, EffortRow, HoldingRow, MilestoneRow

HOUR = timedelta(hours=1)
HOUR_MS = 3_600_000
SAME = ("rep", "customer", "region", "stage", "kind", "state", "tier", "at")
CHAIN = """
UPDATE deeds SET
    photo = CASE WHEN EXISTS (SELECT 1 FROM evidence e WHERE e.action = deeds.action AND e.kind = 'photo' AND e.state = 'counted')
        THEN 1 ELSE 0 END,
    summary = CASE WHEN EXISTS (SELECT 1 FROM evidence e LEFT JOIN transcripts t ON t.evidence = e.id
        WHERE e.action = deeds.action AND e.kind = 'voice' AND e.state = 'counted'
        AND (t.evidence IS NULL OR COALESCE(t.edited, t.machine) <> '')) THEN 1 ELSE 0 END
WHERE action = ?
"""
FIRST_PROOF = """
SELECT action, at FROM deeds WHERE customer = ? AND stage = ? AND state = 'complete' ORDER BY at, action LIMIT 1
"""
EVIDENCE_STATES = "('pending', 'counted', 'refused', 'quarantined', 'lost')"  # all of them: its index begins with rep and state
COSTS = f"""
SELECT COUNT(*) AS messages, COALESCE(SUM(CASE WHEN at - before <= ? THEN at - before ELSE ? END), 0) AS ms FROM (
    SELECT at, LAG(at) OVER (ORDER BY at) AS before FROM (
        SELECT started_at AS at FROM visits WHERE rep = ? AND state IN ('open', 'closed', 'timed_out', 'withdrawn')
            AND started_at >= ? AND started_at < ?
        UNION ALL SELECT at FROM actions WHERE rep = ? AND at >= ? AND at < ?
        UNION ALL SELECT sent_at FROM evidence WHERE rep = ? AND state IN {EVIDENCE_STATES} AND sent_at >= ? AND sent_at < ?
    ) told
) sent WHERE at >= ?
"""


async def deed(action: str, index: int) -> None:
    """Bring an action's deed to what its row says after the entry at `index`, and its milestone with it."""
    row = await ActionRow.get(id=action)
    known = await DeedRow.get_or_none(action=action)
    values = {name: getattr(row, name) for name in SAME} | {"place": int(row.point is not None), "touched": index}
    if known is None:
        await DeedRow(action=action, **values).save(force_create=True)
    else:
        await DeedRow.filter(action=action).update(**values)
    same = {"photo": known.photo, "summary": known.summary} if known else {"photo": 0, "summary": 0}
    await month_fold.move(known, DeedRow(action=action, **values, **same))
    before = {(known.customer, known.stage)} if known and known.state == "complete" else set()
    after = {(row.customer, row.stage)} if row.state == "complete" else set()
    if before != after:
        await milestones(before | after)


async def chain(actions: Iterable[str | None]) -> None:
    """What these actions' evidence holds may have changed."""
    for action in {one for one in actions if one}:
        before = await DeedRow.get_or_none(action=action)
        await run(CHAIN, action)
        await month_fold.move(before, await DeedRow.get_or_none(action=action))


async def milestones(stages: Iterable[tuple[str, str]]) -> None:
    """Recompute when these (customer, stage) were first proved."""
    for customer, stage in sorted(stages):
        id_, found = f"{customer}:{stage}", await select(FIRST_PROOF, customer, stage)
        await MilestoneRow.filter(id=id_).delete()
        if found:
            row = MilestoneRow(id=id_, customer=customer, stage=stage, action=found[0]["action"])
            row.at = found[0]["at"]
            await row.save(force_create=True)


async def effort(rep: str, *moments: datetime) -> None:
    """Recompute the hours in which these messages of a rep may have changed what anything costs."""
    for hour in sorted({(to_ms(at) + late) // HOUR_MS for at in moments for late in (0, GAP // timedelta(milliseconds=1))}):
        start, until = hour * HOUR_MS, (hour + 1) * HOUR_MS
        gap, first = (span // timedelta(milliseconds=1) for span in (GAP, FIRST))
        window = (rep, start - gap, until)
        [found] = await select(COSTS, gap, first, *window, *window, *window, start)
        await EffortRow.filter(id=f"{rep}:{hour}").delete()
        if found["messages"]:
            row = EffortRow(id=f"{rep}:{hour}", rep=rep, hour=hour, ms=int(found["ms"]), messages=found["messages"])
            await row.save(force_create=True)


async def holding(customer: str, columns: Mapping[str, Any]) -> None:
    """Whose it was until then. One moment has one former owner: the first that is told."""
    until = parse_instant(columns["until"])
    if not await HoldingRow.exists(customer=customer, until=until):
        await HoldingRow(customer=customer, until=until, owner=columns["owner"], region=columns["region"]).save(force_create=True)
