"""The nouns, frozen. What arrives (Interaction), what is known (Person … Alert), what is decided (Draft).

Times are aware datetimes in UTC; distances metres; money integer fen; durations seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]


class Platform(StrEnum):
    """Where a message comes from or goes to. INTERNAL marks work that the product sets itself, PAGE what its own pages send."""

    WECOM = "wecom"
    FEISHU = "feishu"
    DINGTALK = "dingtalk"
    INTERNAL = "internal"
    PAGE = "page"


OURS = frozenset({Platform.INTERNAL, Platform.PAGE})  # nobody else's: the sender is a person's id, answers go to his chat


class Can(StrEnum):
    """What a platform can do for us. Who wants it asks, and offers another way where it is missing."""

    LOCATION = "location"  # a person can send where he is
    RECORDS = "records"  # native check-in records are read
    MENU = "menu"
    FILES = "files"  # files sent to the bot reach us
    GROUP_TAPS = "group_taps"  # buttons of a group's card come back
    UPDATES = "updates"  # a card that was sent can be changed
    IMAGES = "images"  # a card can show a picture


class Kind(StrEnum):
    """What an interaction is, whatever the platform calls it."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"  # a pin the user placed (message or menu): says little
    POSITION = "position"  # reported by the client by itself (WeCom LOCATION event)
    CHECKIN = "checkin"  # native check-in record (WeCom 外出打卡): carries the device
    MENU = "menu"
    TAP = "tap"  # a button of a card
    ENTER = "enter"  # opened the chat, subscribed, joined
    LEAVE = "leave"
    RECHECK = "recheck"  # internal: judge again what waits for a record read
    FORM = "form"  # internal: a form of a page, in the words that would be typed
    PAGE = "page"  # the visit page's position, signed by its device key
    DECK = "deck"  # internal: nobody looks at a rep's open presentation any more
    SIGNATURE = "signature"  # internal: a customer signed on the page that a rep's link opens
    UNKNOWN = "unknown"


class Datum(StrEnum):
    """Coordinate system. Compared in GCJ-02 only; mixing them moves a point by up to 621 m."""

    GCJ02 = "gcj02"
    WGS84 = "wgs84"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A coordinate with its datum and where it comes from (`wecom.checkin`, `wecom.location` …)."""

    lat: float
    lng: float
    datum: Datum
    accuracy_m: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRef:
    """A file that the platform holds for us. `message_id` is needed to fetch it from Feishu."""

    id: str
    kind: str  # photo | voice | video | file
    name: str = ""
    message_id: str = ""
    said: str = ""  # of a voice: the words that the platform itself heard


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A fetched original. `problem` says why the bytes are absent or undecodable (a code of `templates/reply/problem.txt.j2`)."""

    ref: MediaRef
    sha256: str | None
    sm3: str = ""
    size: int = 0
    mime: str = ""
    seconds: float | None = None
    problem: str | None = None
    prints: tuple[str, ...] = ()
    exif: Json = field(default_factory=dict)
    alike: str | None = None  # digest of the earlier photo that shows the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An earlier photo that a new one equals (`exact`) or is a copy of."""

    evidence: str
    action: str | None
    visit: str
    rep: str
    rep_name: str
    customer_name: str
    at: datetime
    exact: bool
    stands: bool = True  # it counts, or waits for a record
    withdrawn: bool = False  # its visit was taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A tapped button or menu item: `op`, its argument, the card it stands on, the token that lets the card be updated."""

    op: str
    arg: str = ""
    card: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkin:
    """What a native check-in record says beside its point and photos."""

    device: str = ""
    place: str = ""
    wifi: str = ""
    notes: str = ""
    exceptions: tuple[str, ...] = ()
    by_api: bool = False  # written by a program, as the platform says


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What the visit page said, under its signature. `device`: thumbprint of its key; `battery` 0–100; `live`: from the page's own camera.

    `late`: when it came after so long that the page's own time stands for it, both are noted.
    """

    visit: str
    device: str
    fixes: tuple[Point, ...] = ()
    battery: float | None = None
    live: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Verified and decrypted bytes, as they are stored before the ack. `key` is unique within the platform."""

    platform: Platform
    key: str
    sender: str  # platform user id; "" when the payload names none
    payload: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One thing a person did on a platform, in the product's words. `sent_at` is the platform's time."""

    platform: Platform
    key: str
    sender: str
    kind: Kind
    sent_at: datetime
    received_at: datetime
    sender_alias: str = ""  # a second id of the sender on the platform (Feishu user_id beside the open_id)
    account: str = ""  # corp id or app id it arrived at
    chat: str = ""  # group chat id; "" in a private chat
    text: str = ""
    point: Point | None = None
    media: tuple[MediaRef, ...] = ()
    choice: Choice | None = None
    checkin: Checkin | None = None
    agent: str = ""  # what the sender's client says of itself, where the platform passes it on; a hint, it decides nothing
    page: Submission | None = None
    told: Json = field(default_factory=dict)  # of work that the product sets itself: what it is about


# ---- what is known ------------------------------------------------------------------------------------------------


class Role(StrEnum):
    """Roles of people (contract: people.role)."""

    REP = "rep"
    DIRECTOR = "director"
    ADMIN = "admin"
    PRESALES = "presales"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the company. `accounts` maps a platform to the user id there."""

    id: str
    name: str
    roles: frozenset[Role]
    region: str
    accounts: Mapping[Platform, str] = field(default_factory=dict)
    active: bool = True  # False: left the company


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place of a customer. Only `approved` ones open a fence."""

    id: str
    customer: str
    name: str
    point: Point
    radius_m: int | None = None
    approved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer with its places. `furthest` is the furthest stage with a complete action."""

    id: str
    name: str
    owner: str
    region: str
    aliases: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    annual_purchase_fen: int = 0
    furthest: str | None = None
    industry: str = ""
    has_decider: bool = False  # a 决策人 is registered
    marks: tuple[str, ...] = ()  # silent | repurchase: what he bears now


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person at a customer. `role`: initiator | influencer | decider | ""."""

    id: str
    customer: str
    name: str
    title: str = ""
    role: str = ""
    phone: str = ""
    last_at: datetime | None = None  # when a visit last named him


class TranscriptState(StrEnum):
    """Life of what was heard in a voice. Only recordings of a scene are drafts: they want to be submitted."""

    HEARD = "heard"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    EXPIRED = "expired"  # a draft that nobody submitted
    UNHEARD = "unheard"  # tried, and not transcribed: `problem` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What a machine heard in a voice, and what the rep made of it. `marks`: start, end, word, sure; of the text that is in force."""

    evidence: str
    visit: str
    rep: str
    customer: str
    state: TranscriptState
    at: datetime  # when the voice was sent
    machine: str = ""
    edited: str | None = None
    engine: str = ""
    scene: str = ""
    marks: tuple[Json, ...] = ()
    problem: str = ""

    @property
    def text(self) -> str:
        """The words in force."""
        return self.machine if self.edited is None else self.edited


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenScene:
    """A tapped scene whose recording is waited for until `until`."""

    scene: str
    visit: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCard:
    """A business card that a rep photographed, with what was read on it."""

    evidence: str
    visit: str
    customer: str
    rep: str
    state: str  # sent | read | registered | wrong
    name: str = ""
    title: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardTitle:
    """A job title heard at a customer that no contact of his had; asked about once."""

    id: str
    customer: str
    title: str
    evidence: str
    rep: str
    state: str  # asked | registered | foreign | ignored
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckPage:
    """One page of a deck as two pictures (SHA-256), for a large screen and for a phone; size of the large one in pixels."""

    large: str
    small: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """Something to be shown to customers, page by page."""

    id: str
    name: str
    tags: tuple[str, ...] = ()
    pages: tuple[DeckPage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """A deck in front of a customer; without a visit a rehearsal. `seconds`: looked at, a page each.

    `due_at`: when it counts as over unless somebody looks again.
    """

    id: str
    deck: str
    name: str
    rep: str
    at: datetime
    visit: str = ""
    customer: str = ""
    state: str = "open"  # open | closed
    seconds: tuple[float, ...] = ()
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFile:
    """The file that a signature is asked for: the item of evidence that brought it."""

    evidence: str
    sha256: str
    name: str
    mime: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """A customer's signature that a rep asked for, and what came of it. `sha256`: of the file, or of the words `what` where there is none.

    `until`: when the link stops being of use. `method`: drawn | typed; `picture`: SHA-256 of the signature's PNG; `evidence`: the item that
    it became.
    """

    id: str
    rep: str
    visit: str
    customer: str
    what: str
    sha256: str
    at: datetime
    until: datetime
    state: str = "open"  # open | signed | withdrawn
    file: SignedFile | None = None
    name: str = ""
    title: str = ""
    method: str = ""
    picture: str = ""
    evidence: str = ""
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A deck sent to somebody at a customer by a link of its own. `recipient`: as the sender calls him, "" where he names nobody."""

    id: str
    deck: str
    name: str
    customer: str
    by: str
    at: datetime
    until: datetime
    recipient: str = ""
    opens: int = 0
    downloads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Somebody opened a material's link, knowing that it is counted. `seconds`: looked at, a page each."""

    id: str
    material: str
    at: datetime
    state: str = "open"  # open | closed
    seconds: tuple[float, ...] = ()
    downloads: tuple[datetime, ...] = ()


class EvidenceState(StrEnum):
    """Contract: evidence.state."""

    PENDING = "pending"
    COUNTED = "counted"
    REFUSED = "refused"
    QUARANTINED = "quarantined"
    LOST = "lost"


class VerdictState(StrEnum):
    """Contract: verdict.state."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    QUARANTINED = "quarantined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something was judged as it was: a code with its numbers, put into words by `templates/reply/reason.txt.j2`."""

    code: str
    values: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Whether the customer's name or sign is seen on a photo. `by`: ocr, or the person who said so; `words`, `score` 0–1: what was read."""

    seen: bool
    by: str
    words: str = ""
    score: float | None = None
    faces: int | None = None  # a hint, None where nobody counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One item of the evidence chain. `action` is None while it waits for a stage."""

    id: str
    visit: str
    rep: str
    customer: str
    kind: str  # photo | voice | signature | deck | file | checkin
    state: EvidenceState
    sent_at: datetime
    action: str | None = None
    sha256: str | None = None
    seconds: float | None = None
    reasons: tuple[Reason, ...] = ()
    sign: Sign | None = None
    sm3: str | None = None  # a second digest, and the digest of the watermarked copy: filled where a record is shown
    copy: str | None = None
    scene: str = ""  # of a voice: the scene it was recorded for
    told: str = ""  # of a voice: the words that the platform itself heard
    agent: str = ""  # what the client that sent it says of itself: noted, never judged by
    live: bool = False  # of a photo: taken with the visit page's own camera
    name: str = ""  # of a file: what its sender calls it
    transcript: Transcript | None = None  # of a voice: filled where a record is shown
    signing: Signing | None = None  # of a signature: filled there too


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an action is worth: state, evidence tier T0–T4, and why."""

    state: VerdictState
    tier: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The time-place stamp of an action; the place comes from the presence check that covers it."""

    at: datetime
    received_at: datetime
    point: Point | None = None
    device: str | None = None
    distance_m: float | None = None
    battery: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One sales action inside a visit. `submitted_at` is set once its stage or visit is closed."""

    id: str
    visit: str
    rep: str
    customer: str
    region: str
    stage: str
    kind: str | None
    stamp: Stamp
    verdict: Verdict
    submitted_at: datetime | None = None
    corrected_from: str | None = None
    override: str | None = None  # reason given for a stage jump
    evidence: tuple[Evidence, ...] = ()


class VisitState(StrEnum):
    """Life of a visit."""

    OPEN = "open"
    CLOSED = "closed"
    TIMED_OUT = "timed_out"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A rep's visit to a customer; `evidence` are the items that wait for a stage."""

    id: str
    rep: str
    customer: str
    customer_name: str
    state: VisitState
    started_at: datetime
    ended_at: datetime | None = None
    actions: tuple[Action, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class CheckState(StrEnum):
    """Outcome of a presence check. Only PASSED opens photo and voice."""

    PASSED = "passed"
    REFUSED = "refused"
    WAITING = "waiting"  # uncertain accuracy, or a device that nobody approved yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One presence check of a rep at a customer, open from `at` until `until` when passed."""

    id: str
    rep: str
    customer: str
    site: str | None
    at: datetime
    until: datetime
    point: Point
    state: CheckState
    distance_m: float | None = None
    device: str | None = None
    reasons: tuple[Reason, ...] = ()
    place: str = ""
    battery: float | None = None  # per cent, where the source tells it


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device binding of a person: state pending | active | retired | rejected."""

    id: str
    person: str
    platform: Platform
    device: str
    state: str
    since: datetime


class AlertState(StrEnum):
    """Contract: alert state."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One incident: unique per (rule, subject, period). `subject` is `customer:ID`, `rep:ID` or `action:ID`."""

    id: str
    rule: str
    subject: str
    period: str
    region: str
    state: AlertState
    count: int
    since: datetime
    until: datetime | None = None  # muted until
    told: bool = False  # False: recorded only, region not live
    version: str = ""  # of the config that it was raised under
    values: Json = field(default_factory=dict)  # what its card shows


# ---- what is decided ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A fact for the ledger, and all that the projections know of it. `type` and body fields: bot/store/projections."""

    type: str
    body: Json


ROBOT = "robot"  # the `chat` of a custom group robot: it only tells; nothing comes back, and what it said stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a message goes. Give `person` and it is resolved to his platform; or a platform with `user` or `chat`."""

    person: str = ""
    platform: Platform | None = None
    user: str = ""
    chat: str = ""


PICTURE = "image"  # the template of a message that is a picture
SHOWN = "picture"  # the value of a message that names a picture in the vault, by its SHA-256
DRAWN = "drawn"  # the value that holds the figures of a picture that is drawn as it goes out: `report` names the drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to be put in the outbox under `key` (idempotent). `edits` names the key of an earlier one to update in place.

    `template` is a path below templates/ without ending (`reply/visit_started`, `card/alert`); `values` fill it.
    `not_before` holds it back (working hours). `token` is a platform's one-time update token, when the tap brought one.
    """

    key: str
    to: Address
    template: str
    values: Json = field(default_factory=dict)
    edits: str = ""
    token: str = ""
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's judgement that somebody must be told: one incident per (rule, subject, period)."""

    rule: str
    subject: str
    period: str
    region: str
    owner: str | None
    since: datetime
    count: int = 1
    values: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A handler's whole answer: facts to record and messages to send, committed in one transaction or not at all."""

    entries: tuple[Entry, ...] = ()
    messages: tuple[Outgoing, ...] = ()
