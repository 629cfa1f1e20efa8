"""A group's custom robot: text and cards by a hook in the address, signed in the body where its secret is set.

It keeps no key of ours, so a repeated try may be seen twice.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.feishu.cards import card_content
from adapters.feishu.markup import plain
from adapters.robot import REFUSED, SET_UP, No
from bot.model import Platform
from bot.ports import Card, Message

MAX_CONTENT = 19_000  # bytes of a card or a text; the platform's 20 KB of a whole body with room to spare
TABLE: Mapping[int, No] = {
    11232: No("rate", 30),  # busy at whole and half hours
    9499: No("bad_request"),
    19001: No("bad_key", SET_UP),
    19021: No("bad_sign", SET_UP),
    19022: No("ip_not_allowed", SET_UP),
    19024: No("keyword", SET_UP),
    19036: No("too_long"),
}


@dataclass(frozen=True, slots=True)
class FeishuRobot:
    """adapters.robot.Wire of one robot."""

    key: str = field(repr=False)
    secret: str = field(default="", repr=False)
    base: str = "https://open.feishu.cn"
    platform = Platform.FEISHU
    limits = ((5, 1.0), (100, 60.0))
    once = False

    def request(self, message: Message, uuid: str, now: datetime) -> tuple[str, Mapping[str, str], Mapping[str, Any]]:
        """URL, query and body."""
        told = body(message, uuid)
        if self.secret:
            stamp = str(int(now.timestamp()))
            told = {"timestamp": stamp, "sign": sign(stamp, self.secret), **told}
        return f"{self.base.rstrip('/')}/open-apis/bot/v2/hook/{self.key}", {}, told

    def problem(self, told: Mapping[str, Any]) -> No | None:
        """A code other than 0 comes with HTTP 200; older answers say StatusCode."""
        code = told.get("code", told.get("StatusCode"))
        return None if code == 0 else TABLE.get(code, REFUSED) if isinstance(code, int) else REFUSED


def sign(stamp: str, secret: str) -> str:
    """Base64 of HMAC-SHA256 over nothing, keyed by `stamp \\n secret`."""
    return base64.b64encode(hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


def body(message: Message, uuid: str) -> Mapping[str, Any]:
    """Nobody is mentioned, whatever users wrote."""
    if isinstance(message, Card):
        return {"msg_type": "interactive", "card": json.loads(card_content(message, uuid, private=False, most=MAX_CONTENT))}
    words = plain(message.text).encode(errors="replace")
    if len(words) > MAX_CONTENT:
        words = words[:MAX_CONTENT].decode(errors="ignore").encode() + "…".encode()
    return {"msg_type": "text", "content": {"text": words.decode()}}
