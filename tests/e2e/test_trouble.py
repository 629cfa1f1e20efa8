"""The database or the disk is at fault, not the message: nothing is given up, and what was acked is worked once it is well again."""

import asyncio
import sqlite3

from bot.store import inbox_rows
from tests.e2e.house import House
from tests.e2e.rep import Rep


async def test_a_locked_database_delays_and_loses_nothing(h: House) -> None:
    file = h.path.parent / "data" / "e2e.sqlite3"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    saying = asyncio.create_task(h.wecom.say("li.na", "帮助"))
    await asyncio.sleep(0.5)
    other.execute("ROLLBACK")
    other.close()
    delivery = await saying
    await h.settled()
    assert delivery.acked
    assert [row["state"] for row in await h.sql("SELECT state FROM inbox")] == ["done"]


async def test_a_vault_that_takes_nothing_keeps_the_photo_waiting(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    vault = h.product.line.vault
    vault.incoming.rename(vault.root / "gone")  # as a disk that is full: nothing can be written there
    await h.wecom.send_image("li.na", b"\xff\xd8\xff\xe0" + bytes(500))
    await asyncio.sleep(1.0)
    waiting = await h.sql("SELECT state, attempts FROM inbox WHERE state IN ('new', 'claimed')")
    (vault.root / "gone").rename(vault.incoming)
    await h.until("the photo is worked", lambda: any("照片" in str(item) for item in h.rep_screen()), seconds=20)
    assert waiting
    assert not await h.sql("SELECT id FROM inbox WHERE state = 'dead'")


async def test_a_given_up_row_can_be_put_back(h: House) -> None:
    await h.wecom.say("li.na", "帮助")
    await h.settled()
    await h.product.line.database.connection.execute_query("UPDATE inbox SET state = 'dead'")
    assert await inbox_rows.revive(h.clock.now()) == 1
    h.product.nudge()
    await h.settled()
    assert [row["state"] for row in await h.sql("SELECT state FROM inbox")] == ["done"]
