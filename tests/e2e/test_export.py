"""Everything in one file, wiped, and read back: the same figures, on either kind of database; whatever was touched is refused."""

import csv
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.checkpoint import Signer
from bot.commands import import_all
from bot.commands.assembly import sealer
from bot.portable import manifest as listing
from bot.portable.tables import BOM, neutral
from bot.portable.writing import write
from bot.store import dump
from bot.verify import verify
from tests import databases
from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.pages import WECOM, fetched
from tests.e2e.rep import Rep
from tests.e2e.seen import api, words

CONTACT = "加人 =HYPERLINK(1) 技术总监 影响人 13800001111"
ASKED = ("actions", "alerts", "coverage", "coverage?region=south", "funnel", "customers/C001")


async def figures(h: House) -> dict[str, Any]:
    """What an integrator is told."""
    told = {path: await api(h, path) for path in ASKED}
    for step in told["funnel"]["stages"]:
        step.pop("waiting_days", None)  # grows while one looks
    for answer in (one for path, one in told.items() if path.startswith("coverage")):
        answer.pop("version")  # of the config, which names another database there
    told["record"] = await api(h, f"actions/{told['actions']['items'][0]['id']}")
    return told


async def worked(h: House, li_na: Rep, chen: Director) -> dict[str, Any]:
    """A visit, a contact whose name is a formula, a red light that somebody follows up; what is told of it all."""
    await li_na.visits()
    await li_na.says(CONTACT, "HYPERLINK")
    await h.time_passes(hours=72)
    await chen.taps(await chen.alert("72 小时", "深圳华强"), "我来跟进")
    await h.settled()
    return await figures(h)


async def exported(h: House, out: Path) -> Path:
    """Beside the running product."""
    await h.settled()
    made = await write(h.product.line, sealer(h.setup()), out, "test", id_=f"ex_{out.stem}")
    assert made.damaged == [] and made.originals > 2 and made.entries > 20
    return out


def elsewhere(h: House, folder: Path, database: str = "", *, config: bool = True, key: bool = True) -> Path:
    """An empty machine."""
    (folder / "data").mkdir(parents=True)
    if key:
        shutil.copy(h.path.parent / "data" / "signing.key", folder / "data" / "signing.key")
    if config:
        text = h.path.read_text()
        old = next(line for line in text.splitlines() if line.startswith("database"))
        (folder / "config.toml").write_text(text.replace(old, f'database = "{database}"') if database else text)
    return folder / "config.toml"


async def imported(h: House, config: Path, file: Path) -> int:
    """The command, on the house's clock; the house is down meanwhile, and comes up where its path leads."""
    await h.down()
    try:
        return await import_all.imported(config, file, h.clock)
    finally:
        await h.up()


@pytest.fixture
async def zipped(h: House, li_na: Rep, chen: Director, tmp_path: Path) -> Path:
    await worked(h, li_na, chen)
    return await exported(h, tmp_path / "all.zip")


@pytest.mark.long
@pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)
@pytest.mark.timeout(300)  # three installations, two of them verified whole
@pytest.mark.postgres
async def test_there_and_back(
    h: House, li_na: Rep, chen: Director, tmp_path: Path, postgres_template: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQLite → PostgreSQL → SQLite, each time into an empty installation: every answer is the same, and work goes on."""
    before = await worked(h, li_na, chen)
    first = await exported(h, tmp_path / "first.zip")
    async with databases.postgres(postgres_template) as url:
        there = elsewhere(h, tmp_path / "there", url)
        home, h.path = h.path, there
        assert await imported(h, there, first) == 0
        assert "全部相符" in capsys.readouterr().out
        assert await figures(h) == before
        h.clock.wind(minutes=5)
        await li_na.says("今日", "今日")
        chen_sees = len(chen.alerts("72 小时"))
        await chen.taps(await chen.alert("72 小时", "深圳华强"), "误报")  # the card of before is found again, and changed in place
        assert len(chen.alerts("72 小时")) == chen_sees
        await h.settled()
        after = await figures(h)
        second = await exported(h, tmp_path / "second.zip")
        h.path = home
        back = elsewhere(h, tmp_path / "back", "sqlite://data/back.sqlite3")
        h.path = back
        assert await imported(h, back, second) == 0
        assert await figures(h) == after
        line = h.product.line
        assert (await verify(line.database, line.vault)).broken == []
    assert await imported(h, back, second) == 1, "it is no longer empty"
    assert "已经有记录了" in capsys.readouterr().err


@pytest.mark.long
async def test_without_a_config_it_brings_its_own(h: House, zipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = elsewhere(h, tmp_path / "new", config=False)
    assert await imported(h, config, zipped) == 0
    assert config.read_text() == h.path.read_text() and not config.with_name("config.imported.toml").exists()
    other = elsewhere(h, tmp_path / "other", "sqlite://data/other.sqlite3")
    assert await imported(h, other, zipped) == 0
    assert other.with_name("config.imported.toml").read_text() == h.path.read_text()
    assert "config.imported.toml" in capsys.readouterr().out


async def test_what_is_in_it(h: House, zipped: Path) -> None:
    """Readable by people: CSV with a mark that Excel knows, Chinese headers, local times, and nothing that is computed."""
    with zipfile.ZipFile(zipped) as archive:
        names = archive.namelist()
        people = archive.read("tables/contacts.csv")
        actions = archive.read("tables/actions.csv").removeprefix(BOM).decode()
        customers = archive.read("tables/customers.csv").removeprefix(BOM).decode()
        assert "signing.key" not in " ".join(names) and "session.key" not in " ".join(names)
        state = b"".join(archive.read(name) for name in names if name.startswith(("state/", "config/")))
        assert archive.read("config/config.toml").decode() == h.path.read_text()
        readme = archive.read("README.txt").decode()
    assert people.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(people.removeprefix(BOM).decode())))
    assert rows[0]["姓名"] == "'=HYPERLINK(1)" and rows[0]["电话"] == "13800001111"
    told = next(csv.DictReader(io.StringIO(actions)))
    assert told["时间"].startswith("2026-11-23 14:") and told["客户编号"] == "C001"
    assert next(csv.DictReader(io.StringIO(customers)))["年采购额(元)"] == "800000.00"
    assert (h.path.parent / "data" / "signing.key").read_bytes() not in state
    assert "import all" in readme
    for table in dump.folded():
        assert f"tables/{table.name}.csv" in names


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(source) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target


def _set(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({name: data})


def _first_original(files: dict[str, bytes]) -> None:
    name = next(name for name in files if name.startswith("files/"))
    files[name] = bytes([files[name][0] ^ 1]) + files[name][1:]


def _shorter(files: dict[str, bytes]) -> None:
    files["ledger/entries.jsonl"] = files["ledger/entries.jsonl"].split(b"\n", 1)[1]


def _without(prefix: str) -> Callable[[dict[str, bytes]], None]:
    def leave_out(files: dict[str, bytes]) -> None:
        del files[next(name for name in files if name.startswith(prefix))]

    return leave_out


def _forged(files: dict[str, bytes]) -> None:
    """The list mended after the change: the sums are right, the signature is not."""
    told = json.loads(files[listing.NAME])
    told["entries"] -= 1
    files[listing.NAME] = json.dumps(told).encode()


def _signed_by_another(files: dict[str, bytes]) -> None:
    told = json.loads(files[listing.NAME])
    other = Signer(b"\x01" * 32, told["key"].partition("+")[0])
    files[listing.SIGNATURE] = listing.signed(files[listing.NAME], other).encode()


def _other_version(files: dict[str, bytes]) -> None:
    files[listing.NAME] = json.dumps(json.loads(files[listing.NAME]) | {"version": 9}).encode()


TOUCHED = [
    (_first_original, "被改动过"),
    (_shorter, "被改动过"),
    (_without("files/"), "被改动过"),
    (_without("state/"), "被改动过"),
    (_set("files/zz/extra", b"x"), "被改动过"),
    (_set("ledger/entries.jsonl", b"0" * 200_000_000), "被改动过"),  # unpacks to more than the list says: not read to its end
    (_forged, "签名"),
    (_signed_by_another, "签名不符"),
    (_other_version, "第 9 版"),
    (_set(listing.NAME, b'{"format": "other", "version": 1}'), "不是行迹导出的"),
    (_set(listing.NAME, b" " * 3_000_000), "大得不合常理"),
    (_without(listing.NAME), "不是行迹导出的"),
]


@pytest.mark.long
@pytest.mark.parametrize("h", [Setting(sound=False)], indirect=True)
async def test_what_was_touched_is_refused(h: House, zipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written: the same installation takes the genuine one afterwards."""
    config = elsewhere(h, tmp_path / "new")
    for number, (change, answer) in enumerate(TOUCHED):
        file = rewritten(zipped, tmp_path / f"{number}.zip", change)
        assert await imported(h, config, file) == 1, number
        assert answer in capsys.readouterr().err, number
        file.unlink()
    whole = zipped.read_bytes()
    for name, data in {"half": whole[: len(whole) // 2], "words": b"PK\x03\x04 no archive", "empty": b""}.items():
        (tmp_path / f"{name}.zip").write_bytes(data)
        assert await imported(h, config, tmp_path / f"{name}.zip") == 1
        assert "没有下载完整" in capsys.readouterr().err
    assert await imported(h, config, tmp_path / "nowhere.zip") == 1
    assert "读不到" in capsys.readouterr().err
    assert not list((config.parent / "data").glob("*.sqlite3"))
    assert await imported(h, config, zipped) == 0


async def test_keys(h: House, zipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = elsewhere(h, tmp_path / "new", key=False)
    assert await imported(h, config, zipped) == 1
    assert "缺少账本的签名密钥" in capsys.readouterr().err
    (config.parent / "data" / "signing.key").write_bytes(b"\x02" * 32)
    assert await imported(h, config, zipped) == 1
    assert "不是导出时的那一把" in capsys.readouterr().err


@pytest.mark.long
async def test_an_interrupted_import_leaves_an_empty_database(h: House, zipped: Path, tmp_path: Path) -> None:
    """The list is genuine, and what it lists breaks off in the middle of the state: nothing of it is kept."""
    config = elsewhere(h, tmp_path / "new")
    key = Signer((config.parent / "data" / "signing.key").read_bytes())

    def breaks(files: dict[str, bytes]) -> None:
        files["state/settings.jsonl"] = b'{"name": 1}\n'
        told = json.loads(files[listing.NAME])
        entry = next(one for one in told["files"] if one["path"] == "state/settings.jsonl")
        entry.update(bytes=12, sha256=hashlib.sha256(b'{"name": 1}\n').hexdigest())
        files[listing.NAME] = json.dumps(told).encode()
        files[listing.SIGNATURE] = listing.signed(files[listing.NAME], key).encode()

    assert await imported(h, config, rewritten(zipped, tmp_path / "bad.zip", breaks)) == 1
    assert await imported(h, config, zipped) == 0


async def test_an_admin_asks_and_downloads(h: House, li_na: Rep, chen: Director, tmp_path: Path) -> None:
    """In private, by a link that is only his, for a day; noted in the ledger."""
    await li_na.visits()
    await li_na.says("导出全部", "只供管理员")
    admin = Rep(h, "fang.ning")
    await admin.says("导出全部", "正在导出")
    made = await h.hears("全部导出做好了", "fang.ning")
    url = next(button["url"] for button in made["card"]["button_list"] if button["text"] == "下载") if "button_list" in made["card"] else ""
    url = url or link_in(made)
    status, body, _ = await fetched(h, url, "fang.ning", WECOM)
    assert status == 200
    (tmp_path / "F.zip").write_bytes(body)
    with zipfile.ZipFile(tmp_path / "F.zip") as archive:
        assert archive.testzip() is None and listing.NAME in archive.namelist()
    status, _, _ = await fetched(h, url, "li.na", WECOM)
    assert status == 404
    views = await h.sql("SELECT person, how FROM views WHERE record LIKE 'ex_%'")
    assert views == [{"person": "A001", "how": "page"}]
    types = await h.sql("SELECT type FROM ledger_bodies WHERE type LIKE 'export.%' ORDER BY \"index\"")
    assert [row["type"] for row in types] == ["export.asked", "export.made"]
    assert await h.sql("SELECT id FROM export_jobs") == []


def link_in(item: dict[str, Any]) -> str:
    text = words(item)
    return text[text.index("http") :].split('"')[0]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-3", "@SUM", "\tx", "\rx", "＝1", "plain", "'quoted", ""])
def test_formulas_are_neutralised(text: str) -> None:
    made = neutral(text)
    assert not made.startswith(("=", "+", "-", "@", "\t", "\r", "＝")) and made.endswith(text)
