"""Signing in inside DingTalk's client: its kit's code, once, with the page's token, for its own member."""

import re
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.conftest import Setting
from tests.e2e.house import House
from tests.e2e.pages import DINGTALK, csrf_of
from tests.e2e.seen import taken_in

INSIDE = pytest.mark.parametrize("h", [Setting(dingtalk=True, ding='corp_id = "dingcorp"\n')], indirect=True)
PEOPLE = """id,name,role,region,dingtalk
E001,李娜,rep,south,ding-na
"""


def code(h: House, user: str = "ding-na", name: str = "c1") -> str:
    """What `dd.requestAuthCode` gives."""
    assert h.dingtalk
    h.dingtalk.world.inside[name] = (user, h.clock.now() + timedelta(minutes=5))
    return name


def kit(h: House) -> Path:
    folder = h.path.parent / "data" / "jsapi"
    folder.mkdir(exist_ok=True)
    (folder / "dingtalk.js").write_text("window.dd = {};", encoding="utf-8")
    return folder / "dingtalk.js"


@INSIDE
async def test_the_kits_code_is_a_session_once(h: House) -> None:
    await taken_in(h, "people", PEOPLE)
    kit(h)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(base_url=h.product.url, headers=DINGTALK, cookie_jar=jar) as session:
        async with session.get("/me", allow_redirects=False) as page:
            text = await page.text()
            assert page.status == 401 and 'data-corp="dingcorp"' in text and "李娜" not in text
        csrf, url = csrf_of(text), "/auth/dingtalk/inside"
        async with session.post(url, data={"code": code(h), "to": "/me"}, allow_redirects=False) as answer:
            assert answer.status == 403  # without the page's token
        async with session.post(url, data={"code": "unknown", "to": "/me", "csrf": csrf}, allow_redirects=False) as answer:
            assert answer.status == 403
        async with session.post(url, data={"code": code(h), "to": "//evil.example", "csrf": csrf}, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, "/")
        async with session.get("/me") as page:
            assert page.status == 200 and "李娜" in await page.text()
    assert h.dingtalk and not h.dingtalk.world.inside  # it was used up
    async with aiohttp.ClientSession(base_url=h.product.url, headers=DINGTALK, cookie_jar=aiohttp.CookieJar(unsafe=True)) as other:
        async with other.get("/me") as page:
            csrf = csrf_of(await page.text())
        async with other.post("/auth/dingtalk/inside", data={"code": "c1", "to": "/me", "csrf": csrf}, allow_redirects=False) as answer:
            assert answer.status == 403
        late = code(h)
        h.clock.wind(minutes=6)
        async with other.post("/auth/dingtalk/inside", data={"code": late, "to": "/me", "csrf": csrf}, allow_redirects=False) as answer:
            assert answer.status == 403
        async with other.post("/auth/dingtalk/inside", data={"code": code(h, "stranger"), "csrf": csrf}, allow_redirects=False) as answer:
            assert answer.status == 403 and "您还不在名单里" in await answer.text()


@INSIDE
async def test_without_the_kit_it_is_the_sign_in_page(h: House) -> None:
    async with aiohttp.ClientSession(base_url=h.product.url, headers=DINGTALK) as session:
        async with session.get("/me", allow_redirects=False) as page:
            assert page.status == 302 and re.search("/oauth2/auth", page.headers["Location"])
        async with session.get("/visit/kit/dingtalk.js") as file:
            assert file.status == 404
        path = kit(h)
        async with session.get("/visit/kit/dingtalk.js") as file:
            assert file.status == 200 and await file.text() == path.read_text(encoding="utf-8")
        for name in ("wecom.js", "..%2fsession.key", "x.js"):
            async with session.get(f"/visit/kit/{name}") as file:
                assert file.status == 404
