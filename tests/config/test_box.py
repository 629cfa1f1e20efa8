from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.box import ConfigBox, ReloadResult
from bot.config.diff import changed, needs_restart
from bot.config.load import compile_bytes, load
from bot.config.schema import Config, Presence, Server

FIRST = "[presence]\nradius_m = 500\n"
SECOND = '[presence]\nradius_m = 300\n[server]\nlisten = "127.0.0.1:9000"\n'
NOTHING = ReloadResult()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FIRST)
    return path


@pytest.fixture
def box(path: Path) -> ConfigBox:
    return ConfigBox(load(path))


def settle(box: ConfigBox, path: Path) -> ReloadResult:
    assert box.reload(path) == NOTHING  # first seen: somebody may be writing
    return box.reload(path)


def test_untouched_file_says_nothing(box: ConfigBox, path: Path) -> None:
    assert [box.reload(path) for _ in range(3)] == [NOTHING] * 3


def test_new_file_swaps_in_whole_and_once(box: ConfigBox, path: Path) -> None:
    path.write_text(SECOND)
    result = settle(box, path)
    assert (result.applied, result.changed, result.restart) == (True, ("server", "presence"), ("server",))
    assert (result.loaded and result.loaded.text, result.sha256) == (SECOND, load(path).sha256)
    assert box.current().presence.radius_m == 300
    assert box.reload(path) == NOTHING


def test_broken_file_changes_nothing_and_is_told_once(box: ConfigBox, path: Path) -> None:
    before = box.current()
    path.write_text("[presence]\nradius_m = 0\n")
    result = settle(box, path)
    assert not result.applied
    assert result.problems == [f"{path}:2: presence.radius_m：不能小于 10，现在是 0"]
    assert len(result.sha256) == 64
    assert box.current() is before
    assert box.reload(path) == NOTHING
    path.write_text("[presence]\nradius_m = 1\n")
    assert settle(box, path).problems


def test_repaired_file_applies_again(box: ConfigBox, path: Path) -> None:
    path.write_text("[presence\n")
    settle(box, path)
    path.write_text(FIRST)
    result = settle(box, path)
    assert (result.applied, result.changed) == (True, ())


@pytest.mark.parametrize("content", ["", "  \n"])
def test_emptied_file_is_broken_not_all_defaults(box: ConfigBox, path: Path, content: str) -> None:
    path.write_text(content)
    assert settle(box, path).problems == [f"{path}:1: 文件是空的，继续使用原来的配置"]
    assert box.current().presence.radius_m == 500


def test_removed_file_is_told_once(box: ConfigBox, path: Path) -> None:
    path.unlink()
    assert settle(box, path).problems == [f"{path}:1: 没有这个文件"]
    assert box.reload(path) == NOTHING


@given(cuts=st.lists(st.integers(1, len(SECOND) - 1), min_size=1, max_size=4, unique=True))
def test_half_written_file_never_half_applies(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    path = tmp_path_factory.mktemp("half") / "config.toml"
    box = ConfigBox(compile_bytes(FIRST.encode(), "first"))
    for cut in sorted(cuts):  # an editor that writes on between two looks
        path.write_text(SECOND[:cut])
        assert box.reload(path) == NOTHING
    path.write_text(SECOND)
    assert box.reload(path) == NOTHING
    assert box.current().presence.radius_m == 500
    assert box.reload(path).applied


def test_diff_names_tables() -> None:
    new = Config(presence=Presence(radius_m=100), server=Server(listen="127.0.0.1:1"), timezone="UTC")
    assert changed(Config(), new) == ("timezone", "server", "presence")
    assert needs_restart(changed(Config(), new)) == ("server",)
    assert changed(new, new) == ()
