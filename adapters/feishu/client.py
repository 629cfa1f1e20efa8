"""HTTP with Feishu: one session, timeouts, the token, and every failure as an ApiError."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp

from adapters.feishu.errors import ApiError, Outcome, of_code, of_status
from adapters.feishu.strict_json import loads
from adapters.feishu.token import TenantToken
from bot.config.schema import Feishu
from bot.ports import Clock, TokenCache

T = TypeVar("T")
CONNECT_SECONDS = 3.0
STREAM_SECONDS = 300.0  # for 100 MB, as long as bytes keep coming
MAX_ANSWER = 16 * 1024 * 1024  # a page of 50 cards of 30 KB, doubly escaped
TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"  # noqa: S105 - a path
FREE = ("/open-apis/auth/", "/open-apis/authen/", "/open-apis/contact/")  # of the month's allowance
NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class Client:
    """Speaks for the app."""

    def __init__(
        self,
        config: Feishu,
        app_secret: str,
        clock: Clock,
        tokens: TokenCache,
        timeout: float,
        count: Callable[[], None] = lambda: None,
    ) -> None:
        self._base = config.api_base.rstrip("/")
        self._proxy = config.proxy or None
        self._credentials = {"app_id": config.app_id, "app_secret": app_secret}
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=min(CONNECT_SECONDS, timeout))
        self.streaming = aiohttp.ClientTimeout(total=STREAM_SECONDS, connect=min(CONNECT_SECONDS, timeout), sock_read=timeout)
        self._session: aiohttp.ClientSession | None = None
        self._count = count
        self.token = TenantToken(f"feishu:{config.app_id}", self._ask_token, clock, tokens)

    async def close(self) -> None:
        """Release connections."""
        if self._session:
            await self._session.close()
            self._session = None

    async def call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call the API as the app and return the whole answer. Raises ApiError."""
        return await self.authorised(lambda token: self.ask(method, path, token=token, params=params, body=body))

    async def authorised(self, attempt: Callable[[str], Awaitable[T]]) -> T:
        """Make a request with the app's token; where the platform refuses the token, once more with a new one."""
        token = await self.token.get()
        try:
            return await attempt(token)
        except ApiError as error:
            if error.outcome is not Outcome.REFRESH:
                raise
        await self.token.drop(token)
        return await attempt(await self.token.get())

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        form: aiohttp.FormData | None = None,
    ) -> dict[str, Any]:
        """One request with one answer. `form` instead of `body` for an upload. Raises ApiError."""
        async with self.open(method, path, token=token, params=params, body=body, form=form) as reply:
            raw = await reply.content.read(MAX_ANSWER)
            while len(raw) < MAX_ANSWER and (more := await reply.content.read(MAX_ANSWER - len(raw))):
                raw += more
            return _answer(reply, raw)

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        form: aiohttp.FormData | None = None,
        patience: aiohttp.ClientTimeout | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and give its answer; what goes wrong on the line is an ApiError without the request's words."""
        if not path.startswith(FREE):
            self._count()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content = {"data": form} if form else {"json": body}
        options: dict[str, Any] = {"params": params, **content, "headers": headers, "proxy": self._proxy, "allow_redirects": False}
        try:
            async with self._http().request(method, self._base + path, timeout=patience or self._timeout, **options) as reply:
                yield reply
        except NOT_SENT:
            raise ApiError("unreachable") from None
        except TimeoutError:
            raise ApiError("timeout", unknown=True) from None
        except aiohttp.ClientError:
            raise ApiError("connection_lost", unknown=True) from None

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        return self._session

    async def _ask_token(self) -> tuple[str, float]:
        try:
            answer = await self.ask("POST", TOKEN_PATH, body=self._credentials)
        except ApiError as error:  # no message was on its way yet
            raise ApiError(f"token: {error.reason}", code=error.code, retry_after=error.retry_after) from None
        token, seconds = answer.get("tenant_access_token"), answer.get("expire")
        if not isinstance(token, str) or not token or not isinstance(seconds, int) or seconds <= 0:
            raise ApiError("token: malformed answer")
        return token, float(seconds)


def _answer(reply: aiohttp.ClientResponse, raw: bytes) -> dict[str, Any]:
    reset = reply.headers.get("x-ogw-ratelimit-reset", "")
    try:
        answer = loads(raw)
    except ValueError:
        raise of_status(reply.status, reset) from None
    code = answer.get("code")
    if not isinstance(code, int):
        raise of_status(reply.status, reset)
    if code != 0:
        raise of_code(code, str(answer.get("msg", "")), reset)
    return answer
