"""Signed deals that nobody touches, crossed with payments that nobody makes: the edges are exact."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.measures.deals import Deal, Payment, days_overdue, honesty, is_stale
from tests.measures.scratch import collection_of as collection

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 30, 10, 0, tzinfo=CHINA)
MOMENT = timedelta(milliseconds=1)


def deal(id_: str = "D1", customer: str = "C1", stage: str = "sign", untouched: timedelta = timedelta(days=20)) -> Deal:
    return Deal(id=id_, customer=customer, stage=stage, fen=100, updated_at=NOW - untouched)


def payment(id_: str = "P1", customer: str = "C1", due: datetime = NOW - timedelta(days=100), paid: datetime | None = None) -> Payment:
    return Payment(id=id_, customer=customer, fen=700, due_at=due, paid_at=paid)


@pytest.mark.parametrize(
    ("untouched", "stale"),
    [(timedelta(days=14), True), (timedelta(days=14) - MOMENT, False), (timedelta(days=14) + MOMENT, True), (timedelta(0), False)],
)
def test_a_deal_is_stale_at_fourteen_days_to_the_millisecond(untouched: timedelta, *, stale: bool) -> None:
    assert is_stale(deal(untouched=untouched), NOW) is stale


@pytest.mark.parametrize(("days", "late"), [(90, False), (91, True), (89, False)])
@pytest.mark.parametrize("hour", [0, 23])
def test_more_than_ninety_days_are_ninety_one(days: int, hour: int, *, late: bool) -> None:
    due = (NOW - timedelta(days=days)).replace(hour=hour)
    assert days_overdue(payment(due=due), NOW, CHINA) == days
    found = honesty([deal()], [payment(due=due)], NOW, CHINA)
    assert (bool(found.anomalies), found.overdue) == (late, int(late))


def test_a_day_is_the_companys_not_greenwichs() -> None:
    due = datetime(2026, 11, 28, 16, 30, tzinfo=UTC)  # the 29th in Shanghai
    assert days_overdue(payment(due=due), NOW, CHINA) == 1


def test_a_row_has_both_facts_or_is_none() -> None:
    deals = [deal("D1", "C1"), deal("D2", "C2"), deal("D3", "C3", stage="negotiate"), deal("D4", "C4", untouched=timedelta(days=3))]
    payments = [payment("P1", "C1"), payment("P2", "C1", NOW - timedelta(days=120)), payment("P3", "C3"), payment("P4", "C4")]
    found = honesty(deals, payments, NOW, CHINA)
    [row] = found.anomalies
    assert (row.deal.id, row.untouched_days, [one.id for one in row.payments], row.overdue_days, row.overdue_fen) == (
        "D1",
        20,
        ["P2", "P1"],
        120,
        1400,
    )
    assert (found.signed, found.stale, found.overdue, found.stale_share) == (3, 2, 4, 2 / 3)


def test_what_was_paid_is_not_overdue_and_what_will_be_still_is() -> None:
    assert days_overdue(payment(paid=NOW), NOW, CHINA) == 0
    assert days_overdue(payment(paid=NOW + MOMENT), NOW, CHINA) == 100


@pytest.mark.parametrize(("paid_after", "in_time"), [(-3, True), (0, True), (30, True), (31, False), (None, False)])
def test_thirty_days_to_pay(paid_after: int | None, *, in_time: bool) -> None:
    due = datetime(2026, 9, 10, tzinfo=CHINA)
    one = payment(due=due, paid=None if paid_after is None else due + timedelta(days=paid_after, hours=23))
    found = collection([one], due, due + MOMENT, NOW, CHINA)
    assert (found.due_fen, found.paid_fen, found.rate) == (700, 700 * in_time, float(in_time))


def test_what_still_has_time_is_counted_apart_paid_or_not() -> None:
    since = datetime(2026, 10, 1, tzinfo=CHINA)
    still, over = NOW.replace(hour=0) - timedelta(days=30), NOW.replace(hour=0) - timedelta(days=31)
    found = collection([payment("P1", due=still, paid=NOW), payment("P2", due=over, paid=over)], since, NOW, NOW, CHINA)
    assert (found.payments, found.paid, found.open, found.open_fen, found.rate) == (1, 1, 1, 700, 1.0)
    assert collection([], since, NOW, NOW, CHINA).rate is None


moments = st.floats(-200, 10).map(lambda days: NOW + timedelta(days=days))
deals = st.lists(
    st.builds(
        Deal,
        id=st.text(max_size=3),
        customer=st.sampled_from("XYZ"),
        stage=st.sampled_from(["sign", "demo"]),
        fen=st.just(1),
        updated_at=moments,
    ),
    max_size=6,
)
payments = st.lists(
    st.builds(
        Payment,
        id=st.text(max_size=3),
        customer=st.sampled_from("XYZ"),
        fen=st.integers(0, 10**12),
        due_at=moments,
        paid_at=st.none() | moments,
    ),
    max_size=6,
)


@given(deals, payments)
def test_the_crossing_is_in_both_lists(some: list[Deal], sums: list[Payment]) -> None:
    found = honesty(some, sums, NOW, CHINA)
    for row in found.anomalies:
        assert row.deal in some
        assert row.untouched_days >= 14
        assert row.payments
        assert all(one.customer == row.deal.customer and days_overdue(one, NOW, CHINA) > 90 for one in row.payments)
    assert len(found.anomalies) <= found.stale <= found.signed


@given(payments)
def test_a_rate_is_a_share_and_the_parts_are_all_that_was_due(sums: list[Payment]) -> None:
    since, until = NOW - timedelta(days=150), NOW - timedelta(days=5)
    found = collection(sums, since, until, NOW, CHINA)
    assert found.due_fen + found.open_fen == sum(one.fen for one in sums if since <= one.due_at < until)
    assert found.rate is None or 0 <= found.rate <= 1
