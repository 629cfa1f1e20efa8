"""申诉 through the wire and through the page: the same entry, the other side told once, gone with whoever is erased."""

import json
from typing import Any

import aiohttp
import pytest

from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.pages import FEISHU, PUBLIC
from tests.e2e.rep import Rep
from tests.e2e.seen import api, words
from tests.e2e.test_privacy import _erase
from tests.web.forms import field

REFOLD = pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)


async def made(h: House) -> list[dict[str, Any]]:
    bodies = await h.sql("SELECT body FROM ledger_bodies WHERE type = 'statement.made' AND body IS NOT NULL")
    return [json.loads(row["body"]) for row in bodies]


class Browser:
    """Somebody's browser in Feishu: signs in once, keeps its cookies."""

    def __init__(self, h: House, session: aiohttp.ClientSession) -> None:
        self._h, self._session = h, session

    async def get(self, path: str) -> str:
        url = f"{self._h.product.url}{path}"
        for _ in range(8):
            async with self._session.get(url, allow_redirects=False) as answer:
                if answer.status == 200:
                    return await answer.text()
                assert answer.status in {302, 303}, answer.status
                place = answer.headers["Location"].replace(PUBLIC, self._h.product.url)
                url = place if place.startswith("http") else f"{self._h.product.url}{place}"
        raise AssertionError("too many redirects")

    async def post(self, path: str, **form: str) -> tuple[int, str]:
        page = await self.get(path.rpartition("/")[0])
        url = f"{self._h.product.url}{path}"
        async with self._session.post(url, data={"csrf": field(page, "csrf"), **form}, allow_redirects=False) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def browser(h: House) -> Any:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(headers=FEISHU, cookie_jar=jar, cookies={"feishu_user": "ou_chen"}) as session:
        yield Browser(h, session)


@REFOLD
async def test_the_rep_says_it_in_chat_and_the_director_answers_on_the_page(h: House, li_na: Rep, chen: Director, browser: Browser) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    await li_na.says(f"申诉 {action['id']} 打卡点在停车场", "已告知对方")
    told = await h.until("told", lambda: next((x for x in h.feishu.screen("ou_chen") if "打卡点在停车场" in words(x)), None))
    assert f"/record/{action['id']}" in words(told)
    assert "打卡点在停车场" in await browser.get(f"/record/{action['id']}")
    status, _ = await browser.post(f"/record/{action['id']}/statement", text="知道了，\n下次请打在门口")
    assert status == 303
    await h.hears("知道了， 下次请打在门口")
    assert [(one["by"], one["text"]) for one in await made(h)] == [("E001", "打卡点在停车场"), ("D001", "知道了， 下次请打在门口")]
    (after,) = await api(h, "actions", "items")
    assert after["verdict"] == action["verdict"]


async def test_a_double_tap_says_it_once(h: House, li_na: Rep, browser: Browser) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    path = f"/record/{action['id']}/statement"
    assert (await browser.post(path, text="看过了"))[0] == 303
    status, page = await browser.post(path, text="看过了")
    assert status == 422 and "没有再记一次" in page
    await h.settled()
    assert len(await made(h)) == 1
    assert sum("看过了" in words(one) for one in li_na.screen) == 1


async def test_what_cannot_be_recorded_is_said_on_the_page_and_keeps_what_was_written(h: House, li_na: Rep, browser: Browser) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    status, page = await browser.post(f"/record/{action['id']}/statement", text="长" * 301)
    assert status == 422 and "最多 300 个字" in page and "长" * 301 in page
    assert (await browser.post(f"/record/{action['id']}/statement", text=" \n "))[0] == 422
    assert await made(h) == []


@REFOLD
async def test_a_directors_correction_from_the_page_is_that_of_the_chat(h: House, li_na: Rep, browser: Browser) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    status, _ = await browser.post(f"/record/{action['id']}/correction", text="需求确认")
    assert status == 303
    (after,) = await api(h, "actions", "items")
    assert (after["intent"]["stage"], after["intent"]["corrected_from"]) == ("need", "demo")
    again, _ = await browser.post(f"/record/{action['id']}/correction", text="需求确认")
    assert again == 422


@pytest.mark.parametrize("what", ["E001", "record"])
@REFOLD
async def test_it_goes_with_whom_it_is_about(h: House, li_na: Rep, browser: Browser, what: str) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    await li_na.says(f"申诉 {action['id']} 秘密的一句话", "已记入账本")
    await browser.post(f"/record/{action['id']}/statement", text="对他说的一句话")
    await h.settled()
    await h.down()
    assert await _erase(h, "E001" if what == "E001" else action["id"]) == 0
    await h.up()
    assert await made(h) == [] and await h.sql("SELECT id FROM statements") == []
