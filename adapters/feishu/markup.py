"""What users wrote, made harmless: no mention, link or style of theirs survives in our cards."""

import re

SPECIAL = re.compile(r"[&<>*_~`\[\]()#!|\\$\"':{}]|^[-+=]", re.MULTILINE)
TAG = re.compile(r"<(?=[A-Za-z/!])")
PHONE = re.compile(r"(?<![0-9A-Za-z])(\d{3})[ -]?\d{4}[ -]?(\d{4})(?![0-9A-Za-z])|(?<![0-9A-Za-z])(\d{2})\d{3,}(\d{2})(?![0-9A-Za-z])")
EMAIL = re.compile(r"[\w.+-]+@([\w-]+\.)+[A-Za-z]{2,}")
ELLIPSIS = "…"


def escape(text: str) -> str:
    """Return card markdown that shows `text` as it is: every special character as `&#NN;`, as the platform documents it."""
    return SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)


def plain(text: str) -> str:
    """Return `text` for a text message, which has no escape: `<at …>` tags and `[…](…)` links are broken instead."""
    return TAG.sub("＜", text).replace("](", "] (")


def clip(text: str, limit: int) -> str:
    """Shorten to `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def mask(text: str) -> str:
    """Hide phone numbers, long numbers and e-mail addresses, which a tenant's data-leak rule may refuse."""
    return EMAIL.sub("***@***", PHONE.sub(lambda found: f"{found[1] or found[3]}****{found[2] or found[4]}", text))
