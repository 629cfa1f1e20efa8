"""The survey's page in a real browser: one tap in the chat is the whole answer; without scripts it is one tap more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.e2e.conftest import MONDAY
from tests.e2e.house import House, house
from tests.e2e.pages import PUBLIC
from tests.e2e.test_survey import SURVEY, asked, links
from tests.outside import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SIZES = [(320, 640, "light"), (360, 740, "dark"), (1440, 900, "light")]


@pytest.fixture
async def h(tmp_path: Path, migrated: Path) -> AsyncIterator[House]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "e2e.sqlite3").write_bytes(migrated.read_bytes())
    async with house(tmp_path, MONDAY, SURVEY) as found:
        yield found


async def test_the_tap_in_the_chat_is_the_answer(h: House, tmp_path: Path) -> None:
    await asked(h)
    opens = {label: url.replace(PUBLIC, h.product.url) for label, url in links(h, "li.na").items()}
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for width, height, scheme in SIZES:
            page = await browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type] # a literal
            page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(opens["认可"].partition("#")[0])
            await expect(page.get_by_role("button")).to_have_count(3)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            for _ in range(2):  # the link that skips to the content comes first
                await page.keyboard.press("Tab")
            await expect(page.get_by_role("button", name="认可", exact=True)).to_be_focused()
            await page.screenshot(path=tmp_path / f"survey-{width}-{scheme}.png")
            await page.close()
        page = await browser.new_page()
        await page.goto(opens["一般"])
        await expect(page.get_by_role("heading", level=1)).to_have_text("谢谢，已记下")
        page = await browser.new_page()
        await page.goto(opens["认可"])
        await expect(page.get_by_role("heading", level=1)).to_have_text("这张问卷已经答过了")
        bare = await browser.new_context(java_script_enabled=False)
        plain = await bare.new_page()
        other = links(h, "wang.hao")["不认可"].replace(PUBLIC, h.product.url)
        await plain.goto(other)
        await plain.get_by_role("button", name="不认可").click()
        await expect(plain.get_by_role("heading", level=1)).to_have_text("谢谢，已记下")
        await browser.close()
    told = {row["answer"]: row["count"] for row in await h.sql("SELECT answer, count FROM survey_tallies")}
    assert told == {"fair": 1, "bad": 1}
    assert complaints == []
