"""The deck viewer in a real browser: pages turn, seconds count only while somebody looks, and 85 of them are a red light."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.clock import SystemClock
from tests.e2e.conftest import MONDAY
from tests.e2e.house import House, house
from tests.e2e.rep import Rep
from tests.e2e.seen import api
from tests.e2e.test_decks import imported
from tests.outside import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
async def h(tmp_path: Path, migrated: Path) -> AsyncIterator[House]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "e2e.sqlite3").write_bytes(migrated.read_bytes())
    async with house(tmp_path, MONDAY) as found:
        yield found


async def page_of(h: House, page: Page, card: object) -> str:
    """Open the card's link as the rep's own client does."""
    link = str(re.findall(r"http[^\"]+(/deck/[^\"]+)", json.dumps(card))[0])
    text = h.path.read_text(encoding="utf-8").replace("http://127.0.0.1:8080", h.product.url)
    h.path.write_text(text, encoding="utf-8")
    await h.until("the address", lambda: h.product.line.config().server.public_url == h.product.url)
    await page.context.add_cookies([{"name": "wecom_user", "value": "li.na", "url": h.product.url}])
    await page.goto(f"{h.product.url}/auth/wecom/go?to={link}")
    return link


async def still(page: Page) -> None:
    """Its clock stands: only `passes` moves it, however slow the machine is."""
    now = SystemClock().now()
    await page.clock.install(time=now)
    await page.clock.pause_at(now + timedelta(seconds=1))


async def passes(h: House, page: Page, seconds: int) -> None:
    """Time goes on, for the browser and for the server."""
    for _ in range(seconds // 5):
        h.clock.wind(seconds=5)
        async with page.expect_response(re.compile("/beat")):
            await page.clock.run_for(5000)


async def closed(h: House, page: Page) -> None:
    """The page is left, and its farewell has arrived: a browser that is killed in the same moment may take it along."""
    await page.goto("about:blank")
    for _ in range(200):
        if await h.sql("SELECT 1 FROM viewings WHERE due_at - beat_at <= 10000"):  # milliseconds: it closes soon
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the farewell did not arrive")


@pytest.mark.parametrize(("width", "height", "scheme"), [(360, 740, "light"), (1440, 900, "dark")])
async def test_eighty_five_seconds_in_a_browser(h: House, tmp_path: Path, width: int, height: int, scheme: str) -> None:
    li_na, complaints = Rep(h), []
    await imported(h, "产品册")
    await li_na.arrives()
    card = await li_na.says("演示 产品册", "打开")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type] # a literal
        page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await still(page)
        await page_of(h, page, card)
        await expect(page.locator("#where")).to_have_text("1 / 3")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await passes(h, page, 40)
        await page.click("#forth")
        await expect(page.locator("#where")).to_have_text("2 / 3")
        await page.mouse.move(50, 50)
        await passes(h, page, 45)
        await page.screenshot(path=tmp_path / f"deck-{width}-{scheme}.png")
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("#where")).to_have_text("3 / 3")
        await closed(h, page)
        await browser.close()
    await h.time_passes(seconds=11)
    result = await h.hears("产品册 放完了")
    assert "第 1 页 40" in json.dumps(result, ensure_ascii=False)
    await li_na.says("商务谈判", "已进入")
    await h.settled()
    (light,) = await api(h, "alerts", "items")
    assert light["rule"] == "short-demo"
    assert complaints == []


async def test_nobody_looks_nothing_counts(h: House) -> None:
    """A hidden page, and one that nobody touches for a minute."""
    li_na = Rep(h)
    await imported(h, "产品册")
    await li_na.arrives()
    card = await li_na.says("演示 产品册", "打开")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = await browser.new_page()
        await still(page)
        await page_of(h, page, card)
        await expect(page.locator("#where")).to_have_text("1 / 3")
        await passes(h, page, 120)  # idle after sixty
        spent = await page.locator("#spent").text_content()
        assert spent in {"0:59", "1:00", "1:01"}
        await browser.close()
    await li_na.says("商务谈判", "放完了")
    (row,) = await h.sql("SELECT seconds FROM presentations")
    assert 58 <= sum(json.loads(row["seconds"])) <= 62
