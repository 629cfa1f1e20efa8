"""What figures are counted from is what a recomputation from nothing finds: in Python from the facts, in SQL from the rows."""

import asyncio
import importlib
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import entries
from bot.config.schema import Config, Coverage, Region
from bot.ids import new_id
from bot.measures.coverage import CustomerMonth, coverage
from bot.measures.effort import costs
from bot.model import Datum, Entry, Evidence, EvidenceState, Point, Stamp, Verdict, VerdictState
from bot.ports import Heard
from bot.store import erasing, refold
from bot.store.database import Database
from bot.store.fields import to_ms
from bot.store.reading import coverage_month, coverage_report, coverage_slots, month_bounds
from bot.store.reading_sql import select
from tests.store.conftest import open_database
from tests.web.company import record

CONFIG = Config(regions=(Region(id="south", name="华南"), Region(id="east", name="华东")), coverage=Coverage(min_tier="T2"))
START, END = month_bounds(CONFIG, "2026-11")
NOW = END + timedelta(days=3)
REPS = {"E1": "south", "E2": "east"}
FEN = {"A": 60_000_000, "B": 20_000_000, "C": 1_000_000}
KINDS = {"need_diagnosis": "need", "solution_demo": "demo", "executive_visit": "negotiate", "online_need_review": "need"}
HEARD = Heard(text="", engine="test", spans=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One action as the test wants it, from which entries and expectations are made."""

    rep: str
    customer: str
    at: datetime
    kind: str | None
    state: str
    tier: str
    placed: bool
    photo: str  # "" none, else the state it ends in
    voice: str
    words: str | None  # None: never transcribed
    corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A company's months."""

    deeds: list[Deed]
    grades: dict[str, str]
    handed: dict[str, datetime]  # customer → when E2 took him over
    noted: list[tuple[str, str]]


moments = st.integers(-3 * 86_400_000, 33 * 86_400_000).map(lambda ms: (START + timedelta(milliseconds=ms)).astimezone(UTC))
near = st.integers(0, 600).map(lambda s: (START + timedelta(days=9, hours=1, seconds=s)).astimezone(UTC))
states = st.sampled_from(["", "counted", "refused", "lost"])
customers = st.sampled_from(["C1", "C2", "C3"])
deeds = st.builds(
    Deed,
    rep=st.sampled_from(list(REPS)),
    customer=customers,
    at=moments | near,
    kind=st.sampled_from([*KINDS, None]),
    state=st.sampled_from(["complete", "complete", "complete", "incomplete", "withdrawn"]),
    tier=st.sampled_from(["T1", "T2", "T4"]),
    placed=st.booleans(),
    photo=states,
    voice=states,
    words=st.sampled_from([None, "", "预算"]),
    corrected=st.booleans(),
)
stories = st.builds(
    Story,
    deeds=st.lists(deeds, max_size=9),
    grades=st.fixed_dictionaries({name: st.sampled_from("ABC") for name in ("C1", "C2", "C3")}),
    handed=st.dictionaries(customers, moments, max_size=2),
    noted=st.lists(st.tuples(customers, st.sampled_from(list(KINDS))), max_size=3),
)


def facts(story: Story) -> Iterator[tuple[datetime, list[Entry]]]:
    long_ago = START - timedelta(days=90)
    for id_, region in REPS.items():
        yield long_ago, [entries.master_set("people", id_, {"name": id_, "roles": ["rep"], "region": region, "updated_at": long_ago})]
    for id_, grade in story.grades.items():
        columns: dict[str, Any] = {"name": id_, "aliases": [], "owner": "E1", "region": "south", "annual_purchase_fen": FEN[grade]}
        yield (
            long_ago,
            [
                entries.master_set("customers", id_, {**columns, "imported_at": long_ago}),
                entries.master_set("purchases", id_, {"since": long_ago, "fen": FEN[grade]}),
            ],
        )
    for id_, at in story.handed.items():
        yield (
            at,
            [
                entries.master_set("holdings", id_, {"until": at, "owner": "E1", "region": "south"}),
                entries.master_set("customers", id_, {"owner": "E2", "region": "east"}),
            ],
        )
    for turn, (customer, kind) in enumerate(story.noted):
        yield START, [entries.note_added(f"n_{turn}", customer, kind, "2026-11", f"原因{turn}", "E1", START)]
    for turn, deed in enumerate(story.deeds):
        yield deed.at, told(turn, deed)


def action_id(turn: int, deed: Deed) -> str:
    return new_id("a_", deed.at, str(turn))


def told(turn: int, deed: Deed) -> list[Entry]:
    """Opened under another kind where it is corrected later, judged twice, with its items."""
    action, visit, stage = action_id(turn, deed), f"v_{turn}", KINDS.get(deed.kind or "", "lead")
    point = Point(lat=22.5, lng=114.0, datum=Datum.GCJ02) if deed.placed else None
    stamp = Stamp(at=deed.at, received_at=deed.at, point=point)
    first = ("sign", None) if deed.corrected else (stage, deed.kind)
    found = [
        entries.visit_opened(visit, deed.rep, deed.customer, deed.at - timedelta(seconds=40), "text"),
        entries.action_opened(action, visit, deed.rep, deed.customer, REPS[deed.rep], first[0], first[1], stamp, source="t:1"),
        entries.action_judged(action, Verdict(state=VerdictState.COMPLETE, tier="T4"), stamp, first[1]),
    ]
    for kind, state, late in (("photo", deed.photo, 20), ("voice", deed.voice, 95)):
        if not state:
            continue
        sent = deed.at + timedelta(seconds=late)
        item = Evidence(
            id=f"e_{turn}_{kind}", visit=visit, rep=deed.rep, customer=deed.customer, kind=kind, state=EvidenceState.PENDING, sent_at=sent
        )
        found.append(entries.evidence_added(item, mime="", source="t:2", received_at=sent))
        judged = Evidence(
            id=item.id,
            visit=visit,
            rep=deed.rep,
            customer=deed.customer,
            kind=kind,
            state=EvidenceState(state),
            sent_at=sent,
            action=action,
        )
        found.append(entries.evidence_judged(judged))
        if kind == "voice" and deed.words is not None:
            found.append(entries.evidence_heard(item.id, HEARD, 3.0, [], "heard", sent))
            found += [entries.evidence_edited(item.id, deed.words, [], deed.rep, sent)] if deed.words else []
    if deed.corrected:
        found.append(entries.action_corrected(action, stage, deed.kind, "D1", deed.at))
    return [*found, entries.action_judged(action, Verdict(state=VerdictState(deed.state), tier=deed.tier), stamp, deed.kind)]


def expected(story: Story) -> list[CustomerMonth]:
    """The month counted in Python from the story itself."""
    done: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    weak: dict[str, int] = defaultdict(int)
    for deed in story.deeds:
        if deed.state == "complete" and deed.kind and START <= deed.at < END:
            if deed.tier >= "T2":
                done[deed.customer][deed.kind] += 1
            else:
                weak[deed.customer] += 1
    notes: dict[str, dict[str, tuple[str, ...]]] = defaultdict(lambda: defaultdict(tuple))
    for turn, (customer, kind) in enumerate(story.noted):
        notes[customer][kind] += (f"原因{turn}",)
    with_e2 = {customer for customer, at in story.handed.items() if at < END}
    return [
        CustomerMonth(
            customer=id_,
            grade=grade,
            owner="E2" if id_ in with_e2 else "E1",
            region="east" if id_ in with_e2 else "south",
            done=done[id_],
            weak=weak[id_],
            notes=notes[id_],
        )
        for id_, grade in story.grades.items()
    ]


async def holds(story: Story) -> None:
    customers_ = expected(story)
    parts = await coverage_month(CONFIG, "2026-11", NOW)
    for region, rep in ((None, ""), ("south", ""), ("east", ""), (None, "E1"), ("east", "E2")):
        some = [one for one in customers_ if region in (None, one.region) and rep in ("", one.owner)]
        wanted = coverage("2026-11", region, some, CONFIG.grades)
        found = [await coverage_report(CONFIG, "2026-11", region, NOW, rep=rep), parts.report(region, rep)]
        for report in found:
            assert [(row.grade, row.customers, row.quota, row.done, row.surplus, row.explained, row.weak) for row in report.rows] == [
                (row.grade, row.customers, row.quota, row.done, row.surplus, row.explained, row.weak) for row in wanted.rows
            ]
            assert [sorted(row.notes) for row in report.rows] == [sorted(row.notes) for row in wanted.rows]
        slots = await coverage_slots(CONFIG, "2026-11", NOW, region=region or "", rep=rep)
        assert (len(slots), sum(slot.state == "done" for slot in slots)) == (wanted.quota, wanted.done)
    await milestones_hold(story)
    await efforts_hold(story)
    chains = {row["action"]: (row["photo"], row["place"], row["summary"]) for row in await select("SELECT * FROM deeds")}
    assert chains == {
        action_id(turn, deed): (
            int(deed.photo == "counted"),
            int(deed.placed),
            int(deed.voice == "counted" and (deed.words is None or bool(deed.words))),
        )
        for turn, deed in enumerate(story.deeds)
    }


async def milestones_hold(story: Story) -> None:
    first: dict[str, tuple[int, str]] = {}
    for turn, deed in enumerate(story.deeds):
        if deed.state == "complete":
            key, proof = f"{deed.customer}:{KINDS.get(deed.kind or '', 'lead')}", (to_ms(deed.at), action_id(turn, deed))
            first[key] = min(first.get(key, proof), proof)
    assert {row["id"]: (row["at"], row["action"]) for row in await select("SELECT * FROM milestones")} == first


async def efforts_hold(story: Story) -> None:
    times: dict[str, list[datetime]] = defaultdict(list)
    for deed in story.deeds:
        times[deed.rep] += [deed.at - timedelta(seconds=40), deed.at]
        times[deed.rep] += [deed.at + timedelta(seconds=late) for state, late in ((deed.photo, 20), (deed.voice, 95)) if state]
    wanted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for rep, some in times.items():
        for at, seconds in costs(some):
            hour = wanted[f"{rep}:{to_ms(at) // 3_600_000}"]
            hour[0] += round(seconds * 1000)
            hour[1] += 1
    assert {row["id"]: [row["ms"], row["messages"]] for row in await select("SELECT * FROM efforts")} == dict(wanted)


async def refilled() -> None:
    """What the migration makes of the rows that are there is what the folds made of the entries."""
    migration = importlib.import_module("migrations.0017_figures")
    same = ("action, rep, customer, region, stage, kind, state, tier, at, photo, place, summary", "*", "*")
    filled = (("deeds", migration.DEEDS), ("milestones", migration.MILESTONES), ("efforts", migration.EFFORTS))
    for columns, (table, sql) in zip(same, filled, strict=True):
        before = await select(f"SELECT {columns} FROM {table} ORDER BY 1")
        await select(f"DELETE FROM {table}")
        await select(sql)
        assert await select(f"SELECT {columns} FROM {table} ORDER BY 1") == before


async def play(database: Database, story: Story) -> None:
    for at, some in sorted(facts(story), key=lambda one: one[0]):
        await record(database, *some, now=at)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories)
def test_every_figure_is_what_counting_from_nothing_gives(migrated: Path, story: Story) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            database = await open_database(f"sqlite://{shutil.copy(migrated, Path(folder) / 'figures.sqlite3')}", Path(folder))
            try:
                await play(database, story)
                await holds(story)
                await refilled()
                await holds(story)
            finally:
                await database.close()

    asyncio.run(run())


def sample(words: str | None = "预算") -> Story:
    at = START + timedelta(days=4, hours=3)
    same: dict[str, Any] = {
        "rep": "E1",
        "customer": "C1",
        "tier": "T4",
        "placed": True,
        "photo": "counted",
        "voice": "counted",
        "words": words,
    }
    return Story(
        deeds=[
            Deed(**same, at=at.astimezone(UTC), kind="need_diagnosis", state="complete", corrected=False),
            Deed(**same, at=(at + timedelta(hours=2)).astimezone(UTC), kind="need_diagnosis", state="complete", corrected=True),
            Deed(**same, at=(at + timedelta(days=1)).astimezone(UTC), kind="solution_demo", state="incomplete", corrected=False),
        ],
        grades={"C1": "A", "C2": "B", "C3": "C"},
        handed={"C2": END + timedelta(days=1), "C3": START + timedelta(days=5)},
        noted=[("C1", "executive_visit"), ("C1", "executive_visit")],
    )


async def test_either_database_gives_it_and_the_ledger_makes_it_again(database: Database) -> None:
    await play(database, sample())
    await holds(sample())
    await refilled()
    async with refold.recomputed() as recomputed:
        assert [line async for line in recomputed.differences()] == []


async def test_a_month_that_is_over_stays_with_whom_it_was(database: Database) -> None:
    """C2 is handed over after the month's end, C3 before it."""
    await play(database, sample())
    november = await coverage_month(CONFIG, "2026-11", NOW)
    assert {name: report.quota for name, report in november.by("owner").items()} == {"E1": 6, "E2": 1}
    assert {name: report.quota for name, report in november.by("region").items()} == {"east": 1, "south": 6}
    december = await coverage_month(CONFIG, "2026-12", NOW)
    assert {name: report.quota for name, report in december.by("owner").items()} == {"E1": 4, "E2": 3}


async def test_what_was_erased_is_not_counted_and_the_rest_still_is(database: Database) -> None:
    await play(database, sample())
    story = sample()
    [proof] = [row for row in await select("SELECT * FROM milestones") if row["stage"] == "need"]
    async with database.step():
        await erasing.destroy(await erasing.of_record(str(proof["action"])))
        await erasing.destroy(await erasing.of_items(["e_2_photo"]))
    [proof] = [row for row in await select("SELECT * FROM milestones") if row["stage"] == "need"]
    assert proof["action"] == action_id(1, story.deeds[1])
    report = await coverage_report(CONFIG, "2026-11", None, NOW)
    assert (report.done, report.quota) == (1, 7)
    async with refold.recomputed() as recomputed:
        assert [line async for line in recomputed.differences()] == []
