"""A shadow run: one config's rules over the recorded history, by the functions that judge live. Nobody is told."""

from collections.abc import Callable, Sequence

from bot.config.schema import Rule
from bot.model import Finding
from bot.rules.ground import Ground, Turn, Watcher
from bot.rules.watchers import watcher


class Shadow:
    """`raised` is called once with each incident, and the moment (epoch milliseconds) at which it would have been raised."""

    def __init__(self, ground: Ground, raised: Callable[[Finding, int], None]) -> None:
        self._ground, self._raised = ground, raised
        self._known: set[int] = set()
        made = [(rule, watcher(rule, ground)) for rule in ground.config.rules]
        self._watchers = [one for _, one in made if one]
        self.left_out: tuple[Rule, ...] = tuple(rule for rule, one in made if one is None)  # no history is kept of what they look at
        self._by: dict[tuple[str, str], tuple[Watcher, ...]] = {}

    def step(self, turns: Sequence[Turn]) -> None:
        """What one step of the live product recorded: time has come up to it, then all of it happened, then it is judged."""
        at = turns[0].at
        self.until(at)
        touched: list[Watcher] = []
        for turn in turns:
            watchers = self._by.get((turn.op, turn.stage))
            if watchers is None:
                watchers = self._by[turn.op, turn.stage] = tuple(one for one in self._watchers if one.wants(turn.op, turn.stage))
            for one in watchers:
                one.turn(turn)
                if one not in touched:
                    touched.append(one)
        for one in touched:
            for finding in one.settle(at):
                self._tell(finding, at)

    def until(self, at: int) -> None:
        """Time passes: what is due by then is judged at its moment, as the sweep does."""
        while passed := self._ground.passed(at):
            due, waiting, subject = passed
            for finding in waiting.due(subject, due):
                self._tell(finding, due)

    def _tell(self, finding: Finding, at: int) -> None:
        """An incident is one by rule, subject and period, as live; hashes of them are kept, for there may be a million."""
        key = hash((finding.rule, finding.subject, finding.period))
        if key not in self._known:
            self._known.add(key)
            self._raised(finding, at)
