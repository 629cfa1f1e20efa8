"""Card → card JSON 2.0 and Text → text content, escaped and cut to the platform's sizes."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from adapters.feishu.markup import clip, escape, mask, plain
from bot.ports import Button, Card, Message, Text

MAX_CARD = 30_000  # bytes; the platform's 30 KB with room to spare
MAX_TEXT = 40_000  # characters, at most 120 KB of the platform's 150 KB
MAX_FACTS = 40
MAX_BUTTONS = 12
SHORT = 600
LIMITS = (4000, 1500, SHORT, 120, 40)  # characters of one text, tried in turn until the card fits
TAGS = {"grey": "neutral"}
TONES = frozenset({"blue", "red", "yellow", "green", "grey"})
STYLES = frozenset({"default", "primary", "danger"})
USER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
DOUBT = "可能重复：前一次发送的结果未知"


def mark(uuid: str) -> str:
    """Return the element id by which a card of this uuid is recognised in a chat's history (at most 20 characters)."""
    return "m" + hashlib.sha256(uuid.encode()).hexdigest()[:19]


def marks(message: Message, uuid: str) -> frozenset[str]:
    """Return what identifies a sent card in its JSON: its mark, and the record ids that its footer names."""
    footer = message.footer if isinstance(message, Card) else ""
    return frozenset({mark(uuid), *ULID.findall(footer)})


def text_content(message: Text, *, doubtful: bool = False) -> str:
    """Return the content of a text message."""
    words = clip(message.text, MAX_TEXT) + (f"\n（{DOUBT}）" if doubtful else "")
    return json.dumps({"text": plain(words)}, ensure_ascii=False)


def card_content(card: Card, uuid: str, *, private: bool, doubtful: bool = False, most: int = MAX_CARD, image: str = "") -> str:
    """Return the content of a card message, shortened until it fits into `most` bytes. `image`: key of the picture it shows."""
    content = ""
    for limit in LIMITS:
        shown = _reword(card, partial(clip, limit=limit))
        content = json.dumps(_card(shown, mark(uuid), private, doubtful, image), ensure_ascii=False, separators=(",", ":"))
        if len(content.encode()) <= most:
            break
    return content


def shorten(message: Message, limit: int = SHORT) -> Message:
    """Return the message with every text of it at most `limit` characters long."""
    return reword(message, partial(clip, limit=limit))


def masked(message: Message) -> Message:
    """Return the message without readable phone numbers and addresses."""
    return reword(message, mask)


def reword(message: Message, change: Callable[[str], str]) -> Message:
    """Apply `change` to everything a person reads."""
    return Text(text=change(message.text)) if isinstance(message, Text) else _reword(message, change)


def _reword(card: Card, change: Callable[[str], str]) -> Card:
    return replace(
        card,
        title=change(card.title),
        tag=change(card.tag),
        text=change(card.text),
        facts=tuple((change(label), change(value)) for label, value in card.facts),
        footer=change(card.footer),
        done=change(card.done),
    )


def _card(card: Card, mark_: str, private: bool, doubtful: bool, image: str) -> dict[str, Any]:
    elements = [*([_image(image, card.title)] if image else []), *_elements(card, private, doubtful)]
    elements[-1]["element_id"] = mark_
    summary = plain(f"{card.title} {card.tag}".strip())
    return {
        "schema": "2.0",
        "config": {"update_multi": True, "width_mode": "fill", "summary": {"content": clip(summary, 100)}},
        "header": _header(card),
        "body": {"direction": "vertical", "vertical_spacing": "medium", "elements": elements},
    }


def _header(card: Card) -> dict[str, Any]:
    tone = card.tone if card.tone in TONES else "blue"
    header: dict[str, Any] = {"title": _words(clip(card.title, 200)), "template": tone}
    if card.tag:
        header["text_tag_list"] = [{"tag": "text_tag", "text": _words(clip(card.tag, 20)), "color": TAGS.get(tone, tone)}]
    return header


def _elements(card: Card, private: bool, doubtful: bool) -> list[dict[str, Any]]:
    facts = card.rows[:MAX_FACTS]
    elements = [_markdown(escape(card.text))] if card.text else []
    elements += [_pair(facts[index : index + 2]) for index in range(0, len(facts), 2)]
    if mentions := [f"<at id={user}></at>" for user in card.mention if USER_ID.fullmatch(user) and user != "all"]:
        elements.append(_markdown(" ".join(mentions)))
    buttons = [button for button in card.buttons if button.url or not card.done][:MAX_BUTTONS]
    if buttons:
        elements.append(_row([_button(button, private) for button in buttons]))
    elements += [_small(words) for words in (card.done, DOUBT if doubtful else "", card.footer) if words]
    return elements or [_markdown(escape(card.title) or "…")]


def _image(key: str, alt: str) -> dict[str, Any]:
    return {"tag": "img", "img_key": key, "alt": _words(clip(alt, 100)), "preview": True}


def _pair(facts: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    shown = [(label, f"[{escape(value)}]({url})" if url else escape(value)) for label, value, url in facts]
    cells = [_markdown(f"<font color='grey'>{escape(label)}</font>\n{value}") for label, value in shown]
    columns = [{"tag": "column", "width": "weighted", "weight": 1, "vertical_align": "top", "elements": [cell]} for cell in cells]
    return {"tag": "column_set", "flex_mode": "bisect", "columns": columns}


def _row(buttons: list[dict[str, Any]]) -> dict[str, Any]:
    columns = [{"tag": "column", "width": "auto", "elements": [button]} for button in buttons]
    return {"tag": "column_set", "flex_mode": "flow", "horizontal_spacing": "small", "columns": columns}


def _button(button: Button, private: bool) -> dict[str, Any]:
    behavior: dict[str, Any] = {"type": "open_url", "default_url": button.url}
    if not button.url:
        # `private`: a tap names the chat but not whether it is a group (see events.py).
        value = {"op": button.op, "arg": button.arg} | ({"private": True} if private else {})
        behavior = {"type": "callback", "value": value}
    style = button.style if button.style in STYLES else "default"
    return {"tag": "button", "type": style, "text": _words(clip(button.label, 100)), "behaviors": [behavior]}


def _words(text: str) -> dict[str, str]:
    """Plain text renders no markup: nothing to escape."""
    return {"tag": "plain_text", "content": text}


def _markdown(content: str) -> dict[str, Any]:
    return {"tag": "markdown", "content": content}


def _small(text: str) -> dict[str, Any]:
    return {"tag": "markdown", "content": f"<font color='grey'>{escape(text)}</font>", "text_size": "notation"}
