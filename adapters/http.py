"""One HTTP session a platform: made on first use, explicit timeouts, nothing of a URL in what it raises."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

API = aiohttp.ClientTimeout(total=10, connect=3)
FILE = aiohttp.ClientTimeout(total=120, connect=3, sock_read=10)  # one range of at most 20 MB
NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


def picture_type(data: bytes) -> str:
    """png | jpeg: of the two that platforms take."""
    return "png" if data.startswith(b"\x89PNG") else "jpeg"


class Unreachable(Exception):
    """No answer. `sent`: the request may have arrived all the same."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


class Http:
    """Requests through one pooled session. aiohttp's errors quote URLs, and URLs carry tokens: they never leave here."""

    def __init__(self, proxy: str = "", limits: aiohttp.ClientTimeout = API) -> None:
        self._proxy = proxy or None
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def request(
        self, method: str, url: str, *, limits: aiohttp.ClientTimeout | None = None, **given: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield the answer. Raises Unreachable; reading the body inside the block does too."""
        try:
            async with self._open().request(
                method, url, proxy=self._proxy, timeout=limits or self._limits, allow_redirects=False, **given
            ) as answer:
                yield answer
        except NOT_SENT as error:
            raise Unreachable(type(error).__name__, sent=False) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(type(error).__name__, sent=True) from None

    async def close(self) -> None:
        """Close the session; the next request would open another."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session
