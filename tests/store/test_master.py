"""Master data as facts: adopted once, folded back to the same rows."""

from datetime import UTC, datetime
from pathlib import Path

from bot.store import ledger_rows, refold
from bot.store.database import Database
from bot.taking_in import adopt_master_data
from bot.vault import Vault
from bot.verify import verify
from tests.web.company import settle

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


async def test_what_was_there_before_is_adopted_once(database: Database, tmp_path: Path) -> None:
    await settle(database)
    vault = Vault(tmp_path / "vault")
    async with refold.recomputed() as recomputed:
        assert any("people E001: 账本里没有这一行" in line for line in [line async for line in recomputed.differences()])
    await adopt_master_data(database, NOON)
    size = (await ledger_rows.head()).size
    assert size > 10
    assert (await verify(database, vault)).broken == []
    await adopt_master_data(database, NOON)
    assert (await ledger_rows.head()).size == size
