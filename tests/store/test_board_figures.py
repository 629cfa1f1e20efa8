"""What the board adds up in the database is what counting one by one gives: funnel, claims, completeness, deals and payments."""

import asyncio
import importlib
import shutil
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import entries
from bot.entries import instant
from bot.measures.board import Within
from bot.measures.completeness import Chain, completeness
from bot.measures.deals import Deal, Payment, honesty
from bot.store import erasing, refold
from bot.store.database import Database
from bot.store.fields import from_ms
from bot.store.reading import funnel, month_bounds
from bot.store.reading_deals import collection_month, honesty_now
from bot.store.reading_figures import completeness_month
from bot.store.reading_funnel import claims_month, funnel_month, opportunities
from bot.store.reading_sql import select
from tests.measures.scratch import collection_of, funnel_of
from tests.store.conftest import open_database
from tests.store.test_figures import CONFIG, NOW, Story, play, sample, stories
from tests.web.company import record

WHO = [("", ""), ("south", ""), ("east", ""), ("", "E1"), ("east", "E2")]
PARTS = [Within(month=month, region=region, rep=rep) for month in ("2026-10", "2026-11", "2026-12") for region, rep in WHO]
RECORDED = "SELECT f.*, c.owner AS owner, c.region AS region, c.name AS name FROM facts f JOIN customers c ON c.id = f.customer"
STAGES = [stage.id for stage in CONFIG.stages]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A deal or a payment: `days` before NOW, paid so many days after it was due."""

    kind: str
    customer: str
    days: float
    paid: float | None
    stage: str
    fen: int


given_facts = st.lists(
    st.builds(
        Fact,
        kind=st.sampled_from(["deals", "payments", "payments"]),
        customer=st.sampled_from(["C1", "C2", "C3"]),
        days=st.sampled_from([13.9, 14, 14.1, 30, 31, 89.5, 90, 91, 92.5]) | st.floats(0, 130),
        paid=st.none() | st.sampled_from([0, 29.5, 30, 31]) | st.floats(-5, 140),
        stage=st.sampled_from(["sign", "sign", "negotiate", "demo", "gone"]),
        fen=st.integers(0, 10**9),
    ),
    max_size=8,
)


def row(number: int, fact: Fact) -> dict[str, Any]:
    at = NOW - timedelta(days=fact.days)
    told = {"id": f"F{number}", "customer": fact.customer, "at": instant(at), "amount": fact.fen}
    if fact.kind == "deals":
        return told | {"word": fact.stage}
    return told if fact.paid is None else told | {"done_at": instant(at + timedelta(days=fact.paid))}


async def told(database: Database, facts: list[Fact]) -> None:
    for number, fact in enumerate(facts):
        await record(database, entries.facts_taken(fact.kind, [row(number, fact)], "import", "", NOW), now=NOW)


async def holds() -> None:
    deals, payments = await recorded()
    for asked in PARTS:
        mine = [(one, of) for one, of in deals if is_of(asked, of)]
        owed = [(one, of) for one, of in payments if is_of(asked, of)]
        start, end = bounds(asked.month)
        assert await collection_month(CONFIG, asked, NOW) == collection_of((one for one, _ in owed), start, end, NOW, CONFIG.zone)
        wanted = honesty([one for one, _ in mine], [one for one, _ in owed], NOW, CONFIG.zone)
        assert await honesty_now(CONFIG, NOW, asked.region, asked.rep) == wanted
        some = await opportunities(CONFIG, asked, NOW)
        found = await funnel_month(CONFIG, asked, NOW)
        assert list(found.steps) == funnel_of(STAGES, some, min(end, NOW))
        assert found.claims == len(await claims_month(CONFIG, asked, NOW))
        await deeds_hold(asked, start, end)


async def recorded() -> tuple[list[tuple[Deal, Any]], list[tuple[Payment, Any]]]:
    """Every deal and payment, with its customer's region and owner."""
    deals: list[tuple[Deal, Any]] = []
    payments: list[tuple[Payment, Any]] = []
    for one in await select(RECORDED):
        of, id_, at = (one["region"], one["owner"]), one["id"].partition(":")[2], from_ms(one["at"])
        if one["kind"] == "deals":
            deal = Deal(id=id_, customer=one["customer"], stage=one["word"], fen=one["amount"], updated_at=at, name=one["name"])
            deals.append((deal, of))
        else:
            paid = None if one["done_at"] is None else from_ms(one["done_at"])
            payments.append((Payment(id=id_, customer=one["customer"], fen=one["amount"], due_at=at, paid_at=paid), of))
    return deals, payments


def is_of(asked: Within, of: tuple[str, str]) -> bool:
    return asked.region in ("", of[0]) and asked.rep in ("", of[1])


def bounds(month: str) -> tuple[datetime, datetime]:
    return month_bounds(CONFIG, month)


async def deeds_hold(asked: Within, start: datetime, end: datetime) -> None:
    """Completeness and the stages' counts, from the actions one by one."""
    rows = await select("SELECT * FROM deeds WHERE state <> 'withdrawn'")
    rows = [one for one in rows if start <= from_ms(one["at"]) < end and is_of(asked, (one["region"], one["rep"]))]
    chains: dict[str, list[Chain]] = defaultdict(list)
    for one in rows:
        asked_for = one["kind"] != "online_need_review" and (one["stage"] != "lead" or one["kind"] is not None)
        flags = {name: bool(one[name]) for name in ("photo", "place", "summary")}
        chains[one["rep"]].append(Chain(**flags, place_asked=asked_for, actions=1))
    found = await completeness_month(CONFIG, asked, NOW)
    assert found.by_rep == {rep: completeness(some) for rep, some in chains.items()}
    assert found.total == completeness(one for some in chains.values() for one in some)
    complete = [one for one in rows if one["state"] == "complete"]
    for step in await funnel(CONFIG, asked.month, asked.region or None, NOW, asked.rep, customers=True):
        of = [one["customer"] for one in complete if one["stage"] == step.stage]
        assert (step.actions, step.customers) == (len(of), len(set(of)))


async def months_hold() -> None:
    """What the migration makes of the actions that are there is what the folds made of the entries."""
    migration = importlib.import_module("migrations.0022_months")
    for table, sql in (("rep_months", migration.REP_MONTHS), ("customer_months", migration.CUSTOMER_MONTHS)):
        before = await select(f"SELECT * FROM {table} ORDER BY id")
        await select(f"DELETE FROM {table}")
        await select(sql)
        assert await select(f"SELECT * FROM {table} ORDER BY id") == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(story=stories, facts=given_facts)
def test_the_board_counts_what_counting_one_by_one_gives(migrated: Path, story: Story, facts: list[Fact]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            database = await open_database(f"sqlite://{shutil.copy(migrated, Path(folder) / 'board.sqlite3')}", Path(folder))
            try:
                await play(database, story)
                await told(database, facts)
                await holds()
                await months_hold()
            finally:
                await database.close()

    asyncio.run(run())


FACTS = [
    Fact(kind="deals", customer="C1", days=20, paid=None, stage="sign", fen=5),
    Fact(kind="deals", customer="C2", days=3, paid=None, stage="deliver", fen=5),
    Fact(kind="payments", customer="C1", days=100, paid=None, stage="", fen=7),
    Fact(kind="payments", customer="C1", days=95, paid=96, stage="", fen=7),
    Fact(kind="payments", customer="C3", days=20, paid=2, stage="", fen=9),
    Fact(kind="payments", customer="C3", days=33, paid=2, stage="", fen=9),
]


async def test_on_either_database_and_after_deletion(database: Database) -> None:
    await play(database, sample())
    await told(database, FACTS)
    await holds()
    await months_hold()
    async with database.step():
        [proof] = await select("SELECT action FROM milestones WHERE stage = 'need'")
        await erasing.destroy(await erasing.of_record(str(proof["action"])))
        await erasing.destroy(await erasing.of_items(["e_2_photo"]))
    await holds()
    async with refold.recomputed() as recomputed:
        assert [line async for line in recomputed.differences()] == []
    await months_hold()
