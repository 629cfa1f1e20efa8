"""Custom group robots: a secret address that takes messages for one group. One shape for all three platforms; each says its own words.

None of them tells whether a message that got no answer was shown. Where the platform keeps no key by which it would know a repeated one
(`once` False), a second try says of itself that it may be one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from adapters.http import Http, Unreachable
from bot.errors import DeliveryError, OutOfReach
from bot.model import Json, Platform
from bot.ports import Attachment, Card, Clock, Message, Parcel, Picture, RateLimit, Text

MAX_ANSWER = 64 << 10
JSON = {"Content-Type": "application/json; charset=utf-8"}
DOUBT = "可能重复：前一次发送的结果未知"
BY_LINK, BY_CHAT = "要处理：打开下面的链接。", "要处理：与应用机器人单聊。"
UNSURE = frozenset({500, 502, 504})  # HTTP statuses after which it may have been shown all the same


@dataclass(frozen=True, slots=True)
class No:
    """What an error code means. `retry_after` in seconds; None = it stays a no."""

    reason: str
    retry_after: float | None = None


SET_UP = 300.0  # what an admin can mend in the group's settings: what waited goes out then
REFUSED = No("refused")


class Wire(Protocol):
    """A platform's own words."""

    @property
    def platform(self) -> Platform: ...

    @property
    def limits(self) -> Sequence[tuple[int, float]]:
        """(amount, seconds) that the platform takes."""
        ...

    @property
    def once(self) -> bool:
        """Whether the platform knows a repeated message by its uuid."""
        ...

    def request(self, message: Message, uuid: str, now: datetime) -> tuple[str, Mapping[str, str], Mapping[str, Any]]:
        """URL, query and body of a message that has nothing to call back."""
        ...

    def problem(self, told: Mapping[str, Any]) -> No | None:
        """What an answer says, whatever its HTTP status; None when the message is out."""
        ...


class Robot:
    """bot.ports.Outlet for one group. Neither its errors nor its keys hold the secret."""

    def __init__(self, wire: Wire, *, clock: Clock, limits: RateLimit, proxy: str = "") -> None:
        self._wire = wire
        self._clock = clock
        self._limits = limits
        self._http = Http(proxy)

    async def send(self, parcel: Parcel) -> Json:
        """Send; {} for a receipt: these messages have no name. Raises DeliveryError."""
        if isinstance(parcel.message, Picture | Attachment):
            raise DeliveryError("no_pictures", permanent=True)
        wait = await self._limits.take(f"robot:{self._wire.platform.value}", self._wire.limits)
        if wait is not None:
            raise DeliveryError("rate", retry_after=wait)
        message = parcel.message if isinstance(parcel.message, Text) else notice(parcel.message)
        if parcel.maybe_sent and not self._wire.once:
            message = _doubtful(message)
        url, query, body = self._wire.request(message, parcel.uuid, self._clock.now())
        if no := self._wire.problem(await self._post(url, query, body)):
            raise DeliveryError(no.reason, permanent=no.retry_after is None, retry_after=no.retry_after)
        return {}

    async def update(self, parcel: Parcel) -> Json:
        """Raises OutOfReach: what was sent stands."""
        del parcel
        raise OutOfReach("no_update")

    async def close(self) -> None:
        """Release connections."""
        await self._http.close()

    async def _post(self, url: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Mapping[str, Any]:
        raw = json.dumps(body, ensure_ascii=False).encode(errors="replace")  # escapes would double its size
        try:
            async with self._http.request("POST", url, params=query, data=raw, headers=JSON) as answer:
                held = await answer.content.read(MAX_ANSWER)
                status = answer.status
        except Unreachable as error:
            raise DeliveryError("unavailable", unknown=error.sent) from None
        if status == 429:
            raise DeliveryError("rate", retry_after=60)
        try:
            told = json.loads(held)
        except (ValueError, RecursionError):
            raise DeliveryError(f"http_{status}", unknown=status in UNSURE or status == 200) from None
        if not isinstance(told, dict) or status >= 500:
            raise DeliveryError(f"http_{status}", unknown=status in UNSURE or status == 200)
        return told


def notice(card: Card) -> Card:
    """The card where nothing comes back: its links stay, and what is said of the buttons that had to go stands in its text."""
    links = tuple(button for button in card.buttons if button.url)
    gone = not card.done and len(links) < len(card.buttons)
    way_round = card.aside or (BY_LINK if links else BY_CHAT)
    return replace(card, buttons=links, text="\n".join(filter(None, [card.text, way_round if gone else ""])), aside="", mention=())


def _doubtful(message: Message) -> Message:
    if isinstance(message, Card):
        return replace(message, footer=" · ".join(filter(None, [message.footer, DOUBT])))
    return Text(text=f"{message.text}\n（{DOUBT}）")
