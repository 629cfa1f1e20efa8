"""Deviations are signed and exact, nothing is divided by nothing, and who corrects himself at the end does not look wise."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.schema import ForecastWeights
from bot.measures.forecasting import (
    Figures,
    Lead,
    Said,
    calibration,
    deviation,
    grouped,
    in_force,
    line,
    mean_error,
    total,
    weight,
    weighted,
)

START = datetime(2026, 5, 31, 16, 0, tzinfo=UTC)
WEIGHTS = ForecastWeights()


def said(amount: int, days: float) -> Said:
    return Said(fact="F", rep="E1", customer="C1", amount=amount, made_at=START + timedelta(days=days))


def test_the_last_word_before_the_month_is_the_one_that_is_held() -> None:
    found = in_force([said(3, 20), said(1, -40), said(2, -1)], START)
    assert found and (found.said.amount, found.late) == (2, False)
    late = in_force([said(9, 25), said(4, 2)], START)
    assert late and (late.said.amount, late.late) == (4, True)
    assert in_force([], START) is None
    just = in_force([said(5, 0)], START)
    assert just and just.late


@pytest.mark.parametrize(
    ("forecast", "actual", "expected"), [(137, 100, Fraction(37, 100)), (63, 100, Fraction(-37, 100)), (0, 5, Fraction(-1)), (5, 0, None)]
)
def test_signed_deviation(forecast: int, actual: int, expected: Fraction | None) -> None:
    assert deviation(forecast, actual) == expected


@given(st.integers(0, 10**14), st.integers(1, 10**14))
def test_deviation_gives_the_forecast_back(forecast: int, actual: int) -> None:
    found = deviation(forecast, actual)
    assert found is not None and actual * (1 + found) == forecast


def test_a_month_without_orders_or_not_over_says_why() -> None:
    assert (line("x", 5, 4, 0, running=False).why, line("x", 5, 4, 0, running=True).why) == ("zero", "running")
    assert line("x", 5, 4, 9, running=True).deviation is None


def lead(stage: str = "demo", tier: str = "T4", idle: int = 7, basis: int = 1000) -> Lead:
    return Lead(customer="C1", basis=basis, stage=stage, tier=tier, idle_days=idle)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lead(), Fraction(35, 100)),
        (lead(idle=8), Fraction(28, 100)),
        (lead(idle=90), Fraction(875, 10_000)),
        (lead(idle=91), Fraction(0)),
        (lead(tier="T0"), Fraction(14, 100)),
        (lead(stage="own"), Fraction(0)),
    ],
)
def test_weights_are_those_of_the_config(found: Lead, expected: Fraction) -> None:
    assert weight(found, WEIGHTS) == expected


@given(st.integers(0, 10**14), st.integers(0, 200), st.sampled_from(["T0", "T1", "T2", "T3", "T4"]), st.sampled_from(sorted(WEIGHTS.stage)))
def test_more_evidence_never_makes_less(basis: int, idle: int, tier: str, stage: str) -> None:
    found = lead(stage, tier, idle, basis)
    assert 0 <= weighted(found, WEIGHTS) <= basis
    assert weighted(found, WEIGHTS) <= weighted(lead(stage, "T4", idle, basis), WEIGHTS)
    assert weighted(lead(stage, tier, idle + 1, basis), WEIGHTS) <= weighted(found, WEIGHTS)


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 99), st.none() | st.integers(0, 99), st.integers(0, 99))
    )
)
def test_groups_add_up_to_the_whole(rows: list[tuple[str, str, int, int | None, int]]) -> None:
    figures = [Figures(rep=rep, region=region, said=one, own=two, actual=three) for rep, region, one, two, three in rows]
    whole = total("", figures, running=False)
    for by in ("rep", "region"):
        lines = grouped(figures, by, running=False)
        sums = [sum(getattr(one, name) or 0 for one in lines) for name in ("said", "own", "actual")]
        assert sums == [whole.said, whole.own or 0, whole.actual]
    assert (whole.own is None) == all(one.own is None for one in figures), "no evidence is not the same as evidence of nothing"
    assert whole.own is not None or whole.own_deviation is None


def test_calibration_and_mean_error() -> None:
    low, high = calibration([(Fraction(1, 10), False), (Fraction(1, 10), True), (Fraction(1), True)])
    assert (low.count, low.expected, low.came) == (2, Fraction(1, 10), Fraction(1, 2))
    assert (high.low, high.count, high.came) == (Fraction(4, 5), 1, Fraction(1))
    assert mean_error(
        [line("a", 137, 0, 100, running=False), line("b", 63, 0, 100, running=False), line("c", 1, 1, 0, running=False)], "deviation"
    ) == Fraction(37, 100)
    assert mean_error([], "deviation") is None


@given(st.lists(st.tuples(st.fractions(0, 1), st.booleans())))
def test_every_lead_is_in_one_bin(leads: list[tuple[Fraction, bool]]) -> None:
    bins = calibration(leads)
    assert sum(one.count for one in bins) == len(leads)
    assert all(one.low <= one.expected <= one.high and 0 <= one.came <= 1 for one in bins)
