"""One value of a rule changed in the text: the rest stays as it was written."""

from pathlib import Path

import pytest

from bot.config.editing import with_rule
from bot.config.swapping import digest_of, swap
from bot.errors import ConfigError

SHIPPED = (Path(__file__).resolve().parents[2] / "config.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        ("inactive-72h hours 48", "hours = 72  ", "hours = 48  "),
        ("inactive-72h 小时 48.5", "hours = 72  ", "hours = 48.5  "),
        ("inactive-72h clock workdays", '整触发\nclock = "elapsed"', '整触发\nclock = "workdays"'),
        ("excess-need 每天次数 8", "per_day = 5  ", "per_day = 8  "),
        ("short-demo quiet_hours 20:00-08:00", 'id = "short-demo"\n', 'id = "short-demo"\nquiet_hours = "20:00-08:00"\n'),
    ],
)
def test_a_value_changes_or_comes_in(change: str, old: str, new: str) -> None:
    assert with_rule(SHIPPED, change) == SHIPPED.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "line"), [("nothing hours 1", ":1: 没有编号为 nothing"), ("inactive-72h tell owner", "不是一个简单的值")]
)
def test_what_cannot_be_changed_so_is_refused(change: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        with_rule(SHIPPED, change)
    assert line in caught.value.problems[0]


def test_a_swap_keeps_the_permissions_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    swap(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (b"new", 0o640, [path])
    assert digest_of(path) != digest_of(tmp_path / "none") == ""
