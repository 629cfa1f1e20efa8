"""A shadow run: rules over the recorded history, by the functions that judge live. Nobody is told."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.config.schema import Rule
from bot.model import Finding
from bot.rules.ground import Ground, Scope, Turn, Watcher
from bot.rules.watchers import watcher


class Shadow:
    """`raised` is called once with each incident, and the moment (epoch milliseconds) at which it would have been raised."""

    def __init__(self, ground: Ground, rules: Iterable[Rule], raised: Callable[[Finding, int], None]) -> None:
        self._ground, self._raised = ground, raised
        self._known: set[int] = set()
        made = [(rule, watcher(rule, ground)) for rule in rules]
        self._watchers = [one for _, one in made if one]
        self.left_out: tuple[Rule, ...] = tuple(rule for rule, one in made if one is None)  # no history is kept of what they look at
        self._by: dict[tuple[str, str], tuple[Watcher, ...]] = {}

    @property
    def scopes(self) -> list[Scope]:
        """What of the history it looks at."""
        return list(dict.fromkeys(scope for one in self._watchers for scope in one.scopes()))

    def take(self, page: Sequence[Turn]) -> None:
        """Go on by whole steps: time comes up to each, then all of it happened, then it is judged."""
        by, ahead = self._by, self._ground.ahead
        at, touched = -1, list[Watcher]()
        for turn in page:
            if turn.at != at:
                if touched:
                    self._settle(touched, at)
                    touched = []
                at = turn.at
                if ahead and ahead[0][0] <= at:
                    self.until(at)
            watchers = by.get((turn.op, turn.stage))
            if watchers is None:
                watchers = by[turn.op, turn.stage] = tuple(self._concerned(turn.op, turn.stage))
            for one in watchers:
                one.turn(turn)
                if one.settles and one not in touched:
                    touched.append(one)
        self._settle(touched, at)

    def until(self, at: int) -> None:
        """Time passes: what is due by then is judged at its moment, as the sweep does."""
        for due, waiting, subject in self._ground.passed(at):
            for finding in waiting.due(subject, due):
                self._tell(finding, due)

    def _settle(self, touched: Sequence[Watcher], at: int) -> None:
        for one in touched:
            for finding in one.settle(at):
                self._tell(finding, at)

    def _concerned(self, op: str, stage: str) -> Iterator[Watcher]:
        for one in self._watchers:
            if any(op in ops and wanted in ("", stage) for ops, wanted in one.scopes()):
                yield one

    def _tell(self, finding: Finding, at: int) -> None:
        """An incident is one by rule, subject and period, as live; hashes of them are kept, for there may be a million."""
        key = hash((finding.rule, finding.subject, finding.period))
        if key not in self._known:
            self._known.add(key)
            self._raised(finding, at)
