"""Opportunities by the furthest stage that is proved, and what is claimed beyond it."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.measures.funnel import Opportunity, Step, beyond, claims, furthest
from bot.measures.funnel import funnel as added_up
from bot.store.fields import to_ms
from tests.measures.scratch import funnel_of

STAGES = ("lead", "need", "demo", "negotiate", "sign", "deliver")
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def day(number: float) -> datetime:
    return NOW - timedelta(days=30) + timedelta(days=number)


def one(customer: str, **reached: float) -> Opportunity:
    return Opportunity(customer=customer, reached={stage: day(at) for stage, at in reached.items()})


def moments(each: Opportunity) -> list[int | None]:
    return [to_ms(each.reached[stage]) if stage in each.reached else None for stage in STAGES]


def funnel(stages: tuple[str, ...], some: list[Opportunity], now: datetime) -> list[Step]:
    return added_up(stages, map(moments, some), to_ms(now))


def test_everyone_stands_at_his_furthest_proved_stage() -> None:
    found = {step.stage: step for step in funnel(STAGES, [one("C1", lead=0, need=4), one("C2", need=1, demo=11), one("C3", sign=2)], NOW)}
    assert [(step.standing, step.reached, step.moved) for step in found.values()] == [
        (0, 3, 3),
        (1, 3, 2),
        (1, 2, 1),
        (0, 1, 1),
        (1, 1, 0),
        (0, 0, 0),
    ]
    assert (found["lead"].conversion, found["need"].conversion, found["deliver"].conversion) == (1.0, 2 / 3, None)
    assert (found["lead"].days, found["need"].days, found["demo"].days) == (4.0, 10.0, None)
    assert (found["need"].waiting_days, found["demo"].waiting_days, found["lead"].waiting_days) == (26.0, 19.0, None)


def test_a_later_stage_that_was_proved_earlier_takes_no_time_from_it() -> None:
    assert [step.days for step in funnel(STAGES, [one("C1", need=9, demo=2)], NOW)] == [None] * 6


def test_a_customer_without_any_proof_stands_nowhere() -> None:
    assert sum(step.standing for step in funnel(STAGES, [one("C1"), one("C2", gone=1)], NOW)) == 0


def test_a_claim_beyond_the_proof_is_listed_with_what_makes_it() -> None:
    honest = Opportunity(customer="C1", reached={"sign": day(1)}, claimed={"sign": ("deal", "D1"), "demo": ("action", "a_1")})
    bold = Opportunity(customer="C2", owner="E1", reached={"need": day(1)}, claimed={"sign": ("deal", "D2"), "demo": ("action", "a_2")})
    bare = Opportunity(customer="C3", claimed={"lead": ("action", "a_3"), "unknown": ("deal", "D3")})
    assert [(claim.customer, claim.stage, claim.proved, claim.source, claim.id) for claim in claims(STAGES, [bare, honest, bold])] == [
        ("C2", "sign", "need", "deal", "D2"),
        ("C2", "demo", "need", "action", "a_2"),
        ("C3", "lead", "", "action", "a_3"),
    ]


moments_of_a_month = st.integers(0, 30 * 86_400_000).map(lambda ms: day(0) + timedelta(milliseconds=ms))
opportunities = st.lists(
    st.builds(
        Opportunity,
        customer=st.uuids().map(str),
        reached=st.dictionaries(
            st.sampled_from([*STAGES, "gone"]),
            st.integers(0, 30 * 86_400_000).map(lambda ms: day(0) + timedelta(milliseconds=ms)),
            max_size=5,
        ),
        claimed=st.dictionaries(st.sampled_from(STAGES), st.tuples(st.sampled_from(["deal", "action"]), st.text(max_size=3)), max_size=3),
    ),
    max_size=8,
)


@given(opportunities)
def test_nobody_is_lost_or_counted_twice(some: list[Opportunity]) -> None:
    steps = funnel(STAGES, some, NOW)
    assert sum(step.standing for step in steps) == sum(bool(furthest(STAGES, each.reached)) for each in some)
    for before, after in itertools.pairwise(steps):
        assert before.reached >= after.reached
        assert before.moved == after.reached
    assert all(step.conversion is None or 0 <= step.conversion <= 1 for step in steps)
    assert all(step.days is None or step.days >= 0 for step in steps)


@given(opportunities)
def test_a_claim_is_never_proved(some: list[Opportunity]) -> None:
    by_customer = {each.customer: each for each in some}
    for claim in claims(STAGES, some):
        assert claim.stage not in by_customer[claim.customer].reached
        assert STAGES.index(claim.stage) > (STAGES.index(claim.proved) if claim.proved else -1)


@given(opportunities)
def test_what_is_added_up_is_what_counting_one_by_one_gives(some: list[Opportunity]) -> None:
    assert funnel(STAGES, some, NOW) == funnel_of(STAGES, some, NOW)
    claimed = [(each.customer, stage) for each in some for stage in each.claimed]
    assert beyond(STAGES, {each.customer: moments(each) for each in some}, claimed) == len(claims(STAGES, some))
