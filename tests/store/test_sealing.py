"""Checkpoints over a real ledger: proofs from stored tiles, what must not be signed, and every write that can fail."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.exceptions import OperationalError

from bot import checkpoint, entries, ledger
from bot.checkpoint import Signer
from bot.sealing import Sealer, Unsealable
from bot.store import checkpoint_rows, ledger_rows
from bot.store.database import Database, tortoise_config
from bot.store.proofs import Tree
from bot.store.tables import Leaf
from bot.vault import Vault
from bot.verify import Asked, Report, verify

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SEED = b"k" * 32


@dataclass
class At:
    """A clock that stands until it is set."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


async def grow(database: Database, count: int, now: datetime = NOON) -> None:
    async with database.step():
        await ledger_rows.append([entries.record_viewed(f"a_{n}", "E001", now, "page") for n in range(count)], now)


def sealer(tmp_path: Path) -> Sealer:
    return Sealer(Signer(SEED), tmp_path / "checkpoint")


async def report(database: Database, tmp_path: Path, *against: str) -> Report:
    asked = Asked(key=Signer(SEED).key, against=against, refold=False)
    return await verify(database, Vault(tmp_path / "vault"), asked)


async def note() -> str:
    last = await checkpoint_rows.last()
    assert last
    return last.note


async def test_a_checkpoint_covers_what_grew(database: Database, tmp_path: Path) -> None:
    ours = sealer(tmp_path)
    assert not await ours.seal(database, At(NOON))  # an empty ledger says nothing
    await grow(database, 3)
    assert await ours.seal(database, At(NOON))
    assert not await ours.seal(database, At(NOON))
    await grow(database, 300)
    assert await ours.seal(database, At(NOON))
    stated = checkpoint.verify(await note(), ours.signer.key)
    assert stated.size == 303
    assert (tmp_path / "checkpoint").read_text() == await note()
    assert (await report(database, tmp_path)).broken == []


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
async def test_proofs_read_from_tiles_are_those_of_the_whole_tree(database: Database, size: int) -> None:
    await grow(database, size)
    hashes = await ledger_rows.hashes(0, size)
    assert await Tree().root_at(size) == ledger.root_of(hashes)
    for index in {0, size // 2, size - 1}:
        assert await Tree().inclusion(index, size) == ledger.inclusion_proof(hashes, index, size)
    for first in {1, size // 2 or 1, size}:
        assert await Tree().consistency(first, size) == ledger.consistency_proof(hashes, first, size)


async def test_a_ledger_begun_without_tiles_gets_them(database: Database, tmp_path: Path) -> None:
    await grow(database, 600)
    await database.connection.execute_query("DELETE FROM ledger_tiles")
    await ledger_rows.ensure_head()
    assert await ledger_rows.count_tiles() == 2
    assert (await report(database, tmp_path)).broken == []


# ---- what must not be signed ------------------------------------------------------------------------------------------


async def _refused(database: Database, tmp_path: Path, code: str, now: datetime = NOON) -> None:
    before = await note()
    with pytest.raises(Unsealable) as refused:
        await sealer(tmp_path).seal(database, At(now))
    assert refused.value.code == code
    assert await note() == before


async def test_a_clock_that_went_backward(database: Database, tmp_path: Path) -> None:
    await grow(database, 3)
    await sealer(tmp_path).seal(database, At(NOON))
    await grow(database, 1, NOON - timedelta(minutes=5))
    await _refused(database, tmp_path, "clock", NOON - timedelta(minutes=5))


async def test_waiting_for_ones_turn_is_no_clock_that_went_backward(database: Database, tmp_path: Path) -> None:
    """Another step holds the database for long, and writes: its time is later than when the sealer began to wait."""
    clock, waits = At(NOON), asyncio.Event()
    await grow(database, 1)

    async def writes() -> None:
        async with database.step():
            await waits.wait()
            await ledger_rows.append([entries.record_viewed("a_9", "E001", clock.moment, "page")], clock.moment)

    writing = asyncio.create_task(writes())
    await asyncio.sleep(0.05)
    waiting = asyncio.create_task(sealer(tmp_path).seal(database, clock))
    await asyncio.sleep(0.05)
    clock.moment = NOON + timedelta(minutes=1)
    waits.set()
    await writing
    assert await waiting
    assert checkpoint.verify(await note(), sealer(tmp_path).signer.key).size == 2


async def test_a_tree_that_shrank(database: Database, tmp_path: Path) -> None:
    """The database was put back from an older copy, checkpoints and all: only the file beside the key remembers."""
    await grow(database, 3)
    await sealer(tmp_path).seal(database, At(NOON))
    older = (await ledger_rows.head()).frontier
    older_root = (await ledger_rows.head()).root
    await grow(database, 5)
    await sealer(tmp_path).seal(database, At(NOON))
    for table, column in (("ledger_leaves", "index"), ("ledger_bodies", "index")):
        await database.connection.execute_query(f'DELETE FROM {table} WHERE "{column}" >= 3')
    await database.connection.execute_query("DELETE FROM ledger_checkpoints WHERE size > 3")
    head = await ledger_rows.head()
    await head.update_from_dict({"size": 3, "root": older_root, "frontier": older}).save()
    await _refused(database, tmp_path, "shrunk")
    await grow(database, 9)  # and grown again differently
    await _refused(database, tmp_path, "fork")


async def test_a_rewritten_leaf(database: Database, tmp_path: Path) -> None:
    await grow(database, 3)
    await sealer(tmp_path).seal(database, At(NOON))
    await grow(database, 2)
    hashed = secrets.token_bytes(32)
    leaf = await Leaf.get(index=4)
    await Leaf.filter(index=4).update(hash=hashed)
    await _refused(database, tmp_path, "fork")
    await Leaf.filter(index=4).update(hash=leaf.hash)
    assert await sealer(tmp_path).seal(database, At(NOON))


async def test_another_key_in_the_same_place(database: Database, tmp_path: Path) -> None:
    await grow(database, 3)
    await sealer(tmp_path).seal(database, At(NOON))
    await grow(database, 1)
    with pytest.raises(Unsealable) as refused:
        await Sealer(Signer(b"x" * 32), tmp_path / "checkpoint").seal(database, At(NOON))
    assert refused.value.code == "memory"


# ---- held against a checkpoint that somebody kept ------------------------------------------------------------------------


async def test_an_old_checkpoint_finds_rewriting_truncation_and_fork(database: Database, tmp_path: Path) -> None:
    await grow(database, 5)
    await sealer(tmp_path).seal(database, At(NOON))
    kept = await note()
    await grow(database, 300)
    assert (await report(database, tmp_path, kept)).broken == []

    # Whoever has database and key rewrites everything from the third entry on, and signs it anew: all is consistent, but not with `kept`.
    for table in ("ledger_leaves", "ledger_bodies", "ledger_tiles", "ledger_checkpoints", "ledger_head"):
        await database.connection.execute_query(f"DELETE FROM {table}")
    (tmp_path / "checkpoint").unlink()
    await ledger_rows.ensure_head()
    await grow(database, 305)
    await sealer(tmp_path).seal(database, At(NOON))
    assert (await report(database, tmp_path)).broken == []
    (line,) = (await report(database, tmp_path, kept)).broken
    assert "前 5 条与对照的检查点不符" in line

    beyond = Signer(SEED).sign(400, b"\x01" * 32)
    assert ["末尾被截去" in line for line in (await report(database, tmp_path, beyond)).broken] == [True]
    foreign = Signer(b"x" * 32, Signer(SEED).key.name).sign(5, b"\x01" * 32)
    assert ["不是由本账本的密钥签署" in line for line in (await report(database, tmp_path, foreign)).broken] == [True]


# ---- every write × {failed, failed but persisted} -----------------------------------------------------------------------


class Unsteady(Database):
    """A database whose commit answers with an error: `lost` before it took effect, `unheard` after."""

    fault = ""

    @asynccontextmanager
    async def step(self) -> AsyncIterator[TransactionalDBClient]:
        async with super().step() as tx:
            yield tx
            if self.fault == "lost":
                raise OperationalError("connection lost")
        if self.fault == "unheard":
            raise OperationalError("connection lost")


INSERTS = ("ledger_leaves", "ledger_bodies", "ledger_tiles", "ledger_checkpoints", "ledger_head")
WRITES = [
    *((table, "failed") for table in INSERTS),
    ("commit", "lost"),
    ("commit", "unheard"),
    ("memory", "failed"),
    ("memory", "persisted"),
]


@pytest.mark.parametrize("in_sealing", [False, True])
@pytest.mark.parametrize(("write", "fault"), WRITES)
async def test_every_write_that_fails(tmp_path: Path, migrated: Path, write: str, fault: str, in_sealing: bool) -> None:
    """Whatever fails, the next round goes on from what is there: no entry half there, no two signatures over different trees."""
    (tmp_path / "store.sqlite3").write_bytes(migrated.read_bytes())
    database = Unsteady(tortoise_config("sqlite://store.sqlite3", tmp_path))
    await database.open(migrate=False)
    folder = tmp_path / "key"
    folder.mkdir()
    await grow(database, 254)
    await Sealer(Signer(SEED), folder / "checkpoint").seal(database, At(NOON))
    given = [await note()]
    if in_sealing:
        await grow(database, 4)

    await _break(database, folder, write, fault)
    try:
        if in_sealing:
            await Sealer(Signer(SEED), folder / "checkpoint").seal(database, At(NOON))
        else:
            await grow(database, 4)
    except (OperationalError, OSError):
        pass
    await _mend(database, folder, write, fault)
    given.append(await note())
    if (folder / "checkpoint").exists():
        given.append((folder / "checkpoint").read_text())

    await Sealer(Signer(SEED), folder / "checkpoint").seal(database, At(NOON))
    await grow(database, 4)
    await Sealer(Signer(SEED), folder / "checkpoint").seal(database, At(NOON))
    assert (await report(database, tmp_path, *given)).broken == []
    assert (folder / "checkpoint").read_text() == await note()
    await database.close()


async def _break(database: Unsteady, folder: Path, write: str, fault: str) -> None:
    if write == "commit":
        database.fault = fault
    elif write in INSERTS:
        when = "UPDATE OF root" if write == "ledger_head" else "INSERT"
        await database.connection.execute_script(
            f"CREATE TRIGGER broken BEFORE {when} ON {write} BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
        )
    elif fault == "failed":
        folder.rename(folder.with_name("away"))


async def _mend(database: Unsteady, folder: Path, write: str, fault: str) -> None:
    database.fault = ""
    if write in INSERTS:
        await database.connection.execute_script("DROP TRIGGER broken")
    if write == "memory" and fault == "failed":
        folder.with_name("away").rename(folder)
