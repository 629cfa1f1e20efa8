"""The product's Text and Card → WeCom's JSON. Lengths are what a phone shows without cutting; what does not fit is moved or shortened."""

import re
from dataclasses import replace
from hashlib import sha256
from typing import Any

from bot.ports import Button, Card

TAIL_BITS = 16
TAIL = ("\u200b", "\u200c")  # of no width: no phone shows them
TEXT_BYTES = 2048 - TAIL_BITS * len(TAIL[0].encode())
TITLE, DESC, SOURCE, LABEL, VALUE, BODY, QUOTE, BUTTON, JUMP = 26, 30, 13, 5, 26, 112, 200, 10, 13
FACTS, BUTTONS, JUMPS = 6, 6, 3
STYLES = {"default": 2, "primary": 1, "danger": 3}
COLOURS = {"red": 2, "yellow": 1, "green": 3, "grey": 0}  # of the line above the title; anything else black
TASK = re.compile(r"^[0-9A-Za-z_@-]{1,128}$")
MARKUP = {ord(sign): chr(ord(sign) + 0xFEE0) for sign in "<>[]*`#@"}  # their full-width forms look alike and mean nothing
INKS = {"green": "info", "red": "warning", "yellow": "warning"}
LINK = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)


def set_apart(body: dict[str, Any], uuid: str) -> dict[str, Any]:
    """End words with an invisible tail that goes with `uuid`: of two messages with the same words WeCom would drop the second."""
    kind = body["msgtype"]
    if kind == "template_card":
        return body  # its task_id tells it apart
    bits = int.from_bytes(sha256(uuid.encode()).digest()[:4])
    tail = "".join(TAIL[bits >> n & 1] for n in range(TAIL_BITS))
    return {**body, kind: {"content": body[kind]["content"] + tail}}


def text_body(text: str) -> dict[str, Any]:
    """A text message, with links that users wrote as markup made harmless."""
    return {"msgtype": "text", "text": {"content": cut_bytes(LINK.sub("＜", text), TEXT_BYTES)}}


def card_body(card: Card, uuid: str) -> dict[str, Any]:
    """A template card where there is something to tap, else a markdown message: WeCom has no card with nothing to tap."""
    if not card.buttons:
        return {"msgtype": "markdown", "markdown": {"content": cut_markdown(as_markdown(card), TEXT_BYTES)}}
    return {"msgtype": "template_card", "template_card": {**template_card(card), "task_id": task_id(uuid)}}


def template_card(card: Card) -> dict[str, Any]:
    """button_interaction with its callback buttons, or text_notice when it only opens pages (or nothing)."""
    card = _unlinked(card)
    told: dict[str, Any] = {"main_title": {"title": cut(card.title, TITLE) or "提醒"}}
    if card.tag:
        told["source"] = {"desc": cut(card.tag, SOURCE), "desc_color": COLOURS.get(card.tone, 1)}
    short = [row for row in card.rows if len(row[0]) <= LABEL and len(row[1]) <= VALUE and all(row[:2])][:FACTS]
    if short:
        told["horizontal_content_list"] = [_line(*row) for row in short]
    if words := "\n".join(filter(None, [card.text, card.footer])):
        told["sub_title_text"] = cut(words, BODY)
    if long := [f"{row[0]}：{row[1]}" for row in card.rows if row not in short]:
        told["quote_area"] = {"type": 0, "quote_text": cut("\n".join(long), QUOTE)}
    opens = any(button.url for button in card.buttons)
    return _notice(card, told) if opens and (card.done or not _calls_back(card)) else _interaction(card, told)


def _line(label: str, value: str, url: str) -> dict[str, Any]:
    return {"keyname": label, "value": value} | ({"type": 1, "url": url} if url else {})


def _unlinked(card: Card) -> Card:
    """Nobody documents whether a card's words know links: those that users wrote are made harmless as in texts."""
    facts = tuple((LINK.sub("＜", label), LINK.sub("＜", value)) for label, value in card.facts)
    title, tag, text, footer, done = (LINK.sub("＜", words) for words in (card.title, card.tag, card.text, card.footer, card.done))
    buttons = tuple(replace(button, label=LINK.sub("＜", button.label)) for button in card.buttons)
    return replace(card, title=title, tag=tag, text=text, footer=footer, done=done, facts=facts, buttons=buttons)


def spent_only(card: Card) -> bool:
    """Whether an update only says what was chosen and leaves the card as it was."""
    kept = card.text or card.facts or card.tag or card.footer or any(button.url for button in card.buttons)
    return bool(card.done) and not kept


def task_id(uuid: str) -> str:
    """WeCom takes few characters."""
    return uuid if TASK.match(uuid) else sha256(uuid.encode()).hexdigest()


def cut(text: str, length: int) -> str:
    """Shorten to `length` characters, the last of them … when something is missing."""
    return text if len(text) <= length else text[: length - 1] + "…"


def cut_bytes(text: str, length: int) -> str:
    """Shorten to `length` bytes of UTF-8, whole characters, … at the end when something is missing."""
    raw = text.encode(errors="replace")
    return raw.decode() if len(raw) <= length else raw[: length - len("…".encode())].decode(errors="ignore") + "…"


def cut_markdown(text: str, length: int) -> str:
    """The same for words with links of ours (users' own brackets are full-width): half a link is none."""
    kept = cut_bytes(text, length)
    above, end, last = kept.rpartition("\n")
    return f"{above}{end}…" if kept != text and "[" in last else kept


def _calls_back(card: Card) -> bool:
    return any(not button.url for button in card.buttons)


def _interaction(card: Card, told: dict[str, Any]) -> dict[str, Any]:
    """Buttons; once they are spent, one grey word in their place."""
    if len(card.buttons) > BUTTONS:
        card = _linked(card, told)
    spent = card.done or ("" if card.buttons else "已更新")
    if spent:
        told["replace_text"] = cut(spent, BUTTON)
    buttons = card.buttons[:BUTTONS] or (Button(label=spent, op="done"),)
    return told | {"card_type": "button_interaction", "button_list": [_button(button) for button in buttons]}


def _linked(card: Card, told: dict[str, Any]) -> Card:
    """More buttons than it shows: those that open pages become lines above them."""
    pages = [button for button in card.buttons if button.url]
    facts = told.get("horizontal_content_list", [])[: FACTS - len(pages)]
    lines = [{"keyname": "页面", "value": cut(button.label, VALUE), "type": 1, "url": button.url} for button in pages]
    if lines:
        told["horizontal_content_list"] = [*facts, *lines]
        told["card_action"] = {"type": 1, "url": pages[0].url}
    return replace(card, buttons=tuple(button for button in card.buttons if not button.url))


def _button(button: Button) -> dict[str, Any]:
    told: dict[str, Any] = {"text": cut(button.label, BUTTON), "style": STYLES.get(button.style, STYLES["default"])}
    if button.url:
        return told | {"type": 1, "url": button.url}
    return told | {"type": 0, "key": f"{button.op}:{button.arg}" if button.arg else button.op}


def _notice(card: Card, told: dict[str, Any]) -> dict[str, Any]:
    """The whole card opens the first page, lines below open each; what was chosen stands under the title."""
    pages = [button for button in card.buttons if button.url][:JUMPS]
    if card.done:
        told["main_title"]["desc"] = cut(card.done, DESC)
    jumps = [{"type": 1, "title": cut(button.label, JUMP), "url": button.url} for button in pages]
    return told | {"card_type": "text_notice", "card_action": {"type": 1, "url": pages[0].url}, "jump_list": jumps}


def as_markdown(card: Card) -> str:
    """Title, words, facts as quotes, footer. Nothing that users wrote becomes markup: the platform knows no escape."""
    tag = f'<font color="{INKS.get(card.tone, "comment")}">{_inert(card.tag)}</font> ' if card.tag else ""
    facts = [f"> {_inert(label)}：" + (f"[{_inert(value)}]({url})" if url else _inert(value)) for label, value, url in card.rows]
    foot = [f'<font color="comment">{_inert(line)}</font>' for line in (card.footer, card.done) if line]
    return "\n".join(filter(None, [f"{tag}**{_inert(card.title)}**", _inert(card.text), *facts, *foot]))


def _inert(words: str) -> str:
    return words.translate(MARKUP)
