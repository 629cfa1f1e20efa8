"""Deletion that a ledger survives: content and salt are destroyed in database, vault and backup; a signed tombstone says what is gone."""

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot import entries
from bot.config.schema import Config
from bot.errors import SalesTraceError
from bot.store import erasing, ledger_rows, projections
from bot.store.database import Database
from bot.store.erasing import Doomed
from bot.vault import Vault

BATCH = 200
log = logging.getLogger("salestrace.erasing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How much is gone."""

    entries: int
    files: int
    messages: int


async def erase(
    database: Database, vault: Vault, doomed: Doomed, *, what: str, subject: str, by: str, reason: str, now: datetime, archives: Path
) -> Erased:
    """Destroy it. The tombstone is recorded in the same step; files follow, and are looked for again when this was interrupted.

    `archives`: the folder of dossiers that were made, which may hold copies.
    """
    digests, sources = sorted(doomed.digests), sorted(doomed.sources)
    async with database.step():
        await erasing.destroy(doomed)
        if what == "person":
            await erasing.letters_of(subject)
        fact = entries.content_erased(what, subject, doomed.indexes, digests, sources, by, reason, now)
        for index in await ledger_rows.append([fact], now):
            await projections.apply(index, fact, now)
    for digest in digests:
        vault.destroy(digest)
    shutil.rmtree(archives, ignore_errors=True)
    await database.scrub()
    return Erased(entries=len(doomed.indexes), files=len(digests), messages=len(sources))


async def finish(vault: Vault) -> None:
    """Files whose tombstone is recorded and that are still there: a deletion was interrupted."""
    for entry in await ledger_rows.all_of("content.erased"):
        for digest in entry.body["digests"]:
            vault.destroy(digest)


def refuse_held(config: Config, *ids: str) -> None:
    """Raises SalesTraceError for what is on legal hold."""
    held = [id_ for id_ in ids if id_ in config.retention.hold]
    if held:
        raise SalesTraceError(f"{', '.join(held)} 在 [retention] hold 名单里, 争议了结之前不能删除")


class Retention:
    """Rounds that destroy originals whose time is over; the first one also ends deletions that were interrupted."""

    def __init__(self, database: Database, vault: Vault, archives: Path) -> None:
        self._database, self._vault, self._archives = database, vault, archives
        self._finished = False

    async def round(self, config: Config, now: datetime) -> int:
        """Return how many entries that took."""
        if not self._finished:
            await finish(self._vault)
            self._finished = True
        return await retain(self._database, self._vault, config, now, self._archives)


async def retain(database: Database, vault: Vault, config: Config, now: datetime, archives: Path) -> int:
    """Destroy originals whose time is over; return how many entries that took."""
    count = 0
    for kind in ("photo", "voice", "file"):
        days: int = getattr(config.retention, f"{kind}_days")
        if not days:
            continue
        ids = await erasing.overdue(kind, now - timedelta(days=days), config.retention.hold, BATCH)
        if ids:
            doomed = await erasing.of_items(ids)
            reason = f"{kind}_days = {days}"
            done = await erase(
                database, vault, doomed, what="retention", subject=kind, by="retention", reason=reason, now=now, archives=archives
            )
            count += done.entries
    return count
