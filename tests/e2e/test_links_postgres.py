"""Customers' links on PostgreSQL: signatures raced for, a material read, and everything recomputed from the ledger."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import databases
from tests.e2e.conftest import MONDAY, Setting, sound
from tests.e2e.house import House, house
from tests.e2e.rep import Rep
from tests.e2e.test_materials import material, reader, sends
from tests.e2e.test_signatures import asks

pytestmark = pytest.mark.postgres


@pytest.fixture
async def h(postgres_template: str, tmp_path: Path) -> AsyncIterator[House]:
    """The product on a PostgreSQL database of its own."""
    async with databases.postgres(postgres_template) as url, house(tmp_path, MONDAY, database=url) as found:
        yield found
        await found.settled()
        await sound(found, Setting(refold=True))


async def test_links_on_postgresql(h: House) -> None:
    li_na = Rep(h)
    await li_na.arrives()
    await li_na.says("需求确认", "需求确认")
    await li_na.shows("已收")
    customer, gone = await asks(h), await asks(h, "签字 乙")
    await li_na.says("作废签字", "已作废")
    answers = await asyncio.gather(*(customer.signs(name=name) for name in ("甲", "乙", "丙")))
    assert sorted(status for status, _ in answers) == [200, 409, 409]
    assert (await gone.sees())[0] == 410
    assert (await customer.gets("/receipt"))[1].startswith(b"%PDF")
    await material(h)
    async with reader(h, await sends(h)) as page:
        assert await page.goes_in() == 303
        h.clock.wind(seconds=5)
        assert await page.beats(5, 1) == 200
        assert (await page.get("/download"))[0] == 200
    await h.time_passes(seconds=100)
    (row,) = await h.sql("SELECT opens, downloads FROM materials")
    assert dict(row) == {"opens": 1, "downloads": 1}
