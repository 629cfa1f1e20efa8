"""What a shadow run stands on: the history's changes, the company, and the deadlines ahead.

Moments are epoch milliseconds here, because there are millions of them; the rules see the datetimes that they see live.
"""

import heapq
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import NamedTuple, Protocol

from bot.config.schema import Config, Rule
from bot.model import Finding
from bot.rules.evaluate import evaluate
from bot.rules.facts import Facts

MS = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Turn(NamedTuple):
    """One change that rules look at (store: `turns`).

    `op`: complete | undone | submitted | moved | taken | filed; `stage` of a paper that was filed: its rule.
    """

    id: int
    at: int  # recorded
    op: str
    action: str
    rep: str
    customer: str
    stage: str
    tier: str
    began: int
    ended: int | None


@dataclass(frozen=True, slots=True)
class Client:
    """A customer, as he is known now; `since`: his import."""

    name: str
    region: str
    owner: str
    industry: str
    since: int


def when(moment: int) -> datetime:
    """Aware, UTC."""
    return EPOCH + moment * MS


def moment_of(at: datetime) -> int:
    """The first millisecond that is not before `at`."""
    return -((EPOCH - at) // MS)


COUNTED, LISTED, FILED = ("complete", "undone"), ("submitted", "moved", "taken"), ("filed",)
Scope = tuple[tuple[str, ...], str]  # ops, and a stage (of a paper its rule); "" = any


class Watcher(Protocol):
    """Keeps what one rule looks at. `turn`: something changed; `settle`: the step that changed it is over, where the watcher `settles`."""

    settles: bool

    def scopes(self) -> Sequence[Scope]: ...
    def turn(self, turn: Turn) -> None: ...
    def settle(self, at: int) -> Sequence[Finding]: ...
    def due(self, subject: str, due: int) -> Sequence[Finding]: ...


class Ground:
    """Shared by all watchers of one config."""

    def __init__(
        self,
        config: Config,
        clients: Mapping[str, Client],
        regions: Mapping[str, str],
        holidays: Container[date] = (),
        makeup: Container[date] = (),
    ) -> None:
        """`regions`: of people, as they are known now."""
        self.config, self.clients, self.regions = config, clients, regions
        self.zone = config.zone
        self.holidays, self.makeup = Remembered(holidays), Remembered(makeup)
        self.shown: dict[str, float] = {}  # active seconds of decks, of the actions that are being looked at
        self.ahead: list[tuple[int, int, Watcher, str]] = []
        self._ids = count()

    def judged(self, rule: Rule, facts: Facts, now: int) -> list[Finding]:
        """By the function that judges live."""
        return evaluate((rule,), (facts,), when(now), self.zone, self.holidays, self.makeup)

    def later(self, due: int, watcher: Watcher, subject: str) -> None:
        """Look at a subject again at `due`."""
        heapq.heappush(self.ahead, (due, next(self._ids), watcher, subject))

    def passed(self, at: int) -> Iterator[tuple[int, Watcher, str]]:
        """Take the deadlines that are past by `at`, the earliest first; those set meanwhile are among them."""
        while self.ahead and self.ahead[0][0] <= at:
            due, _, watcher, subject = heapq.heappop(self.ahead)
            yield due, watcher, subject


@dataclass(slots=True)
class Remembered:
    """A calendar that is asked about the same few hundred days over and over."""

    days: Container[date]
    known: dict[object, bool] = field(default_factory=dict)

    def __contains__(self, day: object) -> bool:
        found = self.known.get(day)
        if found is None:
            found = self.known[day] = day in self.days
        return found
