"""The visit page in a real browser: one thumb, no permission, no network, a clock set wrong, another key, an old session."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, Request, Route, async_playwright, expect

from tests.browser.conftest import LIGHTS
from tests.e2e.conftest import MONDAY
from tests.e2e.director import Director
from tests.e2e.house import House, house
from tests.e2e.material import photo
from tests.e2e.phone import THERE, page_in
from tests.e2e.rep import Rep
from tests.e2e.seen import api, taken_in
from tests.outside import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
FAKES = ("--no-sandbox", "--use-fake-device-for-media-stream")
EVERYTHING = ("geolocation", "camera", "microphone")


@pytest.fixture
async def h(tmp_path: Path, migrated: Path) -> AsyncIterator[House]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "e2e.sqlite3").write_bytes(migrated.read_bytes())
    async with house(tmp_path, MONDAY) as found:
        await at_home(found)
        yield found


async def at_home(h: House) -> None:
    """The product knows the address that it has here."""
    text = h.path.read_text(encoding="utf-8").replace("http://127.0.0.1:8080", h.product.url)
    h.path.write_text(text, encoding="utf-8")
    await h.until("the address", lambda: h.product.line.config().server.public_url == h.product.url)


class Hand:
    """A rep's phone in a browser."""

    def __init__(self, house: House, context: BrowserContext, page: Page, visit: str) -> None:
        self.house, self.context, self.page, self.visit = house, context, page, visit
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def opens(self, way: str = "/auth/wecom/go?to=") -> None:
        await self.page.goto(f"{self.house.product.url}{way}/visit/{self.visit}")

    async def walks(self) -> None:
        """A receiver that is never quite still."""
        for step in range(200):
            await self.context.set_geolocation({"latitude": THERE[0] + step * 1e-5, "longitude": THERE[1], "accuracy": 12 + step % 5})
            await asyncio.sleep(0.4)

    async def starts(self, says: str, button: str = "#start") -> None:
        walk = asyncio.create_task(self.walks())
        try:
            await self.page.click(button)
            await self.hears(says)
        finally:
            walk.cancel()

    async def hears(self, says: str) -> None:
        await expect(self.page.locator("#say")).to_contain_text(says, timeout=45_000)

    async def sees(self) -> None:
        """The finder shows something."""
        for _ in range(100):
            if await self.page.evaluate("document.getElementById('finder').videoWidth > 0"):
                return
            await asyncio.sleep(0.1)
        raise AssertionError("no picture")

    async def picture(self, name: str) -> None:
        await self.page.screenshot(path=self.house.path.parent / f"{name}.png")

    async def wide(self) -> bool:
        return bool(await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@asynccontextmanager
async def hand(h: House, visit: str, permissions: tuple[str, ...] = EVERYTHING, user: str = "li.na", **given: Any) -> AsyncIterator[Hand]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FAKES))
        shape = {"viewport": {"width": 360, "height": 740}} | given
        context = await browser.new_context(**shape)
        await context.grant_permissions(list(permissions))
        await context.set_geolocation({"latitude": THERE[0], "longitude": THERE[1], "accuracy": 12})
        found = Hand(h, context, await context.new_page(), visit)
        if user:
            await context.add_cookies([{"name": "wecom_user", "value": user, "url": h.product.url}])
            await found.opens()
        else:
            await found.opens("")
        yield found
        await browser.close()


async def begun(h: House) -> str:
    return page_in(await Rep(h).says("开始拜访 华强", "已开始拜访"))


async def enrolled(h: House, one: Hand) -> None:
    await one.starts("位置已送达")
    await h.hears("到场待主管确认")
    chen = Director(h)
    await h.does(chen.taps(await chen.gets("设备确认：李娜"), "同意"), "陈国栋同意了您的")
    await h.settled()


@pytest.mark.parametrize(("width", "height", "scheme"), LIGHTS)
async def test_the_whole_visit(h: House, width: int, height: int, scheme: str) -> None:
    visit, li_na = await begun(h), Rep(h)
    async with hand(h, visit, viewport={"width": width, "height": height}, color_scheme=scheme) as one:
        page = one.page
        await expect(page.locator("#start")).to_be_enabled()
        await one.picture(f"visit-begin-{width}-{scheme}")
        assert await one.wide()
        await enrolled(h, one)
        h.clock.wind(seconds=20)
        await page.reload()
        await expect(page.locator("#state")).to_contain_text("到场已核对")
        await expect(page.locator(".device")).to_contain_text("已备案")  # the key outlived the page
        await li_na.says("方案演示", "已进入")
        await page.click("#photo")
        await expect(page.locator("#camera")).to_be_visible()
        await one.sees()
        await one.picture(f"visit-camera-{width}-{scheme}")
        await page.click("#shutter")
        await one.hears("照片已送达")
        await expect(page.locator(".items")).to_contain_text("照片")
        await page.click("#voice")
        await expect(page.locator("#left")).to_have_text(re.compile("5[789]"), timeout=5000)
        await one.picture(f"visit-voice-{width}-{scheme}")
        await page.click("#voice-done")
        await one.hears("录音已送达")
        await expect(page.locator(".items")).to_contain_text("语音")
        await one.picture(f"visit-done-{width}-{scheme}")
        assert await one.wide()
        assert one.complaints == []
    await h.settled()
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["tier"] == "T3" and action["stamp"]["battery"] == 100.0
    assert {item["kind"]: item["state"] for item in action["evidence"]} == {"photo": "counted", "voice": "refused"}  # shorter than 30 s


@pytest.mark.long
async def test_small_screens_and_keys(h: House) -> None:
    async with hand(h, await begun(h), viewport={"width": 320, "height": 568}) as one:
        assert await one.wide()
        await one.picture("visit-320")
        box = await one.page.locator("#start").bounding_box()
        assert box and box["height"] >= 80 and box["y"] + box["height"] <= 568  # in reach of a thumb
        passed: list[str] = []
        while "start" not in passed and len(passed) < 20:
            await one.page.keyboard.press("Tab")
            passed.append(await one.page.evaluate("document.activeElement.id"))
        assert passed[-1] == "start"


async def test_no_location_is_said_and_counts_nothing(h: House) -> None:
    async with hand(h, await begun(h), permissions=()) as one:
        await one.page.click("#start")
        await one.hears("没有定位权限")
        await one.picture("visit-denied")
        await expect(one.page.locator("#start")).to_be_enabled()
    assert await h.sql("SELECT id FROM checks") == []


@pytest.mark.long
async def test_no_camera_no_microphone(h: House) -> None:
    async with hand(h, await begun(h), permissions=("geolocation",)) as one:
        await enrolled(h, one)
        async with one.page.expect_file_chooser() as chooser:
            await one.page.click("#photo")
        await one.hears("没有相机权限")
        await (await chooser.value).set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo(3)})
        await one.hears("照片已送达")
        await one.page.click("#voice")
        await one.hears("没有录音权限")
    await h.settled()
    (item,) = await h.sql("SELECT live FROM evidence")
    assert not item["live"]


@pytest.mark.long
async def test_a_clock_set_wrong_changes_nothing(h: House) -> None:
    """The browser's clock is a week ahead of the server's in every test here; now it is turned back by a day while the page is open."""
    async with hand(h, await begun(h)) as one:
        await one.page.evaluate("{ const real = Date.now; Date.now = () => real() - 86400000; }")
        await one.starts("位置已送达")
        await h.settled()
        (check,) = await h.sql("SELECT at, reasons FROM checks")
        assert abs(check["at"] / 1000 - h.clock.now().timestamp()) < 30 and "sign.late" not in check["reasons"]


@pytest.mark.long
async def test_two_taps_are_one_start(h: House) -> None:
    async with hand(h, await begun(h)) as one:
        await one.page.dblclick("#start")
        await one.starts("位置已送达", "body")
        await h.settled()
        assert len(await h.sql("SELECT id FROM checks")) == 1


async def test_without_network_it_is_kept_and_sent_once(h: House) -> None:
    async with hand(h, await begun(h)) as one:
        await enrolled(h, one)
        await Rep(h).says("方案演示", "已进入")
        await one.page.reload()
        await expect(one.page.locator("#photo")).to_be_enabled()
        await one.context.set_offline(True)
        await one.starts("没有网络", "#again")
        await one.page.click("#photo")
        await one.sees()
        await one.page.click("#shutter")
        await expect(one.page.locator("#queue li")).to_have_count(2)
        await one.picture("visit-offline")
        h.clock.wind(minutes=5)
        await one.context.set_offline(False)
        await expect(one.page.locator("#queue li")).to_have_count(0, timeout=45_000)
        await h.settled()
        assert len(await h.sql("SELECT id FROM evidence")) == 1
        checks = await h.sql("SELECT at, reasons FROM checks ORDER BY at, id")
        late = [row for row in checks if "sign.late" in row["reasons"]]
        assert len(late) == 1
        await expect(one.page.locator("#state")).to_contain_text("迟到")
        (item,) = await h.sql("SELECT sent_at, received_at, state FROM evidence")
        assert item["received_at"] - item["sent_at"] > 200_000 and item["state"] == "counted"


@pytest.mark.long
async def test_an_answer_that_was_lost_is_asked_for_again(h: House) -> None:
    """The network is cut after the server has it: sent again, counted once."""
    async with hand(h, await begun(h)) as one:
        cut = 0

        async def lose(route: Route, _: Request) -> None:
            nonlocal cut
            cut += 1
            if cut == 1:
                await route.fetch()
                await route.abort()
            else:
                await route.continue_()

        await one.page.route("**/start", lose)
        await one.starts("没有网络")
        await expect(one.page.locator("#say")).to_contain_text("位置已送达", timeout=45_000)
        await h.settled()
        assert cut == 2 and len(await h.sql("SELECT id FROM checks")) == 1


async def test_a_key_that_is_not_the_one_on_file(h: House) -> None:
    visit = await begun(h)
    async with hand(h, visit) as one:
        await enrolled(h, one)
    async with hand(h, visit) as other:  # another browser: another key
        await other.starts("位置已送达", "#again")
        await expect(other.page.locator("#state")).to_contain_text("设备与备案不一致")
        await other.picture("visit-other-key")
    await h.hears("到场未通过核对")
    assert [row["state"] for row in await h.sql("SELECT state FROM checks ORDER BY at DESC, id DESC LIMIT 1")] == ["refused"]


@pytest.mark.long
async def test_a_key_cannot_be_taken_out(h: House) -> None:
    async with hand(h, await begun(h)) as one:
        await expect(one.page.locator("#start")).to_be_enabled()
        told = await one.page.evaluate(
            """async () => {
              const done = (request) => new Promise((yes) => (request.onsuccess = () => yes(request.result)));
              const db = await done(indexedDB.open("salestrace", 1));
              const pair = await done(db.transaction("keys").objectStore("keys").get("E001"));
              try { await crypto.subtle.exportKey("pkcs8", pair.privateKey); return "taken"; } catch (error) { return error.name; }
            }"""
        )
        assert told == "InvalidAccessError"


@pytest.mark.long
async def test_what_the_page_signed_is_no_use_a_second_time(h: House) -> None:
    async with hand(h, await begun(h)) as one:
        async with one.page.expect_request(re.compile("/start$")) as sent:
            await one.starts("位置已送达")
        body, headers = json.loads((await sent.value).post_data or ""), (await sent.value).headers
        await h.settled()
        changed = {**body, "statement": body["statement"].replace("83", "84") + " "}
        statuses = await one.page.evaluate(
            """async ([url, bodies, token]) => Promise.all(bodies.map(async (body) => {
              const headers = { "content-type": "application/json", accept: "application/json", "x-csrf-token": token };
              const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
              return [answer.status, (await answer.json()).again ?? null];
            }))""",
            [f"/visit/{one.visit}/start", [body, changed], headers["x-csrf-token"]],
        )
        assert statuses == [[200, True], [403, None]]
        assert len(await h.sql("SELECT id FROM checks")) == 1


@pytest.mark.long
async def test_a_session_that_is_over(h: House) -> None:
    """What was made stays in the phone, and goes out after signing in again."""
    async with hand(h, await begun(h)) as one:
        await expect(one.page.locator("#start")).to_be_enabled()
        await one.context.clear_cookies(name="salestrace")
        await one.starts("登录已过期")
        await one.picture("visit-signin")
        await one.opens()
        await expect(one.page.locator("#state")).to_contain_text("待主管确认", timeout=15_000)
        await h.settled()
        assert len(await h.sql("SELECT id FROM checks")) == 1


@pytest.mark.long
async def test_a_link_passed_on_shows_nothing(h: House) -> None:
    async with hand(h, await begun(h), user="wang.hao") as other:
        await expect(other.page.locator("h1")).to_have_text("没有这条记录")
        assert "华强" not in await other.page.content()


KIT = """
const SHA = async (text) => [...new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text)))]
  .map((byte) => byte.toString(16).padStart(2, "0")).join("");
let granted = new Set(), settled, failed, calls = 0;
window.dd = {
  async config({ agentId, corpId, timeStamp, nonceStr, signature, jsApiList }) {
    const url = location.href.split("#")[0];
    const wanted = await SHA(`jsapi_ticket=dinge2e0001-ticket&noncestr=${nonceStr}&timestamp=${timeStamp}&url=${url}`);
    if (signature !== wanted || agentId !== 7 || corpId !== "dingcorp") return failed({ errCode: "7" });
    granted = new Set(jsApiList);
    settled();
  },
  ready: (act) => (settled = act),
  error: (act) => (failed = act),
  getLocation({ coordinate, success, fail }) {
    if (!granted.has("getLocation") || coordinate !== "0") return fail({ errCode: "11" });
    calls += 1;
    success({ latitude: String(LAT + calls * 1e-5), longitude: "LNG", accuracy: "15" });
  },
  requestAuthCode: ({ corpId, clientId, success, fail }) => {
    if (corpId !== "dingcorp" || clientId !== "dinge2e0001") return fail({ errCode: "1" });
    success({ code: "CODE" });
  },
  getSystemInfo: ({ success, fail }) => (granted.has("getSystemInfo") ? success({ currentBattery: "41%" }) : fail({ errCode: "11" })),
};
"""


PEOPLE = """id,name,role,region,wecom,dingtalk
E001,李娜,rep,south,li.na,ding-na
"""


@pytest.mark.long
async def test_dingtalks_client_signs_in_and_tells_place_and_battery(tmp_path: Path, migrated: Path) -> None:
    """Its kit stands beside us; it lets in who carries the right signature."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "e2e.sqlite3").write_bytes(migrated.read_bytes())
    (data / "jsapi").mkdir()
    (data / "jsapi" / "dingtalk.js").write_text(KIT.replace("LAT", str(THERE[0])).replace("LNG", str(THERE[1])))
    async with house(tmp_path, MONDAY, dingtalk=True, ding_table='corp_id = "dingcorp"\nagent_id = 7\n') as h:
        await at_home(h)
        await taken_in(h, "people", PEOPLE)
        assert h.dingtalk
        h.dingtalk.world.inside["CODE"] = ("ding-na", h.clock.now() + timedelta(minutes=5))
        async with hand(
            h, await begun(h), permissions=(), user="", user_agent="Mozilla/5.0 (Linux; Android 14) AliApp(DingTalk/7.6.0)"
        ) as one:
            await expect(one.page.locator("#start")).to_be_enabled()
            await one.page.click("#start")
            await one.hears("位置已送达")
            await h.settled()
            (check,) = await h.sql("SELECT battery, point, reasons FROM checks")
            assert check["battery"] == 41.0 and "sign.few" not in check["reasons"]
            assert [told for told in one.complaints if "401" not in told] == []  # the page that signs in is no page of his yet
