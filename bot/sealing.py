"""Signing the ledger's head, at most a second behind it. One commit point: a signature that is not in the database was never given away.

Nothing is signed over a tree that does not continue the one signed last, nor with a clock that went backward; both would be a lie that
`verify` finds later, and here it is found before anybody else holds it. What this machine signed last also lies in a file beside the key:
a database put back from an old copy would otherwise be signed anew, and two histories would both look genuine.
"""

import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from bot import failpoint
from bot.checkpoint import BadNote, Checkpoint, Signer, verify
from bot.errors import SalesTraceError
from bot.ledger import Frontier
from bot.ports import Clock
from bot.store import checkpoint_rows, ledger_rows
from bot.store.database import Database
from bot.store.proofs import Tree
from bot.store.tables import CheckpointRow, Head

PAGE = 4096
JITTER = timedelta(seconds=1)  # clocks are slewed by so much in ordinary operation


class Unsealable(SalesTraceError):
    """The ledger must not be signed as it is now. `code` is a word for metrics, the text says why, in Chinese."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Sealer:
    """Signs for one ledger, on one machine."""

    def __init__(self, signer: Signer, memory: Path) -> None:
        """`memory`: the file that keeps the note signed last."""
        self.signer = signer
        self._memory = memory
        self._sealed = -1
        self._written = ""

    async def seal(self, database: Database, clock: Clock) -> bool:
        """Sign the head if it grew; True when a checkpoint was made. Raises Unsealable, and then has signed nothing.

        The clock is read inside the step: what was written while this one waited for its turn is not of the future.
        """
        if (await ledger_rows.head()).size == self._sealed:
            return False
        async with database.step():
            note, made = await self._seal(clock.now())
            failpoint.reach("seal.before_commit")
        failpoint.reach("seal.after_commit")
        self._remember(note)
        return made

    async def _seal(self, now: datetime) -> tuple[str, bool]:
        head, last = await ledger_rows.head(), await checkpoint_rows.last()
        await self._check_memory(head)
        if last and last.size == head.size and last.root == head.root:
            self._sealed = head.size
            return last.note, False
        if not head.size:
            self._sealed = 0
            return "", False
        _refuse_backward(head, last, now)
        frontier = await _grown(head, last)
        note = self.signer.sign(frontier.size, frontier.root())
        await checkpoint_rows.put(frontier, note, now)
        return note, True

    async def _check_memory(self, head: Head) -> None:
        remembered = self._recall()
        if remembered is None:
            return
        if remembered.size > head.size:
            raise Unsealable("shrunk", f"账本只有 {head.size} 条, 而本机上次签署时有 {remembered.size} 条: 可能恢复了旧的数据库")
        if await Tree().root_at(remembered.size) != remembered.root:
            raise Unsealable("fork", f"账本前 {remembered.size} 条与本机上次签署的不同")

    def _recall(self) -> Checkpoint | None:
        try:
            note = self._memory.read_text(encoding="utf-8")
            return verify(note, self.signer.key)
        except FileNotFoundError:
            return None
        except (BadNote, UnicodeDecodeError):
            raise Unsealable("memory", f"{self._memory.name} 不是用现在的密钥签署的检查点: 换过密钥, 或被改动过") from None

    def _remember(self, note: str) -> None:
        """After the commit: a crash before it leaves an older note, which the next round replaces."""
        if not note or note == self._written:
            return
        handle, name = tempfile.mkstemp(dir=self._memory.parent, prefix=".checkpoint-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._memory)
        finally:
            Path(name).unlink(missing_ok=True)
        failpoint.reach("seal.remembered")
        self._written = note


def _refuse_backward(head: Head, last: CheckpointRow | None, now: datetime) -> None:
    if last and head.size < last.size:
        raise Unsealable("shrunk", f"账本只有 {head.size} 条, 少于已签署的 {last.size} 条")
    if (last and now + JITTER < last.at) or now + JITTER < head.at:
        raise Unsealable("clock", "系统时钟早于已经记下的时间, 校准之前不再签署")


async def _grown(head: Head, last: CheckpointRow | None) -> Frontier:
    """The tree signed last, grown by the stored leaves: it must arrive at the stored head."""
    frontier = Frontier.from_json(last.frontier) if last else Frontier()
    if last and frontier.root().hex() != last.root:
        raise Unsealable("fork", f"第 {last.size} 条处的检查点与其树不符")
    while frontier.size < head.size:
        page = await ledger_rows.hashes(frontier.size, min(frontier.size + PAGE, head.size))
        for hashed in page:
            frontier.append(hashed)
        if not page:
            break
    if frontier.size != head.size or frontier.root().hex() != head.root:
        raise Unsealable("fork", f"账本不是上次签署的 {last.size if last else 0} 条的延续")
    return frontier
