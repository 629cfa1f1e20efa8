"""A new user's first ten minutes, in a real browser: a visit by chat, three silent days, a red light that somebody takes over."""

import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from tests.outside import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[2]
SLOW = 20_000.0  # milliseconds that an answer may take on a busy machine
expect.set_options(timeout=SLOW)


@dataclass
class Watched:
    """A page, and everything that the browser had to complain about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", lambda request: None if "/feed" in request.url else self.complaints.append(request.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The demo as a user starts it; ending it must give 0."""
    command = [sys.executable, "-u", "-m", "bot", "demo", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout
        found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+/", line) for line in demo.stdout)), None)
        assert found, "the demo ended before it was ready"
        drain = threading.Thread(target=demo.stdout.read)
        drain.start()
        yield found[0]
        demo.terminate()
        assert demo.wait(12) == 0
        drain.join()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        await started.close()


async def _open(browser: Browser, address: str, width: int, height: int, scheme: str = "light") -> Watched:
    page = await browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(SLOW)
    watched = Watched(page)
    watched.listen()
    await page.goto(address)
    await page.wait_for_selector("body[data-ready]")
    return watched


async def _say(page: Page, text: str, answer: str) -> None:
    """Type as the rep, and wait for an answer of the bot's with these words."""
    if await page.locator("#rep [aria-label=切换到键盘]").count():
        await page.click("#rep [aria-label=切换到键盘]")
    answers = page.locator("#rep .row.theirs", has_text=answer)
    before = await answers.count()
    await page.fill("#rep input[name=text]", text)
    await page.press("#rep input[name=text]", "Enter")
    await expect(answers).not_to_have_count(before)


async def _pick(page: Page, tool: str, choice: str, answer: str) -> None:
    await page.click(f"#rep .tray button:has-text('{tool}')")
    await page.click(f".sheet button:has-text('{choice}')")
    await expect(page.locator("#rep .row.theirs", has_text=answer).last).to_be_visible()


async def test_visit_three_silent_days_and_an_acknowledged_alert(browser: Browser, address: str, tmp_path: Path) -> None:
    watched = await _open(browser, address, 1440, 900)
    page = watched.page

    await page.click("#rep .tray button:has-text('外出打卡')")
    await expect(page.locator(".readout")).to_contain_text("围栏内")
    await page.screenshot(path=tmp_path / "1-map.png", animations="disabled")
    await page.click(".sheet button:has-text('打卡') >> nth=-1")
    await expect(page.locator("#rep .row.theirs", has_text="华强").last).to_be_visible()

    await _say(page, "开始拜访 华强", "华强")
    await _say(page, "方案演示", "方案演示")
    await _pick(page, "照片", "会议室", "照片 1/1")
    await page.click("text=快进 1 小时")
    await _pick(page, "语音", "方案演示讲了", "语音 1/1")
    await page.click("#rep .tray button:has-text('照片')")
    await page.click(".sheet button:has-text('合影')")
    await expect(page.locator("#rep .row.theirs", has_text="已收")).to_have_count(3)
    await _say(page, "结束拜访", "结束")
    await page.screenshot(path=tmp_path / "2-visit.png", animations="disabled")

    near = page.locator("#group .fcard", has_text="启衡")
    await expect(near).to_have_attribute("data-template", "red")
    await expect(page.locator("#owner .card", has_text="启衡")).to_be_visible()

    await page.click("text=快进 3 天")
    card = page.locator("#group .fcard", has_text="华强").last
    await expect(card).to_have_attribute("data-template", "red")
    await page.screenshot(path=tmp_path / "3-silent.png", animations="disabled")
    await card.locator("button", has_text="我来跟进").click()
    await expect(card).to_have_attribute("data-template", "yellow")
    await expect(card).to_contain_text("已跟进")
    await expect(card.locator("button", has_text="我来跟进")).to_have_count(0)
    await page.screenshot(path=tmp_path / "4-acknowledged.png", animations="disabled")

    async with page.context.expect_page() as opened:
        await card.locator("a", has_text="查看记录").click()
    record = await opened.value
    await expect(record.locator("body")).to_contain_text("华强")
    await record.screenshot(path=tmp_path / "5-record.png", full_page=True)
    assert watched.complaints == []


async def test_page_plays_a_visit_by_itself_on_a_phone_in_the_dark(browser: Browser, address: str, tmp_path: Path) -> None:
    watched = await _open(browser, address, 360, 740, "dark")
    page = watched.page
    await page.click("#play")
    await expect(page.locator("#play")).to_be_disabled()
    await expect(page.locator("#play")).to_be_enabled(timeout=60_000)
    await expect(page.locator("#rep .row.theirs", has_text="结束").last).to_be_visible()
    await expect(page.locator("#story li", has_text="停下")).to_have_count(0)
    await page.screenshot(path=tmp_path / "phone-visit.png", animations="disabled")
    for tab in ("owner", "group", "rep"):
        await page.click(f"#tab-{tab}")
        assert await page.locator(".column:visible").count() == 1
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.screenshot(path=tmp_path / f"phone-{tab}.png", animations="disabled")
    assert watched.complaints == []


@pytest.mark.long
async def test_everybody_sits_where_he_likes(browser: Browser, address: str, tmp_path: Path) -> None:
    """The rep on DingTalk, then on Feishu; the directors on DingTalk, then on WeCom: the same visit, the same red light."""
    watched = await _open(browser, address, 1440, 900)
    page = watched.page
    await page.select_option("#rep .seat", "dingtalk")
    await expect(page.locator("#rep .tray button", has_text="签到")).to_be_visible()
    await page.select_option("#group .seat", "dingtalk")
    await expect(page.locator("#group .seat")).to_be_enabled()
    await page.click("#rep .tray button:has-text('签到')")
    await page.click(".sheet button:has-text('签到') >> nth=-1")
    await expect(page.locator("#rep .card", has_text="华强").last).to_be_visible()
    await page.locator("#rep .card", has_text="华强").last.get_by_role("button", name="方案演示").click()
    await expect(page.locator("#rep .row.theirs", has_text="已进入").last).to_be_visible()
    await _pick(page, "照片", "会议室", "照片 1/1")
    await _pick(page, "语音", "方案演示讲了", "语音 1/1")
    await _say(page, "商务谈判", "已进入")
    card = page.locator("#group .card", has_text="方案演示").last
    await expect(card).to_contain_text("单聊，发「红灯」")
    await page.screenshot(path=tmp_path / "1-dingtalk.png", animations="disabled")
    async with page.context.expect_page() as opened:
        await card.locator("a", has_text="查看记录").click()
    await expect((await opened.value).locator("body")).to_contain_text("方案演示")

    await page.select_option("#rep .seat", "feishu")
    await expect(page.locator("#rep .tray button", has_text="位置")).to_be_visible()
    await page.select_option("#group .seat", "wecom")
    await expect(page.locator("#group .seat")).to_be_enabled()
    await _say(page, "今日", "今日动作")
    await page.screenshot(path=tmp_path / "2-feishu.png", animations="disabled")
    await page.select_option("#rep .seat", "wecom")
    await page.select_option("#group .seat", "feishu")
    await expect(page.locator("#group .seat")).to_be_enabled()
    assert watched.complaints == []
