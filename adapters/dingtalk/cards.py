"""The product's Card → an action card, or markdown; nothing that users wrote is markup."""

import json
from collections.abc import Mapping
from urllib.parse import quote

from bot.ports import Button, Card

MAX_PARAM = 15_000  # bytes of msgParam
BUTTONS = 5  # of an action card
TITLE, LABEL = 200, 20  # characters
SAY = "dtmd://dingtalkclient/sendMessage?content="
MARKUP = {ord(sign): chr(ord(sign) + 0xFEE0) for sign in "<>[]()*_`#@!|~\\"}  # full-width forms look alike and mean nothing
TONES = {"red": "🔴", "yellow": "🟡", "green": "🟢", "grey": "⚪"}


def card_content(card: Card, *, group: bool) -> tuple[str, Mapping[str, str]]:
    """An action card; without buttons, markdown. Buttons that call back speak for the user, who in a group must name the robot himself."""
    offered = [button for button in card.buttons if not card.done and (button.url or not group)]
    left_out = group and not card.done and len(offered) < len(card.buttons)
    buttons = [(inert(fitted(button.label, LABEL)), _link(button)) for button in offered[:BUTTONS]]
    text = "\n\n".join(filter(None, [markdown(card), inert(card.aside) if left_out else ""]))
    if left := [inert(fitted(button.label, LABEL)) for button in offered[BUTTONS:]]:
        text += f"\n\n也可以直接发：{'、'.join(left)}"
    title = inert(fitted(card.title, TITLE))
    while True:
        key, param = _shape(title, text, buttons)
        if len(json.dumps(param, ensure_ascii=False).encode()) <= MAX_PARAM:
            return key, param
        text = _shorter(text)


def _shape(title: str, text: str, buttons: list[tuple[str, str]]) -> tuple[str, Mapping[str, str]]:
    if not buttons:
        return "sampleMarkdown", {"title": title, "text": text}
    if len(buttons) == 1:
        return "sampleActionCard", {"title": title, "text": text, "singleTitle": buttons[0][0], "singleURL": buttons[0][1]}
    listed = {f"actionTitle{n}": label for n, (label, _) in enumerate(buttons, 1)}
    listed |= {f"actionURL{n}": url for n, (_, url) in enumerate(buttons, 1)}
    return f"sampleActionCard{len(buttons)}", {"title": title, "text": text, **listed}


def _shorter(text: str) -> str:
    """By a quarter; half a link is none."""
    kept = text[: len(text) * 3 // 4]
    above, end, last = kept.rpartition("\n")
    return f"{above}{end}…" if "[" in last else f"{kept}…"


def _link(button: Button) -> str:
    if button.url:
        return button.url
    label = fitted(button.label, LABEL)
    said = f"#{button.op}:{button.arg} {label}" if button.arg else f"#{button.op} {label}"
    return SAY + quote(said, safe="")


def markdown(card: Card) -> str:
    """All of a card."""
    tag = f"{TONES.get(card.tone, '')} {inert(card.tag)} " if card.tag else ""
    parts = [f"### {tag}{inert(card.title)}", details(card), inert(card.footer), inert(card.done)]
    return "\n\n".join(filter(None, parts))


def details(card: Card) -> str:
    """Its text and its facts."""
    facts = [f"- {inert(label)}：" + (f"[{inert(value)}]({url})" if url else inert(value)) for label, value, url in card.rows]
    return "\n\n".join(filter(None, [inert(card.text), "\n".join(facts)]))


def inert(words: str) -> str:
    """Nothing that users wrote becomes markup, a link or a mention."""
    return words.translate(MARKUP)


def fitted(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
