"""Making the exports that admins asked for in chat, one at a time, beside everything else; and sweeping away old archives."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from bot import corridor, entries
from bot.errors import SalesTraceError
from bot.line import Line
from bot.model import Address, Draft, Entry, Outgoing
from bot.portable.writing import write
from bot.sealing import Sealer, Unsealable
from bot.store import exports
from bot.store.tables import ExportJob
from scheduler.dossiers import sweep_archives

KEPT = timedelta(hours=24)  # it holds everything: it is made anew rather than kept
TRIES = 3
log = logging.getLogger("salestrace.exports")


class Exports:
    """Rounds over what is asked for."""

    def __init__(self, line: Line, sealer: Sealer, folder: Path) -> None:
        self._line = line
        self._sealer = sealer
        self._folder = folder

    async def round(self) -> None:
        """Make what waits. A failure is tried again; the last one is told."""
        sweep_archives(self._folder, KEPT)
        for job in await exports.asked():
            tries = await exports.tried(job.id)
            try:
                await self._one(job)
            except (SalesTraceError, OSError) as problem:
                log.warning("export %s: %s", job.id, type(problem).__name__)
                if tries >= TRIES or isinstance(problem, Unsealable):
                    await self._failed(job, str(problem) if isinstance(problem, SalesTraceError) else "磁盘不可用")

    async def _one(self, job: ExportJob) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = await write(self._line, self._sealer, self._folder / f"{job.id}.zip", job.by, id_=job.id)
        values = {
            "entries": made.entries,
            "originals": made.originals,
            "damaged": len(made.damaged),
            "megabytes": f"{made.bytes / 1e6:.1f}",
            "id": job.id,
            "url": f"{self._line.config().server.public_url.rstrip('/')}/export/{job.id}",
            "hours": KEPT // timedelta(hours=1),
        }
        await self._tell(job, "card/export_made", values)

    async def _failed(self, job: ExportJob, why: str) -> None:
        fact = entries.export_failed(job.id, why, self._line.clock.now())
        await self._tell(job, "reply/export_failed", {"why": why}, fact)

    async def _tell(self, job: ExportJob, template: str, values: Mapping[str, object], *facts: Entry) -> None:
        line = self._line
        message = Outgoing(key=f"export:{job.id}", to=Address(person=job.by), template=template, values=values)
        async with line.database.step() as tx:
            draft = Draft(entries=facts, messages=(message,))
            await corridor.record(tx, draft, line.config(), line.clock.now(), frozenset(line.adapters))
            await exports.done(job.id)
        line.wake.notify("outbox")
