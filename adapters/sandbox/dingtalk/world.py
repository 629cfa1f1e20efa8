"""What the stand-in knows: tokens, tickets, users, groups, messages, files, check-in records."""

import asyncio
import itertools
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.ports import Clock

TICKET_S, TOKEN_S = 90, 7200
CODE_LIFE = timedelta(hours=2)


@dataclass(slots=True)
class Held:
    """A file behind a download code."""

    data: bytes
    mime: str
    until: float


@dataclass(slots=True)
class World:
    """Everything on the platform's side. `screens`: what a user's chat with the robot, or a group, shows."""

    clock: Clock
    client_id: str
    secret: str
    users: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)  # mobile number → userId
    groups: dict[str, list[str]] = field(default_factory=dict)
    screens: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    tickets: dict[str, float] = field(default_factory=dict)
    files: dict[str, Held] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)
    punches: list[dict[str, Any]] = field(default_factory=list)  # 考勤
    templates: set[str] = field(default_factory=set)  # of interactive cards, as the console has them
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)  # outTrackId → its line on a screen
    flow_controlled: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)  # of sign-ins: code → user
    inside: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # of the client's kit: code → user, end
    calls: dict[str, int] = field(default_factory=dict)
    over_quota: bool = False
    version: int = 0
    _stir: asyncio.Event = field(default_factory=asyncio.Event)
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def now(self) -> float:
        return self.clock.now().timestamp()

    def grant(self) -> tuple[str, int]:
        """The same token while it lives, as the platform does."""
        for token, until in self.tokens.items():
            if until > self.now:
                return token, int(until - self.now)
        token = secrets.token_hex(16)
        self.tokens[token] = self.now + TOKEN_S
        return token, TOKEN_S

    def good(self, token: str) -> bool:
        return self.tokens.get(token, 0) > self.now

    def ticket(self) -> str:
        made = secrets.token_hex(16)
        self.tickets[made] = self.now + TICKET_S
        return made

    def use_ticket(self, ticket: str) -> bool:
        """Good for one connection."""
        return self.tickets.pop(ticket, 0) > self.now

    def keep(self, data: bytes, mime: str) -> str:
        """Return a download code."""
        code = f"dc{next(self.ids)}{secrets.token_hex(6)}"
        self.files[code] = Held(data, mime, self.now + CODE_LIFE.total_seconds())
        return code

    def show(self, screen: str, sender: str, kind: str, **content: Any) -> dict[str, Any]:
        line = {"id": f"m{next(self.ids)}", "from": sender, "type": kind, "at": self.clock.now().isoformat(), **content}
        self.screens.setdefault(screen, []).append(line)
        self.touch()
        return line

    def touch(self) -> None:
        """Something visible changed: wake whoever waits for it."""
        self.version += 1
        self._stir.set()
        self._stir = asyncio.Event()

    async def changed(self, since: int, timeout: float) -> int:  # noqa: ASYNC109 - a long poll ends by itself
        """Wait until `version` is past `since`, at most `timeout` seconds; return it."""
        if self.version <= since:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stir.wait(), timeout)
        return self.version
