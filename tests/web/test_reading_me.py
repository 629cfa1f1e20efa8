"""What a person's own page reads, from rows of either database."""

from datetime import timedelta

from bot import entries
from bot.model import Person, Platform, Role
from bot.store import looking, reading_me, story, trail
from bot.store.database import Database
from bot.store.reading import coverage_report
from tests.web.company import DEMO, NEED, history, record, settle
from tests.web.company import NOW as THEN
from tests.web.test_reading import CONFIG, NOW, action, customer, golden

LI_NA = Person(id="E001", name="李娜", roles=frozenset({Role.REP}), region="south", accounts={Platform.WECOM: "wx-E001"})


async def test_the_slots_are_those_that_coverage_counts(database: Database) -> None:
    await golden()
    await customer("A9", 600_000, region="south")
    for kind in ("need_diagnosis", "need_diagnosis", "need_diagnosis"):  # one more than is asked for
        await action("A9", kind)
    found = await reading_me.own_slots("E001", CONFIG, NOW)
    report = await coverage_report(CONFIG, "2026-11", None, NOW)
    states = [slot.state for slot in found]
    assert (states.count("done"), len(states)) == (report.done, report.quota)
    assert states.count("explained") == sum(row.explained for row in report.rows)
    missing = {(slot.customer, slot.kind) for slot in found if slot.state == "missing"}
    assert {("A3", "solution_demo"), ("A3", "executive_visit"), ("A9", "solution_demo")} <= missing
    assert await reading_me.own_slots("E002", CONFIG, NOW) == []


async def test_his_day_and_his_week(database: Database) -> None:
    await settle(database)
    await history(database, "a" * 64, "b" * 64)
    outings = await reading_me.today("E001", CONFIG, THEN)
    assert [[one.id for one in outing.actions] for outing in outings] == [[NEED], [DEMO]]
    assert await reading_me.today("E001", CONFIG, THEN + timedelta(days=2)) == ()
    assert await reading_me.today("E002", CONFIG, THEN) == ()
    await action("C001", "need_diagnosis", at=THEN - timedelta(days=6), state="incomplete")
    await action("C001", "need_diagnosis", at=THEN - timedelta(days=8), state="incomplete")
    assert len(await reading_me.lacking("E001", THEN)) == 1


async def test_who_looked_is_counted_by_record_and_person(database: Database) -> None:
    await settle(database)
    await history(database, "a" * 64, "b" * 64)
    for minute, (what, who) in enumerate([(DEMO, "D001"), ("e_01PHOTO", "D001"), (DEMO, "X001"), (DEMO, "E001"), (NEED, "D001")]):
        await record(database, entries.record_viewed(what, who, THEN + timedelta(minutes=minute), "page"))
    seen = [(one.person, one.action, one.times, one.stage, one.customer) for one in await looking.looks_of("E001", THEN, 9)]
    assert seen == [("D001", NEED, 1, "need", "C001"), ("X001", DEMO, 1, "demo", "C001"), ("D001", DEMO, 2, "demo", "C001")]
    assert await looking.looked_at("E001", THEN) == 4 and await looking.looked_at("E003", THEN) == 0
    onlookers = {one.person: (one.record, one.originals) for one in await trail.looks(DEMO, ["e_01PHOTO"])}
    assert onlookers == {"D001": (1, 1), "X001": (1, 0), "E001": (1, 0)}
    assert await looking.looks_of("E001", THEN + timedelta(days=91), 9) == ()
    data = await reading_me.own_data(LI_NA, THEN)
    assert (data.counts["actions"], data.counts["photos"], data.looked) == (2, 2, 4)


async def test_the_story_of_a_visit_is_in_its_order(database: Database) -> None:
    await settle(database)
    await history(database, "a" * 64, "b" * 64)
    told = await story.story_of(f"v_{DEMO}")
    assert [event.what for event in told.events] == ["check", "opened", "stage", "evidence", "evidence", "evidence"]
    assert {event.action for event in told.events if event.what == "evidence"} == {DEMO}
    assert (await story.story_of("v_none")).events == ()
