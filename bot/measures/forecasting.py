"""Forecasts held against what came: signed deviation, our own evidence-weighted figure beside the reps', and how well both did.

Money is integer fen; deviations and weights are exact fractions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from bot.config.schema import ForecastWeights

HUNDRED = 100
BINS = 5  # of the calibration: a fifth of the scale each


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody forecast for a customer and month, when he did."""

    fact: str
    rep: str
    customer: str
    amount: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The version that is held against the month. `late`: nothing was said before the month began."""

    said: Said
    late: bool


def in_force(versions: Sequence[Said], start: datetime) -> InForce | None:
    """The last version of before the month began; without one the first of later: who corrects himself at the end must not look wise."""
    ordered = sorted(versions, key=lambda one: one.made_at)
    before = [one for one in ordered if one.made_at < start]
    if before:
        return InForce(said=before[-1], late=False)
    return InForce(said=ordered[0], late=True) if ordered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What is known of a customer when a month begins. `stage`, `tier`: of the furthest complete action; `idle_days`: since the last."""

    customer: str
    basis: int
    stage: str
    tier: str
    idle_days: int


def weight(lead: Lead, weights: ForecastWeights) -> Fraction:
    """Stage × tier × recency, 0 to 1; 0 for what the config gives no weight, and for who was not met for longer than its last step."""
    steps = sorted((int(days), per_cent) for days, per_cent in weights.recency.items())
    recency = next((per_cent for days, per_cent in steps if lead.idle_days <= days), 0)
    stage, tier = weights.stage.get(lead.stage, 0), weights.tier.get(lead.tier, 0)  # type: ignore[call-overload] # a tier of the ledger
    return Fraction(stage * tier * recency, HUNDRED**3)


def weighted(lead: Lead, weights: ForecastWeights) -> int:
    """Fen, halves away from zero."""
    exact = lead.basis * weight(lead, weights)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


ZERO, RUNNING = "zero", "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Figures of a group for a month. `why`: without a deviation, the reason.

    `own` None: nothing was proved of any of its customers before the month, so there was no evidence to weigh.
    """

    name: str
    said: int
    own: int | None
    actual: int
    deviation: Fraction | None
    own_deviation: Fraction | None
    why: str = ""
    late: int = 0


def deviation(forecast: int, actual: int) -> Fraction | None:
    """(forecast − actual) / actual; None where nothing came: there is nothing to divide by."""
    return Fraction(forecast - actual, actual) if actual else None


def line(name: str, said: int, own: int | None, actual: int, *, running: bool, late: int = 0) -> Line:
    """Of a month that is not over nothing can be said."""
    why = RUNNING if running else "" if actual else ZERO
    found = (None, None) if why else (deviation(said, actual), None if own is None else deviation(own, actual))
    return Line(name=name, said=said, own=own, actual=actual, deviation=found[0], own_deviation=found[1], why=why, late=late)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A customer's part of a month."""

    rep: str
    region: str
    said: int = 0
    own: int | None = None  # nothing proved of him before the month
    actual: int = 0
    late: bool = False


def grouped(figures: Iterable[Figures], by: str, *, running: bool) -> list[Line]:
    """A line each rep or region (`by`), largest actual first."""
    groups: dict[str, list[Figures]] = {}
    for one in figures:
        groups.setdefault(getattr(one, by), []).append(one)
    lines = [total(name, some, running=running) for name, some in groups.items()]
    return sorted(lines, key=lambda one: (-one.actual, -one.said, one.name))


def total(name: str, figures: Iterable[Figures], *, running: bool) -> Line:
    some = list(figures)
    said, actual = sum(one.said for one in some), sum(one.actual for one in some)
    weighed = [one.own for one in some if one.own is not None]
    own = sum(weighed) if weighed else None
    return line(name, said, own, actual, running=running, late=sum(one.late for one in some))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Leads whose weight lay between two bounds: how many, their mean weight, and the share that really ordered."""

    low: Fraction
    high: Fraction
    count: int
    expected: Fraction
    came: Fraction


def calibration(leads: Iterable[tuple[Fraction, bool]]) -> list[Bin]:
    """(weight, ordered in that month) → bins that hold any."""
    bins: Mapping[int, list[tuple[Fraction, bool]]] = {place: [] for place in range(BINS)}
    for found, won in leads:
        bins[min(int(found * BINS), BINS - 1)].append((found, won))
    return [
        Bin(
            low=Fraction(place, BINS),
            high=Fraction(place + 1, BINS),
            count=len(some),
            expected=sum((found for found, _ in some), Fraction(0)) / len(some),
            came=Fraction(sum(won for _, won in some), len(some)),
        )
        for place, some in bins.items()
        if some
    ]


def mean_error(lines: Iterable[Line], field: str) -> Fraction | None:
    """Mean of the deviations' sizes (`deviation` or `own_deviation`) over the months that have one."""
    found = [abs(value) for one in lines if (value := getattr(one, field)) is not None]
    return sum(found, Fraction(0)) / len(found) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """A month's figures. `from_said`, `from_purchase`: leads whose amount our own forecast takes from the rep, or from a year's twelfth."""

    month: str
    region: str | None
    running: bool
    whole: Line
    regions: tuple[Line, ...]
    reps: tuple[Line, ...]
    from_said: int
    from_purchase: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Month by month on imported history; errors are means of the deviations' sizes."""

    months: tuple[Line, ...]
    said_error: Fraction | None
    own_error: Fraction | None
    bins: tuple[Bin, ...]
