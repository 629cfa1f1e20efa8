"""Files of messages, sign-in and the doctor against the stand-in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from adapters.feishu import FeishuAdapter
from adapters.sandbox.feishu import FeishuStandIn
from bot.errors import FetchError
from bot.model import MediaRef

GET = "/resources/"


def ref(tenant: FeishuStandIn, message: str, kind: str, key: str = "") -> MediaRef:
    content = json.loads(tenant.board.messages[message].content)
    return MediaRef(id=key or content.get("file_key") or content["image_key"], kind=kind, message_id=message)


async def failed(fetching: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetching
    return caught.value


async def test_every_kind_of_file_is_fetched_as_it_is(adapter: FeishuAdapter, tenant: FeishuStandIn, tmp_path: Path) -> None:
    data = bytes(range(256)) * 3000
    sent = {
        "photo": (await tenant.send_image("ou_rep01", data), "image/jpeg"),
        "voice": (await tenant.send_audio("ou_rep01", data, 31_000), "audio/ogg"),
        "video": (await tenant.send_video("ou_rep01", data, 5000), "video/mp4"),
        "file": (await tenant.send_file("ou_rep01", "方案.pdf", data, "application/pdf"), "application/pdf"),
    }
    for kind, (message, mime) in sent.items():
        assert await adapter.fetch(ref(tenant, message, kind), tmp_path / kind) == mime
        assert (tmp_path / kind).read_bytes() == data


async def test_a_json_file_is_a_file(adapter: FeishuAdapter, tenant: FeishuStandIn, tmp_path: Path) -> None:
    message = await tenant.send_file("ou_rep01", "a.json", b'{"code":230110,"msg":"x"}', "application/json")
    assert await adapter.fetch(ref(tenant, message, "file"), tmp_path / "x") == "application/json"
    assert (tmp_path / "x").read_bytes() == b'{"code":230110,"msg":"x"}'


@pytest.mark.parametrize(
    ("fault", "reason", "permanent"),
    [
        ("234003", "missing", True),
        ("234040", "missing", True),
        ("230110", "missing", True),
        ("234004", "refused", True),
        ("234009", "refused", True),
        ("234043", "refused", True),
        ("99991672", "refused", True),
        ("234037", "too_large", True),
        ("234019", "unavailable", False),
        ("2200", "unavailable", False),
        ("http500", "unavailable", False),
        ("reset", "unavailable", False),
        ("rate", "unavailable", False),
        ("200:230110", "missing", True),
        ("200:0", "unavailable", False),
    ],
)
async def test_an_error_is_never_a_file(
    adapter: FeishuAdapter, tenant: FeishuStandIn, tmp_path: Path, fault: str, reason: str, permanent: bool
) -> None:
    message = await tenant.send_image("ou_rep01", b"jpeg")
    tenant.fail(GET, fault, 2)  # a GET on a connection that breaks is repeated by the HTTP library
    error = await failed(adapter.fetch(ref(tenant, message, "photo"), tmp_path / "x"))
    assert (error.reason, error.permanent) == (reason, permanent)
    assert not (tmp_path / "x").exists()
    tenant.faults.armed.clear()
    await adapter.fetch(ref(tenant, message, "photo"), tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == b"jpeg"


async def test_the_stand_ins_own_refusals(adapter: FeishuAdapter, tenant: FeishuStandIn, tmp_path: Path) -> None:
    message = await tenant.send_image("ou_rep01", b"jpeg")
    assert (await failed(adapter.fetch(ref(tenant, message, "photo", "img_other"), tmp_path / "x"))).reason == "missing"
    assert (await failed(adapter.fetch(ref(tenant, message, "file"), tmp_path / "x"))).reason == "missing"
    tenant.recall(message)
    assert (await failed(adapter.fetch(ref(tenant, message, "photo"), tmp_path / "x"))).permanent


async def test_a_key_is_no_path(adapter: FeishuAdapter, tenant: FeishuStandIn, tmp_path: Path) -> None:
    message = await tenant.send_image("ou_rep01", b"jpeg")
    error = await failed(adapter.fetch(ref(tenant, message, "photo", "../../../chats?x="), tmp_path / "x"))
    assert error.permanent or error.reason == "unavailable"
    assert tenant.calls.get("GET /open-apis/im/v1/chats", 0) == 0


async def test_a_refused_token_does_not_cost_the_file(adapter: FeishuAdapter, tenant: FeishuStandIn, tmp_path: Path) -> None:
    message = await tenant.send_image("ou_rep01", b"jpeg")
    tenant.fail(GET, "invalid_token")
    assert await adapter.fetch(ref(tenant, message, "photo"), tmp_path / "x") == "image/jpeg"


async def test_a_full_disk_is_tried_again(adapter: FeishuAdapter, tenant: FeishuStandIn, tmp_path: Path) -> None:
    message = await tenant.send_image("ou_rep01", b"jpeg")
    error = await failed(adapter.fetch(ref(tenant, message, "photo"), tmp_path / "no such folder" / "x"))
    assert (error.reason, error.permanent) == ("unavailable", False)


async def test_sign_in_says_who_it_is(adapter: FeishuAdapter, tenant: FeishuStandIn) -> None:
    url = adapter.oauth_url("https://bot.example.cn/login?next=/record/a_1", "state-1")
    async with aiohttp.ClientSession() as browser:
        async with browser.get(url, allow_redirects=False) as nobody:
            assert nobody.status == 401
        async with browser.get(url, allow_redirects=False, cookies={"feishu_user": "ou_dir1"}) as reply:
            assert reply.status == 302
            back = urlsplit(reply.headers["Location"])
    query = parse_qs(back.query)
    assert (back.netloc, back.path, query["next"], query["state"]) == ("bot.example.cn", "/login", ["/record/a_1"], ["state-1"])
    assert await adapter.oauth_user(query["code"][0]) == ("ou_dir1", "u9")
    assert (await failed(adapter.oauth_user(query["code"][0]))).permanent  # once


async def test_a_code_is_good_for_five_minutes(adapter: FeishuAdapter, tenant: FeishuStandIn, clock: Any) -> None:
    url = adapter.oauth_url("https://bot.example.cn/", "s") + "&as=ou_dir1"
    async with aiohttp.ClientSession() as browser, browser.get(url, allow_redirects=False) as reply:
        code = parse_qs(urlsplit(reply.headers["Location"]).query)["code"][0]
    clock.move(minutes=5)
    assert (await failed(adapter.oauth_user(code))).reason == "refused"
    tenant.outage = True
    assert not (await failed(adapter.oauth_user(code))).permanent


async def test_the_doctor_finds_a_healthy_tenant(adapter: FeishuAdapter) -> None:
    lines = await adapter.doctor(fix=False)
    assert all(fine for fine, _ in lines)
    assert "华南总监群" in "".join(line for _, line in lines)
    assert await adapter.chats() == [("oc_south", "华南总监群")]


async def test_the_doctor_says_what_to_do(make: Callable[..., FeishuAdapter], tenant: FeishuStandIn) -> None:
    assert "FEISHU_APP_SECRET" in (await make(app_secret="wrong").doctor(fix=False))[0][1]
    tenant.messages.history = False
    assert "获取群组中所有消息" in (await make().doctor(fix=False))[-1][1]
    tenant.board.chats.clear()
    assert (await make().doctor(fix=False))[-1] == (False, "飞书：机器人还不在任何群里，请把它加进总监群")
    tenant.outage = True
    assert [fine for fine, _ in await make().doctor(fix=True)] == [False]


async def test_many_groups_come_in_pages(adapter: FeishuAdapter, tenant: FeishuStandIn) -> None:
    for number in range(230):
        tenant.add_chat(f"oc_{number}", f"群{number}", ["ou_dir1"])
    assert len(await adapter.chats()) == 231


async def test_there_are_no_check_in_records(adapter: FeishuAdapter, clock: Any) -> None:
    assert await adapter.checkins(["ou_rep01"], clock.now(), clock.now()) == []
