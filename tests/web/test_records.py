"""The page of records: the viewer's own or his region's, filtered by its address; every link on it opens."""

import re
from html import unescape
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from adapters.web.records import PAGE
from tests.web.company import DEMO, EAST, EXCESS, NEED, NOW, SHORT, SILENT, opened, record
from tests.web.outside import Bench

Web = TestClient[Any, Any]
LINK = re.compile(r'href="/record/([^"?/]+)"')


async def listed(web: Web, desk: Bench, person: str, query: str = "") -> list[str]:
    answer = await web.get(f"/record{query}", cookies=desk.session(person))
    assert answer.status == 200, query
    return LINK.findall(unescape(await answer.text()))


async def test_each_sees_what_is_his(web: Web, desk: Bench) -> None:
    assert await listed(web, desk, "E001") == [NEED, DEMO]
    assert await listed(web, desk, "E002") == []
    assert await listed(web, desk, "E003") == [EAST]
    assert set(await listed(web, desk, "D001")) == {NEED, DEMO, EXCESS, SILENT}  # a red light of one action opens that action
    assert set(await listed(web, desk, "D002")) == {EAST}
    assert set(await listed(web, desk, "X001")) == {NEED, DEMO, EAST, EXCESS, SILENT}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?stage=demo", [DEMO]),
        ("?kind=need_diagnosis", [NEED]),
        ("?customer=C001&rep=E001&region=south", [NEED, DEMO]),
        ("?customer=C002", []),
        ("?rep=E003", []),
        ("?region=east", []),
        ("?state=quarantined", []),
        ("?state=complete&month=2026-11", [NEED, DEMO]),
        ("?month=2026-10", []),
    ],
)
async def test_filters_only_ever_narrow(web: Web, desk: Bench, query: str, found: list[str]) -> None:
    assert await listed(web, desk, "D001", query) == found


@pytest.mark.parametrize("query", ["?month=2026-13", "?state=x", "?cursor=x", "?nothing=1", "?rep=" + "x" * 65, "?rep=%00", "?rep=a&rep=b"])
async def test_a_wrong_address_is_said_to_be_wrong(web: Web, desk: Bench, query: str) -> None:
    assert (await web.get(f"/record{query}", cookies=desk.session("D001"))).status == 422


async def test_the_rest_is_a_link_away_and_nothing_comes_twice(web: Web, desk: Bench) -> None:
    for number in range(PAGE + 3):
        await record(desk.database, *opened(f"a_02MORE{number:02}", "C001", "E001", "south", "need", "need_diagnosis", NOW))
    answer = await web.get("/record?customer=C001", cookies=desk.session("E001"))
    page = unescape(await answer.text())
    first = LINK.findall(page)
    further = re.search(r'href="(/record\?[^"]*cursor=[^"]*)"', page)
    assert further and len(first) == PAGE and "customer=C001" in further[1]
    rest = await listed(web, desk, "E001", further[1].removeprefix("/record"))
    assert len({*first, *rest}) == len(first) + len(rest) == PAGE + 5


async def test_red_lights_stand_above_for_directors_only(web: Web, desk: Bench) -> None:
    page = await (await web.get("/record", cookies=desk.session("D001"))).text()
    assert "未处理的红灯" in page and "只停留 1 分 2 秒" in page
    assert f"/record/{DEMO}" in page and SHORT not in page
    assert "未处理的红灯" not in await (await web.get("/record", cookies=desk.session("E001"))).text()
    assert "未处理的红灯" not in await (await web.get("/record", cookies=desk.session("D002"))).text()
