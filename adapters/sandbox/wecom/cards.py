"""What message/send and update_template_card accept as a template card. Suggested lengths are enforced: longer is cut off on a phone."""

import re
from typing import Any

from adapters.sandbox.wecom.world import ApiError

INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")
TYPES = ("text_notice", "news_notice", *INTERACTIVE)
LIMITS = {"title": 36, "desc": 44, "sub": 112, "keyname": 5, "value": 26, "button": 10, "source": 20, "jump": 13, "quote": 200}
TASK = re.compile(r"^[0-9A-Za-z_\-@]{1,128}$")


def check_card(card: object) -> dict[str, Any]:
    """Return the card or raise ApiError."""
    if not isinstance(card, dict) or card.get("card_type") not in TYPES:
        raise ApiError(40058, "invalid template_card.card_type")
    _check_head(card)
    _check_facts(card)
    if card["card_type"] == "button_interaction":
        _check_buttons(card)
    if card["card_type"] in {"text_notice", "news_notice"} and not _opens(card.get("card_action")):
        raise ApiError(40058, "card_action is required")
    jumps = card.get("jump_list", [])
    if len(jumps) > 3 or any(not jump.get("title") or not _opens(jump) for jump in jumps):
        raise ApiError(40058, "invalid jump_list")
    return card


def _check_head(card: dict[str, Any]) -> None:
    main = card.get("main_title") or {}
    if not main.get("title") and not (card["card_type"] == "text_notice" and card.get("sub_title_text")):
        raise ApiError(40058, "main_title.title is required")
    _short("title", main.get("title", ""))
    _short("desc", main.get("desc", ""))
    _short("sub", card.get("sub_title_text", ""))
    _short("source", (card.get("source") or {}).get("desc", ""))
    _short("quote", (card.get("quote_area") or {}).get("quote_text", ""))


def _check_facts(card: dict[str, Any]) -> None:
    facts = card.get("horizontal_content_list", [])
    if len(facts) > 6:
        raise ApiError(40058, "horizontal_content_list is longer than 6")
    for fact in facts:
        if not fact.get("keyname"):
            raise ApiError(40058, "keyname is required")
        _short("keyname", fact["keyname"])
        if fact.get("type", 0) == 1 and not _opens(fact):
            raise ApiError(40058, "a fact of type 1 needs a url")
        _short("value", fact.get("value", ""))


def _check_buttons(card: dict[str, Any]) -> None:
    buttons = card.get("button_list", [])
    if not 1 <= len(buttons) <= 6:
        raise ApiError(40058, "button_list must have 1 to 6 items")
    for button in buttons:
        if not button.get("text"):
            raise ApiError(40058, "button text is required")
        _short("button", button["text"])
        if button.get("style", 1) not in {1, 2, 3, 4}:
            raise ApiError(40058, "invalid button style")
        good = bool(button.get("url")) if button.get("type", 0) == 1 else 1 <= len(str(button.get("key", "")).encode()) <= 1024
        if not good:
            raise ApiError(40058, "button needs a key, or a url when its type is 1")
    keys = [button["key"] for button in buttons if button.get("key")]
    if len(keys) != len(set(keys)):
        raise ApiError(40058, "button keys repeat")


def _opens(action: object) -> bool:
    return isinstance(action, dict) and action.get("type") == 1 and str(action.get("url", "")).startswith(("http://", "https://"))


def _short(name: str, text: object) -> None:
    if not isinstance(text, str) or len(text) > LIMITS[name]:
        raise ApiError(40058, f"template_card {name} is too long")
