"""Signing in: the platform's OAuth there and back, and no way to be led elsewhere or signed in as somebody else."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.app import build
from adapters.web.signing import SESSION, Signer, local_path
from tests.web.company import DEMO, NOW
from tests.web.outside import SECRET, Bench

Web = TestClient[Any, Any]
WXWORK = {"User-Agent": "Mozilla/5.0 (iPhone) wxwork/4.1.20 MicroMessenger/7.0.1"}
LARK = {"User-Agent": "Mozilla/5.0 (Macintosh) Lark/7.20 LarkLocale/zh_CN"}


async def asked_state(web: Web, agent: dict[str, str], path: str = f"/record/{DEMO}") -> str:
    """Open a page without a session; the state that the platform is given."""
    response = await web.get(path, headers=agent, allow_redirects=False)
    assert response.status == 302
    return parse_qs(urlsplit(response.headers["Location"]).query)["state"][0]


@pytest.mark.parametrize(("agent", "platform"), [(WXWORK, "wecom"), (LARK, "feishu")])
async def test_sign_in_leads_back_to_the_very_record(web: Web, desk: Bench, agent: dict[str, str], platform: str) -> None:
    state = await asked_state(web, agent)
    assert state.isalnum() and len(state) <= 128
    back = await web.get(f"/auth/{platform}", params={"code": "ok-D001", "state": state}, allow_redirects=False)
    assert (back.status, back.headers["Location"]) == (302, f"/record/{DEMO}")
    assert (await web.get(f"/record/{DEMO}")).status == 200
    assert desk.viewed == [(DEMO, "D001", "page")]


async def test_another_browser_may_choose_the_way(web: Web) -> None:
    response = await web.get(f"/record/{DEMO}", headers={"User-Agent": "Firefox"})
    page = await response.text()
    assert response.status == 401 and "华强" not in page
    assert f'href="/auth/wecom/go?to=/record/{DEMO}"' in page and f'href="/auth/feishu/go?to=/record/{DEMO}"' in page
    chosen = await web.get(f"/auth/feishu/go?to=/record/{DEMO}", allow_redirects=False)
    assert chosen.headers["Location"].startswith("https://feishu.example/authorize")


async def test_state_counts_only_where_when_and_for_what_it_was_made(web: Web, desk: Bench) -> None:
    state = await asked_state(web, WXWORK)
    code = {"code": "ok-D001"}
    assert (await web.get("/auth/feishu", params={**code, "state": state}, allow_redirects=False)).status == 400
    assert (await web.get("/auth/wecom", params={**code, "state": state[:-2] + "AA"}, allow_redirects=False)).status == 400
    assert (await web.get("/auth/wecom", params={**code, "state": ""}, allow_redirects=False)).status == 400
    async with TestClient(TestServer(build(desk.desk()))) as other:
        assert (await other.get("/auth/wecom", params={**code, "state": state}, allow_redirects=False)).status == 400
    desk.clock.at = NOW + timedelta(minutes=11)
    assert (await web.get("/auth/wecom", params={**code, "state": state}, allow_redirects=False)).status == 400


async def test_unknown_account_is_told_so_politely(web: Web) -> None:
    state = await asked_state(web, WXWORK)
    response = await web.get("/auth/wecom", params={"code": "ok-NOBODY", "state": state}, allow_redirects=False)
    assert response.status == 403 and "您还不在名单里" in await response.text()
    assert "salestrace" not in response.cookies


async def test_code_that_the_platform_refuses_signs_nobody_in(web: Web) -> None:
    state = await asked_state(web, WXWORK)
    response = await web.get("/auth/wecom", params={"code": "used", "state": state}, allow_redirects=False)
    assert response.status == 403 and "salestrace" not in response.cookies


async def test_session_ends_after_hours_and_with_the_job(web: Web, desk: Bench) -> None:
    from bot.store.tables import PersonRow

    cookie = desk.session("D001")
    assert (await web.get(f"/record/{DEMO}", cookies=cookie)).status == 200
    await PersonRow.filter(id="D001").update(active=False)
    assert (await web.get(f"/record/{DEMO}", cookies=cookie)).status == 401
    await PersonRow.filter(id="D001").update(active=True)
    desk.clock.at = NOW + SESSION
    assert (await web.get(f"/record/{DEMO}", cookies=cookie)).status == 401


@pytest.mark.parametrize("forged", ["", ".", "x.y", "MTc5NTQ0MDAwMC5YMDAx.AAAA", "é.ü", "a" * 5000])
async def test_forged_session_is_no_session(web: Web, forged: str) -> None:
    response = await web.get(f"/record/{DEMO}", headers={"Cookie": f"salestrace={forged}"})
    assert response.status == 401


async def test_cookie_is_bound_to_host_and_https(desk: Bench) -> None:
    async with TestClient(TestServer(build(desk.on_https().desk()))) as web:
        first = await web.get(f"/record/{DEMO}", headers=WXWORK, allow_redirects=False)
        query = parse_qs(urlsplit(first.headers["Location"]).query)
        assert query["redirect_uri"] == ["https://bot.example.cn/auth/wecom"]
        browser = first.cookies["__Host-salestrace-login"]
        headers = {"Cookie": f"__Host-salestrace-login={browser.value}"}
        back = await web.get("/auth/wecom", params={"code": "ok-D001", "state": query["state"][0]}, headers=headers, allow_redirects=False)
        cookie = back.cookies["__Host-salestrace"]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil", "/%09/evil.example", "javascript:alert(1)", "/a\nb"]
)
async def test_nobody_is_led_elsewhere(web: Web, to: str) -> None:
    first = await web.get("/auth/wecom/go", params={"to": to}, allow_redirects=False)
    state = parse_qs(urlsplit(first.headers["Location"]).query)["state"][0]
    back = await web.get("/auth/wecom", params={"code": "ok-D001", "state": state}, allow_redirects=False)
    where = back.headers["Location"]
    assert where.startswith("/") and not where.startswith(("//", "/\\")) and "evil" not in where.split("/")[1:2]


@given(st.text())
def test_local_path_is_always_local(text: str) -> None:
    path = local_path(text)
    assert path.startswith("/") and not path.startswith("//") and "\\" not in path
    assert urlsplit(path).netloc == "" and all(33 <= ord(letter) < 127 for letter in path)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=64))
def test_session_gives_the_person_back_until_it_ends(person: str) -> None:
    signer = Signer(SECRET)
    cookie = signer.session(person, NOW)
    assert signer.person(cookie, NOW + SESSION - timedelta(seconds=1)) == person
    assert signer.person(cookie, NOW + SESSION) is None
    assert Signer(b"another").person(cookie, NOW) is None


@given(st.text())
def test_rubbish_is_neither_session_nor_state(text: str) -> None:
    signer = Signer(SECRET)
    assert signer.person(text, NOW) is None
    assert signer.returns_to("wecom", "browser", text, NOW) is None


def test_state_and_session_are_no_use_as_each_other() -> None:
    signer = Signer(SECRET)
    assert signer.person(signer.state("wecom", "b", "/record/a", NOW), NOW) is None
    assert signer.returns_to("wecom", "b", signer.session("E001", NOW), NOW) is None


def test_path_too_long_for_a_state_leads_home() -> None:
    signer = Signer(SECRET)
    state = signer.state("wecom", "b", "/record/" + "x" * 200, NOW)
    assert (len(state) <= 128, signer.returns_to("wecom", "b", state, NOW)) == (True, "/")


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/board?month=2026-11&region=south", "/board?month=2026-11&region=south"),
        (f"/board/slots?month=2026-11&region=south&rep={'E' * 40}", "/board/slots"),
    ],
)
def test_filters_come_back_where_they_fit(path: str, back: str) -> None:
    signer = Signer(b"k" * 32)
    assert signer.returns_to("wecom", "b", signer.state("wecom", "b", path, NOW), NOW) == back
