"""What rules look at: facts of one subject, gathered by the store from the records and the config in force."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceFacts:
    """A customer and its last complete action, or its import if there was none."""

    customer: str
    name: str
    region: str
    owner: str | None
    last: datetime
    owner_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """A rep's submitted actions of one stage on one local day: (action id, time, customer's name).

    Submitted: stage or visit closed, complete or not, not withdrawn.
    """

    rep: str
    region: str
    stage: str
    day: date
    submitted: tuple[tuple[str, datetime, str], ...]
    rep_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DwellFacts:
    """How many seconds an action took, submitted `at`; `recent`: his latest ones of that stage, this one first."""

    action: str
    rep: str
    customer: str
    region: str
    stage: str
    at: datetime
    seconds: float
    recent: tuple[float, ...] = ()
    rep_name: str = ""
    customer_name: str = ""


Facts: TypeAlias = SilenceFacts | DayFacts | DwellFacts
