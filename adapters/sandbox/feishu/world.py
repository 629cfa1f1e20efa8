"""What the Feishu stand-in knows: users, chats, messages, files. Every change wakes whoever watches the screen."""

import asyncio
import hashlib
import itertools
import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.ports import Clock


@dataclass(frozen=True, slots=True)
class User:
    """A member of the tenant. `available`: inside the app's scope."""

    open_id: str
    user_id: str
    name: str
    available: bool = True
    phone: str = ""


@dataclass(slots=True)
class Chat:
    """A group, or the private chat of one user with the bot."""

    id: str
    name: str
    members: list[str]
    private: bool = False
    bot: bool = True
    at_all: bool = False  # the owner allows @all


@dataclass(slots=True)
class Message:
    """A message as it stands now; `content` is the platform's JSON string."""

    id: str
    chat: str
    sender: str
    kind: str
    content: str
    at: datetime
    changed_at: datetime
    uuid: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded or sent resource."""

    key: str
    data: bytes
    mime: str
    name: str


@dataclass(slots=True)
class Meter:
    """Sliding windows in real seconds: a clock that stands still in a test must not be a rate limit."""

    taken: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, key: str, limit: int, per: float = 1.0) -> float:
        """Return 0 and count, or the seconds to wait when `limit` in `per` seconds is reached."""
        now = asyncio.get_running_loop().time()
        window = self.taken.setdefault(key, deque())
        while window and now - window[0] >= per:
            window.popleft()
        if len(window) >= limit:
            return per - (now - window[0])
        window.append(now)
        return 0.0


class Board:
    """All state of the stand-in, in memory."""

    def __init__(self, clock: Clock, app_id: str) -> None:
        self.clock = clock
        self.app_id = app_id
        self.users: dict[str, User] = {}
        self.chats: dict[str, Chat] = {}
        self.messages: dict[str, Message] = {}
        self.files: dict[str, File] = {}
        self.version = 0
        self._numbers = itertools.count(1)
        self._stir = asyncio.Event()

    def new_id(self, prefix: str) -> str:
        """Return an id in the platform's look, the same in every run."""
        return f"{prefix}_{hashlib.md5(f'{prefix}{next(self._numbers)}'.encode(), usedforsecurity=False).hexdigest()}"

    def touch(self) -> None:
        """Tell the watchers that something changed."""
        self.version += 1
        self._stir.set()
        self._stir = asyncio.Event()

    async def changed(self, since: int, timeout: float) -> int:  # noqa: ASYNC109 - long poll of the demo page
        """Return the version as soon as it differs from `since`, or after `timeout` seconds."""
        if self.version == since:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stir.wait(), timeout)
        return self.version

    def user(self, any_id: str) -> User | None:
        """Find by open_id or user_id."""
        return self.users.get(any_id) or next((user for user in self.users.values() if user.user_id == any_id), None)

    def private_chat(self, open_id: str) -> Chat:
        """Return the user's chat with the bot, made on first use."""
        chat_id = "oc_" + hashlib.md5(f"p2p {open_id}".encode(), usedforsecurity=False).hexdigest()
        if chat_id not in self.chats:
            self.chats[chat_id] = Chat(chat_id, self.users[open_id].name, [open_id], private=True)
        return self.chats[chat_id]

    def add(self, chat: str, sender: str, kind: str, content: dict[str, Any] | str, uuid: str = "") -> Message:
        """Put a message into a chat."""
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        now = self.clock.now()
        message = Message(self.new_id("om"), chat, sender, kind, text, now, now, uuid)
        self.messages[message.id] = message
        self.touch()
        return message

    def store(self, data: bytes, mime: str, name: str, *, image: bool) -> File:
        """Keep a resource, return it with its key."""
        key = self.new_id("img_v3") if image else self.new_id("file_v3")
        self.files[key] = File(key, data, mime, name)
        return self.files[key]

    def in_chat(self, chat_id: str) -> list[Message]:
        """Messages of a chat, oldest first."""
        return [message for message in self.messages.values() if message.chat == chat_id]

    def screen(self, chat_id: str) -> list[dict[str, Any]]:
        """What a client shows of a chat."""
        return [self._line(message) for message in self.in_chat(chat_id) if not message.deleted]

    def _line(self, message: Message) -> dict[str, Any]:
        body = json.loads(message.content)
        name = self.users[message.sender].name if message.sender in self.users else "机器人"
        line = {"id": message.id, "from": message.sender, "name": name, "at": message.at.isoformat(), "type": message.kind}
        if message.kind == "interactive":
            return line | {"card": body, "edited": message.changed_at != message.at}
        return line | {"text": body["text"]} if message.kind == "text" else line | {"content": body}
