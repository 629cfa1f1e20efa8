"""Taking in the files that admins dropped into the chat, one at a time, beside everything else."""

import asyncio
import logging
import tempfile
from pathlib import Path

from bot import corridor, entries
from bot.config.schema import Config
from bot.errors import SalesTraceError, StoreError
from bot.intake import BadTable, kind_by_header, read_table
from bot.intake.refused import RefusedFile
from bot.line import Line
from bot.model import Address, Draft, Outgoing, Platform
from bot.outbox import FILE
from bot.store import feeds
from bot.store.database import TROUBLE
from bot.store.tables import ImportRow
from bot.taking_in import Taken, store

TRIES = 5
EVERY = 200_000  # rows between two words of progress
SHOWN = 5  # refused rows that the answer names
MOST_REFUSED = 50_000  # rows of the file that goes back: platforms take no larger files
log = logging.getLogger("salestrace.imports")


class Imports:
    """Rounds over what was dropped. A round that is cut off begins anew: what is there already stays as it is."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._tried: dict[str, int] = {}

    async def round(self) -> None:
        for row in await feeds.asked():
            self._tried[row.id] = self._tried.get(row.id, 0) + 1
            try:
                await self._one(row)
            except BadTable as bad:
                await self._end(row, "failed", str(bad))
            except (SalesTraceError, *TROUBLE) as problem:
                log.warning("import %s: %s", row.id, type(problem).__name__)
                if self._tried[row.id] >= TRIES:
                    await self._end(row, "failed", "存储暂时不可用，请稍后再发一次")

    async def _one(self, row: ImportRow) -> None:
        line, path = self._line, self._line.vault.path(row.sha256)
        if not path.is_file():
            raise StoreError("vault: file gone")
        kind = row.kind or await asyncio.to_thread(_kind, path, row.name, line.config())
        if not kind:
            raise BadTable("看不出是哪一类数据，请把种类写进文件名再发，例如 订单.xlsx、回款.csv、工单.csv")
        told: list[int] = []
        with tempfile.TemporaryDirectory(dir=line.vault.incoming) as folder:
            refused = RefusedFile(Path(folder) / "refused.csv", MOST_REFUSED)
            task = asyncio.ensure_future(store(line, kind, path, row.name, "chat", refused, lambda read, _: told.append(read)))
            try:
                await self._watched(task, row, told)
            finally:
                refused.close()
            digest = await line.vault.put(refused.path) if refused.rows else ""
        await self._done(row, kind, task.result(), digest)

    async def _watched(self, task: "asyncio.Future[Taken]", row: ImportRow, told: list[int]) -> None:
        """Say how far it is, once every so many rows."""
        said = 0
        try:
            while not task.done():
                await asyncio.wait([task], timeout=1)
                read = told[-1] if told else 0
                if read // EVERY > said and not task.done():
                    said = read // EVERY
                    values = {"name": row.name, "rows": said * EVERY}
                    await self._tell(row, Outgoing(key=f"{row.id}:{said}", to=self._to(row), template="reply/import_going", values=values))
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _done(self, row: ImportRow, kind: str, taken: Taken, digest: str) -> None:
        name = f"{Path(row.name).stem[:80]}.拒绝.csv"
        values = {
            "name": row.name,
            "kind": kind,
            "accepted": taken.accepted,
            "unchanged": taken.unchanged,
            "refused": taken.refused,
            "listed": [{"row": one.row, "reason": one.reason} for one in taken.rejected[:SHOWN]],
            "most": MOST_REFUSED,
        }
        messages = [Outgoing(key=f"{row.id}:done", to=self._to(row), template="reply/import_done", values=values)]
        if digest:
            messages.append(Outgoing(key=f"{row.id}:file", to=self._to(row), template=FILE, values={"sha256": digest, "name": name}))
        await self._end(row, "done", "", digest, *messages)

    async def _end(self, row: ImportRow, state: str, why: str, digest: str = "", *messages: Outgoing) -> None:
        fact = entries.import_ended(row.id, state, why, digest, self._line.clock.now())
        failed = Outgoing(key=f"{row.id}:failed", to=self._to(row), template="reply/import_failed", values={"name": row.name, "why": why})
        line = self._line
        async with line.database.step() as tx:
            draft = Draft(entries=(fact,), messages=messages or (failed,))
            await corridor.record(tx, draft, line.config(), line.clock.now(), frozenset(line.adapters))
        line.wake.notify("outbox")

    async def _tell(self, row: ImportRow, message: Outgoing) -> None:
        line = self._line
        async with line.database.step() as tx:
            await corridor.record(tx, Draft(messages=(message,)), line.config(), line.clock.now(), frozenset(line.adapters))
        line.wake.notify("outbox")
        log.info("import %s: %s rows", row.id, message.values["rows"])

    @staticmethod
    def _to(row: ImportRow) -> Address:
        platform, _, user = row.chat.partition(":")
        return Address(platform=Platform(platform), user=user)


def _kind(path: Path, name: str, config: Config) -> str:
    rows = read_table(path, name)
    first = next(rows, None)
    rows.close()  # type: ignore[attr-defined] # a generator
    return kind_by_header(frozenset(first[1]), config) if first else ""
