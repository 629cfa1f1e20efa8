"""What rules look at: facts of one subject, gathered by the store from the records and the config in force."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from bot.measures.deals import Deal, Payment


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
class DocumentFacts:
    """Whether a customer has the paper of a rule on file; `began`: his first complete action of the rule's stage, if it applies to him."""

    rule: str
    customer: str
    name: str
    region: str
    owner: str | None
    began: datetime | None
    filed_at: datetime | None
    owner_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpFacts:
    """What a rule's obligation rests on; `seen`: the first time since the paper was last filed that its reason was seen."""

    rule: str
    customer: str
    name: str
    region: str
    owner: str | None
    seen: datetime | None
    filed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptFacts:
    """How much of a script the voices of a submitted action hold."""

    rule: str
    action: str
    rep: str
    customer: str
    region: str
    heard: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A submitted action (stage or visit closed, complete or not, not withdrawn) by its message time."""

    action: str
    at: datetime
    customer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """A rep's submitted actions of one stage on one local day."""

    rep: str
    region: str
    stage: str
    day: date
    submitted: tuple[Submitted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DwellFacts:
    """How many seconds an action took; `recent`: the rep's latest ones of that stage, this one included, newest last."""

    action: str
    rep: str
    customer: str
    region: str
    stage: str
    seconds: float
    recent: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFacts:
    """A deal as another system keeps it, with whose customer it is."""

    deal: Deal
    region: str
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """A payment that is or was due, with whose customer it is."""

    payment: Payment
    region: str
    owner: str | None


Facts: TypeAlias = SilenceFacts | DayFacts | DwellFacts | DocumentFacts | FollowUpFacts | ScriptFacts | DealFacts | PaymentFacts
