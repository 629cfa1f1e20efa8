"""The access token: asked for once however many want it, renewed early, dropped when it is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256

from bot.ports import Clock, TokenCache

EARLY = 300  # seconds before its end a token is no longer handed out


class Tokens:
    """Single flight over a TokenCache. `whose`: the app; `fetch` returns (token, seconds it lives)."""

    def __init__(self, whose: str, cache: TokenCache, clock: Clock, fetch: Callable[[], Awaitable[tuple[str, float]]]) -> None:
        self._key = sha256(whose.encode()).hexdigest()
        self._cache = cache
        self._clock = clock
        self._fetch = fetch
        self._flight: asyncio.Task[str] | None = None

    async def get(self) -> str:
        """Return a token that is good for minutes. Whoever comes while it is being fetched shares the answer, a failure too."""
        if self._flight is None:
            self._flight = asyncio.create_task(self._get())
            self._flight.add_done_callback(self._landed)
        return await asyncio.shield(self._flight)

    async def drop(self, token: str) -> None:
        """Forget a refused token, unless another has taken its place."""
        await self._cache.drop(self._key, token)

    async def _get(self) -> str:
        now = self._clock.now().timestamp()
        known = await self._cache.get(self._key)
        if known is not None and known[1] - EARLY > now:
            return known[0]
        token, seconds = await self._fetch()
        await self._cache.put(self._key, token, now + seconds)
        return token

    def _landed(self, flight: asyncio.Task[str]) -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # seen, even when nobody waits any more
