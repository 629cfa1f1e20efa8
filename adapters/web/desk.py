"""What the web edge is handed: everything it may ask of the rest, and nothing else."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from bot.config.schema import Config
from bot.evidence.dwell import Beat, Viewing
from bot.intake import Rejected
from bot.model import Deck, Envelope, Person, Platform, Presentation, Reason
from bot.ports import Adapter, Clock
from bot.proving import Proven


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The bot's answer to a form of a page; `done`: something was recorded; `kept`: what was written, for another try."""

    done: bool
    words: str
    kept: str = ""


class Records(Protocol):
    """What a record's page may have done: 核验 of everything it rests on, and what a form says as if it was typed or tapped in the chat."""

    async def prove(self, action: str) -> Proven | None: ...
    async def ask(self, person: Person, words: str) -> Told: ...
    async def tap(self, person: Person, op: str, arg: str) -> Told: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The web edge's whole outside.

    `receive` raises StoreError when the envelope is not durable; `record_viewed(record, person, how)` likewise, and then the
    record is not shown. `take_in(kind, rows, data)`: rows as columns of text, numbered from 2 in its refusals; data the bytes
    they came in. `vault`: path of an original by its
    SHA-256; `dossier`: of an archive by its id. `ready`: what is wrong, in Chinese; [] when work can be taken.
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
    take_in: Callable[[str, Sequence[Mapping[str, str]], bytes], Awaitable[Outcome]]
    vault: Callable[[str], Path]
    dossier: Callable[[str], Path]
    word: Callable[[Reason], str]
    decks: Decks
    records: Records
    secret: bytes
    api_token: str = ""
