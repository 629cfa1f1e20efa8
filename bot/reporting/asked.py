"""Reports that somebody asks for in chat: read as their letter goes out, outside the step that took the question.

The letter keeps the question alone, so that a large company's reading holds up nobody's message, and no names stay behind in the outbox.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.config.schema import Config
from bot.entries import parse_instant
from bot.model import DRAWN, PICTURE, Json
from bot.reporting import period
from bot.reporting.health import health
from bot.store.outbox_rows import Letter

ASKED = "asked"  # the value of a letter that holds a question: region, month, at


async def answered(letter: Letter, config: Config) -> Letter:
    """The letter with what it asks for, as it stood when it was asked; any other as it is."""
    asked = letter.values.get(ASKED)
    if asked is None:
        return letter
    told = await health(config, period.month(asked["month"], config.zone), asked["region"], parse_instant(asked["at"]))
    drawn = {**told, "report": "health"} if asked["picture"] else None
    shown = {} if letter.template == PICTURE else card(told, first=False)
    return replace(letter, values={**shown, DRAWN: drawn} if drawn else shown)


def card(told: Mapping[str, Any], *, first: bool) -> Json:
    """What the report's card shows. `first`: a pilot's."""
    total, lights = told["coverage"]["total"], told["lights"]
    return {
        "title": told["title"],
        "period": told["period"],
        "key": told["key"],
        "first": first,
        "empty": told["empty"],
        "month": told["coverage"]["month"],
        **{name: total[name] for name in ("rate", "done", "quota", "explained", "unexplained")},
        "raised": sum(row["raised"] for row in lights["rows"]),
        "false_alarms": sum(row["false"] for row in lights["rows"]),
        "open": lights["open"],
        "whole": told["completeness"]["whole_share"],
        "actions": told["completeness"]["actions"],
        "minutes": told["minutes"],
        "taps": told["taps"]["mean"],
        "recorded": told["submission"]["recorded"],
        "submitted": told["submission"]["submitted"],
        "survey": told["survey"],
        "forecast": told["forecast"] and {name: told["forecast"][name] for name in ("month", "whole")},  # no names stay in the outbox
    }
