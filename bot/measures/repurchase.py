"""高复购潜力: a success story shown several times in a row, and a service ticket closed not long ago."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.config.schema import Repurchase
from bot.measures.silent import Dated, Part, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A deck shown to a customer, a file sent in his visit, or a material that he opened; `words`: its name and tags."""

    id: str
    at: datetime
    words: tuple[str, ...]


def in_a_row(shown: Sequence[Shown], rule: Repurchase) -> tuple[Shown, ...]:
    """The latest run of so many showings that bear the word, nothing else between them; () where there was none."""
    word = plain(rule.word)
    run: list[Shown] = []
    found: tuple[Shown, ...] = ()
    for one in sorted(shown, key=lambda item: (item.at, item.id)):
        run = [*run, one] if any(word in plain(words) for words in one.words) else []
        if len(run) >= rule.showings:
            found = tuple(run[-rule.showings :])
    return found


def repurchase(shown: Sequence[Shown], closed: Sequence[Dated], rule: Repurchase, today: date) -> tuple[Part, ...]:
    """Both parts. `closed`: tickets that are closed now; one that was reopened is not among them."""
    run = in_a_row(shown, rule)
    recent = [ticket for ticket in closed if 0 <= (today - ticket.day).days <= rule.ticket_days]
    latest = max(closed, key=lambda ticket: (ticket.day, ticket.id), default=None)
    return (
        Part(id="cases", met=bool(run), have=str(len(run)), want=str(rule.showings), sources=tuple(one.id for one in run)),
        Part(
            id="ticket",
            met=bool(recent),
            have=str((today - latest.day).days) if latest else "",
            want=str(rule.ticket_days),
            sources=tuple(ticket.id for ticket in sorted(recent, key=lambda one: (one.day, one.id))[-1:]),
        ),
    )


def next_change(closed: Sequence[Dated], rule: Repurchase, today: date) -> date | None:
    """The first day on which a ticket is too old, or its day comes."""
    changes = [change for ticket in closed for change in (ticket.day, ticket.day + timedelta(days=rule.ticket_days + 1))]
    return min((change for change in changes if change > today), default=None)
