"""Messages out: one-to-one and to groups, text, action cards, pictures. A card of a robot cannot be changed once it is sent."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from adapters.dingtalk.client import Client
from adapters.dingtalk.errors import ApiError
from adapters.http import Unreachable
from bot.errors import DeliveryError, OutOfReach
from bot.model import Json
from bot.ports import Button, Card, Parcel, Picture, RateLimit, Text

MAX_PARAM = 15_000  # bytes of msgParam
WORDS = 4_000  # characters of a text
BUTTONS = 5  # of an action card
TITLE, LABEL = 200, 20  # characters
PER_APP = ((20, 1.0),)
PER_GROUP = ((20, 60.0),)
SAY = "dtmd://dingtalkclient/sendMessage?content="
MARKUP = {ord(sign): chr(ord(sign) + 0xFEE0) for sign in "<>[]()*_`#@!|~\\"}  # full-width forms look alike and mean nothing
TONES = {"red": "🔴", "yellow": "🟡", "green": "🟢", "grey": "⚪"}


class Sender:
    """Sends for one robot."""

    def __init__(self, client: Client, robot: str, limit: RateLimit) -> None:
        self._client = client
        self._robot = robot
        self._limit = limit

    async def send(self, parcel: Parcel) -> Json:
        """Return the receipt. Raises DeliveryError."""
        if not (parcel.user or parcel.chat):
            raise DeliveryError("no_chat", permanent=True)
        await self._paced(f"dingtalk:{self._robot}", PER_APP)
        users = _users(parcel)
        if not users:
            await self._paced(f"dingtalk:{self._robot}:{parcel.chat}", PER_GROUP)
        key, param = await self._content(parcel, group=not users)
        body = {"robotCode": self._robot, "msgKey": key, "msgParam": json.dumps(param, ensure_ascii=False)}
        if not users:
            told = await self._post("/v1.0/robot/groupMessages/send", {**body, "openConversationId": parcel.chat})
        else:
            told = await self._post("/v1.0/robot/oToMessages/batchSend", {**body, "userIds": users})
            _received(told, users)
        return {"key": str(told.get("processQueryKey", ""))}

    async def update(self, parcel: Parcel) -> Json:
        """What was sent stands. Raises OutOfReach."""
        del parcel
        raise OutOfReach("no_update")

    async def _paced(self, key: str, limits: tuple[tuple[int, float], ...]) -> None:
        wait = await self._limit.take(key, limits)
        if wait is not None:
            raise DeliveryError("rate", retry_after=wait)

    async def _content(self, parcel: Parcel, *, group: bool) -> tuple[str, Mapping[str, str]]:
        message = parcel.message
        if isinstance(message, Picture):
            return "sampleImageMsg", {"photoURL": await self._uploaded(message)}
        if isinstance(message, Text):
            return "sampleText", {"content": fitted(message.text, WORDS)}
        return card_content(message, group=group)

    async def _uploaded(self, picture: Picture) -> str:
        try:
            data = await asyncio.to_thread(picture.path.read_bytes)
        except OSError:
            raise DeliveryError("file_gone", permanent=True) from None
        try:
            return await self._client.upload("image", "photo.jpg", data)
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


def card_content(card: Card, *, group: bool) -> tuple[str, Mapping[str, str]]:
    """An action card; without buttons, markdown. Buttons that call back speak for the user, who in a group must name the robot himself."""
    offered = [button for button in card.buttons if not card.done and (button.url or not group)]
    left_out = group and not card.done and len(offered) < len(card.buttons)
    buttons = [(inert(fitted(button.label, LABEL)), _link(button)) for button in offered[:BUTTONS]]
    text = "\n\n".join(filter(None, [markdown(card), inert(card.aside) if left_out else ""]))
    if left := [inert(fitted(button.label, LABEL)) for button in offered[BUTTONS:]]:
        text += f"\n\n也可以直接发：{'、'.join(left)}"
    title = inert(fitted(card.title, TITLE))
    while True:
        key, param = _shape(title, text, buttons)
        if len(json.dumps(param, ensure_ascii=False).encode()) <= MAX_PARAM:
            return key, param
        text = f"{text[: len(text) * 3 // 4]}…"


def _shape(title: str, text: str, buttons: list[tuple[str, str]]) -> tuple[str, Mapping[str, str]]:
    if not buttons:
        return "sampleMarkdown", {"title": title, "text": text}
    if len(buttons) == 1:
        return "sampleActionCard", {"title": title, "text": text, "singleTitle": buttons[0][0], "singleURL": buttons[0][1]}
    listed = {f"actionTitle{n}": label for n, (label, _) in enumerate(buttons, 1)}
    listed |= {f"actionURL{n}": url for n, (_, url) in enumerate(buttons, 1)}
    return f"sampleActionCard{len(buttons)}", {"title": title, "text": text, **listed}


def _link(button: Button) -> str:
    if button.url:
        return button.url
    label = fitted(button.label, LABEL)
    said = f"#{button.op}:{button.arg} {label}" if button.arg else f"#{button.op} {label}"
    return SAY + quote(said, safe="")


def markdown(card: Card) -> str:
    tag = f"{TONES.get(card.tone, '')} {inert(card.tag)} " if card.tag else ""
    facts = [f"- {inert(label)}：{inert(value)}" for label, value in card.facts]
    parts = [f"### {tag}{inert(card.title)}", inert(card.text), "\n".join(facts), inert(card.footer), inert(card.done)]
    return "\n\n".join(filter(None, parts))


def inert(words: str) -> str:
    """Nothing that users wrote becomes markup, a link or a mention."""
    return words.translate(MARKUP)


def fitted(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
