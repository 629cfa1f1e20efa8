"""The Feishu adapter: codec and client behind the one port."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from adapters import jsapi
from adapters.feishu import attendance, doctor, long, media, signin
from adapters.feishu.client import Client
from adapters.feishu.codec import Codec
from adapters.feishu.codec import kind as event_type
from adapters.feishu.errors import ApiError
from adapters.feishu.events import read
from adapters.feishu.messages import Messages
from adapters.feishu.strict_json import dig, loads, word
from adapters.shared import MemoryLimit
from adapters.token import AskedEnough, Tokens
from bot.config.schema import Feishu
from bot.errors import FetchError
from bot.model import Can, Datum, Envelope, Interaction, Json, MediaRef, Platform
from bot.ports import Clock, Parcel, RateLimit, TokenCache

JSON = "application/json; charset=utf-8"
TOAST = json.dumps({"toast": {"type": "info", "content": "已收到"}}, ensure_ascii=False).encode()


class FeishuAdapter:
    """One Feishu app. `limits` shares the rate limits between processes; `timeout` in seconds for one API call."""

    platform = Platform.FEISHU

    def __init__(
        self,
        config: Feishu,
        *,
        app_secret: str,
        encrypt_key: str,
        verification_token: str,
        clock: Clock,
        tokens: TokenCache,
        limits: RateLimit | None = None,
        timeout: float = 10.0,
        count: Callable[[], None] = lambda: None,
    ) -> None:
        self.datum: str = config.datum
        records = {Can.RECORDS} if config.attendance else set()
        self.can = frozenset({Can.LOCATION, Can.MENU, Can.FILES, Can.GROUP_TAPS, Can.UPDATES, Can.IMAGES, *records})
        self._config = config
        self._app_secret = app_secret
        self._clock = clock
        self._codec = Codec(app_id=config.app_id, encrypt_key=encrypt_key, verification_token=verification_token)
        self._client = Client(config, app_secret, clock, tokens, timeout, count)
        self._tickets = Tokens(f"feishu-jsapi:{config.app_id}", tokens, clock, self._ticket)
        self._messages = Messages(self._client, clock, limits or MemoryLimit(clock), config.app_id)
        self._roster = attendance.Roster(self._client)

    def open(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime) -> Envelope | str:  # noqa: ARG002
        """Verify and decrypt an event or a card action. Raises Forged."""
        return self._codec.open(headers, body, now)

    def ack(self, envelope: Envelope) -> tuple[bytes, str]:
        """Return body and content type that answer a stored callback: a toast for a tap, nothing for an event.

        Never the new card: the platform refuses or flips back cards in this answer; they are edited afterwards.
        """
        try:
            tapped = event_type(loads(envelope.payload)) == "card.action.trigger"
        except ValueError:
            tapped = False
        return TOAST if tapped else b"{}", JSON

    async def listen(self, receive: Callable[[Envelope], Awaitable[bool]], seen: Callable[[], None]) -> None:
        """Long-connection mode: receive until cancelled; at once when events are pushed to us instead."""
        if self._config.mode == "websocket":
            intake = long.Intake(codec=self._codec, clock=self._clock, ack=self.ack, receive=receive, seen=seen)
            await long.listen(self._config, self._app_secret, intake)

    def read(self, envelope: Envelope) -> Interaction:
        """Turn a stored payload into an Interaction. Never raises."""
        return read(envelope, Datum(self.datum))

    async def fetch(self, ref: MediaRef, into: Path) -> str:
        """Write a file of a message to `into`, return its MIME type. Raises FetchError."""
        return await media.fetch(self._client, ref, into)

    async def send(self, parcel: Parcel) -> Json:
        """Send; return {"message_id", "chat_id"}. Raises DeliveryError."""
        return await self._messages.send(parcel)

    async def update(self, parcel: Parcel) -> Json:
        """Edit the card of `parcel.receipt` in place. Raises DeliveryError."""
        return await self._messages.update(parcel)

    async def checkins(self, users: Sequence[str], since: datetime, until: datetime) -> list[Envelope]:
        """外勤打卡 of these accounts; [] unless `attendance` is on. Raises FetchError."""
        if not self._config.attendance:
            return []
        try:
            return await attendance.envelopes(self._client, self._roster, users, since, until, self._clock.now())
        except ApiError as error:
            raise error.fetch() from None

    async def account_of(self, phone: str) -> str:
        """Return the open_id behind a mobile number."""
        try:
            answer = await self._client.call(
                "POST", "/open-apis/contact/v3/users/batch_get_id", params={"user_id_type": "open_id"}, body={"mobiles": [phone]}
            )
        except ApiError as error:
            raise error.fetch() from None
        listed = dig(answer, "data", "user_list")
        return next((word(one, "user_id") for one in listed if isinstance(one, dict)), "") if isinstance(listed, list) else ""

    async def chats(self) -> list[tuple[str, str]]:
        """Return (chat_id, name) of the groups that the robot is in. Raises FetchError."""
        try:
            return await doctor.chats(self._client)
        except ApiError as error:
            raise error.fetch() from None

    async def doctor(self, *, fix: bool) -> list[tuple[bool, str]]:  # noqa: ARG002 - nothing here can be mended from outside the console
        """Check the token, the robot, its groups, and whether their history can be read."""
        report = await doctor.lines(self._client)
        if self._config.attendance and report[0][0]:
            now = self._clock.now()
            report.append(await doctor.attendance(lambda: self._client.call("POST", attendance.PATH, **attendance.probe(now))))
        return report

    def oauth_url(self, redirect: str, state: str) -> str:
        """Return the sign-in page that comes back to `redirect` with a code."""
        return signin.oauth_url(self._config, redirect, state)

    async def oauth_user(self, code: str) -> tuple[str, str]:
        """Return (open_id, user_id) for a sign-in code. Raises FetchError."""
        return await signin.oauth_user(self._client, self._config, self._app_secret, code)

    async def jsapi(self, url: str, now: datetime) -> jsapi.Config:
        """Signature of a page, for `h5sdk.config`; good for ten minutes. Raises FetchError."""
        try:
            ticket = await self._tickets.get()
        except ApiError as error:
            raise error.fetch() from None
        except AskedEnough:
            raise FetchError("unavailable", permanent=False) from None
        return {"appId": self._config.app_id, **jsapi.signed(ticket, url, int(now.timestamp() * 1000))}

    async def _ticket(self) -> tuple[str, float]:
        answer = await self._client.call("POST", "/open-apis/jssdk/ticket/get", body={})
        ticket, seconds = word(answer, "data", "ticket"), dig(answer, "data", "expire_in")
        if not ticket or not isinstance(seconds, int):
            raise ApiError("ticket: malformed answer")
        return ticket, float(seconds)

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()
