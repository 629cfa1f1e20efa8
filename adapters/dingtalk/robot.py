"""A group's custom robot: text, markdown and action cards by a token in the address, signed where its secret is set.

`msgUuid` is its idempotency key; that it belongs into the body, and how long it is remembered, is not verified against the real servers.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.dingtalk.cards import LABEL, TITLE, fitted, inert, markdown
from adapters.robot import REFUSED, SET_UP, No
from bot.model import Platform
from bot.ports import Card, Message

WORDS, MAX_MARKDOWN = 4_000, 5_000  # characters
NO_AT = {ord("@"): chr(0xFF20)}
LINKS = 4
THROTTLED = 600.0  # beyond 20 a minute nothing is taken for ten minutes
TABLE: Mapping[int, No] = {
    -1: No("busy", 5),
    130101: No("rate", THROTTLED),
    410100: No("rate", THROTTLED),
    310000: No("robot_security", SET_UP),  # keyword, signature or address: the robot's security settings
    400101: No("bad_key", SET_UP),
    400102: No("robot_off", SET_UP),
    400106: No("robot_gone", SET_UP),
}


@dataclass(frozen=True, slots=True)
class DingTalkRobot:
    """adapters.robot.Wire of one robot."""

    token: str = field(repr=False)
    secret: str = field(default="", repr=False)
    base: str = "https://oapi.dingtalk.com"
    platform = Platform.DINGTALK
    limits = ((20, 60.0),)
    once = True

    def request(self, message: Message, uuid: str, now: datetime) -> tuple[str, Mapping[str, str], Mapping[str, Any]]:
        """URL, query and body."""
        query = {"access_token": self.token}
        if self.secret:
            stamp = str(int(now.timestamp() * 1000))
            query |= {"timestamp": stamp, "sign": sign(stamp, self.secret)}
        return f"{self.base.rstrip('/')}/robot/send", query, {**body(message), "msgUuid": uuid, "at": {"isAtAll": False}}

    def problem(self, told: Mapping[str, Any]) -> No | None:
        """An errcode other than 0 comes with HTTP 200."""
        code = told.get("errcode")
        return None if code == 0 else TABLE.get(code, REFUSED) if isinstance(code, int) else REFUSED


def sign(stamp: str, secret: str) -> str:
    """Base64 of HMAC-SHA256 over `stamp \\n secret`, keyed by the secret; URL-encoded by whoever sends it."""
    return base64.b64encode(hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()).decode()


def body(message: Message) -> Mapping[str, Any]:
    """Nobody is mentioned, whatever users wrote."""
    if not isinstance(message, Card):
        return {"msgtype": "text", "text": {"content": fitted(message.text.translate(NO_AT), WORDS)}}
    title, text = inert(fitted(message.title, TITLE)), fitted(markdown(message), MAX_MARKDOWN)
    links = [(inert(fitted(button.label, LABEL)), button.url) for button in message.buttons[:LINKS]]
    if not links:
        return {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
    if len(links) == 1:
        return {"msgtype": "actionCard", "actionCard": {"title": title, "text": text, "singleTitle": links[0][0], "singleURL": links[0][1]}}
    buttons = [{"title": label, "actionURL": url} for label, url in links]
    return {"msgtype": "actionCard", "actionCard": {"title": title, "text": text, "btnOrientation": "0", "btns": buttons}}
