"""How many of those who began something bought within so many days: the same definition for every group that is compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A customer and the day from which his orders count."""

    customer: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """`due`: those whose days are over; only they are judged, or the quick ones would be counted and the slow ones not."""

    began: int
    due: int
    converted: int

    @property
    def rate(self) -> Fraction | None:
        """None while nobody's days are over."""
        return Fraction(self.converted, self.due) if self.due else None


def conversion(began: Iterable[Began], orders: Mapping[str, Sequence[date]], days: int, today: date) -> Conversion:
    """An order from the day itself until `days` after it converts."""
    all_ = list(began)
    due = [one for one in all_ if (today - one.day).days > days]
    converted = [one for one in due if any(0 <= (order - one.day).days <= days for order in orders.get(one.customer, ()))]
    return Conversion(began=len(all_), due=len(due), converted=len(converted))
