"""bot.ports.Adapter for WeCom: a self-built app's callbacks and API."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from adapters import jsapi
from adapters.http import Unreachable
from adapters.shared import MemoryLimit
from adapters.token import AskedEnough, Tokens
from adapters.wecom import media, menu, records
from adapters.wecom.callback import Callback
from adapters.wecom.client import Client
from adapters.wecom.errors import ApiError
from adapters.wecom.read import read
from adapters.wecom.send import Sender
from bot.config.schema import WeCom
from bot.errors import DeliveryError, FetchError
from bot.model import Can, Datum, Envelope, Interaction, Json, MediaRef, Platform
from bot.ports import Clock, Parcel, RateLimit, TokenCache


class WeComAdapter:
    """One app of one corp. Raises ConfigError for a token or AES key that cannot be right."""

    platform = Platform.WECOM

    def __init__(
        self,
        config: WeCom,
        *,
        secret: str,
        token: str,
        aes_key: str,
        clock: Clock,
        tokens: TokenCache,
        limits: RateLimit | None = None,
        count: Callable[[], None] = lambda: None,
    ) -> None:
        self.datum: str = config.datum
        records = {Can.RECORDS} if config.checkin else set()
        self.can = frozenset({Can.LOCATION, Can.MENU, Can.GROUP_TAPS, Can.UPDATES, *records})  # an app hears of no files
        self._config = config
        self._clock = clock
        self._callback = Callback(config.corp_id, config.agent_id, token, aes_key)
        self._client = Client(config, secret, clock, tokens, count=count)
        self._tickets = Tokens(f"wecom-jsapi:{config.corp_id}:{config.agent_id}", tokens, clock, self._ticket)
        self._sender = Sender(self._client, config.agent_id, limits or MemoryLimit(clock))

    def open(
        self,
        headers: Mapping[str, str],  # noqa: ARG002 - WeCom signs in the query
        query: Mapping[str, str],
        body: bytes,
        now: datetime,
    ) -> Envelope | str:
        return self._callback.open(query, body, now)

    def read(self, envelope: Envelope) -> Interaction:
        return read(envelope, self._config.corp_id, Datum(self.datum))

    async def fetch(self, ref: MediaRef, into: Path) -> str:
        return await media.fetch(self._client, ref.id, into)

    async def send(self, parcel: Parcel) -> Json:
        return await self._sender.send(parcel)

    async def update(self, parcel: Parcel) -> Json:
        return await self._sender.update(parcel)

    async def checkins(self, users: Sequence[str], since: datetime, until: datetime) -> list[Envelope]:
        """外出打卡 of these users; [] when `checkin` is off."""
        found: list[Envelope] = []
        for query in records.queries(users, since, until) if self._config.checkin else ():
            try:
                answer = await self._client.post("checkin/getcheckindata", query)
            except ApiError as error:
                raise error.as_fetch() from None
            except Unreachable:
                raise FetchError("unavailable", permanent=False) from None
            found += records.envelopes(answer, self._clock.now())
        return found

    async def account_of(self, phone: str) -> str:
        """userid behind a mobile number. Too many wrong numbers close this call for a day."""
        try:
            return str((await self._client.post("user/getuserid", {"mobile": phone})).get("userid", ""))
        except ApiError as error:
            if error.meaning.reason == "invalid_user":
                return ""
            raise error.as_fetch() from None
        except Unreachable:
            raise FetchError("unavailable", permanent=False) from None

    async def doctor(self, *, fix: bool) -> list[tuple[bool, str]]:
        lines = [await menu.check_token(self._client)]
        if not lines[0][0]:
            return lines
        lines.append(await menu.check_menu(self._client, self._config.agent_id, fix=fix))
        if self._config.checkin:
            lines.append(await menu.check_records(self._client, self._clock.now()))
        return lines

    async def ensure_menu(self) -> bool:
        """Create the app's menu unless it is there; True when it was created. Raises DeliveryError."""
        try:
            return await menu.ensure_menu(self._client, self._config.agent_id)
        except ApiError as error:
            raise error.as_delivery() from None
        except Unreachable as error:
            raise DeliveryError("unavailable", unknown=error.sent) from None

    def oauth_url(self, redirect: str, state: str) -> str:
        """Where a page sends somebody without a session. `state`: letters and digits, at most 128."""
        query = {
            "appid": self._config.corp_id,
            "redirect_uri": redirect,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
            "agentid": str(self._config.agent_id),
        }
        return f"{self._config.oauth_base.rstrip('/')}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"

    async def oauth_user(self, code: str) -> str:
        """Return the member's userid; "" for somebody who is no member. Raises FetchError."""
        try:
            told = await self._client.get("auth/getuserinfo", code=code)
        except ApiError as error:
            raise error.as_fetch() from None
        except Unreachable:
            raise FetchError("unavailable", permanent=False) from None
        return str(told.get("userid") or told.get("UserId") or "")

    async def jsapi(self, url: str, now: datetime) -> jsapi.Config:
        """Config signature of a page, for `wx.config` and `ww.register`. Raises FetchError."""
        try:
            ticket = await self._tickets.get()
        except ApiError as error:
            raise error.as_fetch() from None
        except (Unreachable, AskedEnough):
            raise FetchError("unavailable", permanent=False) from None
        return {"appId": self._config.corp_id, **jsapi.signed(ticket, url, int(now.timestamp()))}

    async def _ticket(self) -> tuple[str, float]:
        told = await self._client.get("get_jsapi_ticket")
        ticket, seconds = told.get("ticket"), told.get("expires_in")
        if not isinstance(ticket, str) or not ticket or not isinstance(seconds, int):
            raise Unreachable("odd answer", sent=True)
        return ticket, float(seconds)

    async def close(self) -> None:
        await self._client.http.close()
