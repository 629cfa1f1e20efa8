"""Switches of regions that were asked for and are not in the config file yet: small facts of the installation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.model import Entry
from bot.store import settings
from bot.store.tables import Setting

PREFIX = "pilot."


async def queue(done: Sequence[Entry], now: datetime) -> None:
    """Inside the step. The latest wish for a region counts."""
    for entry in done:
        if entry.type == "pilot.asked":
            told = {name: entry.body[name] for name in ("live", "by", "at")}
            await settings.put(f"{PREFIX}{entry.body['region']}", told, now)


async def asked() -> dict[str, dict[str, Any]]:
    """Region → what is wanted: live, by, at."""
    return {name.removeprefix(PREFIX): told for name, told in (await settings.named(PREFIX)).items()}


async def settled(region: str) -> None:
    """Inside the step."""
    await Setting.filter(name=f"{PREFIX}{region}").delete()
