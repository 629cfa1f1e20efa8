"""Silent customers, repurchase and conversion: the edges are exact, on either side of them."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.schema import Repurchase, Silence
from bot.measures.conversion import Began, Conversion, conversion
from bot.measures.repurchase import Shown, in_a_row, repurchase
from bot.measures.repurchase import next_change as tickets_change
from bot.measures.silent import Dated, Known, next_change, ratio, silent

TODAY = date(2026, 11, 23)
RULE = Silence()
CASES = Repurchase()
NOON = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


def ago(days: int, id_: str = "x") -> Dated:
    return Dated(day=TODAY - timedelta(days=days), id=id_)


def known(
    *,
    demos: tuple[int, ...] = (1, 2, 90),
    orders: tuple[int, ...] = (),
    visits: int = 1,
    visit_ms: int = 276_001,
    topic: str = "定制化API对接",
) -> Known:
    return Known(
        demos=tuple(ago(days, f"a{days}") for days in demos),
        orders=tuple(ago(days, f"o{days}") for days in orders),
        visits=visits,
        visit_ms=visit_ms,
        first_visit=TODAY,
        inquiry=ago(5, "i") if topic else None,
        topic=topic,
    )


def met(found: Known) -> dict[str, bool]:
    return {part.id: part.met for part in silent(found, RULE, TODAY)}


ALL = {"demos": True, "orders": True, "site": True, "inquiry": True}


@pytest.mark.parametrize(
    ("given_", "missing"),
    [
        (known(), None),
        (known(demos=(1, 2, 91)), "demos"),
        (known(demos=(1, 2)), "demos"),
        (known(orders=(90,)), "orders"),
        (known(orders=(91,)), None),
        (known(visit_ms=276_000), "site"),  # 276 s over 120 s is 2.30 exactly
        (known(visits=7, visit_ms=7 * 276_000 + 1), None),
        (known(visits=0, visit_ms=0), "site"),
        (known(topic="报价"), "inquiry"),
        (known(topic=""), "inquiry"),
        (known(topic="想问 定制化 api 对接 的周期"), None),
    ],
)
def test_all_four_are_needed_and_each_has_its_edge(given_: Known, missing: str | None) -> None:
    assert met(given_) == ALL | ({missing: False} if missing else {})


@given(st.integers(1, 10**6), st.integers(1, 86_400), st.integers(-3, 3))
def test_230_is_exact_whatever_the_numbers(visits: int, usual: int, more: int) -> None:
    edge = 230 * usual * 10 * visits  # ms: 2.30 × usual seconds × visits
    rule = Silence(industry_seconds={"default": usual})
    parts = {part.id: part.met for part in silent(known(visits=visits, visit_ms=edge + more), rule, TODAY)}
    assert parts["site"] is (more > 0)
    assert ratio(visits, edge, usual) == Fraction(23, 10)


@given(st.lists(st.integers(0, 200), max_size=6), st.lists(st.integers(0, 200), max_size=3))
def test_nothing_changes_before_the_day_that_is_said(demos: list[int], orders: list[int]) -> None:
    found = known(demos=tuple(demos), orders=tuple(orders), visits=0, visit_ms=0)
    change = next_change(found, RULE, TODAY) or TODAY + timedelta(days=400)
    assert change > TODAY
    last = min((change - TODAY).days, 300)
    same = [[part.met for part in silent(found, RULE, TODAY + timedelta(days=day))] for day in range(last)]
    assert all(one == same[0] for one in same)


def test_industries_have_their_own_usual_time() -> None:
    rule = Silence(industry_seconds={"default": 120, "电子": 200})
    assert [part.met for part in silent(Known(industry="电子", visits=1, visit_ms=300_000), rule, TODAY) if part.id == "site"] == [False]
    assert not next(part for part in silent(known(), Silence(industry_seconds={"机械": 1}), TODAY) if part.id == "site").met


def shown(*words: str) -> list[Shown]:
    return [Shown(id=f"p{n}", at=NOON + timedelta(hours=n), words=(word,)) for n, word in enumerate(words)]


CASE = "老客户成功案例-华东"


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ((CASE, CASE), ()),
        ((CASE, CASE, CASE), ("p0", "p1", "p2")),
        ((CASE, CASE, "产品册", CASE), ()),
        ((CASE, CASE, "产品册", CASE, CASE, CASE, CASE), ("p4", "p5", "p6")),
        ((CASE, CASE, CASE, "产品册"), ("p0", "p1", "p2")),
    ],
)
def test_three_in_a_row(words: tuple[str, ...], ids: tuple[str, ...]) -> None:
    assert tuple(one.id for one in in_a_row(shown(*words), CASES)) == ids


@pytest.mark.parametrize(("days", "counts"), [(0, True), (89, True), (90, True), (91, False)])
def test_day_90_counts_and_91_does_not(days: int, counts: bool) -> None:
    cases, ticket = repurchase(shown(CASE, CASE, CASE), [ago(days, "T1")], CASES, TODAY)
    assert (cases.met, ticket.met) == (True, counts)
    assert ticket.have == str(days) and ticket.sources == (("T1",) if counts else ())


@given(st.lists(st.integers(0, 200), max_size=5))
def test_a_tickets_end_is_known_beforehand(days: list[int]) -> None:
    closed = [ago(day) for day in days]
    change = tickets_change(closed, CASES, TODAY) or TODAY + timedelta(days=400)
    same = [repurchase([], closed, CASES, TODAY + timedelta(days=day))[1].met for day in range(min((change - TODAY).days, 300))]
    assert all(one == same[0] for one in same)


def test_conversion_judges_only_those_whose_days_are_over() -> None:
    began = [Began(customer=name, day=TODAY - timedelta(days=days)) for name, days in (("a", 91), ("b", 91), ("c", 90), ("d", 200))]
    orders = {"a": [TODAY - timedelta(days=1)], "b": [TODAY], "c": [TODAY], "d": [TODAY - timedelta(days=201)]}
    assert conversion(began, orders, 90, TODAY) == Conversion(began=4, due=3, converted=1)
    assert conversion([], {}, 90, TODAY).rate is None


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 300))), st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 300)))
)
def test_conversion_is_a_share(began: list[tuple[str, int]], orders: dict[str, list[int]]) -> None:
    dated = {name: [TODAY - timedelta(days=day) for day in days] for name, days in orders.items()}
    found = conversion([Began(customer=name, day=TODAY - timedelta(days=day)) for name, day in began], dated, 90, TODAY)
    assert 0 <= found.converted <= found.due <= found.began
