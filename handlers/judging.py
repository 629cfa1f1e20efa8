"""Judging a visit's evidence and actions again: what changed becomes new entries, what did not stays silent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot import entries
from bot.case import Case
from bot.config.schema import Config
from bot.evidence.items import judge_item
from bot.evidence.verdict import judge_action, place_mode
from bot.model import Action, Check, Entry, Evidence, EvidenceState, VerdictState, Visit

SETTLED = frozenset({EvidenceState.COUNTED, EvidenceState.LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything about a rep that his evidence is judged by. `deciders`: customers with a registered 决策人."""

    config: Config
    checks: tuple[Check, ...]
    read_at: datetime | None
    has_records: bool
    deciders: frozenset[str]

    def item(self, item: Evidence, action: Action | None, problem: str | None = None) -> Evidence:
        """Judge one item as part of an action; None while it waits for a stage."""
        stages = {stage.id: stage.evidence for stage in self.config.stages}
        return judge_item(
            item,
            place_mode=place_mode(self.config, action) if action else None,
            checks=self.checks,
            read_at=self.read_at,
            has_records=self.has_records,
            needs=stages.get(action.stage) if action else None,
            problem=problem,
        )

    def action(self, action: Action) -> Action:
        """The action with its verdict and stamp, on its items as they stand."""
        verdict, stamp = judge_action(action, self.config, self.checks, has_decider=action.customer in self.deciders)
        return replace(action, verdict=verdict, stamp=stamp)


def bench(case: Case, checks: Iterable[Check] | None = None) -> Bench:
    """The bench of a case; with `checks`, after these have been added or decided."""
    return Bench(
        config=case.config,
        checks=tuple(checks) if checks is not None else case.checks,
        read_at=case.read_at,
        has_records=case.has_records,
        deciders=frozenset(customer.id for customer in case.customers if customer.has_decider),
    )


def judged(action: Action) -> Entry:
    return entries.action_judged(action.id, action.verdict, action.stamp, action.kind)


def rejudge(visit: Visit, by: Bench, *, everything: bool = False) -> tuple[Visit, list[Entry]]:
    """Judge again what is not settled; `everything`: also what counted, after the stage or kind changed."""
    facts: list[Entry] = []
    actions = []
    for action in visit.actions:
        after, more = rejudge_action(action, by, everything=everything)
        actions.append(after)
        facts += more
    return replace(visit, actions=tuple(actions)), facts


def rejudge_action(action: Action, by: Bench, *, everything: bool = False, was: Action | None = None) -> tuple[Action, list[Entry]]:
    """`was`: the action as it is recorded, where `action` already differs from it."""
    items = tuple(item if item.state in SETTLED and not everything else by.item(item, action) for item in action.evidence)
    facts = [entries.evidence_judged(after) for before, after in zip(action.evidence, items, strict=True) if after != before]
    after = by.action(replace(action, evidence=items))
    before = was or action
    if (after.verdict, after.stamp, after.kind) != (before.verdict, before.stamp, before.kind):
        facts.append(judged(after))
    return after, facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What judging again brought: items that count now, items that do not and why, actions that became complete or stopped being so."""

    counted: int
    held: tuple[Evidence, ...]
    completed: tuple[Action, ...]
    lost: tuple[Action, ...]

    def __bool__(self) -> bool:
        return bool(self.counted or self.held or self.completed or self.lost)


def change(before: Sequence[Visit], after: Sequence[Visit]) -> Change:
    """Compare visits with themselves after judging."""
    pairs = [(old, new) for a, b in zip(before, after, strict=True) for old, new in zip(a.actions, b.actions, strict=True)]
    moved = [(x, y) for old, new in pairs for x, y in zip(old.evidence, new.evidence, strict=True) if x.state is not y.state]
    complete = VerdictState.COMPLETE
    return Change(
        counted=sum(new.state is EvidenceState.COUNTED for _, new in moved),
        held=tuple(new for _, new in moved if new.state is not EvidenceState.COUNTED),
        completed=tuple(new for old, new in pairs if new.verdict.state is complete and old.verdict.state is not complete),
        lost=tuple(new for old, new in pairs if old.verdict.state is complete and new.verdict.state is not complete),
    )
