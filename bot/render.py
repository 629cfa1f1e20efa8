"""Template + values → text or card. Strict: what is missing, unknown or of the wrong shape is an error, never a gap in a message.

Templates lie under one root: `reply/x.txt.j2` makes a Text, `card/x.json.j2` a Card (bot/cards.py). What people wrote cannot change a
message's shape: in both kinds every output is put on one line without control characters, in cards it is JSON-escaped too.
"""

import json
import math
import re
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.cards import card_of
from bot.entries import parse_instant
from bot.model import Json, Reason
from bot.ports import Message, Text

CHINA = ZoneInfo("Asia/Shanghai")
# Line breaks, other control characters, and the marks that turn or hide the text after them.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")


class Renderer:
    """Renders the product's messages. Templates are compiled once, at first use, and kept."""

    def __init__(self, root: Path, zone: Callable[[], tzinfo] = lambda: CHINA, ballot: Callable[[str], str] = str) -> None:
        """`zone`: the company's time zone, in which all times are shown. `ballot`: a new one of a survey, made as a card is rendered."""
        self._zone = zone
        self._ballot = ballot
        self._texts = self._environment(root, plain)
        self._cards = self._environment(root, escaped)

    def render(self, template: str, values: Json) -> Message:
        """Raises jinja2's errors for a missing template or value, ValueError for an empty text or a card of the wrong shape."""
        if template.startswith("card/"):
            return card_of(self._cards.get_template(f"{template}.json.j2").render(values))
        return _text(self._texts.get_template(f"{template}.txt.j2").render(values))

    def word(self, reason: Reason) -> str:
        """Put a reason into one Chinese sentence."""
        return self._sentence("reason", code=str(reason.code), values=reason.values)

    def _sentence(self, name: str, **values: Any) -> str:
        """A part of a message, which templates use as a filter."""
        return " ".join(self._texts.get_template(f"reply/{name}.txt.j2").render(values).split())

    def _environment(self, root: Path, finalize: Callable[[Any], str]) -> Environment:
        made = Environment(
            loader=FileSystemLoader(root),
            undefined=StrictUndefined,
            finalize=finalize,
            autoescape=False,  # noqa: S701 - nothing here is HTML; `finalize` escapes for what it is
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        made.globals["ballot"] = self._ballot
        made.filters.update(
            day=lambda at: f"{self._local(at):%Y-%m-%d %H:%M:%S}",
            clock=lambda at: f"{self._local(at):%H:%M}",
            clock_s=lambda at: f"{self._local(at):%H:%M:%S}",
            moment=lambda at: f"{self._local(at):%m-%d %H:%M}",
            metres=metres,
            percent=percent,
            signed=signed,
            money=money,
            seconds=seconds,
            minutes=minutes,
            noun=lambda kind: self._sentence("noun", kind=kind),
            silence=lambda part: self._sentence("silence", part=part),
            missing=lambda gap: self._sentence("missing", gap=gap),
            missings=lambda gaps: "，".join(self._sentence("missing", gap=gap) for gap in gaps),
            reason=lambda reason: self._sentence("reason", **reason),
            reasons=lambda reasons: "；".join(dict.fromkeys(self._sentence("reason", **reason) for reason in reasons)),
        )
        return made

    def _local(self, at: str) -> datetime:
        return parse_instant(at).astimezone(self._zone())


def plain(value: Any) -> str:
    """One line of text. Raises TypeError on None: a template must say what it shows then."""
    if value is None:
        raise TypeError("a template shows None")
    return UNSEEN.sub(" ", str(value).encode(errors="replace").decode())


def escaped(value: Any) -> str:
    """The inside of a JSON string."""
    return json.dumps(plain(value), ensure_ascii=False)[1:-1]


def metres(distance: float) -> str:
    """`48 米`, `499.5 米`, `1.2 公里`. Around a fence the tenths decide, so they are shown up to a kilometre."""
    if distance >= 1000:
        return f"{distance / 1000:.1f} 公里"
    return f"{distance:.1f}".removesuffix(".0") + " 米"


def percent(rate: float | None) -> str:
    """`75%`, `33.3%`; `—` for a rate over nothing."""
    return "—" if rate is None else f"{rate:.1%}".replace(".0%", "%")


def signed(rate: float | None) -> str:
    """`+37%`, `-11.5%`, `0%`; `—` for none."""
    return "—" if rate is None else f"{rate:+.1%}".replace(".0%", "%").replace("+0%", "0%").replace("-0%", "0%")


def money(fen: int) -> str:
    """`30万`, `1.25万`, `800 元` from fen; at most two decimals of what is shown."""
    yuan = fen / 100
    shown, unit = (yuan / 10_000, "万") if yuan >= 10_000 else (yuan, " 元")
    return f"{shown:,.2f}".rstrip("0").rstrip(".") + unit


def seconds(amount: float) -> str:
    """`32 秒`, `29.9 秒`. Cut, not rounded: 29.98 s is not the 30 s that are asked for."""
    return f"{math.floor(amount * 10 + 1e-6) / 10:.1f}".removesuffix(".0") + " 秒"


def minutes(amount: float) -> str:
    """`35 分钟`, `2 小时 5 分钟` from seconds; a begun minute counts."""
    hours, rest = divmod(-int(-amount // 60), 60)
    return " ".join(filter(None, [f"{hours} 小时" if hours else "", f"{rest} 分钟" if rest or not hours else ""]))


def _text(rendered: str) -> Text:
    text = "\n".join(line.strip() for line in rendered.splitlines() if line.strip())
    if not text:
        raise ValueError("an empty message")
    return Text(text=text)
