"""A group's robot (消息推送): text and markdown by a key in the address. It keeps no key of ours, so a repeated try may be seen twice.

Numbers as in the platform's pages and what its users quote; nothing of it was run against the real servers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.robot import REFUSED, SET_UP, No
from adapters.wecom.cards import LINK, as_markdown, cut_bytes, cut_markdown
from bot.model import Platform
from bot.ports import Card, Message

TEXT_BYTES, MARKDOWN_BYTES, LABEL_BYTES = 2048, 4096, 60
LINKS = 3
TABLE: Mapping[int, No] = {
    -1: No("busy", 5),
    45009: No("rate", 60),
    45033: No("rate", 5),
    93000: No("bad_key", SET_UP),  # no such robot: the key is wrong, or it was taken out of the group
    60020: No("ip_not_allowed", SET_UP),
    45002: No("too_long"),
    44004: No("empty"),
}


@dataclass(frozen=True, slots=True)
class WeComRobot:
    """adapters.robot.Wire of one robot."""

    key: str = field(repr=False)
    base: str = "https://qyapi.weixin.qq.com"
    platform = Platform.WECOM
    limits = ((20, 60.0),)
    once = False

    def request(self, message: Message, uuid: str, now: datetime) -> tuple[str, Mapping[str, str], Mapping[str, Any]]:
        """URL, query and body."""
        del uuid, now
        return f"{self.base.rstrip('/')}/cgi-bin/webhook/send", {"key": self.key}, body(message)

    def problem(self, told: Mapping[str, Any]) -> No | None:
        """An errcode other than 0 comes with HTTP 200."""
        code = told.get("errcode")
        return None if code == 0 else TABLE.get(code, REFUSED) if isinstance(code, int) else REFUSED


def body(message: Message) -> Mapping[str, Any]:
    """Nobody is mentioned: no list of whom, and nothing that users wrote is markup. Links are never cut."""
    if not isinstance(message, Card):
        words = LINK.sub("＜", message.text).replace("<@", "＜@")
        return {"msgtype": "text", "text": {"content": cut_bytes(words, TEXT_BYTES), "mentioned_list": []}}
    links = "\n".join(f"[{cut_bytes(button.label, LABEL_BYTES)}]({button.url})" for button in message.buttons[:LINKS])
    room = MARKDOWN_BYTES - len(links.encode()) - 1
    return {"msgtype": "markdown", "markdown": {"content": "\n".join(filter(None, [cut_markdown(as_markdown(message), room), links]))}}
