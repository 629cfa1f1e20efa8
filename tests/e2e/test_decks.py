"""A deck shown from the chat: its seconds become evidence, and too few of them a red light."""

import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image, ImageDraw
from yarl import URL

from adapters.slides import BadDeck, slides
from bot.decking import keep, take_deck
from bot.model import DeckPage
from tests.e2e.conftest import Setting
from tests.e2e.house import House
from tests.e2e.pages import csrf_of
from tests.e2e.rep import Rep
from tests.e2e.seen import api


def pdf(pages: int) -> bytes:
    made = []
    for number in range(pages):
        picture = Image.new("RGB", (800, 450), (20 + 60 * number, 90, 120))
        ImageDraw.Draw(picture).text((40, 40), f"page {number + 1}", fill="white")
        made.append(picture)
    target = io.BytesIO()
    made[0].save(target, "PDF", save_all=True, append_images=made[1:])
    return target.getvalue()


async def imported(h: House, name: str, pages: int = 3) -> None:
    path = h.path.parent / f"{name}.pdf"
    path.write_bytes(pdf(pages))
    line, facts, kept = h.product.line, [], []
    for _, _, slide in slides(path):
        (large, one), (small, other) = await keep(line, slide.large), await keep(line, slide.small)
        facts += [one, other]
        kept.append(DeckPage(large=large, small=small, width=slide.width, height=slide.height))
    assert await take_deck(line, name, ["产品"], kept, facts, "test")
    assert not await take_deck(line, name, ["产品"], kept, facts, "test")


class Browser:
    """A page of the viewer, as its script acts."""

    def __init__(self, session: aiohttp.ClientSession, url: str, text: str) -> None:
        self.session, self.url = session, url
        found = re.search(r'data-nonce="(\w+)"', text)
        self.nonce, self.seq = found[1] if found else "", 0
        session.headers["X-CSRF-Token"] = csrf_of(text)

    async def beats(self, active: float, page: int = 0, **more: Any) -> int:
        self.seq += 1
        told = {"nonce": self.nonce, "seq": self.seq, "page": page, "active": active, **more}
        async with self.session.post(f"{self.url}/beat", json=told) as answer:
            return answer.status


@asynccontextmanager
async def opened(h: House, link: str, user: str = "li.na") -> AsyncIterator[Browser]:
    """Sign in as the client does, and open the link of the card."""
    path = URL(link).path
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, cookies={"wecom_user": user}) as session:
        public = h.product.line.config().server.public_url
        async with session.get(f"{h.product.url}/auth/wecom/go", params={"to": path}, allow_redirects=False) as to:
            consent = to.headers["Location"]
        async with session.get(consent, allow_redirects=False) as back:
            home = back.headers["Location"].replace(public, h.product.url)
        async with session.get(home, allow_redirects=False) as signed:
            assert signed.status == 302, await signed.text()
        async with session.get(f"{h.product.url}{path}") as page:
            yield Browser(session, f"{h.product.url}{path}", await page.text() if page.status == 200 else "")


async def shows(h: House, name: str = "产品册", user: str = "li.na") -> str:
    card = await h.does(h.wecom.say(user, f"演示 {name}"), "/deck/", user)
    return str(re.findall(r"http[^\"]+/deck/[^\"]+", json.dumps(card))[0])


@pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)
async def test_85_seconds_are_a_red_light_and_evidence(h: House, li_na: Rep) -> None:
    await imported(h, "产品册")
    await li_na.arrives()
    link = await shows(h)
    async with opened(h, link) as page:
        assert page.nonce
        async with page.session.get(f"{page.url}/large/2") as picture:
            assert picture.status == 200 and (await picture.read()).startswith(b"\xff\xd8\xff")
        for at in range(17):
            h.clock.wind(seconds=5)
            assert await page.beats(5, at % 3) == 200
    await li_na.shows("照片 1/1")
    await li_na.speaks(31, "语音 1/1")
    h.clock.wind(seconds=300)  # talking goes on: the page is what counts
    await li_na.says("商务谈判", "放完了")
    await h.settled()
    (light,) = await api(h, "alerts", "items")
    assert (light["rule"], light["values"]["seconds"] if "values" in light else 85.0) == ("short-demo", 85.0)
    actions = {one["intent"]["stage"]: one for one in await api(h, "actions", "items")}
    (deck,) = [item for item in actions["demo"]["evidence"] if item["kind"] == "deck"]
    assert (deck["seconds"], deck["state"]) == (85.0, "counted")
    async with opened(h, link) as page:
        assert page.nonce == ""  # over: no page counts any more


async def test_90_seconds_are_none_and_the_end_of_the_page_tells_the_rep(h: House, li_na: Rep) -> None:
    await imported(h, "产品册")
    await li_na.arrives()
    async with opened(h, await shows(h)) as page:
        for _ in range(18):
            h.clock.wind(seconds=5)
            await page.beats(5, 1)
        await page.beats(0, 1, over=True)
    await h.time_passes(seconds=11)
    card = await h.hears("产品册 放完了")
    assert "第 2 页 90 秒" in json.dumps(card, ensure_ascii=False)
    await li_na.says("商务谈判", "已进入")
    await h.settled()
    assert await api(h, "alerts", "items") == []


async def test_what_counts_for_nothing(h: House, li_na: Rep) -> None:
    """Forged, replayed, from an older tab, by somebody else, after the end."""
    await imported(h, "产品册")
    await li_na.arrives()
    link = await shows(h)
    async with opened(h, link) as first, opened(h, link) as second:
        h.clock.wind(seconds=10)
        assert await first.beats(5) == 409
        assert await second.beats(140) == 200
        second.seq -= 1
        assert await second.beats(5) == 409
        assert await second.beats(5, 99) == 409
        whole = {"nonce": second.nonce, "seq": 9, "page": 0, "active": 1}
        for bad in ({"nonce": 1}, {"active": -1}, {"active": "5"}, {"active": 1e9}, {"seq": 0}, {"page": "x"}, {"page": True}):
            async with second.session.post(f"{second.url}/beat", json=whole | bad) as answer:
                assert answer.status == 400, bad
        async with second.session.post(f"{second.url}/beat", data=b"x" * 5000) as answer:
            assert answer.status == 400
    async with opened(h, await shows(h, user="wang.hao"), "wang.hao") as other:
        other.url = f"{h.product.url}{URL(link).path}"
        assert await other.beats(5) == 404
    async with opened(h, link, "wang.hao") as other:
        assert other.nonce == ""
        assert await other.beats(5) == 403
    async with aiohttp.ClientSession() as nobody, nobody.get(f"{h.product.url}{URL(link).path}") as page:
        assert page.status == 401
    await li_na.says("商务谈判", "放完了")
    (row,) = await h.sql("SELECT seconds FROM presentations WHERE rep = 'E001'")
    assert 10 <= sum(json.loads(row["seconds"])) < 11  # what passed, not what was claimed


async def test_a_rehearsal_is_marked_and_counts_nowhere(h: House, li_na: Rep) -> None:
    await imported(h, "产品册")
    card = await h.does(h.wecom.say("li.na", "演示 产品"), "排练")
    link = re.findall(r"http[^\"]+/deck/[^\"]+", json.dumps(card))[0]
    async with opened(h, link) as page:
        h.clock.wind(seconds=5)
        await page.beats(5)
    await h.time_passes(seconds=95)
    await h.hears("排练，不计入")
    assert await h.sql("SELECT id FROM evidence") == []


async def test_decks_that_are_not_there(h: House, li_na: Rep) -> None:
    await li_na.says("演示 产品册", "还没有可以演示的讲稿")
    await imported(h, "产品册 A")
    await imported(h, "产品册 B", 1)
    await li_na.says("演示 手册", "没有叫「手册」的讲稿")
    await li_na.says("演示 产品册", "有几份讲稿符合")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"%PDF-1.4 nonsense", "读不了"),
        ("a.docx", b"x", "PDF、PPTX"),
        ("a.pptx", b"x", "LibreOffice"),
        ("folder", None, "没有图片"),
    ],
)
def test_files_that_are_no_deck(tmp_path: Path, name: str, data: bytes | None, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data) if data is not None else path.mkdir()
    with pytest.raises(BadDeck, match=words):
        list(slides(path))


def test_a_folder_of_pictures_in_their_natural_order(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        Image.new("RGB", (2000 + number, 1000), (number * 20, 0, 0)).save(tmp_path / f"{number}.png")
    found = [(number, of, slide.width) for number, of, slide in slides(tmp_path)]
    assert found == [(1, 3, 1600), (2, 3, 1600), (3, 3, 1600)]
