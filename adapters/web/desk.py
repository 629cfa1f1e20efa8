"""What the web edge is handed: everything it may ask of the rest, and nothing else."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from bot.config.schema import Config
from bot.evidence.dwell import Beat, Viewing
from bot.intake import Rejected
from bot.model import Check, Deck, Envelope, Material, Opening, Person, Platform, Presentation, Reason, Signing, Visit
from bot.ports import Adapter, Clock
from bot.proving import Proven
from bot.signatures import Given


@runtime_checkable
class Acks(Protocol):
    """An adapter whose platform wants more than an empty 200."""

    def ack(self, envelope: Envelope) -> tuple[bytes, str]:
        """Body and content type of the answer to a stored callback."""
        ...


@runtime_checkable
class SignsIn(Protocol):
    """An adapter whose platform can say who is looking at a page."""

    def oauth_url(self, redirect: str, state: str) -> str:
        """Where the browser is sent; `state` is at most 128 letters and digits."""
        ...

    async def oauth_user(self, code: str) -> str | tuple[str, ...]:
        """The platform user id (or all ids of the one user) behind a code. Raises FetchError."""
        ...


@runtime_checkable
class SignsInInside(Protocol):
    """An adapter whose platform's client signs a page in by its kit, with nothing to be tapped."""

    def inside(self) -> Mapping[str, str]:
        """What the kit is asked with; empty where the app is not set up for it."""
        ...

    async def inside_user(self, code: str) -> str:
        """The platform user id behind the kit's code. Raises FetchError."""
        ...


class Outcome(Protocol):
    """What became of a batch of facts (`bot.taking_in.Taken`)."""

    @property
    def accepted(self) -> int: ...
    @property
    def unchanged(self) -> int: ...
    @property
    def rejected(self) -> Sequence[Rejected]: ...


class Decks(Protocol):
    """Presentations and their beats."""

    async def presentation(self, id_: str) -> Presentation | None: ...
    async def deck(self, id_: str) -> Deck | None: ...
    async def join(self, id_: str, nonce: str, pages: int) -> None: ...
    async def beat(self, id_: str, told: Beat) -> Viewing | None: ...


class Links(Protocol):
    """What customers do on the pages that a link opens."""

    async def give(self, signing: Signing, given: Given) -> bool:
        """Store a signature; False where there is one already. Raises FetchError for what is none, StoreError: nothing was taken."""
        ...

    async def receipt(self, signing: Signing) -> bytes:
        """A PDF. Raises SalesTraceError."""
        ...

    async def paper(self, sha256: str, page: int) -> tuple[int, bytes | None]:
        """How many pages a PDF of the vault has (0 for what is none), and one of them (from 1) as a JPEG. Raises FetchError."""
        ...

    async def open(self, material: Material, pages: int) -> Opening: ...
    async def join(self, opening: str, nonce: str, pages: int) -> None: ...
    async def beat(self, opening: str, told: Beat) -> Viewing | None: ...
    async def download(self, opening: Opening, deck: Deck) -> bytes:
        """Record it; then the deck as a PDF."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The bot's answer to a form of a page; `done`: something was recorded; `kept`: what was written, for another try."""

    done: bool
    words: str
    kept: str = ""


class Records(Protocol):
    """What a record's page may have done: 核验 of everything it rests on, and what a form says as if it was typed in the chat."""

    async def prove(self, action: str) -> Proven | None: ...
    async def ask(self, person: Person, words: str) -> Told: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a visit stands: its rep's latest check there, whether it holds now, his page's devices (thumbprint → state), and the purposes
    that must not be used (location | photo | voice | device).
    """

    check: Check | None = None
    holds: bool = False
    devices: Mapping[str, str] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()


class Visits(Protocol):
    """What visit pages show and take in. `incoming`: the folder of files on their way into the vault."""

    incoming: Path

    async def visit(self, id_: str) -> Visit | None: ...
    async def standing(self, visit: Visit) -> Standing: ...
    async def kept(self, key: str) -> bytes | None:
        """What was stored under this key, None for nothing."""
        ...

    async def worked(self, key: str) -> bool:
        """Whether it was judged."""
        ...

    async def keep(self, path: Path) -> str:
        """A file's digest, once it is durable. Raises StoreError."""
        ...


class Survey(Protocol):
    """The anonymous survey; nothing here says who asks."""

    @property
    def answers(self) -> Sequence[str]: ...
    def genuine(self, survey: str, ballot: str) -> bool: ...
    async def is_open(self, survey: str) -> bool: ...
    async def answer(self, survey: str, ballot: str, given: str) -> bool:
        """False: this ballot was used already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The web edge's whole outside.

    `receive` raises StoreError when the envelope is not durable; `record_viewed(record, person, how)` likewise, and then the
    record is not shown. `take_in(kind, rows, data, by)`: rows as columns of text, numbered from 2 in its refusals; data the bytes
    they came in. `pushed(digest)`: what was answered to a signed request before, kept by `push_done`. `vault`: path of an original by its
    SHA-256; `dossier`, `export`: of an archive by its id; `kit`: of a platform's script, if somebody put it there.
    `ready`: what is wrong, in Chinese; [] when work can be taken.
    `stats`: see `metrics.FAMILIES`. `secret` derives the session key; `api_token` empty closes the JSON API to tokens.
    """

    clock: Clock
    config: Callable[[], Config]
    adapters: Mapping[Platform, Adapter]
    receive: Callable[[Envelope], Awaitable[bool]]
    seen: Callable[[Platform, datetime], None]
    refused: Callable[[Platform, str, datetime], None]
    ready: Callable[[], Awaitable[list[str]]]
    stats: Callable[[], Awaitable[Mapping[str, float]]]
    record_viewed: Callable[[str, str, str], Awaitable[None]]
    take_in: Callable[[str, Sequence[Mapping[str, str]], bytes, str], Awaitable[Outcome]]
    pushed: Callable[[str], Awaitable[Mapping[str, Any] | None]]
    push_done: Callable[[str, Mapping[str, Any]], Awaitable[None]]
    vault: Callable[[str], Path]
    dossier: Callable[[str], Path]
    kit: Callable[[Platform], Path]
    export: Callable[[str], Path]
    word: Callable[[Reason], str]
    decks: Decks
    records: Records
    visits: Visits
    links: Links
    survey: Survey
    secret: bytes
    api_token: str = ""
    hook_secret: str = ""
