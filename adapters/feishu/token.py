"""The tenant access token: one call at a time, renewed while the old one still serves, dropped once when it is refused."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from adapters.feishu.errors import ApiError
from adapters.token import AskedEnough, ask_once
from bot.ports import Clock, TokenCache

log = logging.getLogger(__name__)
RENEW = 1800.0  # seconds before the end; the platform hands out a new token from here on


class TenantToken:
    """`ask` calls the platform and returns (token, seconds it lives)."""

    def __init__(self, key: str, ask: Callable[[], Awaitable[tuple[str, float]]], clock: Clock, cache: TokenCache) -> None:
        self._key = key
        self._ask = ask
        self._clock = clock
        self._cache = cache
        self._lock = asyncio.Lock()
        self._latest = ""
        self._renew_at = 0.0

    async def get(self) -> str:
        """Return a token that serves for a while. Raises ApiError."""
        token, fresh, _ = await self._cached()
        if fresh:
            return token
        async with self._lock:
            token, fresh, alive = await self._cached()  # somebody may have fetched it meanwhile
            if fresh:
                return token
            try:
                return await self._fetch()
            except ApiError as error:
                if not alive:
                    raise
                log.warning("feishu token not renewed (%s); the old one still serves", error)
                return token

    async def drop(self, token: str) -> None:
        """Forget a token that the platform refused."""
        if self._latest == token:
            self._latest = ""
        await self._cache.drop(self._key, token)

    async def _cached(self) -> tuple[str, bool, bool]:
        """Return (token, far from its end, still alive)."""
        token, until = await self._cache.get(self._key) or ("", 0.0)
        now = self._clock.now().timestamp()
        renew_at = self._renew_at if token == self._latest else until - RENEW
        return token, bool(token) and now < renew_at, bool(token) and now < until

    async def _fetch(self) -> str:
        try:
            token, until = await ask_once(self._key, self._cache, self._clock, self._ask, early=RENEW)
        except AskedEnough:
            raise ApiError("token: asked for a moment ago") from None
        # Whatever life the platform names, a token just fetched is used for most of it: no second call at once.
        left = until - self._clock.now().timestamp()
        self._latest, self._renew_at = token, until - min(RENEW, left / 4)
        return token
