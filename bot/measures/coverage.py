"""Coverage of standard actions (M38–M42): done ÷ quota, capped per customer and kind; notes explain gaps and never raise it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol


class GradeLike(Protocol):
    """A grade with its monthly quota by action kind."""

    @property
    def id(self) -> str: ...
    @property
    def quota(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMonth:
    """One customer in one month: its grade, owner and region then, complete actions by kind, exception notes by kind.

    `weak`: complete actions below the tier that is asked for; they are not among `done`.
    """

    customer: str
    grade: str
    owner: str = ""
    region: str = ""
    done: Mapping[str, int] = field(default_factory=dict)
    weak: int = 0
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """One grade. `rate` is None over a quota of 0; `explained` + `unexplained` = the gap."""

    grade: str
    customers: int
    quota: int
    done: int
    surplus: int
    explained: int
    unexplained: int
    notes: tuple[str, ...]
    weak: int = 0  # complete, but with a weaker proof of place than is asked for: not in `done`

    @property
    def rate(self) -> float | None:
        return self.done / self.quota if self.quota else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """A month's coverage, a row a grade in the order of the config."""

    month: str
    region: str | None
    rows: tuple[CoverageRow, ...]
    version: str = ""  # of the config it was computed under

    @property
    def quota(self) -> int:
        return sum(row.quota for row in self.rows)

    @property
    def done(self) -> int:
        return sum(row.done for row in self.rows)

    @property
    def explained(self) -> int:
        return sum(row.explained for row in self.rows)

    @property
    def unexplained(self) -> int:
        return sum(row.unexplained for row in self.rows)

    @property
    def rate(self) -> float | None:
        return self.done / self.quota if self.quota else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A complete action that may fill a slot."""

    action: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One of the standard actions that a customer's grade asks for in a month: `number` counts from 1 within its kind.

    Filled by `action`, else explained by `note`, else simply missing. `until`: when the month ends, exclusive.
    """

    customer: str
    grade: str
    owner: str
    region: str
    kind: str
    number: int
    until: datetime
    action: str = ""
    at: datetime | None = None
    note: str = ""

    @property
    def state(self) -> str:
        """done | explained | missing."""
        if self.action:
            return "done"
        return "explained" if self.note else "missing"


def coverage(month: str, region: str | None, customers: Iterable[CustomerMonth], grades: Iterable[GradeLike]) -> CoverageReport:
    """Fold customers into rows. A done action beyond a customer's quota of its kind is surplus, shown apart."""
    by_grade: dict[str, list[CustomerMonth]] = {}
    for item in customers:
        by_grade.setdefault(item.grade, []).append(item)
    return CoverageReport(month=month, region=region, rows=tuple(_row(grade, by_grade.get(grade.id, [])) for grade in grades))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Customers of one owner, region and grade, added up. `notes`: those that explain a gap, as `coverage` picks them."""

    owner: str
    region: str
    grade: str
    customers: int
    done: int = 0
    surplus: int = 0
    weak: int = 0
    notes: tuple[str, ...] = ()


def summed(month: str, region: str | None, tallies: Iterable[Tally], grades: Iterable[GradeLike]) -> CoverageReport:
    """The report of customers that were added up already: equal to `coverage` of the same customers, notes in another order."""
    by_grade: dict[str, list[Tally]] = {}
    for one in tallies:
        by_grade.setdefault(one.grade, []).append(one)
    return CoverageReport(month=month, region=region, rows=tuple(_sum(grade, by_grade.get(grade.id, [])) for grade in grades))


def _sum(grade: GradeLike, tallies: list[Tally]) -> CoverageRow:
    customers, done = sum(one.customers for one in tallies), sum(one.done for one in tallies)
    quota, notes = sum(grade.quota.values()) * customers, tuple(note for one in tallies for note in one.notes)
    return CoverageRow(
        grade=grade.id,
        customers=customers,
        quota=quota,
        done=done,
        surplus=sum(one.surplus for one in tallies),
        explained=len(notes),
        unexplained=quota - done - len(notes),
        notes=notes,
        weak=sum(one.weak for one in tallies),
    )


def coverage_by(
    month: str, customers: Iterable[CustomerMonth], grades: Sequence[GradeLike], part: Callable[[CustomerMonth], str]
) -> dict[str, CoverageReport]:
    """The same report for each part of the customers (owner, region …), in the order of the parts' names.

    The parts add up: quota, done, explained and unexplained of them all are those of the whole.
    """
    parts: dict[str, list[CustomerMonth]] = {}
    for item in customers:
        parts.setdefault(part(item), []).append(item)
    return {name: coverage(month, None, parts[name], grades) for name in sorted(parts)}


def slots(
    customers: Iterable[CustomerMonth],
    grades: Iterable[GradeLike],
    filled: Mapping[tuple[str, str], Sequence[Filled]],
    until: datetime,
) -> list[Slot]:
    """Every slot of these customers: what stands behind a figure of coverage, one by one.

    `filled`: (customer, kind) → complete actions that are strong enough, in the order of time; those beyond the quota fill nothing.
    As many slots are done, explained and missing as `coverage` counts from the same customers.
    """
    quotas = {grade.id: grade.quota for grade in grades}
    found: list[Slot] = []
    for item in customers:
        for kind, quota in quotas.get(item.grade, {}).items():
            there = list(filled.get((item.customer, kind), ()))[:quota]
            said = list(item.notes.get(kind, ()))[: quota - len(there)]
            empty = [""] * (quota - len(there) - len(said))
            bare = Slot(customer=item.customer, grade=item.grade, owner=item.owner, region=item.region, kind=kind, number=0, until=until)
            found += [replace(bare, number=n, action=one.action, at=one.at) for n, one in enumerate(there, 1)]
            found += [replace(bare, number=n, note=note) for n, note in enumerate([*said, *empty], len(there) + 1)]
    return found


def _row(grade: GradeLike, customers: list[CustomerMonth]) -> CoverageRow:
    done = surplus = explained = 0
    notes: list[str] = []
    for item in customers:
        for kind, quota in grade.quota.items():
            count = item.done.get(kind, 0)
            done += min(count, quota)
            gap = max(quota - count, 0)
            said = item.notes.get(kind, ())
            explained += min(len(said), gap)
            notes += said[:gap]
        surplus += sum(max(count - grade.quota.get(kind, 0), 0) for kind, count in item.done.items())
    quota = sum(grade.quota.values()) * len(customers)
    return CoverageRow(
        grade=grade.id,
        customers=len(customers),
        quota=quota,
        done=done,
        surplus=surplus,
        explained=explained,
        unexplained=quota - done - explained,
        notes=tuple(notes),
        weak=sum(item.weak for item in customers),
    )
