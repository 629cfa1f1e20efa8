"""What a handler is told: it names its Wants from the interaction alone, the store fills a Case, the handler decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.config.schema import Config
from bot.measures.board import Board
from bot.measures.coverage import CoverageReport
from bot.measures.forecasting import MonthReport
from bot.measures.pool import Pool
from bot.model import (
    Action,
    Alert,
    Can,
    Check,
    Contact,
    Customer,
    Deck,
    Device,
    Draft,
    HeardTitle,
    Interaction,
    Json,
    Kind,
    MediaFile,
    OpenScene,
    Person,
    Presentation,
    SentCard,
    Signing,
    Site,
    Transcript,
    Twin,
    Visit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A director's decision that is waited for, or was taken (`decided` not None)."""

    id: str
    what: str  # device | check | site | item
    subject: str
    rep: str
    region: str
    decided: bool | None
    by: str
    values: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A config that an admin sent. `state`: sent broken checked shown approved applied dropped stale undoing undone."""

    id: str
    sha256: str
    base: str
    by: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A line of text that the bot waits for (contract: reasons are one short line)."""

    op: str
    arg: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """What has a second copy and what has none yet; `inbox`: since when the oldest unworked message waits."""

    done: int
    waiting: int
    oldest: datetime | None
    problem: str
    checked_at: datetime | None
    inbox: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper that a customer must have on file. `state`: filed | open | due | red | overdue; `due`: once something asks for it."""

    customer: str
    rule: str
    name: str
    aliases: tuple[str, ...]
    state: str
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A code that a known person asked for, to be typed from another account of his."""

    id: str
    person: Person
    until: datetime
    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of the company as an admin sees him: with his customers (no sites), devices, and the visit that is open."""

    person: Person
    customers: tuple[Customer, ...] = ()
    devices: tuple[Device, ...] = ()
    visit: Visit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody looked at one of a person's records or its originals, last then; `record` "" where an original has none."""

    record: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How much is held of a person, and who looked at it last."""

    counts: Mapping[str, int]
    looks: tuple[Look, ...]


LATEST = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What to look up. `own`: the person's own customers. `named`: customers in the person's scope whose name or alias the text holds."""

    own: bool = False
    named: str = ""
    today: bool = False
    coverage: str | None = None  # "" = all regions in scope, else a region id or name
    forecasts: str | None = None  # a region as in `coverage`
    pool: str | None = None
    board: str | None = None  # likewise: every figure of the board
    trend: bool = False  # the board with the months before
    report: bool = False  # which month is meant, and no more: a health report is read as it goes out
    month: str = ""  # of coverage, board and report: 2026-10, 10 (the latest one), -1 (last month), "" = this
    alerts: bool = False
    alert: str = ""
    approval: str = ""
    action: str = ""  # an action id: fills `record`, and `rep` with the case of whose it is
    visits: bool = False
    directors: bool = False
    earlier: bool = False
    safety: bool = False
    held: bool = False
    papers: bool = False
    contacts_of: str = ""  # text naming the customer
    contacts: bool = False  # of all customers of the case
    transcript: str = ""  # a voice's id, or LATEST: the sender's latest
    title: str = ""  # a heard title's id
    card: str = ""  # a sent business card's evidence
    words_of: str = ""  # text naming the customer whose snippets are wanted
    admins: bool = False
    decks: bool = False
    signing: str = ""  # a signature's id, or LATEST: the sender's latest that is open; its visit is among `visits`
    offer: str = ""  # digest of a typed code
    proposal: str = ""  # a proposed config's id
    members: tuple[str, ...] = ()  # ids or names of people of the company


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is known at the moment of deciding. Everything about the sender is filled always, the rest as wanted.

    `visit`: the open visit, with its actions and evidence; `last_visit`: the latest one of the last 24 h when none is open.
    `checks`: presence checks of the sender since 24 h before the interaction. `read_at`: when the last completed read of
    his native records began; None when it never did, or the platform has none. `visits`: the visits of the same day as `checks`, oldest
    first, the open one and withdrawn ones left out.
    """

    now: datetime
    config: Config
    person: Person | None = None
    visit: Visit | None = None
    last_visit: Visit | None = None
    visits: tuple[Visit, ...] = ()
    twins: Mapping[str, tuple[Twin, ...]] = field(default_factory=dict)  # of the message's photos, by digest: when each was sent before
    safety: Safety | None = None
    consents: Mapping[str, str] = field(default_factory=dict)  # of the sender, by purpose
    told_version: str = ""  # of the consent text that he was shown
    held: Held | None = None
    papers: tuple[Paper, ...] = ()  # of the customers of the case
    earlier: tuple[Check, ...] = ()  # checks of days before, as many as tell a position that never moves
    directors: tuple[Person, ...] = ()  # who may approve for the sender: his region's directors, else the admins
    checks: tuple[Check, ...] = ()
    devices: tuple[Device, ...] = ()
    media: tuple[MediaFile, ...] = ()
    read_at: datetime | None = None
    has_records: bool = False  # the sender's platform has native check-in records that we read
    question: Question | None = None
    first_contact: bool = False  # nothing was ever received from this person
    customers: tuple[Customer, ...] = ()  # by Wants.own / Wants.named, plus the visit's customer
    today: tuple[Action, ...] = ()
    due: tuple[tuple[Customer, datetime], ...] = ()  # own customers whose silence ends soon, with the deadline
    month: str = ""  # YYYY-MM, that is asked of; "" where none is
    coverage: CoverageReport | None = None
    forecasts: tuple[MonthReport, ...] = ()  # the last months that are over, and this one
    pool: Pool | None = None
    board: Board | None = None
    alerts: tuple[Alert, ...] = ()  # the latest of those that nobody resolved
    alerts_open: int = 0  # how many there are of them
    alert: Alert | None = None
    admins: tuple[Person, ...] = ()  # with an alert: whoever else has a card of it; with an unknown sender: who is told of him
    can: frozenset[Can] = frozenset(Can)  # the platform that this came from
    strangers: int = 0  # with an unknown sender: how many others the admins were told of today
    former: bool = False  # the unknown sender's account belongs to somebody who left
    offer: Offer | None = None
    members: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)  # by the words that were asked for
    approval: Approval | None = None
    proposal: Proposal | None = None
    record: Action | None = None
    stated: frozenset[str] = frozenset()  # with a record: what the sender said about it already
    site: Site | None = None  # the site an approval is about
    device: Device | None = None  # the device an approval is about
    check: Check | None = None  # the check an approval is about
    rep: "Case | None" = None  # of an approval or a record: the case of the rep whom it concerns, with his visits
    contacts: tuple[Contact, ...] = ()
    scene: OpenScene | None = None  # that the sender's next voice belongs to
    transcript: Transcript | None = None
    title: HeardTitle | None = None
    card: SentCard | None = None
    decks: tuple[Deck, ...] = ()
    presentation: Presentation | None = None  # that the sender has open
    signing: Signing | None = None
    chance: str = ""  # 128 random bits, for a link that nobody can guess
    titles: tuple[HeardTitle, ...] = ()  # with contacts: asked about, and not answered yet
    words: tuple[Transcript, ...] = ()  # of the sender, at the customers named
    people: Mapping[str, Person] = field(default_factory=dict)  # names behind ids that appear in the case

    def customer(self, id_: str) -> Customer | None:
        return next((customer for customer in self.customers if customer.id == id_), None)


class Handler(Protocol):
    """One kind of interaction."""

    def wants(self, interaction: Interaction, config: Config, question: Question | None) -> Wants:
        """Name what is needed, from the interaction alone."""
        ...

    def decide(self, interaction: Interaction, case: Case) -> Draft:
        """Decide. Raises Refusal to say no with a reason."""
        ...


Handlers: TypeAlias = Mapping[Kind, Handler]
