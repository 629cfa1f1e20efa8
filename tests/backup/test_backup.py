"""A second copy on real targets: made, read back, looked at again, made anew; and an installation put back from it."""

import argparse
import asyncio
import hashlib
import shutil
from pathlib import Path

import pytest

from adapters.backup import OpenDalTarget, open_target
from bot.commands import restore as restore_command
from bot.commands.assembly import backup_target
from bot.commands.opening import setup
from bot.config.load import load
from bot.errors import BackupError, ConfigError
from bot.safekeeping import Backup
from bot.stats import figures
from bot.store import copies, segments
from bot.store.reading import coverage_report
from bot.verify import Asked, verify
from scheduler.backup import Keeping
from tests.backup.conftest import KEY, SECRET, Place, free_port, webdav
from tests.e2e.conftest import Setting
from tests.e2e.house import House
from tests.e2e.rep import Rep


def backup(h: House, place: Place, key: str = "") -> Backup:
    line = h.product.line
    return Backup(line.database, line.vault, target(place, key))


def target(place: Place, key: str = "") -> OpenDalTarget:
    return open_target(place.address, Path(), secret=SECRET, key=bytes.fromhex(key) if key else None)


async def kept(h: House, place: Place, key: str = "") -> Backup:
    """Everything of the house copied."""
    await sealed(h)
    made = backup(h, place, key)
    while await made.round(h.clock.now()):
        pass
    return made


async def sealed(h: House) -> None:
    for _ in range(100):
        if not (await figures(h.product.line.database, h.clock.now(), {}))["ledger_unsealed"]:
            return
        await asyncio.sleep(0.05)


async def broken(h: House, made: Backup) -> list[str]:
    line = h.product.line
    return (await verify(line.database, line.vault, Asked(backup=made, refold=False))).broken


async def test_everything_has_a_copy_of_the_same_bytes(h: House, li_na: Rep, place: Place) -> None:
    await li_na.visits()
    made = await kept(h, place)
    vault = h.product.line.vault
    for digest in vault.names():
        assert hashlib.sha256(bytes(place.operator.read(copies.original(digest)))).hexdigest() == digest
    assert (await copies.standing()).waiting == 0
    assert any(name.startswith(segments.FOLDER) for name in place.names())
    assert await broken(h, made) == []


async def test_changed_missing_and_added_copies_are_named_and_made_anew(h: House, li_na: Rep, place: Place) -> None:
    await li_na.visits()
    made = await kept(h, place)
    first, second, third = place.names("originals/")[:3]
    place.flip(first)
    place.operator.delete(second)
    place.operator.write("originals/zz/extra", b"x")
    segment = place.names("ledger/")[0]
    place.flip(segment)
    lines = await broken(h, made)
    assert len(lines) == 4
    assert f"备份 {first}: 内容已被改动" in lines and f"备份 {second}: 缺失" in lines
    assert f"备份 {segment}: 内容已被改动" in lines and "备份 originals/zz/extra: 多出来的文件" in lines

    keeping = Keeping(h.product.line, made)
    h.clock.wind(hours=25)
    await keeping.round()
    said = await h.hears("备份里有文件缺失或被改动", "fang.ning")
    assert first in str(said)
    await keeping.round()
    assert await broken(h, made) == ["备份 originals/zz/extra: 多出来的文件"]
    assert third in place.names("originals/")


async def test_a_target_that_is_away_for_a_day_is_caught_up_with(h: House, li_na: Rep, tmp_path: Path) -> None:
    """A file stands where the folder should be: nothing can be written, and nothing is lost."""
    await li_na.visits()
    await sealed(h)
    away = tmp_path / "nas"
    made = Backup(h.product.line.database, h.product.line.vault, open_target(str(away), Path()))
    away.rmdir()
    away.write_bytes(b"")
    keeping = Keeping(h.product.line, made)
    await keeping.round()
    standing = await copies.standing()
    assert standing.waiting > 3 and standing.problem
    for hours in (2, 11, 12):
        h.clock.wind(hours=hours)
        await keeping.round()
    told = [one for one in h.rep_screen("fang.ning") if "还没有备份成功" in str(one)]
    await h.hears("24 小时还没有备份成功", "fang.ning")
    assert 1 <= len(told) <= 3
    away.unlink()
    away.mkdir()
    h.clock.wind(minutes=11)
    await keeping.round()
    assert (await copies.standing()).waiting == 0


async def test_with_the_companys_key_nobody_else_reads_it(h: House, li_na: Rep, place: Place) -> None:
    await li_na.visits()
    made = await kept(h, place, KEY)
    for digest in h.product.line.vault.names():
        data = bytes(place.operator.read(copies.original(digest)))
        assert hashlib.sha256(data).hexdigest() != digest and h.product.line.vault.path(digest).read_bytes()[:64] not in data
    assert "深圳华强" not in str(bytes(place.operator.read(place.names("ledger/")[0])))
    assert await broken(h, made) == []
    place.flip(place.names("originals/")[0])
    assert len(await broken(h, made)) == 1
    with pytest.raises(BackupError) as refused:
        await target(place, "2e" * 32).get(place.names("ledger/")[0])
    assert refused.value.altered


async def test_a_wrong_password_is_a_plain_word(tmp_path: Path) -> None:
    port = free_port()
    with webdav(tmp_path, port):
        wrong = open_target(f"http://salestrace@127.0.0.1:{port}/", Path(), secret="wrong")
        with pytest.raises(BackupError) as refused:
            await wrong.put("x", b"x")
    assert refused.value.reason and "wrong" not in str(refused.value)


@pytest.mark.parametrize("address", ["s3://", "s3://key@host"])
def test_what_is_no_address(address: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"storage\.backup"):
        open_target(address, tmp_path)


# ---- the drill -----------------------------------------------------------------------------------------------------------


def _elsewhere(h: House, folder: Path) -> Path:
    """An empty machine: the config, and nothing of the data but the key."""
    (folder / "data").mkdir(parents=True)
    shutil.copy(h.path, folder / "config.toml")
    shutil.copy(h.path.parent / "data" / "signing.key", folder / "data" / "signing.key")
    return folder / "config.toml"


@pytest.mark.parametrize("key", [KEY, pytest.param("", marks=pytest.mark.long)])
@pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)
async def test_the_drill(
    h: House, li_na: Rep, place: Place, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty machine + backup + key: the same figures, the same root, a passing verify; and it goes on from there."""
    await li_na.visits()
    await li_na.says("加人 王工 技术总监 影响人", "王工")
    line = h.product.line
    before = await coverage_report(line.config(), "2026-11", None, h.clock.now())
    await kept(h, place, key)
    root = (await verify(line.database, line.vault, Asked(refold=False))).root
    config = _elsewhere(h, tmp_path / "new")
    if key:
        text = config.read_text().replace("[storage]\n", "[storage]\nbackup_encrypt = true\n")
        config.write_text(text)
        monkeypatch.setenv("SALESTRACE_BACKUP_KEY", key)
    monkeypatch.setenv("SALESTRACE_BACKUP_SECRET", SECRET)
    await h.down()
    assert await _run(config, place.address) == 0
    out = capsys.readouterr().out
    assert root in out and "全部相符" in out

    assert await _run(config, place.address) == 1, "a second time it is no longer empty"
    assert "已经有记录了" in capsys.readouterr().err

    config.write_text(config.read_text().replace("backup_encrypt = true\n", ""))
    h.path = config
    await h.up()
    line = h.product.line
    assert await coverage_report(line.config(), "2026-11", None, h.clock.now()) == before
    h.clock.wind(hours=2)
    await li_na.says("今日", "今日")
    await sealed(h)
    assert (await verify(line.database, line.vault)).broken == []


async def _run(config: Path, address: str) -> int:
    arguments = argparse.Namespace(config=config, backup=address)
    return await asyncio.to_thread(restore_command.run, arguments)


async def test_a_missing_key_or_segment_is_said_plainly(h: House, li_na: Rep, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await li_na.visits()
    folder = tmp_path / "nas"
    place = Place(str(folder), None)  # type: ignore[arg-type] # nobody's hand is needed
    await kept(h, place)
    config = _elsewhere(h, tmp_path / "new")
    (tmp_path / "new" / "data" / "signing.key").unlink()
    await h.down()
    assert await _run(config, str(folder)) == 1
    assert "缺少账本的签名密钥" in capsys.readouterr().err
    shutil.copy(h.path.parent / "data" / "signing.key", tmp_path / "new" / "data" / "signing.key")
    assert await _run(config, str(tmp_path / "nowhere")) == 1
    assert "备份里没有账本" in capsys.readouterr().err
    await h.up()


def test_the_config_of_a_target_is_read(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[storage]\nbackup = "nas"\n')
    assert isinstance(backup_target(setup(tmp_path / "c.toml", platforms=False)), OpenDalTarget)
    assert load(tmp_path / "c.toml").config.storage.backup == "nas"
