"""bot.ports.Adapter for DingTalk: a robot of an internal app."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from adapters import jsapi
from adapters.dingtalk import attendance, media, signin
from adapters.dingtalk.client import Client
from adapters.dingtalk.codec import Codec
from adapters.dingtalk.errors import ApiError
from adapters.dingtalk.read import read
from adapters.dingtalk.send import Sender
from adapters.dingtalk.stream import Stream
from adapters.http import Unreachable
from adapters.shared import MemoryLimit
from adapters.token import AskedEnough, Tokens
from bot.config.schema import DingTalk
from bot.errors import FetchError
from bot.model import Can, Datum, Envelope, Interaction, Json, MediaRef, Platform
from bot.ports import Clock, Parcel, RateLimit, TokenCache

USERS, PAGE, PAGES = 10, 100, 50
DAY = timedelta(days=1)
SAYS = {
    "bad_secret": "Client ID 或密钥不正确：请核对 [dingtalk] client_id 与环境变量 DINGTALK_CLIENT_SECRET",
    "ip_not_allowed": "本机出口 IP 不在应用的白名单里：开发者后台 → 开发配置 → 安全设置",
    "no_permission": "应用没有这项接口权限：开发者后台 → 权限管理",
    "quota": "本月接口调用次数已用完：管理后台 → 开放平台资源包",
    "rate": "调用超过频率限制，请稍后再试",
}


class DingTalkAdapter:
    """One robot. Raises ConfigError for an AES key that cannot be right."""

    platform = Platform.DINGTALK

    def __init__(
        self,
        config: DingTalk,
        *,
        secret: str,
        clock: Clock,
        tokens: TokenCache,
        limits: RateLimit | None = None,
        event_token: str = "",
        event_aes_key: str = "",
        count: Callable[[], None] = lambda: None,
    ) -> None:
        self.datum: str = config.datum
        self.can = frozenset(
            {Can.FILES, *({Can.RECORDS} if config.checkin or config.attendance else ())}
        )  # a robot gets no locations, its cards stand
        self._config = config
        self._secret = secret
        self._clock = clock
        self._robot = config.robot_code or config.client_id
        self._codec = Codec(config.client_id, secret, event_token, event_aes_key)
        self._client = Client(config, secret, clock, tokens, count)
        self._tickets = Tokens(f"dingtalk-jsapi:{config.client_id}", tokens, clock, self._ticket)
        self._sender = Sender(self._client, self._robot, limits or MemoryLimit(clock), config.card_template)
        self.stream = Stream(self._client, config.client_id, secret, clock, config.proxy)

    def open(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime) -> Envelope | str:
        """A robot's message or an event, pushed to us. Raises Forged."""
        return self._codec.open(headers, query, body, now)

    def ack(self, envelope: Envelope) -> tuple[bytes, str]:
        """A robot's message wants nothing said in the answer; an event wants `success`, encrypted."""
        robot = b'"msgId"' in envelope.payload
        return (b'{"msgtype":"empty"}' if robot else self._codec.answer(self._clock.now()).encode()), "application/json"

    def read(self, envelope: Envelope) -> Interaction:
        """Turn a stored payload into an Interaction. Never raises."""
        return read(envelope, self._config.client_id, Datum(self.datum))

    async def listen(self, receive: Callable[[Envelope], Awaitable[bool]], seen: Callable[[], None]) -> None:
        """Stream mode: receive until cancelled; at once when messages are pushed to us instead."""
        if self._config.mode == "stream":
            await self.stream.run(receive, seen)

    def oauth_url(self, redirect: str, state: str) -> str:
        """Where a page sends somebody without a session."""
        return signin.oauth_url(self._config, redirect, state)

    async def oauth_user(self, code: str) -> str:
        """Return the userId; "" for somebody outside the company. Raises FetchError."""
        return await signin.oauth_user(self._client, self._config, self._secret, code)

    def inside(self) -> Mapping[str, str]:
        """What `dd.requestAuthCode` is asked with; empty without corp_id."""
        return {"corp": self._config.corp_id, "client": self._config.client_id} if self._config.corp_id else {}

    async def inside_user(self, code: str) -> str:
        """Return the userId behind a code of DingTalk's client. Raises FetchError."""
        return await signin.inside_user(self._client, code)

    async def jsapi(self, url: str, now: datetime) -> jsapi.Config | None:
        """Signature of a page, for `dd.config`; None without corp_id and agent_id. Raises FetchError."""
        if not (self._config.corp_id and self._config.agent_id):
            return None
        try:
            ticket = await self._tickets.get()
        except ApiError as error:
            raise error.as_fetch() from None
        except (Unreachable, AskedEnough):
            raise FetchError("unavailable", permanent=False) from None
        ours: jsapi.Config = {"corpId": self._config.corp_id, "agentId": self._config.agent_id}
        return {**ours, **jsapi.signed(ticket, url, int(now.timestamp() * 1000))}

    async def _ticket(self) -> tuple[str, float]:
        told = await self._client.new("/v1.0/oauth2/jsapiTickets", {})
        ticket, seconds = told.get("jsapiTicket"), told.get("expireIn")
        if not isinstance(ticket, str) or not ticket or not isinstance(seconds, int):
            raise Unreachable("odd answer", sent=True)
        return ticket, float(seconds)

    async def fetch(self, ref: MediaRef, into: Path) -> str:
        """Write a file to `into`, return its MIME type. Raises FetchError."""
        return await media.fetch(self._client, self._robot, ref.id, into)

    async def send(self, parcel: Parcel) -> Json:
        """Send; return {"key"}. Raises DeliveryError."""
        return await self._sender.send(parcel)

    async def update(self, parcel: Parcel) -> Json:
        """Only cards of a template can change; raises OutOfReach for the rest, DeliveryError."""
        return await self._sender.update(parcel)

    async def checkins(self, users: Sequence[str], since: datetime, until: datetime) -> list[Envelope]:
        """签到 records of these users and their 外勤打卡, as far as `checkin` and `attendance` are on. Raises FetchError."""
        found: list[Envelope] = []
        for at in range(0, len(users), USERS) if self._config.checkin else ():
            some = users[at : at + USERS]
            begin = since if len(some) == 1 else max(since, until - DAY)  # several users: a day at most
            found += await self._records(some, begin, until)
        return found + (await self._attendance(users, since, until) if self._config.attendance else [])

    async def account_of(self, phone: str) -> str:
        """Return the userId behind a mobile number."""
        try:
            told = (await self._client.old("/topapi/v2/user/getbymobile", {"mobile": phone})).get("result")
        except ApiError as error:
            if error.meaning.reason == "invalid_user":
                return ""
            raise error.as_fetch() from None
        except Unreachable:
            raise FetchError("unavailable", permanent=False) from None
        return str(told.get("userid", "")) if isinstance(told, dict) else ""

    async def _attendance(self, users: Sequence[str], since: datetime, until: datetime) -> list[Envelope]:
        found: list[Envelope] = []
        for query in attendance.queries(users, since, until):
            found += attendance.envelopes(await self._read(attendance.PATH, query), self._clock.now())
        return found

    async def _read(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        try:
            return await self._client.old(path, body)
        except ApiError as error:
            raise error.as_fetch() from None
        except Unreachable:
            raise FetchError("unavailable", permanent=False) from None

    async def _records(self, users: Sequence[str], since: datetime, until: datetime) -> list[Envelope]:
        asked = {"userid_list": ",".join(users), "start_time": _ms(since), "end_time": _ms(until), "size": PAGE}
        found: list[Envelope] = []
        cursor = 0
        for _ in range(PAGES):
            told = await self._read("/topapi/checkin/record/get", {**asked, "cursor": cursor})
            found += [self._record(one) for one in media.records(told)]
            result = told.get("result")
            following = result.get("next_cursor") if isinstance(result, dict) else None
            if not isinstance(following, int):
                break
            cursor = following
        return found

    def _record(self, record: Mapping[str, object]) -> Envelope:
        """The same record always gets the same key."""
        user = str(record.get("userid", ""))
        payload = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        key = hashlib.sha256(f"checkin:{user}:{record.get('checkin_time')}".encode(errors="replace")).hexdigest()
        return Envelope(platform=Platform.DINGTALK, key=key, sender=user, payload=payload, received_at=self._clock.now())

    async def doctor(self, *, fix: bool) -> list[tuple[bool, str]]:
        """The token, the way in, and the records."""
        del fix  # nothing here can be mended from outside the console
        lines = [await self._line("access_token", self._client.token)]
        if lines[0][0]:
            now = self._clock.now()
            just = now - timedelta(minutes=1)
            if self._config.checkin:
                asked = {"userid_list": "doctor", "start_time": _ms(just), "end_time": _ms(now), "size": 1, "cursor": 0}
                lines.append(await self._line("签到记录", lambda: self._client.old("/topapi/checkin/record/get", asked)))
            if self._config.attendance:
                lines.append(await self._line("考勤记录", lambda: self._attendance(["doctor"], just, now)))
            lines.append(self._way_in())
            if self._config.card_template:
                lines.append((True, "钉钉: 红灯和审批用互动卡片, 原地更新; 需要权限 Card.Instance.Write, 模板不可用时改发普通卡片"))
        return lines

    def _way_in(self) -> tuple[bool, str]:
        if self._config.mode != "stream":
            return True, "钉钉: HTTP 模式，消息接收地址应为 public_url/dingtalk/robot，事件订阅为 public_url/dingtalk/event"
        return True, "钉钉: Stream 模式，由 serve 主动连接，不需要公网地址"

    async def _line(self, name: str, ask: Callable[[], Awaitable[object]]) -> tuple[bool, str]:
        try:
            await ask()
        except ApiError as error:
            return False, f"钉钉 {name}: {SAYS.get(error.meaning.reason, f'接口答复 {error.code}')}"
        except FetchError as error:
            return False, f"钉钉 {name}: 读取失败 ({error.reason})"
        except Unreachable as error:
            return False, f"钉钉 {name}: 连不上 ({error.reason})，请检查网络或 proxy"
        return True, f"钉钉 {name}: 可以获取"

    async def close(self) -> None:
        """Release connections."""
        await self._client.http.close()


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
