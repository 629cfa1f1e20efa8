"""Tells the terminal what is said: every message of the demo's people, every message and changed card of the product."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

from adapters.sandbox.stage.theatre import Theatre

PATIENCE = 5.0
WIDTH = 110
MARKUP = re.compile(r"<[^>]+>|\*\*|\\(?=[*_~\[\]()`#>-])")


class Chronicle:
    """Follows all screens; `say` prints one line."""

    def __init__(self, theatre: Theatre, say: Callable[[str], None]) -> None:
        self._theatre = theatre
        self._say = say
        self._known: dict[str, str] = {}
        self._names = {one.wecom: one.name for one in theatre.company.members if one.wecom}

    async def follow(self) -> None:
        """Run until cancelled."""
        since = (-1, -1, -1)
        while True:
            since = await self._theatre.changed(since, PATIENCE)
            self.tell()

    def tell(self) -> None:
        """Print what is new since the last time."""
        for key, text, line in self._lines():
            if self._known.get(key) == text:
                continue
            again = "（更新）" if key in self._known else ""
            self._known[key] = text
            self._say(f"{line}{again}：{_short(text)}")

    def _lines(self) -> Iterator[tuple[str, str, str]]:
        for user, name in self._names.items():
            for line in self._theatre.wecom.screen(user):
                yield line["id"], words_of(line), f"  {name} ▸ " + line["type"] if line["from"] == "me" else f"  机器人 ▸ {name}"
        board = self._theatre.feishu.board
        for chat in board.chats.values():
            for line in board.screen(chat.id):
                who = line["name"] if line["from"] in board.users else "机器人"
                yield line["id"], words_of(line), f"  {who} ▸ 飞书「{chat.name}」"


def words_of(line: dict[str, Any]) -> str:
    """Everything that can be read in a message."""
    if line["type"] in {"image", "voice"}:
        return {"image": "[照片]", "voice": "[语音]"}[line["type"]]
    if "card" in line:
        card = {name: part for name, part in line["card"].items() if name != "config"}  # the preview repeats the title
        return " ".join([*_strings(card), str(line.get("spent") or "")]).strip()
    return str(line.get("text") or line.get("content") or "")


def _strings(node: Any, key: str = "") -> Iterator[str]:
    """The readable strings of a card, in order: titles, texts, facts, button labels."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _strings(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value, key)
    elif isinstance(node, str) and key in {"content", "title", "desc", "sub_title_text", "keyname", "value", "text", "quote_text"}:
        text = " ".join(MARKUP.sub("", node).split())
        if text:
            yield text


def _short(text: str) -> str:
    flat = " ".join(MARKUP.sub("", text).split())
    flat = html.unescape(flat)
    return flat if len(flat) <= WIDTH else flat[: WIDTH - 1] + "…"
