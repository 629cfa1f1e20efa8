"""A replay of the present rules raises exactly what was raised live; a replay of others, exactly what they raise when they are lived."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot import entries
from bot.commands.replay import write
from bot.config.load import compile_bytes
from bot.effect import told
from bot.model import Entry, Stamp, Verdict, VerdictState
from bot.replay import Effect, replay
from bot.store.adopting import adopt_turns
from tests.replay.live import TICK, Life, keys, lived, shown

START = datetime(2026, 9, 24, 1, 0, tzinfo=UTC)  # a Thursday; the National Day holidays lie ahead
PEOPLE = "id,name,role,region\nE001,李娜,rep,south\nE002,王浩,rep,south\n"
CUSTOMERS = "id,name,annual_purchase,owner,industry\nC001,华强,800000,E001,主机厂\nC002,恒达,300000,E001,\nC003,云帆,50000,E002,主机厂\n"
OWNERS = {"C001": "E001", "C002": "E001", "C003": "E002"}
REGION = '[[regions]]\nid = "south"\nname = "华南"\n'
PRESENT = (
    REGION
    + """
[[rules]]
id = "quiet"
kind = "inactivity"
hours = 72
[[rules]]
id = "quiet-work"
kind = "inactivity"
hours = 40.5
clock = "workdays"
min_tier = "T2"
[[rules]]
id = "many"
kind = "excess"
stage = "need"
per_day = 2
[[rules]]
id = "short"
kind = "short_dwell"
stage = "demo"
[[rules]]
id = "short-mean"
kind = "short_dwell"
stage = "demo"
seconds = 100
measure = "rep_mean"
[[rules]]
id = "minutes"
kind = "document"
name = "对接纪要"
industry = ["主机厂"]
stage = "need"
days = 4
[[rules]]
id = "offer"
kind = "followup"
when = { stage = "demo" }
name = "报价单"
hours = 30
"""
)
OTHER = PRESENT.replace("hours = 72", "hours = 48").replace("per_day = 2", "per_day = 1").replace("days = 4", "days = 3")


@dataclass(frozen=True)
class Done:
    """One thing that happens `gap` hours after the one before: an action in its steps, something about an earlier one, or a paper."""

    gap: float
    what: str
    customer: str
    stage: str
    seconds: int
    tier: str
    which: int


DEEDS = st.builds(
    Done,
    gap=st.one_of(st.floats(0.01, 3), st.floats(3, 90)).map(lambda hours: round(hours, 3)),
    what=st.sampled_from(["done", "done", "done", "open", "late", "withdraw", "correct", "undo", "file"]),
    customer=st.sampled_from(sorted(OWNERS)),
    stage=st.sampled_from(["need", "need", "demo", "lead"]),
    seconds=st.integers(10, 200),
    tier=st.sampled_from(["T1", "T2", "T4"]),
    which=st.integers(0, 30),
)


async def live_through(life: Life, deeds: list[Done]) -> None:
    """Make them facts, at their moments, as the product records them."""
    moment, known = START, []
    for number, deed in enumerate(deeds):
        moment += timedelta(hours=deed.gap)
        if deed.what in ("done", "open", "late"):
            known.append((f"a_{number:03}", deed))
            await _acted(life, moment, f"a_{number:03}", deed)
        elif deed.what == "file":
            rule = ("minutes", "offer")[deed.which % 2]
            await life.at(moment, entries.document_filed(deed.customer, rule, f"e_{number}", "E001", moment))
        elif known:
            place = deed.which % len(known)
            action, _ = known[place]
            await life.at(moment, *_later(action, deed, moment))
            if deed.what == "withdraw":
                del known[place]  # what was taken back is judged no more
    await life.passes(moment + timedelta(days=3))
    life.clock.at = max(life.clock.at, moment + timedelta(days=3))


async def _acted(life: Life, moment: datetime, action: str, deed: Done) -> None:
    rep, stamp = OWNERS[deed.customer], Stamp(at=moment, received_at=moment)
    opened = entries.action_opened(action, f"v_{action}", rep, deed.customer, "south", deed.stage, None, stamp, source="t:1")
    closes = moment + timedelta(seconds=deed.seconds)
    complete = entries.action_judged(action, Verdict(state=VerdictState.COMPLETE, tier=deed.tier), stamp, None)
    submitted = entries.action_submitted(action, closes)
    await life.at(moment, opened)
    if deed.what == "done":
        await life.at(closes, complete, submitted)
    elif deed.what == "late":  # its evidence comes hours after it was closed
        await life.at(closes, submitted)
        await life.at(closes + timedelta(hours=deed.which), complete)
    else:
        await life.at(closes, submitted)


def _later(action: str, deed: Done, moment: datetime) -> list[Entry]:
    stamp = Stamp(at=moment, received_at=moment)
    if deed.what == "correct":
        return [entries.action_corrected(action, deed.stage, None, "D001", moment)]
    state = VerdictState.WITHDRAWN if deed.what == "withdraw" else VerdictState.INCOMPLETE
    return [entries.action_judged(action, Verdict(state=state, tier=deed.tier), stamp, None)]


async def check(url: str, folder: Path, deeds: list[Done], rules: str, tried: str) -> None:
    async with lived(folder, url, rules, START) as life:
        await life.takes_in(people=PEOPLE, customers=CUSTOMERS)
        await live_through(life, deeds)
        config = compile_bytes(tried.encode(), "c").config
        effect = await life.replayed(config)
        assert shown(effect) == keys(await life.fired())
        assert effect.before == 0 and effect.after == len(effect.more)
        old, other = (compile_bytes(text.encode(), "c").config for text in (PRESENT, OTHER))
        for since in (None, START + timedelta(hours=70), START + timedelta(days=6)):
            if since is None or since < life.clock.now():
                adds_up(await replay(old, other, since, life.clock.now() + TICK, page=7))


def adds_up(effect: Effect) -> None:
    """What is said of the counts is a sum that anybody can check."""
    moved = effect.later - effect.sooner
    assert effect.before + len(effect.more) - len(effect.fewer) + moved == effect.after


async def test_one_that_both_tell_may_lie_in_the_span_for_one_of_them_alone(migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path / "life.sqlite3")
    async with lived(tmp_path, "sqlite://life.sqlite3", PRESENT, START) as life:
        await life.takes_in(people=PEOPLE, customers=CUSTOMERS)
        await live_through(life, [made("done", "C001", 1), made("done", "C001", 200)])
        old, new = (compile_bytes(PRESENT.replace("hours = 72", f"hours = {hours}").encode(), "c").config for hours in (72, 48))
        since = START + timedelta(hours=60)  # after the 48, before the 72
        effect = await replay(old, new, since, START + timedelta(hours=100))
        adds_up(effect)
        assert effect.sooner >= 1 and effect.later == 0
        whole = await replay(old, new, None, START + timedelta(hours=60))
        write(tmp_path / "list.csv", (await told(whole, old, new, 99))["listed"], old.zone)
        assert "多报,2026-09-26T10:" in (tmp_path / "list.csv").read_text("utf-8-sig"), "10 in the morning where the company is"
        assert "+08:00" in (tmp_path / "list.csv").read_text("utf-8-sig")
        back = await replay(new, old, since, START + timedelta(hours=100))
        assert (back.before, back.after, back.later, back.sooner) == (effect.after, effect.before, effect.sooner, 0)


def alone(migrated: Path, deeds: list[Done], rules: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(migrated, Path(folder) / "life.sqlite3")
        asyncio.run(check("sqlite://life.sqlite3", Path(folder), deeds, rules, rules))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("rules", [PRESENT, OTHER], ids=["present", "other"])
@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(deeds=st.lists(DEEDS, min_size=4, max_size=28))
def test_replayed_is_what_was_fired(migrated: Path, rules: str, deeds: list[Done]) -> None:
    alone(migrated, deeds, rules)


TURNS = "SELECT * FROM turns ORDER BY id"


def made(what: str, customer: str, gap: float, which: int = 0, stage: str = "need") -> Done:
    return Done(gap=gap, what=what, customer=customer, stage=stage, seconds=60, tier="T4", which=which)


async def test_a_ledger_from_before_turns_were_kept_gets_them_once(migrated: Path, tmp_path: Path) -> None:
    deeds = [made("done", "C001", 1), made("late", "C002", 2, 3), made("correct", "C001", 1, 0, "demo"), made("file", "C001", 1)]
    deeds += [made("undo", "C002", 5, 1), made("done", "C003", 1), made("withdraw", "C003", 1, 2)]
    shutil.copy(migrated, tmp_path / "life.sqlite3")
    async with lived(tmp_path, "sqlite://life.sqlite3", PRESENT, START) as life:
        await life.takes_in(people=PEOPLE, customers=CUSTOMERS)
        await live_through(life, deeds)
        db = life.line.database.connection
        before = await db.execute_query_dict(TURNS)
        assert {row["op"] for row in before} == {"complete", "undone", "submitted", "moved", "taken", "filed"}
        await db.execute_query("DELETE FROM turns")
        await adopt_turns(life.line.database)
        assert await db.execute_query_dict(TURNS) == before
        await adopt_turns(life.line.database)
        assert await db.execute_query_dict(TURNS) == before
