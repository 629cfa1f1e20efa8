"""The config file is watched: a valid one swaps in whole, a broken one changes nothing and the admins are told once."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot import corridor, entries
from bot.calendar import days
from bot.config.box import ConfigBox
from bot.config.load import Loaded
from bot.config.schema import Config, Document, Inactivity
from bot.line import Line
from bot.model import Address, Draft, Outgoing, Role
from bot.rules.document import warn_at
from bot.rules.inactivity import due_at
from bot.store import deadlines, facts, people, settings
from bot.vault import sm3_of

SHOWN = 8  # problems named in chat
log = logging.getLogger("salestrace.config")


class Watch:
    """Looks at the file every round; remembers what it was told about a broken one."""

    def __init__(self, path: Path, box: ConfigBox, line: Line) -> None:
        self._path = path
        self._box = box
        self._line = line

    async def look(self) -> None:
        """One round."""
        result = self._box.reload(self._path)
        if result.problems:
            await self._broken(result.sha256, result.problems)
        if result.loaded:
            log.info("config applied")
            for table in result.restart:
                log.warning("config: [%s] 重启后生效", table)
            await in_force(self._line, result.loaded)

    async def _broken(self, sha256: str, problems: list[str]) -> None:
        for problem in problems:
            log.error("config: %s", problem)
        messages = tuple(
            Outgoing(
                key=f"config:{sha256}:{admin.id}",
                to=Address(person=admin.id),
                template="reply/config_broken",
                values={"problems": problems[:SHOWN], "more": max(len(problems) - SHOWN, 0)},
            )
            for admin in await people.with_role(Role.ADMIN)
        )
        async with self._line.database.step() as tx:
            await corridor.record(tx, Draft(messages=messages), self._line.config(), self._line.clock.now(), frozenset(self._line.adapters))
        self._line.wake.notify("outbox")


async def in_force(line: Line, loaded: Loaded, applied: Draft | None = None) -> None:
    """Note the config that is in force from now on, keep its file in the vault, and set the deadlines that follow from its rules.

    `applied`: what is recorded and said where it came by chat; both ways leave the same history.
    """
    if await settings.config_in_force() == loaded.sha256 and applied is None:
        return
    now, config = line.clock.now(), line.config()
    await rearm(line, config)  # first: killed in between, the next start finds another config noted and does it again
    await line.vault.put(loaded.data)
    sm3 = await asyncio.to_thread(sm3_of, line.vault.path(loaded.sha256))
    applied = applied or Draft(entries=(entries.config_applied(loaded.sha256, now),))
    sealed = entries.original_sealed(loaded.sha256, sm3, len(loaded.data))
    async with line.database.step() as tx:
        if await settings.config_in_force() != loaded.sha256:
            await settings.keep_config(loaded.sha256, loaded.text, now)
        draft = replace(applied, entries=(sealed, *applied.entries))
        await corridor.record(tx, draft, config, now, frozenset(line.adapters))
    line.wake.notify("outbox")


async def rearm(line: Line, config: Config) -> None:
    """Set every customer's silence deadlines anew; a page a step, so that nobody waits long."""
    rules = [rule for rule in config.rules if isinstance(rule, Inactivity)]
    papers = [rule for rule in config.rules if isinstance(rule, Document)]
    async for page in settings.customers():
        async with line.database.step() as tx:
            for rule in rules:
                await deadlines.arm(tx, _rows(rule, await _strong(rule, page), config))
            for paper in papers:
                await deadlines.arm(tx, [await _paper(paper, customer) for customer, _, _ in page])


def _rows(rule: Inactivity, page: list[tuple[str, datetime]], config: Config) -> list[tuple[str, str, datetime | None]]:
    return [(rule.id, f"customer:{customer}", due_at(rule, last, config.zone, *days(config))) for customer, last in page]


async def _paper(rule: Document, customer: str) -> tuple[str, str, datetime | None]:
    known = await facts.document(customer, rule)
    due = warn_at(rule, known.began) if known and known.began and not known.filed_at else None
    return rule.id, f"customer:{customer}", due


async def _strong(rule: Inactivity, page: list[tuple[str, datetime, datetime]]) -> list[tuple[str, datetime]]:
    """The moments that a rule with a minimum tier runs from."""
    if not rule.min_tier:
        return [(customer, last) for customer, last, _ in page]
    return [(customer, await facts.last_of(customer, rule.min_tier) or imported) for customer, _, imported in page]
