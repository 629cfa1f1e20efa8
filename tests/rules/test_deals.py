"""stale_stage and overdue: fourteen days to the millisecond, the ninety-first day of the company's calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.config.schema import Overdue, StaleStage
from bot.measures.deals import Deal, Payment
from bot.rules import overdue
from bot.rules.evaluate import evaluate
from bot.rules.facts import DealFacts, PaymentFacts

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 30, 10, tzinfo=CHINA)
STALE, LATE = StaleStage(id="stale", kind="stale_stage"), Overdue(id="late", kind="overdue")
MOMENT = timedelta(milliseconds=1)


def deal(untouched: timedelta, stage: str = "sign", id_: str = "D1") -> DealFacts:
    return DealFacts(deal=Deal(id=id_, customer="C1", stage=stage, fen=100, updated_at=NOW - untouched), region="south", owner="E1")


def payment(due: datetime, paid: datetime | None = None) -> PaymentFacts:
    return PaymentFacts(payment=Payment(id="P1", customer="C1", fen=700, due_at=due, paid_at=paid), region="south", owner="E1")


@pytest.mark.parametrize(
    ("untouched", "stage", "fires"),
    [
        (timedelta(days=14), "sign", True),
        (timedelta(days=14) - MOMENT, "sign", False),
        (timedelta(days=400), "sign", True),
        (timedelta(days=400), "demo", False),
    ],
)
def test_a_stage_that_nobody_touches(untouched: timedelta, stage: str, *, fires: bool) -> None:
    found = evaluate([STALE, LATE], [deal(untouched, stage)], NOW, CHINA)
    assert [(one.rule, one.subject, one.owner) for one in found] == ([("stale", "customer:C1", "E1")] if fires else [])


def test_two_deals_of_one_customer_are_two_incidents() -> None:
    found = evaluate([STALE], [deal(timedelta(days=20)), deal(timedelta(days=20), id_="D2")], NOW, CHINA)
    assert len({one.period for one in found}) == 2
    assert all(len(one.period) <= 64 for one in found)


@pytest.mark.parametrize(("days", "fires"), [(90, False), (91, True)])
def test_a_payment_that_is_late(days: int, *, fires: bool) -> None:
    due = (NOW - timedelta(days=days)).replace(hour=23)
    assert bool(evaluate([LATE], [payment(due)], NOW, CHINA)) is fires
    assert evaluate([LATE], [payment(due, paid=NOW)], NOW, CHINA) == []


def test_it_is_due_at_midnight_and_fires_then() -> None:
    late = payment(datetime(2026, 9, 1, 15, tzinfo=CHINA))
    due = overdue.due_at(LATE, late, CHINA)
    assert due == datetime(2026, 12, 1, 0, 0, tzinfo=CHINA)
    assert due.tzinfo is UTC
    assert evaluate([LATE], [late], due - MOMENT, CHINA) == []
    [found] = evaluate([LATE], [late], due, CHINA)
    assert (found.since, found.values["payment"]) == (due, "P1")
