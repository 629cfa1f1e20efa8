"""Coverage of standard actions (M38–M42): done ÷ quota, capped per customer and kind; notes explain gaps and never raise it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class GradeLike(Protocol):
    """A grade with its monthly quota by action kind."""

    @property
    def id(self) -> str: ...
    @property
    def quota(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMonth:
    """One customer in one month: its grade then, complete actions by kind, exception notes by kind.

    `weak`: complete actions below the tier that is asked for; they are not among `done`.
    """

    customer: str
    grade: str
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
    def rate(self) -> float | None:
        return self.done / self.quota if self.quota else None


def coverage(month: str, region: str | None, customers: Iterable[CustomerMonth], grades: Iterable[GradeLike]) -> CoverageReport:
    """Fold customers into rows. A done action beyond a customer's quota of its kind is surplus, shown apart."""
    by_grade: dict[str, list[CustomerMonth]] = {}
    for item in customers:
        by_grade.setdefault(item.grade, []).append(item)
    return CoverageReport(month=month, region=region, rows=tuple(_row(grade, by_grade.get(grade.id, [])) for grade in grades))


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
