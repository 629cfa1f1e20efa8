"""Calls to DingTalk: the new API with its token in a header, the old one with it in the query; one renewal of a refused token."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import aiohttp

from adapters.dingtalk.errors import ApiError
from adapters.http import Http, Unreachable
from adapters.token import AskedEnough, Tokens
from bot.config.schema import DingTalk
from bot.ports import Clock, TokenCache

T = TypeVar("T")
MAX_ANSWER = 4 << 20
HEADER = "x-acs-dingtalk-access-token"
BANNED = 1111
FREE = ("/v1.0/oauth2/", "/v1.0/gateway/", "/v1.0/contact/", "/topapi/user/", "/topapi/v2/user/")  # of the month's allowance


class Client:
    """One app. Raises ApiError and Unreachable, whose texts hold no secret."""

    def __init__(self, config: DingTalk, secret: str, clock: Clock, cache: TokenCache, count: Callable[[], None] = lambda: None) -> None:
        self._new = config.api_base.rstrip("/")
        self._old = config.oapi_base.rstrip("/")
        self._credentials = {"appKey": config.client_id, "appSecret": secret}
        self._count = count
        self.http = Http(config.proxy)
        self.tokens = Tokens(f"dingtalk:{config.client_id}", cache, clock, self._ask_token)

    async def new(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """POST to api.dingtalk.com."""
        return await self._authorised(lambda token: self._post(f"{self._new}{path}", headers={HEADER: token}, json=body))

    async def put(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """PUT to api.dingtalk.com."""
        return await self._authorised(lambda token: self._ask("PUT", f"{self._new}{path}", headers={HEADER: token}, json=body))

    async def old(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """POST to oapi.dingtalk.com."""
        return await self._authorised(lambda token: self._post(f"{self._old}{path}", params={"access_token": token}, json=body))

    async def upload(self, kind: str, name: str, data: bytes) -> str:
        """Return the media_id of an uploaded file."""

        async def attempt(token: str) -> Mapping[str, Any]:
            form = aiohttp.FormData()
            form.add_field("media", data, filename=name, content_type="application/octet-stream")
            return await self._post(f"{self._old}/media/upload", params={"access_token": token, "type": kind}, data=form)

        return str((await self._authorised(attempt)).get("media_id", ""))

    async def open(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """POST without a token: the gateway is given the secret itself."""
        return await self._post(f"{self._new}{path}", json=body)

    async def own(self, path: str, token: str) -> Mapping[str, Any]:
        """GET as somebody who signed in."""
        return await self._ask("GET", f"{self._new}{path}", headers={HEADER: token})

    async def token(self) -> str:
        """Nothing of the call behind it was sent yet when this fails."""
        try:
            return await self.tokens.get()
        except Unreachable as error:
            raise Unreachable(error.reason, sent=False) from None
        except AskedEnough:
            raise Unreachable("token", sent=False) from None

    async def _authorised(self, attempt: Callable[[str], Awaitable[T]]) -> T:
        token = await self.token()
        try:
            return await attempt(token)
        except ApiError as error:
            if not error.meaning.token:
                raise
        await self.tokens.drop(token)
        return await attempt(await self.token())

    async def _ask_token(self) -> tuple[str, float]:
        told = await self.open("/v1.0/oauth2/accessToken", self._credentials)
        token, seconds = told.get("accessToken"), told.get("expireIn")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise Unreachable("odd answer", sent=True)
        return token, float(seconds)

    async def _post(self, url: str, **given: Any) -> Mapping[str, Any]:
        return await self._ask("POST", url, **given)

    async def _ask(self, method: str, url: str, **given: Any) -> Mapping[str, Any]:
        if not url.removeprefix(self._new).removeprefix(self._old).startswith(FREE):
            self._count()
        async with self.http.request(method, url, **given) as answer:
            held = bytearray()
            async for piece in answer.content.iter_any():
                held += piece
                if len(held) > MAX_ANSWER:
                    raise Unreachable("odd answer", sent=True)
            return _checked(answer.status, bytes(held))


def _checked(status: int, body: bytes) -> Mapping[str, Any]:
    """Raises ApiError for an error of either API, Unreachable for what is no answer of theirs."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreachable(f"http {status}", sent=status in {200, 504}) from None
    if not isinstance(told, dict):
        raise Unreachable("odd answer", sent=True)
    if told.get("status") == BANNED:
        raise ApiError(str(BANNED))
    code = told.get("code") if status >= 400 else told.get("errcode", 0)
    if code not in {0, "0", None}:
        raise ApiError(str(told.get("sub_code") or code)[:100] if str(code) == "88" else str(code)[:100])
    if status >= 400:
        raise Unreachable(f"http {status}", sent=status == 504)
    return told
