"""What the outside must provide. Adapters implement these; nothing in `bot` knows how."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from bot.model import Can, Envelope, Interaction, Json, MediaRef, Platform


class Clock(Protocol):
    """The only source of the time. Demo and tests wind theirs forward."""

    def now(self) -> datetime:
        """Return the current time, aware, UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button of a card: either it calls back with `op` and `arg`, or it opens `url`."""

    label: str
    op: str = ""
    arg: str = ""
    url: str = ""
    style: str = "default"  # default | primary | danger


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A plain text message."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card in the product's words; each platform's client turns it into its own JSON and escapes what users wrote."""

    title: str
    tone: str = "blue"  # blue | red | yellow | green | grey
    tag: str = ""  # short state word beside the title
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()  # label, value
    links: tuple[str, ...] = ()  # pages behind the facts, in their order, "" where there is none; or nothing at all
    mention: tuple[str, ...] = ()  # platform user ids to notify
    buttons: tuple[Button, ...] = ()
    footer: str = ""
    done: str = ""  # set when the buttons are spent: what was chosen
    live: bool = False  # it will be changed for as long as what it tells of goes on
    aside: str = ""  # said where buttons had to be left out: the way round
    image: Path | None = None  # a picture shown above the words where the platform's cards can; at most 2 MB, PNG or JPEG

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """The facts with their pages."""
        return tuple((*fact, self.links[number] if self.links else "") for number, fact in enumerate(self.facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of at most 2 MB, JPEG or PNG; it may be gone by the time it is sent."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of at most 20 MB, with the name that it is shown by; it may be gone by the time it is sent."""

    path: Path
    name: str


Message: TypeAlias = Text | Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message on its way: `uuid` is the platform's idempotency key, `receipt` what the edited message's sending returned."""

    uuid: str
    message: Message | Picture | Attachment
    user: str = ""
    chat: str = ""
    receipt: Json = field(default_factory=dict)
    token: str = ""
    first_tried_at: datetime | None = None
    maybe_sent: bool = False  # an earlier try ended without an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A native check-in record as the platform's API returned it; `payload` goes into the inbox unchanged."""

    envelope: Envelope


class Adapter(Protocol):
    """One chat platform. Codec half is pure; client half talks to the platform's API."""

    platform: Platform
    datum: str
    can: frozenset[Can]

    def open(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime) -> Envelope | str:
        """Verify and decrypt a callback. Return an Envelope to store, or a str to answer at once (URL check).

        Raises Forged on anything that is not a genuine, fresh callback to this account.
        """
        ...

    def read(self, envelope: Envelope) -> Interaction:
        """Turn a stored payload into an Interaction. Never raises: what is not understood has kind UNKNOWN."""
        ...

    async def fetch(self, ref: MediaRef, into: Path) -> str:
        """Write the media file to `into`, return its MIME type. Raises FetchError."""
        ...

    async def send(self, parcel: Parcel) -> Json:
        """Send, return the receipt that a later update needs (message id, response code). Raises DeliveryError."""
        ...

    async def update(self, parcel: Parcel) -> Json:
        """Update the message of `parcel.receipt` in place. Raises DeliveryError."""
        ...

    async def checkins(self, users: Sequence[str], since: datetime, until: datetime) -> list[Envelope]:
        """Native check-in records of these users, ready for the inbox; [] where the platform has none. Raises FetchError."""
        ...

    async def doctor(self, *, fix: bool) -> list[tuple[bool, str]]:
        """Live checks of this platform: (fine, line in Chinese)."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class Outlet(Protocol):
    """A custom group robot: messages go out to its one group, and that is all it can."""

    async def send(self, parcel: Parcel) -> Json:
        """Send; what would call back is left out. Raises DeliveryError."""
        ...

    async def update(self, parcel: Parcel) -> Json:
        """Raises OutOfReach: what was sent stands."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


@runtime_checkable
class Listens(Protocol):
    """An adapter that opens a connection itself, over which its platform brings messages."""

    async def listen(self, receive: Callable[[Envelope], Awaitable[bool]], seen: Callable[[], None]) -> None:
        """Receive until cancelled, acking only what `receive` has stored; `seen` for every message. Returns at once when it is off."""
        ...


@runtime_checkable
class Directory(Protocol):
    """An adapter whose platform tells whose account belongs to a mobile number."""

    async def account_of(self, phone: str) -> str:
        """Return the user id; "" where nobody in the app's range has this number. Raises FetchError, without the number."""
        ...


@runtime_checkable
class HasMenu(Protocol):
    """An adapter whose platform lets an API make the app's menu."""

    async def ensure_menu(self) -> bool:
        """Make the menu if it is not there; True when it was made. Raises DeliveryError or FetchError."""
        ...


class Wake(Protocol):
    """A hint that there is work; losing one only costs the polling interval."""

    def notify(self, topic: str) -> None:
        """Wake whoever waits for `topic` (inbox, outbox, config)."""
        ...

    async def wait(self, topic: str, timeout: float) -> None:  # noqa: ASYNC109 - the port promises to return after it, hint or none
        """Return at a hint or after `timeout` seconds."""
        ...


class TokenCache(Protocol):
    """Access tokens, shared between processes where Redis is configured."""

    async def get(self, key: str) -> tuple[str, float] | None:
        """Return (token, expiry as epoch seconds) or None."""
        ...

    async def put(self, key: str, token: str, expires_at: float) -> None:
        """Store until `expires_at`."""
        ...

    async def drop(self, key: str, token: str) -> None:
        """Forget the token if it is still this one."""
        ...

    async def claim(self, key: str, now: float, seconds: float) -> bool:
        """Whether `key` is nobody's; from then on it is the caller's for so many seconds. `now`: epoch seconds."""
        ...

    async def release(self, key: str) -> None:
        """Give it back before its time."""
        ...


class RateLimit(Protocol):
    """Sliding windows kept in front of a platform's own limits."""

    async def take(self, key: str, limits: Sequence[tuple[int, float]]) -> float | None:
        """Count one event for `key` against every (amount, seconds) window. None when it may go, else seconds to wait (nothing counted)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a machine saw on a photo: lines of text, and how many faces; None where nobody counts them."""

    lines: tuple[str, ...] = ()
    faces: int | None = None


class TextReader(Protocol):
    """Reads text off photos; comes with the OCR extra."""

    async def read(self, path: Path, mime: str) -> Reading | None:
        """Read a photo; None for what is no picture. Raises FetchError (not permanent) when it could not work at all."""
        ...

    async def close(self) -> None:
        """Let the reader go."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a recogniser heard in a voice: Simplified Chinese, "" for one without speech.

    Spans are (begin, end, words), seconds from its start.
    """

    text: str
    engine: str  # name and model, as told to people: `funasr SenseVoiceSmall`
    spans: tuple[tuple[float, float, str], ...] = ()
    seconds: float = 0.0  # of the voice, from its decoded samples


class Transcriber(Protocol):
    """Speech to text, one voice at a time; comes with the speech extra. Without one, voices carry their length only."""

    async def transcribe(self, path: Path, mime: str, hotwords: Sequence[str]) -> Heard:
        """Hear a voice; `hotwords` are words of our own lists.

        Raises FetchError: permanent with a reason of `templates/reply/problem.txt.j2` for what no decoder takes, not permanent
        (`unavailable`, `worker_died`, `too_slow`) for what may go better the next time.
        """
        ...

    async def close(self) -> None:
        """Let the worker go."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a media file really is, whatever its name says. `problem` is a code of `bot/evidence/codes.py`."""

    mime: str = ""
    seconds: float | None = None  # of a voice
    problem: str | None = None
    prints: tuple[str, ...] = ()  # of a photo: hashes by which pictures are compared
    exif: Json = field(default_factory=dict)  # of a photo: what the camera noted (taken_at, lat, lng, model), as far as it survived


class Timestamper(Protocol):
    """A timestamp authority (RFC 3161)."""

    name: str

    async def stamp(self, data: bytes) -> bytes:
        """Return the response, checked against this very request. Raises FetchError."""
        ...


class BackupTarget(Protocol):
    """Where copies go. Names are paths with slashes; contents are whole files of at most 100 MB."""

    async def put(self, name: str, data: bytes) -> None:
        """Write. Raises BackupError."""
        ...

    async def get(self, name: str) -> bytes | None:
        """Read; None when it is not there. Raises BackupError."""
        ...

    def names(self, folder: str) -> AsyncIterator[str]:
        """Names of all files below a folder (`x/`). Raises BackupError."""
        ...

    async def delete(self, name: str) -> None:
        """Delete; what is not there is no error. Raises BackupError."""
        ...


class PhotoCopies(Protocol):
    """Copies of photos, made where a hostile file harms nobody."""

    async def miniatures(self, paths: Sequence[Path], side: int) -> list[bytes | None]:
        """JPEGs that fit a square of `side` pixels, upright, in the order of the paths.

        None for what is no picture or harms its decoder.
        """
        ...

    async def watermark(self, path: Path, mime: str, lines: Sequence[str]) -> bytes | None:
        """Return a JPEG of the photo with the lines at its foot, upright, at most 2048 pixels long; None for what is no picture.

        Raises FetchError (not permanent) when it could not work at all.
        """
        ...

    async def signature(self, path: Path) -> bytes:
        """Return the drawn signature of a PNG anew: cut to its ink, dark on white, at most 1000 × 400 pixels.

        Raises FetchError: permanent (`blank`, `too_large`, `undecodable`) for what is none, not permanent when it could not work at all.
        """
        ...

    async def paper(self, path: Path, page: int, across: int) -> tuple[int, bytes | None]:
        """How many pages a PDF has (0 for what is none), and one of them (from 1) as a JPEG so many pixels across. Raises FetchError."""
        ...

    async def lettering(self, text: str) -> bytes:
        """Return a typed name as a PNG of the same size. Raises FetchError."""
        ...


class Inspector(Protocol):
    """Looks into a media file from outside without being harmed by it."""

    async def inspect(self, path: Path, kind: str) -> Inspection:
        """Examine a file sent as `kind` (photo | voice | video | file).

        No content makes it raise; FetchError (not permanent) when it could not work at all.
        """
        ...

    async def likeness(self, path: Path, others: Sequence[Path]) -> list[float]:
        """How alike what both show is, after the best crop of one of them: 1 = the same, 0 = nothing in common or no picture.

        Raises FetchError (not permanent) when it could not work at all.
        """
        ...
