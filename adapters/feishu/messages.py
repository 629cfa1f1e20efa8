"""Sending and editing, once each: the uuid covers a repeated try for an hour, the chat's own history afterwards."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from adapters.feishu.cards import card_content, marks, masked, shorten, text_content
from adapters.feishu.client import Client
from adapters.feishu.errors import UNCHANGEABLE, UNREADABLE, ApiError, Outcome
from adapters.feishu.media import upload_file, upload_image
from adapters.feishu.strict_json import dig, loads, word
from bot.errors import DeliveryError, OutOfReach
from bot.model import Json
from bot.ports import Attachment, Card, Clock, Message, Parcel, Picture, RateLimit, Text

T = TypeVar("T")
PATH = "/open-apis/im/v1/messages"
UUID_HOUR = timedelta(minutes=55)  # the platform keeps a uuid for an hour; our clock and its may differ
LOOK_BACK = timedelta(seconds=60)
PAGES = 40  # of 50 messages: beyond that a chat counts as unreadable
MAX_UUID = 50
PER_TARGET = ((5, 1.0),)
PER_API = ((50, 1.0), (1000, 60.0))


class Unreadable(Exception):
    """The chat's history cannot be read, or not to its end."""


@dataclass(frozen=True, slots=True)
class Messages:
    """The outgoing half."""

    client: Client
    clock: Clock
    limits: RateLimit
    app_id: str

    async def send(self, parcel: Parcel) -> Json:
        """Send, or adopt what an earlier try sent. Raises DeliveryError."""
        id_type, receiver = _receiver(parcel)
        doubtful = False
        if self._beyond_uuid(parcel):
            try:
                if found := await self._find(parcel, receiver):
                    return found
            except Unreadable:
                doubtful = True
            except ApiError as error:
                raise error.delivery() from None
        await self._wait_turn(f"to:{receiver}", PER_TARGET)
        await self._wait_turn("send", PER_API)
        return await self._send(parcel, id_type, receiver, doubtful)

    async def update(self, parcel: Parcel) -> Json:
        """Put new content on a sent card. Repeating it does no harm, so no outcome is unknown. Raises DeliveryError."""
        message_id, card = str(parcel.receipt.get("message_id", "")), parcel.message
        if not message_id or not isinstance(card, Card):
            raise DeliveryError("feishu: nothing to update", permanent=True)
        await self._wait_turn(f"edit:{message_id}", PER_TARGET)
        await self._wait_turn("edit", PER_API)
        private = bool(parcel.receipt.get("private"))

        async def put(message: Message) -> Any:
            content = _content(replace(parcel, message=message), private=private, doubtful=False)
            return await self.client.call("PATCH", f"{PATH}/{message_id}", body={"content": content})

        try:
            await _lessening(card, put)
        except ApiError as error:
            error.unknown = False
            if error.reason in UNCHANGEABLE:
                raise OutOfReach(f"feishu: {error}") from None
            raise error.delivery() from None
        return parcel.receipt

    async def _send(self, parcel: Parcel, id_type: str, receiver: str, doubtful: bool) -> Json:
        private = id_type != "chat_id"
        if isinstance(parcel.message, Picture | Attachment):
            return await self._send_file(parcel, parcel.message, id_type, receiver)
        message = parcel.message
        image = await self._image(message)

        async def post(message: Message) -> Json:
            kind = "interactive" if isinstance(message, Card) else "text"
            content = _content(replace(parcel, message=message), private=private, doubtful=doubtful, image=image)
            body = {"receive_id": receiver, "msg_type": kind, "content": content, "uuid": parcel.uuid[:MAX_UUID]}
            answer = await self.client.call("POST", PATH, params={"receive_id_type": id_type}, body=body)
            return _receipt(answer.get("data"), private)

        try:
            return await _lessening(message, post)
        except ApiError as error:
            raise error.delivery() from None

    async def _image(self, message: Message) -> str:
        """Upload the picture of a card; "" where it has none, or none any more: its words go out all the same. Raises DeliveryError."""
        if not isinstance(message, Card) or message.image is None:
            return ""
        try:
            return await upload_image(self.client, await asyncio.to_thread(message.image.read_bytes))
        except OSError:
            return ""
        except ApiError as error:
            raise error.delivery() from None

    async def _send_file(self, parcel: Parcel, file: Picture | Attachment, id_type: str, receiver: str) -> Json:
        try:
            data = await asyncio.to_thread(file.path.read_bytes)
        except OSError:
            raise DeliveryError("feishu: file gone", permanent=True) from None
        try:
            if isinstance(file, Attachment):
                kind, content = "file", {"file_key": await upload_file(self.client, file.name, data)}
            else:
                kind, content = "image", {"image_key": await upload_image(self.client, data)}
            body = {"receive_id": receiver, "msg_type": kind, "content": json.dumps(content), "uuid": parcel.uuid[:MAX_UUID]}
            answer = await self.client.call("POST", PATH, params={"receive_id_type": id_type}, body=body)
        except ApiError as error:
            raise error.delivery() from None
        return _receipt(answer.get("data"), id_type != "chat_id")

    async def _wait_turn(self, what: str, limits: Sequence[tuple[int, float]]) -> None:
        if wait := await self.limits.take(f"feishu:{self.app_id}:{what}", limits):
            raise DeliveryError("feishu: own rate limit", retry_after=wait)

    def _beyond_uuid(self, parcel: Parcel) -> bool:
        if not parcel.maybe_sent:
            return False
        return parcel.first_tried_at is None or self.clock.now() - parcel.first_tried_at > UUID_HOUR

    async def _find(self, parcel: Parcel, receiver: str) -> Json | None:
        """Look for the message in its chat. Raises Unreadable, ApiError."""
        if not receiver.startswith("oc_") or parcel.first_tried_at is None:
            raise Unreadable
        if isinstance(parcel.message, Picture | Attachment):
            raise Unreadable  # a picture bears no mark by which it could be found
        wanted, message = marks(parcel.message, parcel.uuid), parcel.message
        params = {
            "container_id_type": "chat",
            "container_id": receiver,
            "start_time": str(int((parcel.first_tried_at - LOOK_BACK).timestamp())),
            "sort_type": "ByCreateTimeAsc",
            "page_size": "50",
            "card_msg_content_type": "user_card_content",  # without it the history shows "please upgrade" instead of a 2.0 card
        }
        for _ in range(PAGES):
            page = await self._page(params)
            for item in page.get("items") or ():
                if self._is(item, message, wanted):
                    return _receipt(item, private=False)
            if not page.get("has_more"):
                return None
            params["page_token"] = word(page, "page_token")
        raise Unreadable

    async def _page(self, params: dict[str, str]) -> dict[str, Any]:
        try:
            answer = await self.client.call("GET", PATH, params=params)
        except ApiError as error:
            if error.reason in UNREADABLE:
                raise Unreadable from None
            error.unknown = False  # reading changes nothing
            raise
        data = answer.get("data")
        return data if isinstance(data, dict) else {}

    def _is(self, item: Any, message: Message, wanted: frozenset[str]) -> bool:
        if dig(item, "deleted") or word(item, "sender", "id") != self.app_id:
            return False
        content = word(item, "body", "content")
        if isinstance(message, Text):
            return word(item, "msg_type") == "text" and _text(content) == _text(text_content(message))
        return any(each in content for each in wanted)


async def _lessening(message: Message, attempt: Callable[[Message], Awaitable[T]]) -> T:
    """Try; where the platform wants the message shorter, without numbers or without a wrong @, try again with less."""
    done: set[Outcome] = set()
    while True:
        try:
            return await attempt(message)
        except ApiError as error:
            lesser = None if error.outcome in done else _lessen(message, error.outcome)
            if lesser is None:
                raise
            done.add(error.outcome)
            message = lesser


def _lessen(message: Message, outcome: Outcome) -> Message | None:
    if outcome is Outcome.SHORTEN:
        return shorten(message)
    if outcome is Outcome.MASK:
        return masked(message)
    if outcome is Outcome.UNMENTION and isinstance(message, Card):
        return replace(message, mention=())
    return None


def _content(parcel: Parcel, *, private: bool, doubtful: bool, image: str = "") -> str:
    if isinstance(parcel.message, Text):
        return text_content(parcel.message, doubtful=doubtful)
    if isinstance(parcel.message, Picture | Attachment):
        raise TypeError("a picture has no words")
    return card_content(parcel.message, parcel.uuid, private=private, doubtful=doubtful, image=image)


def _receiver(parcel: Parcel) -> tuple[str, str]:
    """Return (receive_id_type, receive_id)."""
    receiver = parcel.chat or parcel.user
    if not receiver:
        raise DeliveryError("feishu: no receiver", permanent=True)
    kinds = {"oc_": "chat_id", "ou_": "open_id"}
    return kinds.get(receiver[:3], "user_id"), receiver


def _receipt(data: Any, private: bool) -> Json:
    message_id = word(data, "message_id")
    if not message_id:
        raise ApiError("malformed answer", unknown=True)
    return {"message_id": message_id, "chat_id": word(data, "chat_id")} | ({"private": True} if private else {})


def _text(content: str) -> str:
    try:
        return word(loads(content), "text")
    except ValueError:
        return ""
