"""Messages out: one-to-one and to groups, text, action cards, pictures. What a robot sent stands; only cards of a template can change."""

import asyncio
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.dingtalk import live
from adapters.dingtalk.cards import card_content, fitted
from adapters.dingtalk.client import Client
from adapters.dingtalk.errors import ApiError
from adapters.http import Unreachable, picture_type
from bot.errors import DeliveryError, OutOfReach
from bot.model import Json
from bot.ports import Attachment, Card, Parcel, Picture, RateLimit, Text

WORDS = 4_000  # characters of a text
PER_APP = ((20, 1.0),)
PER_GROUP = ((20, 60.0),)
log = logging.getLogger("salestrace.dingtalk")


class Sender:
    """Sends for one robot."""

    def __init__(self, client: Client, robot: str, limit: RateLimit, template: str = "") -> None:
        self._client = client
        self._robot = robot
        self._limit = limit
        self._template = template

    async def send(self, parcel: Parcel) -> Json:
        """Return the receipt. Raises DeliveryError."""
        if not (parcel.user or parcel.chat):
            raise DeliveryError("no_chat", permanent=True)
        await self._paced(f"dingtalk:{self._robot}", PER_APP)
        users = _users(parcel)
        if not users:
            await self._paced(f"dingtalk:{self._robot}:{parcel.chat}", PER_GROUP)
        if not (self._template and isinstance(parcel.message, Card) and parcel.message.live):
            return await self._plain(parcel, users)
        tracks, left = await self._live(parcel.message, parcel, users)
        if not left:
            return {"cards": tracks}
        try:
            sent = await self._plain(parcel, [user for user in users if user in left])
        except DeliveryError as error:
            if not (tracks and error.permanent):
                raise
            sent = {}  # whom no message reaches must not take the others' cards along
        return {**sent, **({"cards": tracks} if tracks else {})}

    async def _plain(self, parcel: Parcel, users: list[str]) -> Json:
        """A message that stands as it is sent: to these, or to the group if there are none."""
        key, param = await self._content(parcel, group=not users)
        body = {"robotCode": self._robot, "msgKey": key, "msgParam": json.dumps(param, ensure_ascii=False)}
        if not users:
            told = await self._post("/v1.0/robot/groupMessages/send", {**body, "openConversationId": parcel.chat})
        else:
            told = await self._post("/v1.0/robot/oToMessages/batchSend", {**body, "userIds": users})
            _received(told, users)
        return {"key": str(told.get("processQueryKey", ""))}

    async def update(self, parcel: Parcel) -> Json:
        """Change the cards that were made of the template; repeating it does no harm. Raises OutOfReach for what else was sent."""
        tracks = parcel.receipt.get("cards")
        if not tracks or not isinstance(parcel.message, Card):
            raise OutOfReach("no_update")
        await self._paced(f"dingtalk:{self._robot}", PER_APP)
        for track in tracks:
            try:
                await self._client.put(live.CHANGE, live.change(parcel.message, track))
            except ApiError as error:
                if error.meaning.permanent:
                    raise OutOfReach(error.meaning.reason) from None
                raise error.as_delivery() from None
            except Unreachable:
                raise DeliveryError("unavailable") from None
        return parcel.receipt

    async def _live(self, card: Card, parcel: Parcel, users: list[str]) -> tuple[list[str], set[str]]:
        """Ids of the cards that were shown, and who (or which group) has none: a template that is wrong silences no red light."""
        shown: list[str] = []
        left: set[str] = set()
        for to in users or [parcel.chat]:
            track = f"{parcel.uuid}-{to}" if len(users) > 1 else parcel.uuid
            where = {"user": to} if users else {"group": to}
            try:
                done = live.delivered(await self._post(live.DELIVER, live.delivery(card, self._template, track, self._robot, **where)))
            except DeliveryError as error:
                if not error.permanent:
                    raise
                log.warning("no interactive card: %s", error.reason)
                done = False
            if done:
                shown.append(track)
            else:
                left.add(to)
        return shown, left

    async def _paced(self, key: str, limits: tuple[tuple[int, float], ...]) -> None:
        wait = await self._limit.take(key, limits)
        if wait is not None:
            raise DeliveryError("rate", retry_after=wait)

    async def _content(self, parcel: Parcel, *, group: bool) -> tuple[str, Mapping[str, str]]:
        message = parcel.message
        if isinstance(message, Picture):
            return "sampleImageMsg", {"photoURL": await self._uploaded(message.path, "image", "")}
        if isinstance(message, Attachment):
            media = await self._uploaded(message.path, "file", message.name)
            return "sampleFile", {"mediaId": media, "fileName": message.name, "fileType": message.name.rpartition(".")[2]}
        if isinstance(message, Text):
            return "sampleText", {"content": fitted(message.text, WORDS)}
        return card_content(message, group=group)

    async def _uploaded(self, path: Path, kind: str, name: str) -> str:
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError:
            raise DeliveryError("file_gone", permanent=True) from None
        try:
            return await self._client.upload(kind, name or f"photo.{picture_type(data)}", data)
        except ApiError as error:
            raise error.as_delivery() from None
        except Unreachable:
            raise DeliveryError("unavailable") from None  # an upload alone shows nobody anything

    async def _post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return await self._client.new(path, body)
        except ApiError as error:
            raise error.as_delivery() from None
        except Unreachable as error:
            raise DeliveryError("unavailable", unknown=error.sent) from None


def _users(parcel: Parcel) -> list[str]:
    """Whom it goes to one by one: a person, or those whom a chat of the form `@a|b` names. None of them: it goes to a group."""
    listed = parcel.chat[1:].split("|") if parcel.chat.startswith("@") else [parcel.user]
    return [user for user in listed if user]


def _received(told: Mapping[str, Any], users: list[str]) -> None:
    """The answer is 200 also when nobody got it."""
    slow, unknown = (set(told.get(name) or ()) for name in ("flowControlledStaffIdList", "invalidStaffIdList"))
    if set(users) <= unknown:
        raise DeliveryError("invalid_user", permanent=True)
    if set(users) <= unknown | slow:
        raise DeliveryError("rate", retry_after=60)
