"""The menu, the live checks, and page sign-in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from adapters.sandbox.wecom import WeComStandIn
from adapters.wecom import WeComAdapter
from bot.errors import DeliveryError, FetchError


async def test_menu_is_created_once(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    assert [await adapter.ensure_menu(), await adapter.ensure_menu()] == [True, False]
    keys = [item["key"] for top in standin.menu for item in top.get("sub_button", [top])]
    assert sorted(keys) == ["end", "help", "mydata", "scenes", "stages", "start", "today", "withdraw"]


async def test_changed_menu_is_put_right(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    standin.world.menu = [{"type": "click", "name": "旧", "key": "old"}]
    assert [fine for fine, _ in await adapter.doctor(fix=False)] == [True, False, True]
    assert [fine for fine, _ in await adapter.doctor(fix=True)] == [True, True, True]
    assert standin.menu[0]["name"] == "拜访"


async def test_doctor_names_the_mistake(make_adapter: Callable[..., WeComAdapter], standin: WeComStandIn) -> None:
    adapter = make_adapter(secret="wrong")
    [(fine, line)] = await adapter.doctor(fix=False)
    assert not fine
    assert "WECOM_SECRET" in line
    await adapter.close()


async def test_doctor_names_our_ip_and_the_missing_permission(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    standin.world.ip_allowed, standin.world.checkin_allowed = False, False
    _, (menu_fine, menu), (records_fine, records) = await adapter.doctor(fix=True)
    assert (menu_fine, records_fine) == (False, False)
    assert "203.0.113.9" in menu
    assert "企业可信IP" in menu
    assert "可调用接口的应用" in records
    with pytest.raises(DeliveryError):
        await adapter.ensure_menu()


async def test_doctor_reports_an_outage(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    standin.outage = True
    assert await adapter.doctor(fix=False) == [(False, "企业微信 access_token：企业微信接口连接不上（http 503）")]


async def login(adapter: WeComAdapter, cookie: str) -> str:
    url = adapter.oauth_url("https://bot.example.cn/login?next=%2Frecord%2Fa_1", "abc123")
    async with aiohttp.ClientSession() as browser, browser.get(url, cookies={"wecom_user": cookie}, allow_redirects=False) as answer:
        assert answer.status == 302
        back = urlsplit(answer.headers["Location"])
    query = parse_qs(back.query)
    assert (back.path, query["next"], query["state"]) == ("/login", ["/record/a_1"], ["abc123"])
    return query["code"][0]


async def test_sign_in_gives_the_member_once(adapter: WeComAdapter) -> None:
    code = await login(adapter, "li.na")
    assert await adapter.oauth_user(code) == "li.na"
    with pytest.raises(FetchError):
        await adapter.oauth_user(code)


async def test_sign_in_code_lives_five_minutes(adapter: WeComAdapter, clock: Any) -> None:
    code = await login(adapter, "li.na")
    clock.wind(minutes=5)
    with pytest.raises(FetchError):
        await adapter.oauth_user(code)
