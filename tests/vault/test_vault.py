"""Write-once files: durable before named, kept once, told apart when touched."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.vault import Vault

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 5000
NAME = sha256(PHOTO).hexdigest()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def stray(vault: Vault) -> list[Path]:
    return list(vault.incoming.iterdir())


async def test_a_file_lies_under_its_digest_read_only(vault: Vault, tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_bytes(PHOTO)
    assert await vault.put(source) == NAME
    path = vault.path(NAME)
    assert (path.read_bytes(), path.name, path.stat().st_mode & 0o777) == (PHOTO, NAME, 0o444)
    assert (source.exists(), stray(vault), list(vault.names())) == (True, [], [NAME])
    with vault.open(NAME) as file:
        assert file.read() == PHOTO


async def test_the_same_bytes_are_kept_once(vault: Vault) -> None:
    await vault.put(PHOTO)
    before = vault.path(NAME).stat().st_ino
    assert await vault.put(PHOTO) == NAME
    assert (vault.path(NAME).stat().st_ino, stray(vault)) == (before, [])


@given(st.lists(st.binary(max_size=2000), max_size=6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_names_are_the_digests_of_what_was_put(vault: Vault, files: list[bytes]) -> None:
    for data in files:
        asyncio.run(vault.put(data))
    names = list(vault.names())
    assert names == sorted(names)
    assert {sha256(data).hexdigest() for data in files} <= set(names)
    assert all(asyncio.run(vault.verify(name)) for name in names)


async def test_many_at_once_may_put_the_same_file(vault: Vault) -> None:
    assert set(await asyncio.gather(*(vault.put(PHOTO) for _ in range(20)))) == {NAME}
    assert await vault.verify(NAME)
    assert (list(vault.names()), stray(vault)) == ([NAME], [])


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"\x00" + data[1:], lambda _: b"", lambda data: data + b"x"])
async def test_a_touched_file_is_told(vault: Vault, damage: Callable[[bytes], bytes]) -> None:
    await vault.put(PHOTO)
    assert await vault.verify(NAME)
    vault.path(NAME).chmod(0o644)
    vault.path(NAME).write_bytes(damage(PHOTO))
    assert not await vault.verify(NAME)


async def test_a_missing_file_is_told(vault: Vault) -> None:
    assert not await vault.verify(NAME)
    with pytest.raises(FileNotFoundError):
        vault.open(NAME)


async def test_good_bytes_take_their_name_back_and_the_damaged_ones_are_kept(vault: Vault, caplog: pytest.LogCaptureFixture) -> None:
    await vault.put(PHOTO)
    vault.path(NAME).chmod(0o644)
    vault.path(NAME).write_bytes(b"rotten")
    assert await vault.put(PHOTO) == NAME
    assert await vault.verify(NAME)
    assert vault.path(NAME).with_name(f"{NAME}.damaged").read_bytes() == b"rotten"
    assert (list(vault.names()), NAME in caplog.text) == ([NAME], True)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", NAME.upper(), NAME[:-1], NAME + "0", NAME + "\n"])
def test_only_a_digest_names_a_file(vault: Vault, name: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        vault.path(name)


async def test_foreign_files_are_passed_over(vault: Vault) -> None:
    await vault.put(PHOTO)
    (vault.root / NAME[:2] / ".DS_Store").write_bytes(b"")
    (vault.root / "lost+found").mkdir()
    assert list(vault.names()) == [NAME]


async def test_a_source_that_is_gone_is_a_store_error(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        await vault.put(tmp_path / "nothing")
    assert stray(vault) == []


ROOT = Path(__file__).parents[2]
WRITER = """
import asyncio, sys
from pathlib import Path
from bot.vault import Vault
vault = Vault(Path(sys.argv[1]))
print("ready", flush=True)
asyncio.run(vault.put(Path(sys.argv[2])))
"""

FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from bot.errors import StoreError
from bot.vault import Vault
vault = Vault(Path(sys.argv[1]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    asyncio.run(vault.put(b"x" * 5000))
except StoreError:
    print("refused")
"""


def test_killed_before_the_rename_nothing_is_named(vault: Vault, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(vault.root), str(pipe)], stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    with pipe.open("wb", buffering=0) as source:
        source.write(PHOTO)  # more than a pipe holds: when it returns, the child is in the middle of copying
        child.send_signal(signal.SIGKILL)
        child.wait()
    child.stdout.close()
    (orphan,) = stray(vault)
    assert list(vault.names()) == []
    Vault(vault.root)
    assert stray(vault) == [orphan]  # another process might be writing it
    os.utime(orphan, (orphan.stat().st_atime, orphan.stat().st_mtime - 3700))
    Vault(vault.root)
    assert stray(vault) == []


def test_a_full_disk_is_a_store_error_and_leaves_nothing(vault: Vault) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(vault.root)], capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, list(vault.names()), stray(vault)) == ("refused\n", [], [])


def test_a_root_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError):
        Vault(tmp_path / "file" / "vault")
