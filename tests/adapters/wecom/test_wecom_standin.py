"""The stand-in is as strict as the platform: what it lets pass, the platform would too."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from adapters.sandbox.wecom import WeComStandIn

Call = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def call(standin: WeComStandIn) -> AsyncIterator[Call]:
    """Call the API with a good token; give the JSON back."""
    async with aiohttp.ClientSession() as session:

        async def do(path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
            given = {"access_token": standin.world.new_token(), **query}
            async with session.request(
                "POST" if body is not None else "GET", f"{standin.base_url}/cgi-bin/{path}", params=given, json=body
            ) as answer:
                assert answer.status == 200
                told: dict[str, Any] = await answer.json()
                return told

        yield do


def text(**more: object) -> dict[str, Any]:
    return {"touser": "li.na", "agentid": 1000007, "msgtype": "text", "text": {"content": "x"}, **more}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (text(), 0),
        (text(touser=""), 82001),
        (text(touser="nobody"), 81013),
        (text(agentid=1), 301002),
        (text(text={"content": ""}), 44004),
        (text(text={"content": "长" * 683}), 45002),
        (text(msgtype="image", image={"media_id": "x"}), 40007),
        (text(msgtype="template_card", template_card={"card_type": "text_notice"}), 40058),
        (text(msgtype="template_card", template_card={"card_type": "text_notice", "main_title": {"title": "t"}}), 40058),
    ],
)
async def test_send_checks_the_message(call: Call, body: dict[str, Any], code: int) -> None:
    assert (await call("message/send", body))["errcode"] == code


async def test_partial_failure_is_errcode_zero(call: Call, standin: WeComStandIn) -> None:
    told = await call("message/send", text(touser="Nobody|Li.Na"))
    assert (told["errcode"], told["invaliduser"]) == (0, "nobody")
    assert len(standin.screen("li.na")) == 1


async def test_the_31st_message_of_a_minute_is_dropped_silently(call: Call, standin: WeComStandIn, clock: Any) -> None:
    for number in range(31):
        assert (await call("message/send", text(text={"content": str(number)})))["errcode"] == 0
    assert (len(standin.screen("li.na")), len(standin.world.dropped)) == (30, 1)


@pytest.mark.parametrize(("token", "code"), [("", 41001), ("never", 40014), ("old", 42001)])
async def test_token_is_checked(call: Call, standin: WeComStandIn, clock: Any, token: str, code: int) -> None:
    if token == "old":
        token = standin.world.new_token()
        clock.wind(seconds=7200)
    assert (await call("message/send", text(), access_token=token))["errcode"] == code


async def test_task_id_is_used_once(call: Call) -> None:
    card = {"card_type": "button_interaction", "main_title": {"title": "t"}, "button_list": [{"text": "b", "key": "k"}], "task_id": "t-1"}
    codes = [(await call("message/send", text(msgtype="template_card", template_card=card, n=n)))["errcode"] for n in range(2)]
    assert codes == [0, 40058]


async def test_checkin_limits(call: Call) -> None:
    good: dict[str, Any] = {"opencheckindatatype": 2, "starttime": 0, "endtime": 30 * 86_400, "useridlist": ["a"]}
    bad: list[dict[str, Any]] = [
        {"endtime": 30 * 86_400 + 1},
        {"useridlist": []},
        {"useridlist": ["a"] * 101},
        {"opencheckindatatype": 9},
        {"starttime": "0"},
    ]
    assert (await call("checkin/getcheckindata", good))["errcode"] == 0
    assert all([(await call("checkin/getcheckindata", {**good, **change}))["errcode"] for change in bad])


async def test_upload_is_served_for_three_days(standin: WeComStandIn, clock: Any) -> None:
    query = {"access_token": standin.world.new_token(), "type": "image"}
    async with aiohttp.ClientSession() as session:
        form = aiohttp.FormData()
        form.add_field("media", b"\x89PNG....", filename="a.png")
        async with session.post(f"{standin.base_url}/cgi-bin/media/upload", params=query, data=form) as answer:
            media = (await answer.json())["media_id"]
        async with session.get(f"{standin.base_url}/cgi-bin/media/get", params={**query, "media_id": media}) as answer:
            assert (answer.content_type, await answer.read()) == ("image/png", b"\x89PNG....")
        clock.wind(days=3)
        query["access_token"] = standin.world.new_token()
        async with session.get(f"{standin.base_url}/cgi-bin/media/get", params={**query, "media_id": media}) as answer:
            assert (answer.status, (await answer.json())["errcode"]) == (200, 40007)


@pytest.mark.parametrize("data", [b"tiny", b"x" * ((2 << 20) + 1)], ids=["small", "large"])
async def test_upload_sizes_are_checked(standin: WeComStandIn, data: bytes) -> None:
    form = aiohttp.FormData()
    form.add_field("media", BytesIO(data), filename="a.amr")
    query = {"access_token": standin.world.new_token(), "type": "voice"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{standin.base_url}/cgi-bin/media/upload", params=query, data=form) as answer,
    ):
        assert (await answer.json())["errcode"] == 40006


async def test_tap_needs_a_live_button_of_ones_own(call: Call, standin: WeComStandIn) -> None:
    card = {"card_type": "button_interaction", "main_title": {"title": "t"}, "button_list": [{"text": "b", "key": "k"}], "task_id": "t-1"}
    code = (await call("message/send", text(msgtype="template_card", template_card=card)))["response_code"]
    message = standin.screen("li.na")[0]["id"]
    for user, key in (("li.na", "other"), ("wang.wei", "k")):
        with pytest.raises(ValueError, match="no such button"):
            await standin.tap(user, message, key)
    await standin.tap("li.na", message, "k")
    update = {"userids": ["li.na"], "agentid": 1000007, "response_code": code, "button": {"replace_name": "已选"}}
    assert (await call("message/update_template_card", update))["errcode"] == 0
    with pytest.raises(ValueError, match="no such button"):
        await standin.tap("li.na", message, "k")


async def test_watcher_sees_a_change(standin: WeComStandIn) -> None:
    before = standin.version
    watching = asyncio.create_task(standin.changed(before, 5))
    await asyncio.sleep(0)
    await standin.say("li.na", "今日")
    assert await watching == before + 1
    assert await standin.changed(standin.version, 0.01) == standin.version
    assert standin.screen("li.na")[0] == {
        "id": standin.screen("li.na")[0]["id"],
        "from": "me",
        "at": "2026-11-23T06:00:00+00:00",
        "type": "text",
        "text": "今日",
    }


async def test_close_lets_hanging_calls_go(standin: WeComStandIn) -> None:
    standin.fail("gettoken", "timeout")
    async with aiohttp.ClientSession() as session:
        hanging = asyncio.create_task(session.get(f"{standin.base_url}/cgi-bin/gettoken"))
        await asyncio.sleep(0.2)
        assert standin.world.calls
        await asyncio.wait_for(standin.close(), 3)
        await asyncio.wait([hanging], timeout=3)
        assert hanging.done()
        if not hanging.exception():
            hanging.result().close()
