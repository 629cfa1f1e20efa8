"""A customer's signature on its way in: made harmless, sealed, and stored in the inbox before he is told that it is."""

import asyncio
import json
import secrets
from dataclasses import dataclass
from datetime import datetime

from bot.line import Line
from bot.model import Envelope, Kind, Platform, Signing
from bot.store.signings import inbox_key
from bot.vault import sm3_of

CONSENT = "我已看过以上内容，同意以电子方式签署，与手写签名一样确认。"
DRAWN, TYPED = "drawn", "typed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the page sends. `drawn`: a PNG, b"" where the name was typed; `agent`: what the browser says of itself."""

    name: str
    title: str = ""
    method: str = DRAWN
    drawn: bytes = b""
    agent: str = ""


def state_of(signing: Signing, now: datetime) -> str:
    """open | signed | withdrawn | expired."""
    return "expired" if signing.state == "open" and now > signing.until else signing.state


async def give(line: Line, signing: Signing, given: Given) -> bool:
    """Store it; True when it is the first. Raises FetchError for what is no signature, StoreError: then nothing was taken."""
    picture = await (line.copies.lettering(given.name) if given.method == TYPED else _drawn_anew(line, given.drawn))
    digest = await line.vault.put(picture)
    told = {
        "kind": Kind.SIGNATURE.value,
        "signature": signing.id,
        "name": given.name,
        "title": given.title,
        "method": given.method,
        "picture": digest,
        "sm3": await asyncio.to_thread(sm3_of, line.vault.path(digest)),
        "size": len(picture),
        "consent": CONSENT,
        "agent": given.agent,
    }
    return await line.inbox.receive(
        Envelope(
            platform=Platform.INTERNAL,
            key=inbox_key(signing.id),
            sender=signing.rep,
            payload=json.dumps(told, ensure_ascii=False).encode(),
            received_at=line.clock.now(),
        )
    )


async def _drawn_anew(line: Line, drawn: bytes) -> bytes:
    """What a browser drew never gets into the vault as it came."""
    path = line.vault.incoming / secrets.token_hex(8)
    try:
        await asyncio.to_thread(path.write_bytes, drawn)
        return await line.copies.signature(path)
    finally:
        path.unlink(missing_ok=True)
