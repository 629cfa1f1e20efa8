"""Once a day somebody outside gets to hold the ledger's head: timestamp authorities, and every directors' group as a small card."""

import logging
from datetime import datetime, time

from bot import corridor
from bot.alerts import group_of
from bot.line import Line
from bot.model import Draft, Outgoing
from bot.stamping import Stamping
from bot.store import checkpoint_rows, settings
from bot.store.tables import CheckpointRow

POSTED = "checkpoint.posted"  # size of the one posted last
log = logging.getLogger("salestrace.witness")


class Witness:
    """A round every few minutes; what was done today is told by the rows, not by this object."""

    def __init__(self, line: Line, stamping: Stamping) -> None:
        self._line = line
        self._stamping = stamping

    async def round(self) -> None:
        now, config = self._line.clock.now(), self._line.config()
        local = now.astimezone(config.zone)
        midnight = datetime.combine(local.date(), time(), config.zone)
        missing = await self._stamping.daily(midnight)
        if missing:
            log.warning("no timestamp today from %s", ", ".join(missing))
        if local.time() >= config.privacy.closes:
            await self._post(local, now)

    async def _post(self, local: datetime, now: datetime) -> None:
        """After working hours, in the groups of the live regions; a day on which nothing was recorded has nothing to post."""
        line, config = self._line, self._line.config()
        last = await checkpoint_rows.last()
        if last is None or last.size == await settings.get(POSTED):
            return
        chats = dict.fromkeys(group_of(region) for region in config.regions if region.live)
        values = card_values(last, local)
        messages = tuple(
            Outgoing(key=f"checkpoint:{local.date()}:{chat.chat}", to=chat, template="card/checkpoint", values=values)
            for chat in chats
            if chat
        )
        async with line.database.step() as tx:
            await corridor.record(tx, Draft(messages=messages), config, now, frozenset(line.adapters))
            await settings.put(POSTED, last.size, now)
        line.wake.notify("outbox")


def card_values(row: CheckpointRow, local: datetime) -> dict[str, object]:
    """The note's lines apart: a card's text has no line breaks of its own."""
    text, _, signature = row.note.rstrip("\n").partition("\n\n")
    origin, size, root = text.split("\n")[:3]
    return {"day": f"{local:%Y-%m-%d}", "origin": origin, "size": size, "root": root, "signature": signature}
