"""The figures of a month, from rows of either database."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot.config.schema import Config, Grade, Region
from bot.store import figure_fold
from bot.store.database import Database
from bot.store.reading import coverage_report, funnel, month_bounds
from bot.store.tables import ActionRow, ConfigVersion, CustomerRow, NoteRow, PurchaseRow

CONFIG = Config(regions=(Region(id="south", name="华南"), Region(id="east", name="华东")))
NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)
EARLY = datetime(2026, 1, 5, tzinfo=UTC)
_numbers = count()


async def customer(id_: str, yuan: int, region: str = "south", since: datetime = EARLY) -> None:
    await CustomerRow.create(
        id=id_, name=f"客户{id_}", aliases=[], owner="E001", region=region, annual_purchase_fen=yuan * 100, imported_at=since
    )
    await PurchaseRow.create(customer=id_, since=since, fen=yuan * 100)


async def action(customer_id: str, kind: str | None, at: datetime = NOW, state: str = "complete", stage: str = "need") -> None:
    id_ = f"a_{next(_numbers):026}"
    await ActionRow.create(
        id=id_,
        visit="v_1",
        rep="E001",
        customer=customer_id,
        region="south",
        stage=stage,
        kind=kind,
        state=state,
        tier="T4",
        reasons=[],
        at=at,
        received_at=at,
        ledger_index=0,
    )
    await figure_fold.deed(id_, 0)


async def note(customer_id: str, kind: str, text: str) -> None:
    await NoteRow.create(id=f"n_{next(_numbers)}", customer=customer_id, kind=kind, month="2026-11", text=text, by="E001", at=NOW)


async def golden() -> None:
    """The appendix table of the seed article: A 9/12, B 8/8, C 3/5."""
    full = ("need_diagnosis", "need_diagnosis", "solution_demo", "executive_visit")
    for id_, kinds in (("A1", full), ("A2", full[:3]), ("A3", full[:2])):
        await customer(id_, 600_000)
        for kind in kinds:
            await action(id_, kind)
    for id_ in ("B1", "B2", "B3", "B4"):
        await customer(id_, 100_000)
        await action(id_, "need_diagnosis")
        await action(id_, "solution_demo")
    for id_ in ("C1", "C2", "C3", "C4", "C5"):
        await customer(id_, 50_000)
        if id_ < "C4":
            await action(id_, "online_need_review")
    await note("A2", "executive_visit", "客户CEO出差")
    await note("C4", "online_need_review", "电话无人接听")
    await note("C5", "online_need_review", "电话无人接听")


async def test_coverage_gives_the_appendix_table(database: Database) -> None:
    await golden()
    report = await coverage_report(CONFIG, "2026-11", None, NOW)
    rows = [(row.grade, row.done, row.quota, row.rate, row.explained, row.unexplained) for row in report.rows]
    assert rows == [("A", 9, 12, 0.75, 1, 2), ("B", 8, 8, 1.0, 0, 0), ("C", 3, 5, 0.6, 2, 0)]
    assert (report.done, report.quota, report.rate) == (20, 25, 0.8)
    assert report.rows[0].notes == ("客户CEO出差",)


async def test_coverage_counts_only_complete_actions_of_the_local_month(sqlite: Database) -> None:
    await customer("B1", 100_000)
    start, end = month_bounds(CONFIG, "2026-11")
    await action("B1", "need_diagnosis", at=start)
    await action("B1", "solution_demo", at=end)
    await action("B1", "solution_demo", at=start - timedelta(milliseconds=1))
    await action("B1", "solution_demo", state="quarantined")
    await action("B1", None)
    report = await coverage_report(CONFIG, "2026-11", None, NOW)
    assert (report.done, report.quota) == (1, 2)


async def test_coverage_shows_surplus_apart(sqlite: Database) -> None:
    await customer("B1", 100_000)
    for _ in range(3):
        await action("B1", "need_diagnosis")
    report = await coverage_report(CONFIG, "2026-11", None, NOW)
    assert (report.done, report.rows[1].surplus) == (1, 2)


async def test_coverage_keeps_to_the_region(database: Database) -> None:
    await customer("B1", 100_000)
    await customer("B2", 100_000, region="east")
    await action("B1", "need_diagnosis")
    south, east = [await coverage_report(CONFIG, "2026-11", region, NOW) for region in ("south", "east")]
    assert (south.done, south.quota) == (1, 2)
    assert (east.done, east.quota) == (0, 2)


@pytest.mark.parametrize(("month", "grades"), [("2026-10", [0, 1, 0]), ("2026-11", [1, 0, 0])])
async def test_grade_is_that_of_the_months_end(database: Database, month: str, grades: list[int]) -> None:
    await customer("X", 500_000)
    _, october_ends = month_bounds(CONFIG, "2026-10")
    await PurchaseRow.create(customer="X", since=october_ends, fen=50_000_001)
    await CustomerRow.filter(id="X").update(annual_purchase_fen=50_000_001)
    report = await coverage_report(CONFIG, month, None, NOW)
    assert [row.customers for row in report.rows] == grades


async def test_quota_of_a_month_that_is_over_stays(database: Database) -> None:
    """The config that was in force at its end counts; before the first known one, the first."""
    await customer("X", 600_000)
    for at, quota in ((datetime(2026, 10, 3, tzinfo=UTC), 3), (datetime(2026, 11, 3, tzinfo=UTC), 5)):
        text = f'[[grades]]\nid = "A"\nannual_purchase = ">= 0"\nquota = {{ need_diagnosis = {quota} }}\n'
        await ConfigVersion.create(sha256=str(quota) * 64, at=at, text=text)
    quotas = [(await coverage_report(CONFIG, month, None, NOW)).quota for month in ("2026-09", "2026-10", "2026-11")]
    assert quotas == [3, 3, 4]


async def test_customer_who_came_after_the_month_is_not_in_it(sqlite: Database) -> None:
    _, october_ends = month_bounds(CONFIG, "2026-10")
    await customer("NEW", 600_000, since=october_ends)
    assert (await coverage_report(CONFIG, "2026-10", None, NOW)).quota == 0
    assert (await coverage_report(CONFIG, "2026-11", None, NOW)).quota == 4


async def test_coverage_reads_inside_an_open_step(database: Database) -> None:
    async with database.step():
        await customer("B1", 100_000)
        report = await coverage_report(CONFIG, "2026-11", None, NOW)
    assert report.quota == 2


async def test_rate_over_no_quota_is_none(sqlite: Database) -> None:
    config = CONFIG.model_copy(update={"grades": (Grade(id="Z", annual_purchase=">= 0"),)})
    await customer("B1", 100_000)
    assert (await coverage_report(config, "2026-11", None, NOW)).rate is None


async def test_funnel_counts_complete_actions_by_stage(database: Database) -> None:
    for id_, state in (("C1", "complete"), ("C1", "complete"), ("C2", "complete"), ("C2", "incomplete")):
        await action(id_, None, state=state, stage="demo")
    steps = {step.stage: step for step in await funnel(CONFIG, "2026-11", "south", NOW, customers=True)}
    assert (steps["demo"].actions, steps["demo"].customers, steps["lead"].actions) == (3, 2, 0)
    assert list(steps) == [stage.id for stage in CONFIG.stages]
