"""A house in which something happened, and a dossier of it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.commands.dossier import tools
from bot.dossier.making import Made, Request, make
from bot.ports import Timestamper
from bot.stamping import Stamping
from tests.e2e.conftest import h, li_na  # noqa: F401 - fixtures
from tests.e2e.house import House
from tests.e2e.rep import Rep

Pack = Callable[..., Awaitable[Path]]


async def pack(house: House, out: Path, *authorities: Timestamper, without: frozenset[str] = frozenset()) -> Made:
    """The dossier of C001."""
    line = house.product.line
    made_with = tools(house.setup(), line, Stamping(line.database, line.clock, authorities))
    return await make(made_with, Request(customer="C001", by="D001", without=without), out)


@pytest.fixture
async def visited(h: House, li_na: Rep) -> House:  # noqa: F811 - fixtures
    """Li Na's visit at C001, with a contact who has a phone, and somebody else's at C002."""
    await li_na.visits()
    await li_na.says("加人 王工 技术总监 影响人 13812345678", "王工")
    await li_na.says("开始拜访 恒达", "恒达")
    return h


@pytest.fixture
async def dossier(visited: House, tmp_path: Path) -> Path:
    out = tmp_path / "华强.zip"
    await pack(visited, out)
    return out
