"""Making the dossiers that were asked for in chat, one at a time, beside everything else; and sweeping away old archives."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from bot import corridor, entries
from bot.dossier.making import Request, Tools, make
from bot.errors import SalesTraceError
from bot.model import Address, Draft, Entry, Outgoing
from bot.sealing import Unsealable
from bot.store import dossier_reading
from bot.store.tables import DossierRow

KEPT = timedelta(days=7)  # an archive holds people's photos and words: it is made anew rather than kept
TRIES = 5
log = logging.getLogger("salestrace.dossiers")


class Dossiers:
    """Rounds over what is asked for."""

    def __init__(self, tools: Tools, folder: Path) -> None:
        self._tools = tools
        self._folder = folder
        self._tried: dict[str, int] = {}

    async def round(self) -> None:
        """Make what waits. A failure is tried again; the last one is told."""
        sweep_archives(self._folder, KEPT)
        for row in await dossier_reading.asked():
            self._tried[row.id] = self._tried.get(row.id, 0) + 1
            try:
                await self._one(row)
            except (SalesTraceError, OSError) as problem:
                log.warning("dossier %s: %s", row.id, type(problem).__name__)
                if self._tried[row.id] >= TRIES or isinstance(problem, Unsealable):
                    await self._failed(row, str(problem) if isinstance(problem, SalesTraceError) else "磁盘不可用")

    async def _one(self, row: DossierRow) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        out = self._folder / f"{row.id}.zip"
        request = Request(customer=row.customer, by=row.by, since=row.since, until=row.until, without=frozenset(row.without))
        made = await make(self._tools, request, out, id_=row.id)
        line = self._tools.line
        values = {
            "customer": await dossier_reading.customer_name(row.customer),
            "stamps": list(made.stamps),
            "missing": len(made.missing),
            "entries": made.entries,
            "files": made.files,
            "megabytes": f"{made.bytes / 1e6:.1f}",
            "id": row.id,
            "url": f"{line.config().server.public_url.rstrip('/')}/dossier/{row.id}",
            "days": KEPT.days,
        }
        await self._tell(row, "card/dossier_made", values)

    async def _failed(self, row: DossierRow, why: str) -> None:
        fact = entries.dossier_failed(row.id, why, self._tools.line.clock.now())
        values = {"customer": await dossier_reading.customer_name(row.customer), "why": why}
        await self._tell(row, "reply/dossier_failed", values, fact)

    async def _tell(self, row: DossierRow, template: str, values: Mapping[str, object], *facts: Entry) -> None:
        line = self._tools.line
        message = Outgoing(key=f"dossier:{row.id}", to=Address(person=row.by), template=template, values=values)
        async with line.database.step() as tx:
            draft = Draft(entries=facts, messages=(message,))
            await corridor.record(tx, draft, line.config(), line.clock.now(), frozenset(line.adapters))
        line.wake.notify("outbox")


def sweep_archives(folder: Path, kept: timedelta) -> None:
    """Delete old ones. By the file system's own clock, which a wound-forward one of ours does not move."""
    if not folder.is_dir():
        return
    probe = folder / ".probe"
    probe.touch()
    now = probe.stat().st_mtime
    for file in folder.glob("*.zip"):
        if now - file.stat().st_mtime > kept.total_seconds():
            file.unlink(missing_ok=True)
