"""核验 of one record: intact while nothing was touched, and the touched thing named as soon as one byte is."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.commands.assembly import public_key
from bot.proving import Finding, Proven, prove
from bot.store import trail
from tests import databases
from tests.e2e.conftest import MONDAY, Setting
from tests.e2e.house import House, house
from tests.e2e.rep import Rep
from tests.e2e.seen import api
from tests.e2e.test_verify import change

TAMPERED = pytest.mark.parametrize("h", [Setting(sound=False)], indirect=True)
COPIES = '[photos]\nwatermark = true\nsign = "off"\n'


async def proven(h: House) -> Proven:
    (action,) = await api(h, "actions", "items")
    found = await prove(h.product.line.database, h.product.line.vault, public_key(h.setup()), action["id"])
    assert found
    return found


def wrong(found: Proven) -> list[Finding]:
    return [one for one in found.findings if not one.ok]


@pytest.mark.parametrize("h", [Setting(more=COPIES)], indirect=True)
async def test_an_untouched_record_is_intact_down_to_its_messages(h: House, li_na: Rep) -> None:
    await li_na.visits()
    await until(lambda: there(h, "derived"))
    found = await proven(h)
    assert found.intact, wrong(found)
    codes = [one.code for one in found.findings]
    assert codes.count("original") == 2 and codes.count("copy") == 1 and codes.count("message") >= 3
    assert {"entries", "tree", "shown"} <= set(codes) and any(code.startswith("checkpoint") for code in codes)


def flip(h: House, digest: str) -> None:
    path = h.product.line.vault.path(digest)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")


@TAMPERED
async def test_one_byte_of_a_photo_is_enough(h: House, li_na: Rep) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    photo = next(item for item in action["evidence"] if item["kind"] == "photo")
    flip(h, photo["sha256"])
    (finding,) = wrong(await proven(h))
    assert (finding.code, finding.values["evidence"], finding.values["sha256"]) == ("original.changed", photo["id"], photo["sha256"])
    assert finding.values["now"] != photo["sha256"]
    h.product.line.vault.path(photo["sha256"]).unlink()
    assert [one.code for one in wrong(await proven(h))] == ["original.missing"]


OPENED = "WHERE type = 'action.opened'"
LEAF = f'WHERE "index" = (SELECT "index" FROM ledger_bodies {OPENED})'
CHANGES = (
    (f"UPDATE ledger_bodies SET body = replace(body, 'C001', 'C002') {OPENED}", {"entry.fields"}),
    (f"UPDATE ledger_bodies SET body = 'x' {OPENED}", {"entry.fields"}),
    (f"UPDATE ledger_bodies SET body = NULL, salt = NULL {OPENED}", {"entry.gone"}),
    (f"DELETE FROM ledger_bodies {OPENED}", {"entry.gone"}),
    (f"UPDATE ledger_leaves SET data = data || x'20' {LEAF}", {"entry.leaf", "tree.broken"}),
    (f"UPDATE ledger_leaves SET hash = zeroblob(32) {LEAF}", {"entry.leaf"}),
    (f"DELETE FROM ledger_leaves {LEAF}", {"entry.lost"}),
    ("UPDATE ledger_head SET root = '0000' || substr(root, 5)", {"tree.broken"}),
    ("UPDATE inbox SET payload = payload || x'20'", {"message.changed"}),
    ("DELETE FROM inbox", {"message.missing"}),
    ("UPDATE actions SET state = 'incomplete'", {"shown.changed"}),
    ("UPDATE actions SET distance_m = 1", {"shown.changed"}),
    ("UPDATE evidence SET state = 'refused'", {"shown.changed"}),
    ("UPDATE ledger_bodies SET body = replace(body, 'counted', 'refused') WHERE type = 'evidence.added'", {"entry.fields"}),
    (
        "UPDATE ledger_checkpoints SET note = replace(note, char(10) || size || char(10), char(10) || '1' || char(10))",
        {"checkpoint.unsigned"},
    ),
)


@TAMPERED
@pytest.mark.parametrize(("statement", "codes"), CHANGES)
async def test_whatever_is_changed_behind_its_back_is_named(h: House, li_na: Rep, statement: str, codes: set[str]) -> None:
    await li_na.visits()
    await h.settled()
    (action,) = await api(h, "actions", "items")
    database, vault = h.product.line.database, h.product.line.vault
    if "checkpoint" in statement:
        await until(lambda: there(h, "ledger_checkpoints WHERE size = (SELECT size FROM ledger_head)"))  # no other comes after it
    change(h, statement)
    found = await prove(database, vault, public_key(h.setup()), action["id"])
    assert found and codes <= {one.code for one in wrong(found)}, found


async def there(h: House, table: str) -> bool:
    return bool(await h.sql(f"SELECT 1 FROM {table}"))


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(400):
        if await look():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")


@pytest.mark.postgres
async def test_the_same_on_postgres(postgres_template: str, tmp_path: object) -> None:
    async with databases.postgres(postgres_template) as url, house(tmp_path, MONDAY, database=url) as h:  # type: ignore[arg-type]
        li_na = Rep(h)
        await li_na.visits()
        (action,) = await api(h, "actions", "items")
        await li_na.says(f"申诉 {action['id']} 我在二号厂房", "已记入账本")
        assert (await proven(h)).intact
        assert [one.text for one in await trail.statements(action["id"])] == ["我在二号厂房"]
