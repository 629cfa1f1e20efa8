"""Whoever changes what was recorded is found out, and the broken thing is named."""

import asyncio
import sqlite3

import pytest

from bot import entries, stats
from bot.checkpoint import Signer
from bot.commands.assembly import public_key
from bot.store import ledger_rows, projections
from bot.verify import Asked, Report, verify
from tests.e2e.conftest import Setting
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import api

TAMPERED = pytest.mark.parametrize("h", [Setting(sound=False)], indirect=True)


async def report(h: House) -> Report:
    return await verify(h.product.line.database, h.product.line.vault, Asked(key=public_key(h.setup())))


def change(h: House, *statements: str) -> None:
    """As somebody with the database file in his hands does it."""
    file = sqlite3.connect(h.path.parent / "data" / "e2e.sqlite3")
    with file:
        for statement in statements:
            file.execute(statement)
    file.close()


@TAMPERED
async def test_a_changed_and_a_missing_original_are_named(h: House, li_na: Rep) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    photo, voice = (next(item for item in action["evidence"] if item["kind"] == kind) for kind in ("photo", "voice"))
    path = h.product.line.vault.path(photo["sha256"])
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    h.product.line.vault.path(voice["sha256"]).unlink()
    broken = (await report(h)).broken
    assert len(broken) == 2
    assert photo["sha256"] in broken[0] and photo["id"] in broken[0] and "内容已被改动" in broken[0]
    assert voice["sha256"] in broken[1] and voice["id"] in broken[1] and "文件缺失" in broken[1]


LAST = '(SELECT MAX("index") FROM ledger_leaves)'
KEPT = '(SELECT {} FROM kept_ledger_leaves WHERE "index" = 5 - ledger_leaves."index")'
SWAP = f'UPDATE ledger_leaves SET data = {KEPT.format("data")}, hash = {KEPT.format("hash")} WHERE "index" IN (2, 3)'
CHANGES = (
    ("UPDATE ledger_bodies SET body = replace(body, 'C001', 'C002') WHERE type = 'visit.opened'", ("visit.opened v_", "customer")),
    ("UPDATE ledger_bodies SET body = 'x' WHERE type = 'visit.opened'", ("内容无法读取",)),
    ("UPDATE ledger_bodies SET type = 'visit.ended' WHERE type = 'visit.opened'", ("visit.opened v_", "种类")),
    ("UPDATE ledger_bodies SET at = at + 60000 WHERE type = 'visit.opened'", ("visit.opened v_", "时间")),
    ("UPDATE ledger_bodies SET body = NULL, salt = NULL WHERE type = 'visit.opened'", ("内容缺失, 而没有删除记录",)),
    ("DELETE FROM ledger_bodies WHERE type = 'visit.opened'", ("内容缺失, 而没有删除记录",)),
    ("UPDATE ledger_leaves SET data = x'7b7d' WHERE \"index\" = 2", ("第 2 条",)),
    ("UPDATE ledger_leaves SET hash = x'00' WHERE \"index\" = 2", ("第 2 条", "哈希不符")),
    ('DELETE FROM ledger_leaves WHERE "index" = 2', ("第 2 条缺失",)),
    (f'DELETE FROM ledger_leaves WHERE "index" = {LAST}', ("账本应有",)),
    (
        SWAP,
        ("第 2 条", "第 3 条"),
    ),
    (f'INSERT INTO ledger_leaves SELECT "index" + 1, data, hash FROM ledger_leaves WHERE "index" = {LAST}', ("账本应有",)),
    ("UPDATE ledger_head SET root = '0000' || substr(root, 5)", ("树根",)),
    ("UPDATE ledger_checkpoints SET root = '0000' || substr(root, 5)", ("检查点与账本不符",)),
    ("UPDATE ledger_checkpoints SET note = replace(note, char(10) || size || char(10), char(10) || '1' || char(10))", ("签名不成立",)),
    ("DELETE FROM ledger_tiles", ("节点哈希",)),
    ("UPDATE inbox SET payload = payload || x'20' WHERE id = 2", ("平台消息 wecom:", "原文已被改动")),
    ("DELETE FROM inbox WHERE id = 2", ("平台消息 wecom:", "原文缺失")),
    ("UPDATE actions SET state = 'incomplete' WHERE state = 'complete'", ("actions a_", "state", "账本推算")),
    ("DELETE FROM actions", ("actions a_", "表里缺失")),
    ("UPDATE visits SET started_at = started_at - 1", ("visits v_", "started_at")),
    ("UPDATE evidence SET seconds = 60 WHERE kind = 'voice'", ("evidence e_", "seconds")),
    ("UPDATE checks SET distance_m = 1", ("checks ch_", "distance_m")),
    ("UPDATE customers SET annual_purchase_fen = 1 WHERE id = 'C001'", ("customers C001", "annual_purchase_fen")),
    ("UPDATE sites SET lat = lat + 0.1 WHERE customer = 'C001'", ("sites C001", "lat")),
    ("UPDATE people SET roles = '[\"admin\"]' WHERE id = 'E001'", ("people E001", "roles")),
    ("UPDATE accounts SET person = 'E002' WHERE user = 'li.na'", ("accounts wecom",)),
    ("UPDATE devices SET device = 'x' WHERE person = 'E001'", ("devices d_", "device")),
    (
        "INSERT INTO purchases (customer, since, fen) SELECT customer, since, fen + 1 FROM purchases WHERE customer = 'C001'",
        ("purchases C001", "没有这一行"),
    ),
    ("UPDATE originals SET sm3 = 'x'", ("originals", "sm3")),
)
TABLES = (
    *("ledger_leaves", "ledger_bodies", "ledger_head", "ledger_checkpoints", "ledger_tiles", "inbox"),
    *("actions", "visits", "evidence", "checks", "customers", "sites", "people", "accounts", "devices", "purchases", "originals"),
)


@pytest.mark.long
async def test_whatever_is_changed_is_named(h: House, li_na: Rep) -> None:
    await li_na.visits()
    await _longer(h)
    change(h, *(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}" for table in TABLES))
    assert (await report(h)).broken == []
    for statement, words in CHANGES:
        change(h, statement)
        broken = "\n".join((await report(h)).broken)
        assert all(word in broken for word in words), (statement, broken)
        for table in TABLES:
            change(h, f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM kept_{table}")
    assert (await report(h)).broken == []


async def _longer(h: House) -> None:
    """So many entries that there are inner nodes, all of them signed."""
    now = h.clock.now()
    async with h.product.line.database.step():
        facts = [entries.record_viewed("a_1", "D001", now, "api") for _ in range(300)]
        for index, fact in zip(await ledger_rows.append(facts, now), facts, strict=True):
            await projections.apply(index, fact, now)
    for _ in range(50):
        if not (await stats.figures(h.product.line.database, now, {}))["ledger_unsealed"]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("never sealed")


async def test_a_rewritten_history_signed_with_another_key(h: House, li_na: Rep) -> None:
    await li_na.visits()
    await _longer(h)
    line = h.product.line
    other = Asked(key=Signer(b"x" * 32).key, refold=False)
    assert "是另一个账本的" in (await verify(line.database, line.vault, other)).broken[0]
    ours = public_key(h.setup())
    assert ours
    named = Asked(key=Signer(b"x" * 32, ours.name).key, refold=False)
    assert "不是由本账本的密钥签署" in (await verify(line.database, line.vault, named)).broken[0]


async def test_a_checkpoint_is_never_a_second_behind(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await asyncio.sleep(1.0)
    assert (await stats.figures(h.product.line.database, h.clock.now(), {}))["ledger_unsealed"] == 0
