"""Finding the customer that somebody means."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from bot.evidence.place import nearest
from bot.model import Check, Customer
from handlers.words import squeezed

SHORTEST = 2  # characters that may stand for a customer
SHOWN = 6  # buttons on a card
HINTS = 3
ALIKE = 0.35


def meant(words: str, customers: Iterable[Customer]) -> tuple[Customer, ...]:
    """Whom the words name: an id, name or alias exactly; else every name that holds them; else every name that they hold."""
    wanted = squeezed(words)
    if len(wanted) < SHORTEST:
        return ()
    named = [(one, {squeezed(name) for name in (one.id, one.name, *one.aliases)}) for one in customers]
    return (
        tuple(one for one, names in named if wanted in names)
        or tuple(one for one, names in named if any(wanted in name for name in names))
        or tuple(one for one, names in named if any(len(name) >= SHORTEST and name in wanted for name in names))
    )


def similar(words: str, customers: Iterable[Customer]) -> list[str]:
    """Names that are spelt most like it, for a hint."""
    wanted = squeezed(words)
    rated = sorted(((_likeness(wanted, customer), customer.name) for customer in customers), reverse=True)
    return [name for likeness, name in rated[:HINTS] if likeness >= ALIKE]


def in_reach(customers: Iterable[Customer], checks: Iterable[Check], due: Iterable[Customer], radius_m: float) -> tuple[Customer, ...]:
    """The customers to offer: who is likely to buy again first, then the nearest, then whose silence ends soonest, then by name."""
    customers = tuple(customers)
    last = max(checks, key=lambda check: check.at, default=None)
    near = [found.customer.id for found in nearest(last.point, customers, radius_m)] if last else []
    soon = [customer.id for customer in due]
    order = near or soon

    def rank(customer: Customer) -> tuple[bool, int, str]:
        place = order.index(customer.id) if customer.id in order else len(order)
        return "repurchase" not in customer.marks, place, customer.name

    return tuple(sorted(customers, key=rank)[:SHOWN])


def _likeness(wanted: str, customer: Customer) -> float:
    return max(SequenceMatcher(None, wanted, squeezed(name)).ratio() for name in (customer.name, *customer.aliases))
