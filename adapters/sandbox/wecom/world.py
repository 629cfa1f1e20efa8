"""Everything the stand-in knows: members, messages, files, tokens, and what happened to each delivery."""

import asyncio
import secrets
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.ports import Clock

TOKEN_SECONDS = 7200
MEDIA_DAYS = 3


class ApiError(Exception):
    """An errcode; WeCom says it with HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


@dataclass(slots=True)
class Media:
    """An uploaded file, gone after three days."""

    id: str
    kind: str
    data: bytes
    mime: str
    name: str
    until: datetime


@dataclass(slots=True)
class Shown:
    """A message on somebody's screen. `body` is what was sent, kept up to date by card updates; `spent` greys its buttons."""

    id: str
    user: str
    origin: str  # me | app
    at: datetime
    type: str
    body: dict[str, Any]
    spent: str = ""


@dataclass(slots=True)
class Delivery:
    """One callback and how each try ended (an HTTP status or the name of an error)."""

    user: str
    what: str
    msgid: str
    tries: list[str] = field(default_factory=list)
    acked: bool = False


@dataclass(slots=True)
class Code:
    """A response code: updates one message once, within 72 hours."""

    message: str
    until: datetime


@dataclass(slots=True)
class World:
    """State of one corp with one app. Times are the injected clock's."""

    clock: Clock
    corp_id: str
    agent_id: int
    secret: str
    jsapi_ticket: str = field(default_factory=lambda: "kgt8" + secrets.token_hex(20))
    members: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)  # mobile number → userid
    unlicensed: set[str] = field(default_factory=set)
    messages: dict[str, Shown] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    tokens: dict[str, datetime] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    tasks: set[str] = field(default_factory=set)
    recent: dict[str, datetime] = field(default_factory=dict)
    checkins: list[dict[str, Any]] = field(default_factory=list)
    checkin_allowed: bool = True
    ip_allowed: bool = True
    menu: list[dict[str, Any]] = field(default_factory=list)
    logins: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    version: int = 0
    _serial: int = 7_700_000_000_000_000_000
    _windows: dict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def serial(self) -> str:
        """Return a fresh 64-bit message id."""
        self._serial += 1
        return str(self._serial)

    def full(self, key: str, amount: int, seconds: float) -> bool:
        """Count one event in a sliding window; True when it exceeded `amount`."""
        now, window = self.clock.now(), self._windows[f"{key}/{seconds}"]
        while window and window[0] <= now - timedelta(seconds=seconds):
            window.popleft()
        window.append(now)
        return len(window) > amount

    def new_token(self) -> str:
        token = secrets.token_urlsafe(64)
        self.tokens[token] = self.clock.now() + timedelta(seconds=TOKEN_SECONDS)
        return token

    def new_code(self, message: str) -> str:
        """Issue a response code for a card."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(message, self.clock.now() + timedelta(hours=72))
        return code

    def keep(self, kind: str, data: bytes, mime: str, name: str) -> Media:
        """Store a file for three days."""
        media = Media(secrets.token_urlsafe(32), kind, data, mime, name, self.clock.now() + timedelta(days=MEDIA_DAYS))
        self.media[media.id] = media
        return media

    def show(self, user: str, origin: str, type_: str, body: dict[str, Any]) -> Shown:
        """Put a message on a screen."""
        message = Shown(self.serial(), user, origin, self.clock.now(), type_, body)
        self.messages[message.id] = message
        self.touch()
        return message

    def touch(self) -> None:
        """Something visible changed: wake whoever waits for it."""
        self.version += 1
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def changed(self, since: int, timeout: float) -> int:  # noqa: ASYNC109 - a long poll ends by itself
        """Wait until `version` is past `since`, at most `timeout` seconds; return it."""
        if self.version <= since:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await asyncio.wait([future], timeout=timeout)
        return self.version
