"""Who is named in a voice."""

import pytest

from bot.config.schema import Config
from bot.hearing.deciding import same_title
from bot.hearing.people import named
from bot.model import Contact

WANG, LI, ZHANG, ZHANG_TOO = (Contact(id=str(n), customer="C001", name=name) for n, name in enumerate(("王建国", "李总", "张明", "张伟")))


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("今天见到了王建国", [WANG]),
        ("王经理说可以", [WANG]),
        ("李总在场", [LI]),
        ("张总也来了", []),
        ("张明和王工都来了", [WANG, ZHANG]),
        ("王者归来", []),
        ("", []),
    ],
)
def test_by_name_or_by_a_family_name_that_is_unique(text: str, who: list[Contact]) -> None:
    assert list(named(text, (WANG, LI, ZHANG, ZHANG_TOO))) == who


@pytest.mark.parametrize(("written", "same"), [("CTO", True), ("cto兼副总", True), ("技术总监", True), ("财务总监", False), ("", False)])
def test_a_title_under_any_of_its_names(written: str, same: bool) -> None:
    assert same_title("CTO", written, Config()) is same
