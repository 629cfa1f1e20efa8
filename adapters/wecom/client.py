"""Calls to WeCom's API: the token in front, errcodes behind, one renewal of a refused token."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import aiohttp

from adapters.http import Http, Unreachable
from adapters.token import AskedEnough, Tokens
from adapters.wecom.errors import ApiError
from bot.config.schema import WeCom
from bot.ports import Clock, TokenCache

Body: TypeAlias = Mapping[str, Any] | Callable[[], aiohttp.FormData] | None  # a form is read once: a new one for every try
MAX_ANSWER = 4 << 20
OUR_IP = re.compile(r"from ip: ?([0-9a-fA-F.:]{2,45})")


class Client:
    """One app's API. Raises ApiError and Unreachable, whose texts hold no secret."""

    def __init__(
        self,
        config: WeCom,
        secret: str,
        clock: Clock,
        cache: TokenCache,
        http: Http | None = None,
        count: Callable[[], None] = lambda: None,
    ) -> None:
        self._base = config.api_base.rstrip("/") + "/cgi-bin/"
        self._corp = config.corp_id
        self._secret = secret
        self._count = count
        self.http = http or Http(config.proxy)
        self.tokens = Tokens(f"wecom:{config.corp_id}:{config.agent_id}", cache, clock, self._gettoken)

    async def get(self, path: str, **query: str) -> Mapping[str, Any]:
        return await self._call("GET", path, query, None)

    async def post(self, path: str, body: Mapping[str, Any], **query: str) -> Mapping[str, Any]:
        return await self._call("POST", path, query, body)

    async def upload(self, kind: str, name: str, data: bytes) -> Mapping[str, Any]:
        """media/upload: the answer holds a media_id that lives three days."""

        def form() -> aiohttp.FormData:
            made = aiohttp.FormData()
            made.add_field("media", data, filename=name, content_type="application/octet-stream")
            return made

        return await self._call("POST", "media/upload", {"type": kind}, form)

    def url(self, path: str) -> str:
        return self._base + path

    async def _call(self, method: str, path: str, query: Mapping[str, str], body: Body) -> Mapping[str, Any]:
        token = await self.token()
        try:
            return await self._once(method, path, {"access_token": token, **query}, body)
        except ApiError as error:
            if not error.meaning.token:
                raise
        await self.tokens.drop(token)
        return await self._once(method, path, {"access_token": await self.token(), **query}, body)

    async def token(self) -> str:
        """Return a token. Nothing of the call behind it was sent yet when this fails."""
        try:
            return await self.tokens.get()
        except Unreachable as error:
            raise Unreachable(error.reason, sent=False) from None
        except AskedEnough:
            raise Unreachable("token", sent=False) from None

    async def _gettoken(self) -> tuple[str, float]:
        answer = await self._once("GET", "gettoken", {"corpid": self._corp, "corpsecret": self._secret}, None)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise Unreachable("odd answer", sent=True)
        return token, float(seconds)

    async def _once(self, method: str, path: str, query: Mapping[str, str], body: Body) -> Mapping[str, Any]:
        if path != "gettoken":
            self._count()
        given: dict[str, Any] = {"data": body()} if callable(body) else {"json": body}
        async with self.http.request(method, self.url(path), params=query, **given) as answer:
            return await read_answer(answer)


async def read_answer(answer: aiohttp.ClientResponse) -> Mapping[str, Any]:
    """Return a JSON answer. Raises ApiError for an errcode, Unreachable for anything that is no answer of the API."""
    if answer.status != 200:
        raise Unreachable(f"http {answer.status}", sent=answer.status == 504)
    return checked(parse_json(await read_capped(answer)))


def parse_json(body: bytes) -> object:
    """Raises Unreachable for what is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Unreachable("odd answer", sent=True) from None


def checked(told: object) -> Mapping[str, Any]:
    """Return an answer whose errcode is 0."""
    if not isinstance(told, dict) or not isinstance(told.get("errcode", 0), int):
        raise Unreachable("odd answer", sent=True)
    if told.get("errcode", 0):
        seen = OUR_IP.search(str(told.get("errmsg", "")))
        raise ApiError(told["errcode"], seen[1] if seen else "")
    return told


async def read_capped(answer: aiohttp.ClientResponse) -> bytes:
    """Read a body of at most MAX_ANSWER bytes."""
    held = bytearray()
    async for piece in answer.content.iter_any():
        held += piece
        if len(held) > MAX_ANSWER:
            raise Unreachable("odd answer", sent=True)
    return bytes(held)
