"""A region switched in the text of the config: everything else stays as it was written."""

import difflib

import pytest

from bot.config.load import compile_bytes
from bot.config.pilot import Unchangeable, with_live
from bot.errors import ConfigError

TEXT = """# 说明
[[regions]]
id = "south"   # 编号
name = "华南"
live = false      # 试点: live = true
[[regions]]
name = "华东"
id = "east"

[presence]
radius_m = 300
"""


def differing(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.split("\n"), after.split("\n"))
    return [line for line in lines if line[0] in "+-"]


def test_a_line_is_changed_and_its_comment_stays() -> None:
    assert differing(TEXT, with_live(TEXT, "south", live=True)) == [
        "- live = false      # 试点: live = true",
        "+ live = true      # 试点: live = true",
    ]


def test_a_line_is_added_where_there_is_none() -> None:
    changed = with_live(TEXT, "east", live=False)
    assert differing(TEXT, changed) == ["+ live = false"]
    config = compile_bytes(changed.encode(), "c").config
    assert [region.live for region in config.regions] == [False, False]


def test_there_and_back_is_the_same_text() -> None:
    assert with_live(with_live(TEXT, "south", live=True), "south", live=False) == TEXT
    assert with_live(TEXT.replace("\n", "\r\n"), "south", live=True).count("\r\n") == TEXT.count("\n")


INLINE = 'regions = [{ id = "south", name = "华南", live = true }]\n'


@pytest.mark.parametrize(("text", "region"), [(TEXT, "north"), (INLINE, "south"), (INLINE.replace(", live = true", ""), "south")])
def test_what_is_written_otherwise_is_left_to_its_author(text: str, region: str) -> None:
    with pytest.raises(Unchangeable, match=r"config\.toml"):
        with_live(text, region, live=False)


def test_a_broken_file_is_not_touched() -> None:
    with pytest.raises(ConfigError):
        with_live(TEXT + "oops", "south", live=True)
