"""The pages that customers open, in a real browser: signing by hand, by keyboard and wrongly; a material's door, pages and timeline."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.clock import SystemClock
from tests.e2e.conftest import MONDAY
from tests.e2e.house import House, house
from tests.e2e.rep import Rep
from tests.e2e.test_materials import material, sends
from tests.e2e.test_signatures import Customer, asks
from tests.outside import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
SIZES = [(360, 740, "light"), (360, 740, "dark"), (1440, 900, "light"), (1440, 900, "dark")]
INKED = """() => {
  const paper = document.getElementById("canvas");
  return paper.getContext("2d").getImageData(0, 0, paper.width, paper.height).data.some((value, at) => at % 4 === 3 && value > 0);
}"""
EVIL = 'x"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.fixture
async def h(tmp_path: Path, migrated: Path) -> AsyncIterator[House]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "e2e.sqlite3").write_bytes(migrated.read_bytes())
    async with house(tmp_path, MONDAY) as found:
        yield found


@asynccontextmanager
async def browsing(width: int, height: int, scheme: str, *, touch: bool = False) -> AsyncIterator[tuple[Page, list[str]]]:
    """A fresh browser, and everything that it complains of."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=touch)  # type: ignore[arg-type] # a literal
        page = await context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, complaints
        assert await context.cookies() == []
        await browser.close()


async def writes(page: Page) -> None:
    """A signature by hand."""
    await page.locator("#canvas").scroll_into_view_if_needed()
    box = await page.locator("#canvas").bounding_box()
    assert box
    spots = [(0.15, 0.7), (0.3, 0.25), (0.42, 0.75), (0.55, 0.3), (0.7, 0.65), (0.85, 0.4)]
    await page.mouse.move(box["x"] + box["width"] * spots[0][0], box["y"] + box["height"] * spots[0][1])
    await page.mouse.down()
    for x, y in spots[1:]:
        await page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=6)
    await page.mouse.up()


async def writes_by_finger(page: Page) -> None:
    """The same with a finger: touch events, as a phone sends them."""
    await page.locator("#canvas").scroll_into_view_if_needed()
    box = await page.locator("#canvas").bounding_box()
    assert box
    cdp = await page.context.new_cdp_session(page)

    async def touch(kind: str, *spots: tuple[float, float]) -> None:
        points = [{"x": box["x"] + box["width"] * x, "y": box["y"] + box["height"] * y} for x, y in spots]
        await cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    await touch("touchStart", (0.2, 0.7))
    for step in range(1, 13):
        await touch("touchMove", (0.2 + step / 20, 0.7 - 0.4 * (step % 2)))
    await touch("touchEnd")


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("width", "height", "scheme"), SIZES)
async def test_a_customer_signs_by_hand(h: House, tmp_path: Path, width: int, height: int, scheme: str) -> None:
    li_na = Rep(h)
    await li_na.arrives()
    await li_na.says("需求确认", "需求确认")
    await li_na.shows("已收")
    customer = await asks(h, "签字 一号注塑车间伺服改造项目设备验收单")
    shot = f"{width}-{scheme}.png"
    async with browsing(width, height, scheme) as (page, complaints):
        await page.goto(customer.url + "/code")
        await expect(page.locator("svg[role=img]")).to_be_visible()
        assert await fits(page)
        await page.screenshot(path=tmp_path / f"code-{shot}", full_page=True)
        await page.goto(customer.url)
        assert await fits(page)
        await page.screenshot(path=tmp_path / f"sign-empty-{shot}", full_page=True)
        await page.click("#go")
        await expect(page.locator("#problem")).to_have_text("请写上您的姓名。")
        await page.fill("#name", "王建国")
        await page.click("#go")
        await expect(page.locator("#problem")).to_contain_text("还没有签名")
        await writes(page)
        await page.click("#again")
        await page.click("#go")
        await expect(page.locator("#problem")).to_contain_text("还没有签名")
        await writes(page)
        await page.click("#go")
        await expect(page.locator("#problem")).to_contain_text("请勾选同意")
        assert await h.sql("SELECT id FROM evidence WHERE kind = 'signature'") == []
        await page.check("#consent")
        await page.screenshot(path=tmp_path / f"sign-{shot}", full_page=True)
        await page.dblclick("#go")
        await expect(page.locator(".done h2")).to_have_text("王建国，签字已收到")
        await page.screenshot(path=tmp_path / f"signed-{shot}", full_page=True)
        assert complaints == []
        await page.go_back()
        await expect(page.locator("#signing")).to_have_count(0)
    await h.hears("王建国 已签字")
    await h.settled()
    (row,) = await h.sql("SELECT state, method FROM signings")
    assert row == {"state": "signed", "method": "drawn"}
    assert len(await h.sql("SELECT id FROM evidence WHERE kind = 'signature'")) == 1


async def test_by_keyboard_alone(h: House) -> None:
    li_na = Rep(h)
    await li_na.arrives()
    customer = await asks(h)
    async with browsing(1440, 900, "light") as (page, complaints):
        await page.goto(customer.url)
        await page.focus("#name")
        await page.keyboard.type("Anna 王")
        await page.keyboard.press("Tab")
        await page.keyboard.type("CTO")
        await page.keyboard.press("Tab")
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("#typed")).to_have_text("Anna 王")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await expect(page.locator("#consent")).to_be_checked()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator(".done h2")).to_contain_text("Anna 王")
        assert complaints == []
    (row,) = await h.sql("SELECT method, name, title FROM signings")
    assert row == {"method": "typed", "name": "Anna 王", "title": "CTO"}


async def test_hostile_words_and_a_cut_network(h: House) -> None:
    li_na = Rep(h)
    await li_na.arrives()
    customer = await asks(h, f"签字 {EVIL}")
    async with browsing(360, 740, "light") as (page, complaints):
        await page.goto(customer.url)
        await expect(page.locator("#what")).to_have_text(EVIL)
        assert complaints == []
        await page.fill("#name", EVIL[:40])
        await writes(page)
        await page.check("#consent")
        await page.context.set_offline(True)
        await page.click("#go")
        await expect(page.locator("#problem")).to_contain_text("网络断开")
        await page.context.set_offline(False)
        complaints.clear()
        await page.click("#go")
        await expect(page.locator(".done h2")).to_contain_text("<script>")
        assert complaints == []
        assert await page.locator("script:not([src])").count() == 0


@pytest.mark.long
async def test_with_a_finger_on_a_small_phone_that_is_turned(h: House) -> None:
    """What was written stays when the phone is turned; a page of 320 px holds everything."""
    li_na = Rep(h)
    await li_na.arrives()
    customer = await asks(h)
    async with browsing(320, 640, "light", touch=True) as (page, complaints):
        await page.goto(customer.url)
        assert await fits(page)
        await page.fill("#name", "王建国")
        await writes_by_finger(page)
        await expect(page.locator("#again")).to_be_enabled()
        await page.set_viewport_size({"width": 640, "height": 320})
        assert await fits(page)
        await page.wait_for_function(INKED)
        await page.check("#consent")
        await page.click("#go")
        await expect(page.locator(".done h2")).to_contain_text("王建国")
        assert complaints == []
    (row,) = await h.sql("SELECT method FROM signings")
    assert row["method"] == "drawn"


@pytest.mark.long
async def test_expired_while_it_was_open(h: House) -> None:
    li_na = Rep(h)
    await li_na.arrives()
    customer = await asks(h)
    async with browsing(360, 740, "light") as (page, _):
        await page.goto(customer.url)
        await page.fill("#name", "王建国")
        await writes(page)
        await page.check("#consent")
        h.clock.wind(hours=9)
        await page.click("#go")
        await expect(page.locator("#problem")).to_contain_text("链接已过期")
        await page.reload()
        await expect(page.locator("h1")).to_have_text("这个签字链接已过期")
        await page.goto(Customer(h, "x" * 22).url)
        await expect(page.locator("h1")).to_have_text("这个链接打不开")
    assert await h.sql("SELECT id FROM evidence") == []


async def passes(h: House, page: Page, seconds: int) -> None:
    """Time goes on, for the browser and for the server."""
    for _ in range(seconds // 5):
        h.clock.wind(seconds=5)
        async with page.expect_response(re.compile("/beat")):
            await page.clock.run_for(5000)


@pytest.mark.parametrize(("width", "height", "scheme"), SIZES)
async def test_a_material_is_read(h: House, tmp_path: Path, width: int, height: int, scheme: str) -> None:
    await material(h, "伺服注塑节能白皮书")
    told = await h.does(h.wecom.say("li.na", "资料 伺服注塑节能白皮书 华强 王工"), "/material/")
    secret = str(re.findall(r"/material/([\w-]{22})", json.dumps(told))[0])
    shot = f"{width}-{scheme}.png"
    async with browsing(width, height, scheme) as (page, complaints):
        await page.clock.install(time=SystemClock().now())
        await page.goto(f"{h.product.url}/material/{secret}")
        assert await fits(page)
        await page.screenshot(path=tmp_path / f"door-{shot}", full_page=True)
        assert await h.sql("SELECT id FROM openings") == []
        await page.click("text=知道了，打开资料")
        await expect(page.locator("#where")).to_have_text("1 / 3")
        assert await fits(page)
        await passes(h, page, 20)
        await page.click("#forth")
        await passes(h, page, 10)
        await page.screenshot(path=tmp_path / f"view-{shot}", full_page=True)
        async with page.expect_download() as download:
            await page.click("text=下载 PDF")
        assert Path(await (await download.value).path()).read_bytes().startswith(b"%PDF")
        await page.goto("about:blank")
        assert complaints == []
        await h.time_passes(seconds=100)
        (row,) = await h.sql("SELECT id FROM materials")
        text = h.path.read_text(encoding="utf-8").replace("http://127.0.0.1:8080", h.product.url)
        h.path.write_text(text, encoding="utf-8")
        await h.until("the address", lambda: h.product.line.config().server.public_url == h.product.url)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type] # a literal
        await page.context.add_cookies([{"name": "wecom_user", "value": "li.na", "url": h.product.url}])
        await page.goto(f"{h.product.url}/auth/wecom/go?to=/materials/{row['id']}")
        await expect(page.locator("h1")).to_have_text("伺服注塑节能白皮书")
        await expect(page.locator(".pages li")).to_have_count(3)
        assert await fits(page)
        await page.screenshot(path=tmp_path / f"sent-{shot}", full_page=True)
        await browser.close()
    (opening,) = await h.sql("SELECT seconds FROM openings")
    first, second, _ = json.loads(opening["seconds"])
    assert 19 <= first <= 21 and 9 <= second <= 11


@pytest.mark.long
async def test_coming_back_counts_as_another_opening(h: House) -> None:
    await material(h)
    secret = await sends(h)
    async with browsing(360, 740, "light") as (page, _):
        await page.clock.install(time=SystemClock().now())
        await page.goto(f"{h.product.url}/material/{secret}")
        await page.click("text=知道了，打开资料")
        await expect(page.locator("#where")).to_have_text("1 / 3")
        await h.time_passes(seconds=95)
        async with page.expect_navigation():
            await page.clock.run_for(5000)
        await expect(page.locator("#where")).to_have_text("1 / 3")
    (row,) = await h.sql("SELECT opens FROM materials")
    assert row["opens"] == 2
