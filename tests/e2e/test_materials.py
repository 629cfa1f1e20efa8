"""A deck sent by a link of its own: said before it is counted, counted page by page, and its sender hears of it."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pypdfium2
import pytest

from adapters.slides import slides
from bot.decking import keep, take_deck
from bot.model import DeckPage
from bot.taking_in import store
from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.test_customers import WHOLE, _pool, fed, marks
from tests.e2e.test_decks import imported, opened, pdf, shows

PRESALES = "id,name,role,region,wecom,feishu\nP001,苏青,presales,south,su.qing,\nP002,罗飞,presales,east,luo.fei,\n"


async def material(h: House, name: str = "白皮书", tag: str = "资料", pages: int = 3) -> str:
    """Import a deck with a tag; its id."""
    path = h.path.parent / f"{name}.pdf"
    path.write_bytes(pdf(pages))
    line, facts, kept = h.product.line, [], []
    for _, _, slide in slides(path):
        (large, one), (small, other) = await keep(line, slide.large), await keep(line, slide.small)
        facts += [one, other]
        kept.append(DeckPage(large=large, small=small, width=slide.width, height=slide.height))
    assert await take_deck(line, name, [tag], kept, facts, "test")
    (row,) = await h.sql(f"SELECT id FROM decks WHERE name = '{name}'")
    return str(row["id"])


async def sends(h: House, words: str = "资料 白皮书 华强", user: str = "li.na") -> str:
    """The secret of the link that is to be passed on."""
    told = await h.does(h.wecom.say(user, words), "/material/", user)
    text = await h.hears("您好，这是《白皮书》", user)
    assert "浏览情况" in json.dumps(text, ensure_ascii=False)
    return str(re.findall(r"/material/([\w-]{22})", json.dumps(told))[0])


@dataclass
class Reader:
    """Somebody at the customer's; a browser without cookies."""

    h: House
    secret: str
    session: aiohttp.ClientSession
    home: str = ""
    nonce: str = ""
    seq: int = 0

    @property
    def door(self) -> str:
        return f"{self.h.product.url}/material/{self.secret}"

    async def get(self, path: str = "", home: bool = True) -> tuple[int, bytes]:
        async with self.session.get((self.home if home and self.home else self.door) + path, allow_redirects=False) as page:
            assert "Set-Cookie" not in page.headers
            return page.status, await page.read()

    async def goes_in(self) -> int:
        async with self.session.post(self.door, allow_redirects=False) as page:
            if page.status != 303:
                return page.status
            self.home = self.h.product.url + page.headers["Location"]
        await self.looks_on()
        return 303

    async def looks_on(self) -> None:
        async with self.session.get(self.home) as page:
            found = re.search(r'data-nonce="(\w+)"', await page.text())
            self.nonce, self.seq = found[1] if found else "", 0

    async def beats(self, active: float, page: int = 0, **more: Any) -> int:
        self.seq += 1
        told = {"nonce": self.nonce, "seq": self.seq, "page": page, "active": active, **more}
        async with self.session.post(f"{self.home}/beat", json=told) as answer:
            return answer.status


@asynccontextmanager
async def reader(h: House, secret: str) -> AsyncIterator[Reader]:
    async with aiohttp.ClientSession() as session:
        yield Reader(h, secret, session)


@pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)
async def test_said_first_then_counted_then_told(h: House, li_na: Rep) -> None:
    await material(h)
    async with reader(h, await sends(h, "资料 白皮书 华强 王工")) as page:
        status, door = await page.get()
        assert status == 200 and all(word in door.decode() for word in ("李娜", "王工", "白皮书", "每一页停留的秒数", "还没有记录任何东西"))
        await page.get()
        assert await h.sql("SELECT id FROM openings") == [] and (await h.sql("SELECT opens FROM materials"))[0]["opens"] == 0
        assert await page.goes_in() == 303
        await h.hears("王工 打开了资料")
        status, picture = await page.get("/large/2")
        assert status == 200 and picture.startswith(b"\xff\xd8\xff")
        for at in range(4):
            h.clock.wind(seconds=5)
            assert await page.beats(5, at % 2) == 200
        status, whole = await page.get("/download")
        assert status == 200 and len(pypdfium2.PdfDocument(whole)) == 3
        await page.beats(0, 1, over=True)
    await h.time_passes(seconds=11)
    told = json.dumps(await h.hears("王工 看完了资料"), ensure_ascii=False)
    assert "第 1 页 10 秒" in told and "下载 1 次" in told
    (row,) = await h.sql("SELECT opens, downloads, recipient FROM materials")
    assert row == {"opens": 1, "downloads": 1, "recipient": "王工"}
    (row,) = await h.sql("SELECT state, seconds FROM openings")
    assert row["state"] == "closed" and json.loads(row["seconds"]) == [10.0, 10.0, 0.0]


@WHOLE
async def test_three_links_that_he_opened_are_three_showings(h: House, li_na: Rep) -> None:
    """Sent is not shown: a link that nobody opens counts for nothing, and one that is opened twice counts once."""
    await material(h, "老客户成功案例")
    await fed(h, "tickets", "id,customer,closed_at\nT1,C001,2026-11-20\n")
    secrets = []
    for turn in range(4):
        before = len(li_na.screen)
        told = await li_na.says(f"资料 老客户成功案例 华强 王工{turn}", "/material/")
        assert len(li_na.screen) > before
        secrets.append(re.findall(r"/material/([\w-]{22})", json.dumps(told))[0])
    await h.time_passes(seconds=15)
    assert await marks(h) == []
    for secret, opens in ((secrets[0], 2), (secrets[1], 1)):
        async with reader(h, secret) as page:
            for _ in range(opens):
                assert await page.goes_in() == 303
                await h.time_passes(seconds=15)
    assert await marks(h) == []
    async with reader(h, secrets[3]) as page:
        assert await page.goes_in() == 303
    await h.time_passes(seconds=15)
    (mark,) = await marks(h)
    assert (mark["mark"], mark["until"]) == ("repurchase", None)
    assert {part["id"] for part in json.loads(mark["why"])["parts"]} == {"cases", "ticket"}


async def test_the_sender_looks_at_the_timeline_and_nobody_else(h: House, li_na: Rep) -> None:
    await material(h)
    secret = await sends(h)
    async with reader(h, secret) as page:
        for _ in range(2):
            await page.goes_in()
            h.clock.wind(seconds=5)
            await page.beats(5, 2)
            await page.beats(0, 2, over=True)
            await h.time_passes(seconds=11)
    assert len([one for one in h.rep_screen() if "打开了资料" in json.dumps(one, ensure_ascii=False)]) == 1
    (row,) = await h.sql("SELECT id FROM materials")
    url = f"/materials/{row['id']}"
    async with opened(h, f"http://x{url}") as mine, mine.session.get(h.product.url + url) as answer:
        text = await answer.text()
        assert answer.status == 200 and "2 次" in text and "10 秒" in text and secret not in text
    for user in ("wang.hao", "gu.lei"):
        async with opened(h, f"http://x{url}", user) as other, other.session.get(h.product.url + url) as answer:
            assert answer.status == 404
    async with aiohttp.ClientSession() as nobody, nobody.get(h.product.url + url) as answer:
        assert answer.status == 401


async def test_what_counts_for_nothing(h: House, li_na: Rep) -> None:
    """Replayed, claimed, after the end, of another link, of a deck that was shown and not sent."""
    await material(h)
    await imported(h, "产品册")
    await li_na.arrives()
    shown = (await shows(h)).rpartition("/")[2]
    one, other = await sends(h), await sends(h, "资料 白皮书 恒达")
    async with reader(h, one) as first, reader(h, other) as second:
        await first.goes_in()
        await second.goes_in()
        opening = first.home.rpartition("/")[2]
        h.clock.wind(seconds=5)
        assert await first.beats(500) == 400
        assert await first.beats(140) == 200
        first.seq -= 1
        assert await first.beats(5) == 409
        assert await first.beats(5, 99) == 409
        second.home = f"{h.product.url}/material/{other}/{opening}"
        for path in ("", "/large/1", "/download"):
            assert (await second.get(path))[0] == 404
        assert await second.beats(5) == 404
        for id_ in (shown, opening, "x" * 22, "%00" * 22, "..", "a" * 500):
            async with reader(h, id_) as stray:
                assert (await stray.get())[0] in (404, 405) and await stray.goes_in() in (404, 405)
        assert (await first.get("/large/4"))[0] == 404 and (await first.get("/huge/1"))[0] == 404
        h.clock.wind(days=31)
        for path in ("", "/download"):
            assert (await first.get(path))[0] == 410
        assert await first.beats(5) == 410
    await h.time_passes(seconds=100)
    rows = await h.sql("SELECT seconds FROM openings")
    assert sum(sum(json.loads(row["seconds"])) for row in rows) <= 6


async def test_coming_back_after_a_while_is_another_opening(h: House, li_na: Rep) -> None:
    await material(h)
    async with reader(h, await sends(h)) as page:
        await page.goes_in()
        await h.time_passes(seconds=95)
        assert await page.beats(5) == 410
        assert (await page.get())[0] == 303
        assert await page.goes_in() == 303
    (row,) = await h.sql("SELECT opens FROM materials")
    assert row["opens"] == 2


async def test_openings_and_downloads_are_limited(h: House, li_na: Rep) -> None:
    await material(h)
    async with reader(h, await sends(h)) as page:
        assert [await page.goes_in() for _ in range(31)] == [303] * 30 + [429]
        assert [(await page.get("/download"))[0] for _ in range(21)] == [200] * 20 + [429]


async def test_words_that_miss(h: House, li_na: Rep) -> None:
    await li_na.says("资料 白皮书 华强", "还没有可以发给客户的资料")
    await material(h)
    await imported(h, "产品册")
    await li_na.says("资料", "资料 白皮书 华强 王工")
    await li_na.says("资料 产品册 华强", "没有叫「产品册」的资料，没有发给 深圳华强精密模具有限公司。可以发的：白皮书")
    await li_na.says("资料 白皮书", "发给哪位客户")
    await li_na.says("资料 白皮书 华为", "没有找到客户「华为」")
    await li_na.says("资料 白皮书 云帆", "没有找到客户「云帆」")  # another rep's
    await li_na.arrives()
    await li_na.says("资料 白皮书", "链接在下一条消息里")
    (row,) = await h.sql("SELECT customer FROM materials")
    assert row["customer"] == "C001"


@pytest.mark.parametrize("h", [Setting(more='[materials]\nsandbox_url = "https://try.example.cn/a?b=1"\n')], indirect=True)
async def test_presales_taps_a_card(h: House) -> None:
    """The buttons `material:<deck>:<customer>` and `sandbox:<customer>` of a card, within the presales engineer's own region."""
    deck = await material(h)
    await store(h.product.line, "people", PRESALES.encode(), "people.csv", "test")
    for user, name in (("su.qing", "苏青"), ("luo.fei", "罗飞")):
        await h.wecom.add_member(user, name)
    await h.does(h.wecom.click("su.qing", f"material:{deck}:C003"), "链接在下一条消息里", "su.qing")
    await h.does(h.wecom.click("luo.fei", f"material:{deck}:C003"), "没有找到客户", "luo.fei")
    h.clock.wind(seconds=1)
    await h.does(h.wecom.click("su.qing", "material::C001"), "链接在下一条消息里", "su.qing")
    await material(h, "选型指南", "白皮书")
    h.clock.wind(seconds=1)
    card = await h.does(h.wecom.click("su.qing", "material::C001"), "发哪一份资料", "su.qing")
    await h.does(h.wecom.tap("su.qing", card["id"], Rep.button(card, "选型指南")), "选型指南", "su.qing")
    rows = await h.sql('SELECT customer, "by" FROM materials ORDER BY id')
    assert {(row["customer"], row["by"]) for row in rows} == {("C003", "P001"), ("C001", "P001")}
    granted = await h.does(h.wecom.click("su.qing", "sandbox:C003"), "已为 广州云帆", "su.qing")
    assert "https://try.example.cn/a?b=1" in json.dumps(granted)
    await h.does(h.wecom.say("luo.fei", "开沙箱 云帆"), "没有找到客户", "luo.fei")
    await h.does(h.wecom.say("luo.fei", "开沙箱"), "为哪位客户开通", "luo.fei")


async def test_a_director_sends_from_feishu_and_hears_there(h: House, chen: Director) -> None:
    await material(h)
    await h.feishu.say("ou_chen", "资料 白皮书 云帆")
    card = await chen.gets("白皮书", "看浏览记录")
    secret = re.findall(r"/material/([\w-]{22})", json.dumps(card["card"]))[0]
    async with reader(h, secret) as page:
        await page.goes_in()
    await chen.gets("打开了资料")
    await h.feishu.say("ou_chen", "开沙箱 云帆")
    await h.settled()
    assert "沙箱地址还没有配置" in json.dumps(h.feishu.screen("ou_chen")[-1], ensure_ascii=False)


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_on_dingtalk(h: House) -> None:
    await material(h)
    people = "id,name,role,region,dingtalk\nE009,李娜,rep,south,ding-na\n"
    customers = "id,name,annual_purchase,owner,address,lat,lng,datum\nC009,佛山永利五金厂,1000,E009,季华路,23.02,113.12,gcj02\n"
    await store(h.product.line, "people", people.encode(), "people.csv", "test")
    await store(h.product.line, "customers", customers.encode(), "customers.csv", "test")
    assert h.dingtalk is not None
    await h.dingtalk.say("ding-na", "资料 白皮书 永利")
    await h.settled()
    shown = json.dumps(h.dingtalk.screen("ding-na"), ensure_ascii=False)
    assert "/material/" in shown and "/materials/mt_" in shown


@WHOLE
async def test_the_pools_card_sends_with_one_tap(h: House, li_na: Rep) -> None:
    await material(h)
    await _pool(h, li_na)
    card = await h.hears("高价值沉默客户", "su.qing")
    await h.does(h.wecom.tap("su.qing", card["id"], Rep.button(card, "发白皮书")), "链接在下一条消息里", "su.qing")
    await h.settled()
    (row,) = await h.sql('SELECT customer, "by" FROM materials')
    assert row["customer"] == "C001" and row["by"] != "E001"
