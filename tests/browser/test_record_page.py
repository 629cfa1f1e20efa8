"""The record's page, the list and 我的 in a real browser: hostile names, 核验 before and after a changed byte, three taps from a figure."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.e2e.conftest import MONDAY
from tests.e2e.house import DEVICE, House, house
from tests.e2e.rep import Rep
from tests.e2e.seen import api, taken_in
from tests.outside import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
SCREENS = [(360, 740, "light"), (360, 740, "dark"), (1440, 900, "light"), (1440, 900, "dark")]
LOOKED_AT = [pytest.param(one, marks=pytest.mark.long if at in (1, 2) else ()) for at, one in enumerate(SCREENS)]
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'
COPIES = '[photos]\nwatermark = true\nsign = "off"\n'
WIDTH = "document.documentElement.scrollWidth - innerWidth"
VIOLATIONS = """
window.violations = []
document.addEventListener("securitypolicyviolation", event => window.violations.push(event.violatedDirective))
"""


@pytest.fixture
async def h(tmp_path: Path, migrated: Path) -> AsyncIterator[House]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "e2e.sqlite3").write_bytes(migrated.read_bytes())
    async with house(tmp_path, MONDAY, COPIES) as found:
        text = found.path.read_text(encoding="utf-8").replace("http://127.0.0.1:8080", found.product.url)
        found.path.write_text(text, encoding="utf-8")
        await found.until("the address", lambda: found.product.line.config().server.public_url == found.product.url)
        yield found


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield found
        await found.close()


@asynccontextmanager
async def signed_in(
    h: House, browser: Browser, platform: str, user: str, screen: tuple[int, int, Any] = (360, 740, "light")
) -> AsyncIterator[tuple[Page, list[str]]]:
    """A browser of this person, and everything that it complained about."""
    width, height, scheme = screen
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    await context.add_cookies([{"name": f"{platform}_user", "value": user, "url": h.product.url}])
    complaints = _listening(context)
    page = await context.new_page()
    await page.add_init_script(VIOLATIONS)
    await page.goto(f"{h.product.url}/auth/{platform}/go?to=/me")
    yield page, complaints
    await context.close()


def _listening(context: BrowserContext) -> list[str]:
    complaints: list[str] = []
    context.on("console", lambda message: complaints.append(message.text))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("dialog", lambda dialog: complaints.append(dialog.message))
    return complaints


async def fits(page: Page) -> None:
    """Nothing sideways, nothing that moved after it was shown, nothing that the policy had to stop."""
    assert await page.evaluate(WIDTH) <= 0, page.url
    assert await page.evaluate("window.violations") == [], page.url


async def test_hostile_names_are_only_words_on_every_page(h: House, browser: Browser, tmp_path: Path) -> None:
    """In every stored string that a page shows: customer, alias, site, contact, note, statement, transcript, person."""
    customer = {"id": "C001", "name": f"华强{HOSTILE}", "annual_purchase": "800000", "owner": "E001", "address": HOSTILE}
    place = {"lat": "22.5365", "lng": "113.9455", "datum": "gcj02", "aliases": f"华强;{HOSTILE}"}
    await taken_in(h, "customers", json.dumps({"items": [customer | place]}))
    person = {"id": "E001", "name": f"李娜{HOSTILE}", "role": "rep", "region": "south", "wecom": "li.na", "device": DEVICE}
    await taken_in(h, "people", json.dumps({"items": [person]}))
    li_na = Rep(h)
    await li_na.checks_in(place=HOSTILE)
    await h.does(h.wecom.enter("li.na"), "已开始拜访")
    await li_na.says(f"加人 张{HOSTILE} 采购{HOSTILE}", "已登记")
    await li_na.demonstrates()
    await li_na.says(f"说明 C001 高层拜访 {HOSTILE}", "已记录")
    (action,) = await api(h, "actions", "items")
    await li_na.says(f"申诉 {action['id']} {HOSTILE}", "已记入账本")
    pages = (f"/record/{action['id']}", f"/record/{action['id']}/raw", "/record", "/record?customer=C001", "/me")
    for platform, user in (("wecom", "li.na"), ("feishu", "ou_chen")):
        for screen in SCREENS[::3]:
            async with signed_in(h, browser, platform, user, screen) as (page, complaints):
                for path in pages:
                    await page.goto(f"{h.product.url}{path}")
                    await fits(page)
                    assert await page.locator("script, img[src=x], [onerror]").count() == 0
                    if path != "/me" or platform == "wecom":
                        assert "<img src=x" in (await page.locator("body").inner_text()), path
                assert complaints == []


@pytest.mark.parametrize("screen", LOOKED_AT)
async def test_proof_and_a_changed_byte(h: House, browser: Browser, tmp_path: Path, screen: tuple[int, int, Any]) -> None:
    li_na = Rep(h)
    await li_na.visits()
    await h.settled()
    (action,) = await api(h, "actions", "items")
    photo = next(item for item in action["evidence"] if item["kind"] == "photo")
    async with signed_in(h, browser, "feishu", "ou_chen", screen) as (page, complaints):
        await page.goto(f"{h.product.url}/record/{action['id']}")
        await fits(page)
        await page.get_by_role("button", name="核验").click()
        result = page.locator("#proof")
        await expect(result).to_contain_text("完好：一个字节都没有被改动")
        await expect(result).to_contain_text("平台原始消息与台账里的摘要一致")
        await result.get_by_text("给第三方的证明").click()
        await expect(result).to_contain_text("包含路径")
        await fits(page)
        await page.screenshot(path=tmp_path / f"intact-{screen[0]}-{screen[2]}.png", full_page=True)
        path = h.product.line.vault.path(photo["sha256"])
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-1] + b"\x00")
        await page.get_by_role("button", name="核验").click()
        await expect(result).to_contain_text("发现 1 处与记录时不同")
        await expect(result.get_by_role("listitem").first).to_contain_text("照片原件被改动")
        await expect(result).to_contain_text(photo["id"])
        await fits(page)
        assert complaints == []


async def test_three_taps_from_a_figure_to_the_platforms_bytes(h: House, browser: Browser) -> None:
    """完成 1，共 … → the customer's records of the month → the record → the message itself."""
    li_na = Rep(h)
    await li_na.visits()
    await h.settled()
    async with signed_in(h, browser, "wecom", "li.na") as (page, complaints):
        await expect(page.locator("#slots")).to_contain_text("完成 1，共 6")
        await page.locator("#slots").get_by_role("link", name="华强").click()  # 1
        await expect(page.locator("h1")).to_contain_text("华强")
        await page.get_by_role("link", name="方案演示").click()  # 2
        await expect(page.locator(".verdict")).to_contain_text("三签齐全")
        await page.get_by_role("link", name="原始消息").click()  # 3
        await expect(page.locator("pre").first).to_contain_text("li.na")
        await fits(page)
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="下载原字节").first.click()
        assert b"li.na" in Path(await (await downloading.value).path()).read_bytes()
        assert complaints == []


async def test_statement_and_consent_by_hand_and_by_keyboard(h: House, browser: Browser) -> None:
    li_na = Rep(h)
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    async with signed_in(h, browser, "wecom", "li.na") as (page, complaints):
        await page.goto(f"{h.product.url}/record/{action['id']}")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="跳到内容")).to_be_focused()
        await page.get_by_label("写一句话").fill("打卡点在停车场")
        await page.get_by_role("button", name="提交申诉").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("已记入台账")
        await expect(page.locator("#statements")).to_contain_text("打卡点在停车场")
        await page.reload()
        assert len(await h.sql("SELECT id FROM statements")) == 1, "a reload sends nothing again"
        await page.goto(f"{h.product.url}/me")
        await page.get_by_text("撤回照片", exact=True).click()
        await page.get_by_role("button", name="确认撤回照片").click()
        await expect(page.get_by_role("button", name="同意使用照片")).to_be_visible()
        assert await h.sql("SELECT state FROM consents WHERE id = 'E001:photo'") == [{"state": "withdrawn"}]
        await page.get_by_role("button", name="同意使用照片").click()
        await expect(page.get_by_text("撤回照片", exact=True)).to_be_visible()
        assert complaints == []


async def test_an_expired_session_and_a_stale_form_lose_nothing_and_leak_nothing(h: House, browser: Browser) -> None:
    li_na = Rep(h)
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    async with signed_in(h, browser, "wecom", "li.na") as (page, _):
        await page.goto(f"{h.product.url}/record/{action['id']}")
        await page.get_by_label("写一句话").fill("还没写完")
        await page.context.clear_cookies()
        await page.get_by_role("button", name="提交申诉").click()
        await expect(page.locator("h1")).to_contain_text(re.compile("页面已过期|请先登录"))
        assert await h.sql("SELECT id FROM statements") == []
        await page.goto(f"{h.product.url}/record/{action['id']}")
        await expect(page.locator("h1")).to_have_text("请先登录")
        assert "华强" not in await page.content()


async def test_another_regions_director_sees_no_record(h: House, browser: Browser) -> None:
    li_na = Rep(h)
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    async with signed_in(h, browser, "feishu", "ou_zhou") as (page, _):
        for path in (f"/record/{action['id']}", f"/record/{action['id']}/raw"):
            answer = await page.goto(f"{h.product.url}{path}")
            assert answer and answer.status == 404 and "华强" not in await page.content()
        await page.goto(f"{h.product.url}/record")
        await expect(page.locator("main")).to_contain_text("没有符合的记录")


@pytest.mark.parametrize("screen", LOOKED_AT)
async def test_pages_fit_and_do_not_shift(h: House, browser: Browser, screen: tuple[int, int, Any]) -> None:
    li_na = Rep(h)
    await li_na.visits()
    await h.settled()
    (action,) = await api(h, "actions", "items")
    async with signed_in(h, browser, "feishu", "ou_chen", screen) as (page, complaints):
        await page.add_init_script(
            "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(one => window.shift += one.value))"
            ".observe({type: 'layout-shift', buffered: true})"
        )
        for path in (f"/record/{action['id']}", f"/record/{action['id']}/raw", "/record", "/me"):
            await page.goto(f"{h.product.url}{path}", wait_until="networkidle")
            await fits(page)
            assert await page.evaluate("window.shift") < 0.02, path
            assert await page.locator("nav[aria-label=主导航] [aria-current=page]").count() == 1
        assert complaints == []
