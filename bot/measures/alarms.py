"""How often a rule cries wolf (D10, M31): of its red lights, how many were answered, and how many of the answers were 误报."""

from collections.abc import Iterable
from dataclasses import dataclass

FALSE = "false_alarm"
ANSWERS = frozenset({"follow", "mute", "offline", "snooze", FALSE})  # what a person's tap is recorded as
OPEN = frozenset({"firing", "acknowledged", "muted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """A red light, or how many (`count`) are alike. `how`: what last became of it (`alert.moved`), "" = nothing yet."""

    rule: str
    state: str
    how: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRecord:
    """One rule's red lights. `rate` = false ÷ raised, None over nothing; beside it how many somebody `answered` at all."""

    rule: str
    raised: int
    open: int
    answered: int
    false: int

    @property
    def rate(self) -> float | None:
        return self.false / self.raised if self.raised else None


def alarms(lights: Iterable[Light], rules: Iterable[str] = ()) -> list[RuleRecord]:
    """A record a rule: those named first and in their order (even without a light), then any other by name."""
    found: dict[str, list[Light]] = {rule: [] for rule in rules}
    others: dict[str, list[Light]] = {}
    for one in lights:
        (found if one.rule in found else others).setdefault(one.rule, []).append(one)
    return [_record(rule, some) for rule, some in [*found.items(), *sorted(others.items())]]


def _record(rule: str, lights: list[Light]) -> RuleRecord:
    return RuleRecord(
        rule=rule,
        raised=sum(one.count for one in lights),
        open=sum(one.count for one in lights if one.state in OPEN),
        answered=sum(one.count for one in lights if one.how in ANSWERS),
        false=sum(one.count for one in lights if one.how == FALSE),
    )
