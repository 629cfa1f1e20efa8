"""What changes something must come from our own pages: token, and what the browser says of where the request began."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.signing import SESSION, TOKEN, Signer
from tests.web.company import NOW
from tests.web.outside import SECRET, Bench

Web = TestClient[Any, Any]
BEAT = "/deck/p_unknown/beat"
OURS = {"Origin": "http://127.0.0.1:8080"}


def told(who: str = "person D001") -> dict[str, str]:
    return {"X-CSRF-Token": Signer(SECRET).token(who, NOW)}


async def test_a_post_without_our_token_reaches_nothing(web: Web, desk: Bench) -> None:
    cookies = desk.session("D001")
    for headers in ({}, OURS, told("person D002"), told("visitor x"), {"X-CSRF-Token": "é"}, {"X-CSRF-Token": "A" * 4000}):
        answer = await web.post(BEAT, json={}, cookies=cookies, headers=headers)
        assert (answer.status, (await answer.json())["error"]["code"]) == (403, "csrf"), headers
    assert (await web.post(BEAT, json={}, cookies=cookies, headers=told())).status == 404
    assert (await web.post(BEAT, json={}, cookies=cookies, headers=told() | OURS)).status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8080.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_token_is_no_use_from_another_site(web: Web, desk: Bench, headers: dict[str, str]) -> None:
    assert (await web.post(BEAT, json={}, cookies=desk.session("D001"), headers=told() | headers)).status == 403


async def test_a_form_carries_it_as_a_field_and_gets_a_page_in_return(web: Web, desk: Bench) -> None:
    cookies = desk.session("D001")
    refused = await web.post(BEAT, data={"csrf": "x"}, cookies=cookies)
    assert refused.status == 403 and "页面已过期" in await refused.text()
    assert (await web.post(BEAT, data={"csrf": told()["X-CSRF-Token"]}, cookies=cookies)).status == 404


async def test_who_is_not_signed_in_has_one_of_his_browser(web: Web) -> None:
    headers = {"Cookie": "salestrace-visitor=abc"} | told("visitor abc")
    assert (await web.post(BEAT, json={}, headers=headers)).status == 401
    assert (await web.post(BEAT, json={}, headers=headers | {"Cookie": "salestrace-visitor=abd"})).status == 403


async def test_it_ends(web: Web, desk: Bench) -> None:
    desk.clock.at = NOW + TOKEN
    assert (await web.post(BEAT, json={}, cookies=desk.session("D001"), headers=told())).status == 403
    assert TOKEN > SESSION  # who signs in again goes on


async def test_callbacks_and_integrations_know_no_token(web: Web) -> None:
    assert (await web.post("/wecom/callback", data=b"real:1")).status == 200


@given(st.text(), st.text())
def test_rubbish_is_no_token(who: str, text: str) -> None:
    signer = Signer(SECRET)
    assert not signer.holds(who, text, NOW)
    assert signer.holds(who, signer.token(who, NOW), NOW + TOKEN - timedelta(seconds=1))
    assert not signer.holds(f"{who}.", signer.token(who, NOW), NOW)
