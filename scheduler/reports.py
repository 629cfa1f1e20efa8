"""Health reports, weekly and monthly, to each live region's directors: made when their row is due, told once whatever happens meanwhile.

Entry, messages and the next due time are one step: a crash before it makes the report again, after it there is nothing left to do. After a
long stop only the latest period is told, not every one that was missed.
"""

import logging
from datetime import datetime
from typing import Any

from bot import corridor, entries
from bot.alerts import group_of
from bot.config.schema import Config, Region
from bot.errors import SalesTraceError
from bot.ids import new_id
from bot.line import Line
from bot.model import PICTURE, ROBOT, SHOWN, Address, Can, Draft, Outgoing
from bot.reporting import paper, period
from bot.reporting.asked import card
from bot.reporting.health import health
from bot.reporting.period import MONTH, WEEK, Period
from bot.store import report_dues
from bot.store.tables import ReportDue

log = logging.getLogger("salestrace.reports")


class Reports:
    """Rounds over what is due."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def round(self) -> None:
        await self._arrange()
        for row in await report_dues.due(self._line.clock.now()):
            try:
                await self._one(row)
            except (SalesTraceError, OSError) as problem:
                log.warning("report %s waits: %s", row.id, type(problem).__name__)
                await report_dues.later(row, self._line.clock.now())

    async def _arrange(self) -> None:
        """Rows as the config wants them; nothing is written where nothing changed."""
        line, config, now = self._line, self._line.config(), self._line.clock.now()
        there = await report_dues.arranged()
        wanted = {
            (kind, region.id): _awaited(there.get((kind, region.id)), config, region, kind, now)
            for region in config.regions
            for kind in _kinds(config)
            if region.live and group_of(region)
        }
        if wanted != there:
            async with line.database.step():
                await report_dues.arrange(wanted)

    async def _one(self, row: ReportDue) -> None:
        line, config, now = self._line, self._line.config(), self._line.clock.now()
        region = config.region(row.region)
        chat = group_of(region)
        if region is None or chat is None:
            return  # the next round takes its row away
        first = row.kind == WEEK and region.first_report == row.due_at.astimezone(config.zone).date()
        of = _period(config, row, now, first=first)
        told = await health(config, of, region.id, now)
        digest = await line.vault.put(await paper.picture("health", told))
        fact = entries.report_made(_id(row, of), region.id, row.kind, of.start, of.end, digest, now)
        draft = Draft(entries=(fact,), messages=self._messages(row, chat, {SHOWN: digest, **card(told, first=first)}, digest, of))
        async with line.database.step() as tx:
            if await report_dues.move(row, _next(config, region, row.kind, now)):
                await corridor.record(tx, draft, config, now, frozenset(line.adapters))
        line.wake.notify("outbox")

    def _messages(self, row: ReportDue, chat: Address, values: dict[str, Any], digest: str, of: Period) -> tuple[Outgoing, ...]:
        """A card with the picture in it where the platform can; else the picture, then the card; a group robot gets the card alone."""
        key = f"report:{row.id}:{of.key}"
        told = Outgoing(key=key, to=chat, template="card/report", values=values)
        adapter = self._line.adapters.get(chat.platform) if chat.platform else None
        if chat.chat == ROBOT or adapter is None or Can.IMAGES in adapter.can:
            return (told,)
        return (Outgoing(key=f"{key}:picture", to=chat, template=PICTURE, values={"sha256": digest}), told)


def _kinds(config: Config) -> list[str]:
    asked = config.report
    return [kind for kind, on in ((WEEK, asked.weekly), (MONTH, asked.monthly)) if on] if asked else []


def _awaited(known: datetime | None, config: Config, region: Region, kind: str, now: datetime) -> datetime:
    """What is set stays; but a pilot's first day that is still to come may be moved in the config at any time."""
    ahead = region.first_report is not None and region.first_report > now.astimezone(config.zone).date()
    return known if known and not ahead else _next(config, region, kind, now)


def _next(config: Config, region: Region, kind: str, now: datetime) -> datetime:
    if config.report is None:
        raise SalesTraceError("no reports are asked for")
    return period.next_due(kind, now, config.zone, config.report.hour, region.first_report)


def _period(config: Config, row: ReportDue, now: datetime, *, first: bool) -> Period:
    if first:
        return period.first(row.due_at.astimezone(config.zone).date(), config.zone)
    return period.ended(row.kind, now.astimezone(config.zone).date(), config.zone)


def _id(row: ReportDue, of: Period) -> str:
    return new_id("re_", of.end, f"{row.id}:{of.key}")
