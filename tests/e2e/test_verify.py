"""Whoever changes what was recorded is found out, and the broken thing is named."""

import sqlite3

import pytest

from bot.verify import Report, verify
from tests.e2e.conftest import Setting
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import api

TAMPERED = pytest.mark.parametrize("h", [Setting(sound=False)], indirect=True)


async def report(h: House) -> Report:
    return await verify(h.product.line.vault)


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


CHANGES = (
    ("UPDATE ledger_bodies SET body = replace(body, 'C001', 'C002') WHERE type = 'visit.opened'", ("visit.opened v_", "customer")),
    ("UPDATE ledger_bodies SET body = 'x' WHERE type = 'visit.opened'", ("内容无法读取",)),
    ("UPDATE ledger_leaves SET data = x'7b7d' WHERE \"index\" = 2", ("第 2 条",)),
    ('DELETE FROM ledger_leaves WHERE "index" = 2', ("第 2 条缺失",)),
    ('DELETE FROM ledger_leaves WHERE "index" = (SELECT MAX("index") FROM ledger_leaves)', ("账本应有",)),
    ("UPDATE ledger_head SET root = '0000' || substr(root, 5)", ("树根",)),
)
TABLES = ("ledger_leaves", "ledger_bodies", "ledger_head")


async def test_a_changed_ledger_is_named(h: House, li_na: Rep) -> None:
    await li_na.visits()
    change(h, *(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}" for table in TABLES))
    for statement, words in CHANGES:
        assert (await report(h)).broken == []
        change(h, statement)
        broken = "\n".join((await report(h)).broken)
        assert all(word in broken for word in words), (statement, broken)
        for table in TABLES:
            change(h, f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM kept_{table}")


async def test_an_erased_body_is_no_damage(h: House, li_na: Rep) -> None:
    """Deletion may empty bodies and salts; the leaves still stand in the tree."""
    await li_na.visits()
    change(h, "UPDATE ledger_bodies SET body = NULL, salt = NULL WHERE type = 'check.made'")
    assert (await report(h)).broken == []
