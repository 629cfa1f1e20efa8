"""The ledger is signed round by round; what keeps it from being signed is told to the admins once a day."""

import logging

from bot import corridor
from bot.line import Line
from bot.model import Address, Draft, Outgoing, Role
from bot.sealing import Sealer, Unsealable
from bot.store import people

log = logging.getLogger("salestrace.sealing")


class Sealing:
    """Two rounds a second, so that a checkpoint is never a second behind."""

    def __init__(self, line: Line, sealer: Sealer) -> None:
        self._line = line
        self._sealer = sealer
        self._told = ""

    async def round(self) -> None:
        try:
            await self._sealer.seal(self._line.database, self._line.clock)
            self._told = ""
        except Unsealable as problem:
            day = self._line.clock.now().astimezone(self._line.config().zone).date().isoformat()
            if self._told != f"{problem.code}:{day}":
                log.error("ledger not signed: %s", problem.code)
                await self._tell(problem, day)
                self._told = f"{problem.code}:{day}"

    async def _tell(self, problem: Unsealable, day: str) -> None:
        """One message an admin, a problem and a day, whoever restarts."""
        line = self._line
        messages = tuple(
            Outgoing(
                key=f"unsealable:{problem.code}:{day}:{admin.id}",
                to=Address(person=admin.id),
                template="reply/unsealable",
                values={"problem": str(problem)},
            )
            for admin in await people.with_role(Role.ADMIN)
        )
        async with line.database.step() as tx:
            await corridor.record(tx, Draft(messages=messages), line.config(), line.clock.now(), frozenset(line.adapters))
        line.wake.notify("outbox")
