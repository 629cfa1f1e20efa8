"""Customers' names on signs, as they are read: broken over lines, askew, with a wrong character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.names import sighting

HUAQIANG = ("深圳华强精密模具有限公司", "华强")


@pytest.mark.parametrize(
    ("lines", "names", "words"),
    [
        (["深圳华强精密模具有限公司"], HUAQIANG, "深圳华强精密模具有限公司"),
        (["欢迎莅临", "华强·精密模具"], HUAQIANG, "华强"),
        (["深圳华强精密", "模具有限公司"], HUAQIANG, "深圳华强精密模具有限公司"),
        (["深圳华强精蜜模具有限公同"], ("深圳华强精密模具有限公司",), "深圳华强精密模具"),
        (["恒达机电"], ("东莞市恒达机电有限公司",), "恒达机电"),
        (["HUAQIANG PRECISION"], ("深圳华强精密模具有限公司", "HuaQiang"), "huaqiang"),
        (["云 帆 科 技"], ("广州云帆科技有限公司", "云帆"), "云帆"),
    ],
)
def test_a_name_is_seen(lines: list[str], names: tuple[str, ...], words: str) -> None:
    found = sighting(lines, names)
    assert found.seen and found.words == words


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ([], HUAQIANG),
        (["欢迎莅临", "会议室 3", "禁止吸烟"], HUAQIANG),
        (["上海启明电子有限公司"], HUAQIANG),
        (["有限公司"], HUAQIANG),
        (["深圳华强精密模具有限公司"], ("广州云帆科技有限公司", "云帆")),
        (["华"], ("华",)),  # a single character says nothing
        (["恒大"], ("恒达",)),  # two must be there to the letter
        (["深圳市"], ("深圳市有限公司",)),
    ],
)
def test_another_name_is_not(lines: list[str], names: tuple[str, ...]) -> None:
    assert not sighting(lines, names).seen


@given(st.lists(st.text(max_size=60), max_size=8), st.lists(st.text(max_size=40), max_size=4))
def test_anything_may_be_read(lines: list[str], names: list[str]) -> None:
    assert 0 <= sighting(lines, names).score <= 1
