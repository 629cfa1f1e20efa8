"""Coverage, and the published table that it must reproduce."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.config.schema import DEFAULT_GRADES
from bot.measures.coverage import CoverageReport, CustomerMonth, Filled, coverage, coverage_by, slots

NEED, DEMO, EXECUTIVE, ONLINE = "need_diagnosis", "solution_demo", "executive_visit", "online_need_review"
FULL_A = {NEED: 2, DEMO: 1, EXECUTIVE: 1}
FULL_B = {NEED: 1, DEMO: 1}

APPENDIX = (
    CustomerMonth(customer="A1", grade="A", done=FULL_A),
    CustomerMonth(customer="A2", grade="A", done={NEED: 2, DEMO: 1}, notes={EXECUTIVE: ("客户CEO出差",)}),
    CustomerMonth(customer="A3", grade="A", done={NEED: 1, DEMO: 1}),
    *(CustomerMonth(customer=f"B{n}", grade="B", done=FULL_B) for n in range(1, 5)),
    *(CustomerMonth(customer=f"C{n}", grade="C", done={ONLINE: 1}) for n in range(1, 4)),
    *(CustomerMonth(customer=f"C{n}", grade="C", notes={ONLINE: ("电话无人接听",)}) for n in range(4, 6)),
)


def report(*customers: CustomerMonth) -> CoverageReport:
    return coverage("2026-11", None, customers, DEFAULT_GRADES)


def test_the_appendix_table_comes_out_exactly() -> None:
    found = report(*APPENDIX)
    rows = [(row.grade, row.customers, row.quota, row.done, row.rate, row.surplus, row.explained, row.unexplained) for row in found.rows]
    assert rows == [
        ("A", 3, 12, 9, 0.75, 0, 1, 2),
        ("B", 4, 8, 8, 1.0, 0, 0, 0),
        ("C", 5, 5, 3, 0.6, 0, 2, 0),
    ]
    assert (found.quota, found.done, found.rate) == (25, 20, 0.8)
    assert [row.notes for row in found.rows] == [("客户CEO出差",), (), ("电话无人接听", "电话无人接听")]


def test_a_thirteenth_action_lifts_nothing_unless_it_fills_a_gap() -> None:
    more = (replace(APPENDIX[0], done={**FULL_A, NEED: 5, ONLINE: 2}), *APPENDIX[1:])
    row = report(*more).rows[0]
    assert (row.done, row.rate, row.surplus) == (9, 0.75, 5)
    filled = (APPENDIX[0], replace(APPENDIX[1], done=FULL_A), *APPENDIX[2:])
    row = report(*filled).rows[0]
    assert (row.done, row.explained, row.unexplained) == (10, 0, 2)


def test_a_rate_over_nothing_is_none() -> None:
    found = report()
    assert [row.rate for row in found.rows] == [None, None, None]
    assert found.rate is None


def test_a_customer_whose_grade_is_not_configured_counts_nowhere() -> None:
    assert report(CustomerMonth(customer="X", grade="Z", done={NEED: 3})).quota == 0


def test_two_notes_on_one_gap_explain_one() -> None:
    row = report(CustomerMonth(customer="C1", grade="C", notes={ONLINE: ("出差", "放假")})).rows[2]
    assert (row.explained, row.unexplained, row.notes) == (1, 0, ("出差",))


kinds = st.sampled_from([NEED, DEMO, EXECUTIVE, ONLINE, "other"])
months = st.lists(
    st.builds(
        CustomerMonth,
        customer=st.uuids().map(str),
        grade=st.sampled_from("ABC"),
        done=st.dictionaries(kinds, st.integers(0, 5), max_size=4),
        notes=st.dictionaries(kinds, st.lists(st.text(max_size=5), max_size=3).map(tuple), max_size=3),
    ),
    max_size=8,
)


@given(months)
def test_notes_never_change_the_rate(customers: list[CustomerMonth]) -> None:
    bare = report(*(replace(one, notes={}) for one in customers))
    noted = report(*customers)
    assert [(row.rate, row.done, row.quota, row.surplus) for row in noted.rows] == [
        (row.rate, row.done, row.quota, row.surplus) for row in bare.rows
    ]


@given(months)
def test_surplus_never_lifts_the_rate(customers: list[CustomerMonth]) -> None:
    quota = {grade.id: grade.quota for grade in DEFAULT_GRADES}
    capped = [replace(one, done={kind: min(n, quota[one.grade].get(kind, 0)) for kind, n in one.done.items()}) for one in customers]
    assert [row.rate for row in report(*customers).rows] == [row.rate for row in report(*capped).rows]
    assert sum(row.surplus for row in report(*customers).rows) + report(*customers).done == sum(sum(one.done.values()) for one in customers)


@given(months)
def test_the_gap_is_explained_and_unexplained_and_nothing_else(customers: list[CustomerMonth]) -> None:
    for row in report(*customers).rows:
        assert row.quota - row.done == row.explained + row.unexplained
        assert min(row.explained, row.unexplained, row.surplus) >= 0
        assert len(row.notes) == row.explained
        assert row.rate is None or 0 <= row.rate <= 1


UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
owned = st.lists(
    st.builds(
        CustomerMonth,
        customer=st.uuids().map(str),
        grade=st.sampled_from("ABCZ"),
        owner=st.sampled_from(["E1", "E2", ""]),
        region=st.sampled_from(["south", "east"]),
        done=st.dictionaries(kinds, st.integers(0, 4), max_size=4),
        notes=st.dictionaries(kinds, st.lists(st.text(min_size=1, max_size=5), max_size=3).map(tuple), max_size=3),
    ),
    max_size=8,
)


@given(owned)
def test_parts_add_up_to_the_whole(customers: list[CustomerMonth]) -> None:
    whole = report(*customers)
    for part in (lambda one: one.owner, lambda one: one.region):
        parts = coverage_by("2026-11", customers, DEFAULT_GRADES, part).values()
        for name in ("quota", "done", "explained", "unexplained"):
            assert sum(getattr(one, name) for one in parts) == getattr(whole, name)


def filled(customers: list[CustomerMonth]) -> dict[tuple[str, str], list[Filled]]:
    return {
        (one.customer, kind): [Filled(action=f"a_{one.customer}_{kind}_{n}", at=UNTIL - timedelta(days=n + 1)) for n in range(count)]
        for one in customers
        for kind, count in one.done.items()
    }


@given(owned)
def test_the_slots_are_the_figure_one_by_one(customers: list[CustomerMonth]) -> None:
    found, whole = slots(customers, DEFAULT_GRADES, filled(customers), UNTIL), report(*customers)
    states = Counter(slot.state for slot in found)
    assert (states["done"], states["explained"], states["missing"]) == (whole.done, whole.explained, whole.unexplained)
    assert len({(slot.customer, slot.kind, slot.number) for slot in found}) == len(found) == whole.quota
    assert len({slot.action for slot in found if slot.action}) == states["done"]


def test_the_twelve_slots_of_grade_a() -> None:
    found = [slot for slot in slots(APPENDIX, DEFAULT_GRADES, filled(list(APPENDIX)), UNTIL) if slot.grade == "A"]
    assert (len(found), [(slot.customer, slot.kind, slot.note) for slot in found if slot.state != "done"]) == (
        12,
        [("A2", EXECUTIVE, "客户CEO出差"), ("A3", NEED, ""), ("A3", EXECUTIVE, "")],
    )
