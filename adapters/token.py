"""The access token: asked for once however many want it, renewed early, dropped when it is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256

from bot.ports import Clock, TokenCache

EARLY = 300  # seconds before its end a token is no longer handed out
FLIGHT_S = 5.0  # so long one process asks for all
CALM_S, MOST = 30.0, 2  # so often the platform is asked, however it answers: it may call every token invalid
LOOK_S = 0.05

Fetch = Callable[[], Awaitable[tuple[str, float]]]


class AskedEnough(Exception):
    """The platform was asked for tokens a moment ago, more than once."""


async def ask_once(key: str, cache: TokenCache, clock: Clock, fetch: Fetch, early: float = EARLY) -> tuple[str, float]:
    """Return (token, its end): from the platform, or from the process that asks it just now. Raises AskedEnough and what `fetch` raises."""
    flight = f"{key}:flight"
    if not await cache.claim(flight, clock.now().timestamp(), FLIGHT_S):
        for _ in range(int(FLIGHT_S / LOOK_S)):
            await asyncio.sleep(LOOK_S)
            known = await cache.get(key)
            if known is not None and known[1] - early > clock.now().timestamp():
                return known
            if await cache.claim(flight, clock.now().timestamp(), FLIGHT_S):
                break  # whoever asked got nothing
    try:
        now = clock.now().timestamp()
        if not await _may_ask(key, cache, now):
            raise AskedEnough
        token, seconds = await fetch()
        await cache.put(key, token, now + seconds)
        return token, now + seconds
    finally:
        await cache.release(flight)


async def _may_ask(key: str, cache: TokenCache, now: float) -> bool:
    for number in range(MOST):
        if await cache.claim(f"{key}:{number}", now, CALM_S):
            return True
    return False


class Tokens:
    """Single flight over a TokenCache. `whose`: the app; `fetch` returns (token, seconds it lives)."""

    def __init__(self, whose: str, cache: TokenCache, clock: Clock, fetch: Fetch) -> None:
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
        known = await self._cache.get(self._key)
        if known is not None and known[1] - EARLY > self._clock.now().timestamp():
            return known[0]
        token, _ = await ask_once(self._key, self._cache, self._clock, self._fetch)
        return token

    def _landed(self, flight: asyncio.Task[str]) -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # seen, even when nobody waits any more
