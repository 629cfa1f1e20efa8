"""How many of the recordings that reps began they stood by (M37, 录音提交率): submitted ÷ recorded, a rep and a week."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording of a scene. `state`: draft | submitted | expired | unheard, as of its transcript."""

    rep: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """`week`: ISO, `2026-W48`, "" = the whole period. `rate` is None over nothing."""

    rep: str
    week: str
    recorded: int
    submitted: int

    @property
    def rate(self) -> float | None:
        return self.submitted / self.recorded if self.recorded else None


def by_week(recordings: Iterable[Recording], zone: ZoneInfo) -> list[Submission]:
    """A figure a rep and week, in that order."""
    return _counted((one.rep, week_of(one.at, zone), one) for one in recordings)


def by_rep(recordings: Iterable[Recording]) -> dict[str, Submission]:
    """A figure a rep over all of them."""
    return {one.rep: one for one in _counted((one.rep, "", one) for one in recordings)}


def week_of(at: datetime, zone: ZoneInfo) -> str:
    year, week, _ = at.astimezone(zone).isocalendar()
    return f"{year}-W{week:02d}"


def _counted(keyed: Iterable[tuple[str, str, Recording]]) -> list[Submission]:
    found: dict[tuple[str, str], list[Recording]] = {}
    for rep, week, one in keyed:
        found.setdefault((rep, week), []).append(one)
    return [
        Submission(rep=rep, week=week, recorded=len(some), submitted=sum(one.state == SUBMITTED for one in some))
        for (rep, week), some in sorted(found.items())
    ]
