"""The whole story in a real browser: the page opens the visit, the deck is shown for 85 seconds, the director checks and takes over."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from bot.render import seconds
from tests.browser.test_deck_page import closed, page_of, passes, still
from tests.browser.test_record_page import signed_in
from tests.browser.test_visit_page import at_home, begun, enrolled, hand
from tests.e2e.conftest import MONDAY
from tests.e2e.director import Director
from tests.e2e.house import House, house
from tests.e2e.rep import Rep
from tests.e2e.seen import api
from tests.e2e.test_decks import imported
from tests.outside import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
async def h(tmp_path: Path, migrated: Path) -> AsyncIterator[House]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "e2e.sqlite3").write_bytes(migrated.read_bytes())
    async with house(tmp_path, MONDAY) as found:
        await at_home(found)
        yield found


async def test_from_the_start_on_the_page_to_the_acknowledged_red_light(h: House, tmp_path: Path) -> None:
    li_na, chen = Rep(h), Director(h)
    await imported(h, "产品册")
    visit = await begun(h)
    async with hand(h, visit) as phone:
        await enrolled(h, phone)
        h.clock.wind(seconds=20)
        await phone.page.reload()
        await expect(phone.page.locator("#state")).to_contain_text("到场已核对")
        await li_na.says("方案演示", "已进入")
        card = await li_na.says("演示 产品册", "打开")
        deck = await phone.context.new_page()
        await still(deck)
        await page_of(h, deck, card)
        await passes(h, deck, 40)
        await deck.click("#forth")
        await passes(h, deck, 45)
        await closed(h, deck)
        assert phone.complaints == []
    await h.time_passes(seconds=11)
    # What the machine itself takes between two heartbeats counts as well: some seconds on a busy one.
    assert re.search("第 1 页 4[0-4]", json.dumps(await h.hears("产品册 放完了"), ensure_ascii=False))
    await li_na.says("商务谈判", "已进入")
    light = await chen.alert("方案演示")
    (shown,) = await h.sql("SELECT seconds FROM presentations")
    total = sum(json.loads(shown["seconds"]))
    assert 85 <= total < 90 and light["card"]["header"]["title"]["content"] == f"方案演示 {seconds(total)}"
    behaviour = chen.button(light, "查看记录")
    assert behaviour
    link = str(behaviour["default_url"])
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        async with signed_in(h, browser, "feishu", "ou_chen", (1440, 900, "light")) as (page, complaints):
            await page.goto(link)
            await expect(page.locator("main")).to_contain_text("方案演示")
            await page.get_by_role("button", name="核验").click()
            await expect(page.locator("#proof")).to_contain_text("完好：一个字节都没有被改动")
            await page.screenshot(path=tmp_path / "story.png", full_page=True)
            assert await chen.taps(light, "我来跟进")
            await h.settled()
            assert complaints == []
        await browser.close()
    (alert,) = await api(h, "alerts", "items")
    assert (alert["rule"], alert["state"]) == ("short-demo", "acknowledged")
    (action, _) = sorted(await api(h, "actions", "items"), key=lambda one: str(one["stamp"]["at"]))
    assert action["stamp"]["source"] == "page"
