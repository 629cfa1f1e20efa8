"""高价值沉默客户: demos, no order, much time on the site, a question about the API: four conditions, each shown with what it rests on.

Days are calendar days of the company. A day counts that lies at most `days` before today: day 90 does, day 91 does not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from bot.config.schema import Silence

SOURCES = 20  # ids that a part names


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """Something with its day and the id of its record."""

    day: date
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is on record about a customer. `visits`, `visit_ms`, `first_visit`: of the window alone; the inquiry is the last one ever."""

    industry: str = ""
    demos: tuple[Dated, ...] = ()
    orders: tuple[Dated, ...] = ()
    visits: int = 0
    visit_ms: int = 0
    first_visit: date | None = None
    inquiry: Dated | None = None
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One condition: whether it holds, what is there, what is asked for, and the records it rests on."""

    id: str
    met: bool
    have: str
    want: str
    sources: tuple[str, ...] = ()
    more: tuple[str, ...] = ()  # of the site's: visits, their mean seconds, the usual seconds


def silent(known: Known, rule: Silence, today: date) -> tuple[Part, ...]:
    """The four parts; a customer is silent where all of them are met."""
    demos = within(known.demos, today, rule.days)
    orders = within(known.orders, today, rule.days)
    return (
        Part(id="demos", met=len(demos) >= rule.demos, have=str(len(demos)), want=str(rule.demos), sources=_ids(demos)),
        Part(id="orders", met=not orders, have=str(len(orders)), want="0", sources=_ids(orders)),
        _site(known, rule),
        _inquiry(known, rule),
    )


def within(items: Iterable[Dated], today: date, days: int) -> list[Dated]:
    return [item for item in items if 0 <= (today - item.day).days <= days]


def _ids(items: Sequence[Dated]) -> tuple[str, ...]:
    return tuple(item.id for item in items[:SOURCES])


def industry_seconds(rule: Silence, industry: str) -> int | None:
    """What is usual in the industry; None where the config says nothing."""
    return rule.industry_seconds.get(industry, rule.industry_seconds.get("default"))


def ratio(visits: int, visit_ms: int, usual: int | None) -> Fraction | None:
    """Mean seconds a visit over the usual ones, exact; None without visits."""
    return Fraction(visit_ms, visits * 1000 * usual) if visits and usual else None


def _site(known: Known, rule: Silence) -> Part:
    usual = industry_seconds(rule, known.industry)
    found = ratio(known.visits, known.visit_ms, usual)
    bound = Fraction(str(rule.times))
    mean = shown(Fraction(known.visit_ms, max(known.visits, 1) * 1000))
    more = (str(known.visits), mean, str(usual)) if found is not None else ()
    return Part(id="site", met=found is not None and found > bound, have=shown(found) if more else "", want=shown(bound), more=more)


def shown(value: Fraction | None) -> str:
    """Three decimals, cut: what is not above a bound must not look as if it were."""
    return "—" if value is None else f"{value.numerator * 1000 // value.denominator / 1000:.3f}".rstrip("0").rstrip(".")


def _inquiry(known: Known, rule: Silence) -> Part:
    met = known.inquiry is not None and plain(rule.topic) in plain(known.topic)
    return Part(id="inquiry", met=met, have=known.topic, want=rule.topic, sources=(known.inquiry.id,) if known.inquiry else ())


def plain(words: str) -> str:
    """Words as they are compared: neither case nor spaces nor marks tell two apart."""
    return "".join(letter for letter in words.casefold() if letter.isalnum())


def next_change(known: Known, rule: Silence, today: date) -> date | None:
    """The first day on which the answer may be another without any news: something leaves the window, or its day comes."""
    days = [item.day for item in (*known.demos, *known.orders)] + ([known.first_visit] if known.first_visit else [])
    return min((change for day in days for change in _changes(day, rule.days) if change > today), default=None)


def _changes(day: date, days: int) -> tuple[date, date]:
    return day, day + timedelta(days=days + 1)
