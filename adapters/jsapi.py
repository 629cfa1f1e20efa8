"""Signatures by which a platform's client lets a page use its JSAPI. The string is the same for all three; tickets differ.

Sources: WeCom 96909 (its published vector is a test), Feishu 鉴权调用 JSAPI, DingTalk J/0039. Every use of a ticket is a new nonce.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TypeAlias, runtime_checkable

Config: TypeAlias = Mapping[str, str | int]


@runtime_checkable
class SignsPages(Protocol):
    """An adapter whose platform's client opens its JSAPI to pages that carry a signature."""

    async def jsapi(self, url: str, now: datetime) -> Config | None:
        """What the page hands to the client; None where the app is not set up for it. Raises FetchError."""
        ...


def signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """SHA-1, hex, over the four in this order, nothing encoded; `url` up to its fragment."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def signed(ticket: str, url: str, timestamp: int) -> dict[str, str | int]:
    """`timestamp`: in the platform's unit."""
    nonce = secrets.token_hex(8)
    return {"nonceStr": nonce, "timestamp": timestamp, "signature": signature(ticket, nonce, timestamp, url)}
