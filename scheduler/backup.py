"""Rounds of the backup, and the watchdog over everything that is not safe yet: told to the admins long before a platform forgets a file."""

import logging
from datetime import datetime, timedelta

from bot import corridor
from bot.line import Line
from bot.model import Address, Draft, Outgoing, Role
from bot.safekeeping import Backup
from bot.store import copies, inbox_rows, people

STEPS = (1, 12, 24, 48)  # hours; platforms keep a file for three days
NAMED = 10
log = logging.getLogger("salestrace.backup")


class Keeping:
    """`backup` None: there is no target, only the watchdog."""

    def __init__(self, line: Line, backup: Backup | None) -> None:
        self._line = line
        self._backup = backup

    async def round(self) -> None:
        """Copy what is due, look at old copies, and see what waits for too long."""
        now = self._line.clock.now()
        if self._backup:
            while await self._backup.round(now):
                now = self._line.clock.now()
            wrong = await self._backup.recheck(now)
            if wrong:
                day = now.astimezone(self._line.config().zone).date()
                await self._tell(f"copies:{day}:{wrong[0]}", "reply/copies_wrong", names=wrong[:NAMED], more=max(len(wrong) - NAMED, 0))
        await self._watch(now)

    async def _watch(self, now: datetime) -> None:
        """What was acked and is not worked yet, and what has no copy yet: told at 1, 12, 24 and 48 hours, once each."""
        db = self._line.database.connection
        waiting = {"inbox": await inbox_rows.oldest(db)}
        if self._backup:
            waiting["copies"] = (await copies.standing()).oldest
        for what, since in waiting.items():
            if since is None:
                continue
            reached = [hours for hours in STEPS if now - since >= timedelta(hours=hours)]
            if reached:
                key = f"unsafe:{what}:{int(since.timestamp())}:{reached[-1]}"
                await self._tell(key, "reply/unsafe", what=what, hours=reached[-1])

    async def _tell(self, key: str, template: str, **values: object) -> None:
        line = self._line
        messages = tuple(
            Outgoing(key=f"{key}:{admin.id}", to=Address(person=admin.id), template=template, values=values)
            for admin in await people.with_role(Role.ADMIN)
        )
        async with line.database.step() as tx:
            await corridor.record(tx, Draft(messages=messages), line.config(), line.clock.now(), frozenset(line.adapters))
        line.wake.notify("outbox")
