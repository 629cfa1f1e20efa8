"""What a business card says, and what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.business_card import BusinessCard, read


@pytest.mark.parametrize(
    ("lines", "card"),
    [
        (
            ["深圳华强精密模具有限公司", "赵明", "技术总监", "手机：138 0000 1111", "电话 0755-26788888"],
            BusinessCard(name="赵明", title="技术总监", phone="13800001111"),
        ),
        (["王 建 国  采购总监", "T 0755-26788888"], BusinessCard(name="王建国", title="采购总监", phone="0755-26788888")),
        (["Huaqiang Precision", "李娜 | CTO", "+86 139-1234-5678"], BusinessCard(name="李娜", title="CTO", phone="13912345678")),
        (["孙丽"], BusinessCard(name="孙丽")),
        (["总经理", "华强公司"], None),
        (["欢迎光临"], None),
        ([], None),
    ],
)
def test_lines_become_a_contact(lines: list[str], card: BusinessCard | None) -> None:
    assert read(lines) == card


@given(st.lists(st.text(max_size=40), max_size=12))
def test_whatever_was_read_does_no_harm(lines: list[str]) -> None:
    found = read(lines)
    assert found is None or (2 <= len(found.name) <= 4 and len(found.title) <= 30)
