"""The platforms' door: answered only after storing, and nothing told to strangers."""

import asyncio
import logging
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import AppRunner, TCPSite

from adapters.web.app import build
from adapters.web.callbacks import BODY_CAP
from bot.model import Platform
from tests.web.outside import Bench

Web = TestClient[Any, Any]


@pytest.mark.parametrize(("path", "answer", "kind"), [("/wecom/callback", b"", "text/plain"), ("/feishu/event", b"{}", "application/json")])
async def test_genuine_callback_is_stored_and_acked(web: Web, desk: Bench, path: str, answer: bytes, kind: str) -> None:
    response = await web.post(path, data=b"real:1")
    assert (response.status, await response.read(), response.content_type) == (200, answer, kind)
    assert [envelope.payload for envelope in desk.stored] == [b"real:1"]
    assert desk.stored[0].received_at == desk.clock.now()
    assert desk.seen == [desk.stored[0].platform]


async def test_url_check_is_answered_as_bare_text(web: Web, desk: Bench) -> None:
    response = await web.get("/wecom/callback", params={"echostr": "1616140317555161061"})
    assert (response.content_type, await response.text()) == ("text/plain", "1616140317555161061")
    challenge = await web.post("/feishu/event", params={"echostr": '{"challenge":"x"}'})
    assert (challenge.content_type, await challenge.text()) == ("application/json", '{"challenge":"x"}')
    assert desk.stored == []


async def test_forged_callback_is_refused_with_one_line(web: Web, desk: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "salestrace.web"):
        response = await web.post("/wecom/callback", data=b"13800000000 forged")
    assert (response.status, await response.read(), desk.stored) == (403, b"", [])
    assert [record.message for record in caplog.records] == ["callback refused: wecom signature"]


async def test_nothing_is_acked_that_is_not_stored(web: Web, desk: Bench) -> None:
    desk.full = True
    response = await web.post("/feishu/event", data=b"real:1")
    assert (response.status, desk.stored, desk.seen) == (503, [], [])


@pytest.mark.parametrize("chunked", [False, True])
async def test_large_body_is_refused_unread(web: Web, desk: Bench, chunked: bool) -> None:
    async def pieces() -> Any:
        for _ in range(BODY_CAP // 4096 + 1):
            yield b"real" * 1024

    response = await web.post("/wecom/callback", data=pieces() if chunked else b"real:" + b"x" * BODY_CAP)
    assert (response.status, desk.stored) == (413, [])


async def test_inflated_body_is_capped_too(web: Web, desk: Bench) -> None:
    import zlib

    bomb = zlib.compress(b"\0" * 50_000_000)
    response = await web.post("/wecom/callback", data=bomb, headers={"Content-Encoding": "deflate"})
    assert (response.status, desk.stored) == (413, [])


async def test_platform_that_is_off_is_not_there(desk: Bench) -> None:
    from dataclasses import replace

    from tests.web.outside import Wire

    only = replace(desk.desk(), adapters={Platform.FEISHU: Wire(Platform.FEISHU)})
    async with TestClient(TestServer(build(only))) as web:
        assert (await web.post("/wecom/callback", data=b"real:1")).status == 404
        assert (await web.post("/feishu/event", data=b"real:1")).status == 200


async def test_unforeseen_failure_shows_nothing_outside(desk: Bench, caplog: pytest.LogCaptureFixture) -> None:
    from dataclasses import replace

    async def broken(_: object) -> bool:
        raise KeyError("secret text")

    async with TestClient(TestServer(build(replace(desk.desk(), receive=broken)))) as web:
        response = await web.post("/wecom/callback", data=b"real:1")
        assert (response.status, await response.read()) == (500, b"")
    assert "KeyError at test_callbacks.py" in caplog.text and "secret text" not in caplog.text


async def test_health_and_readiness(web: Web, desk: Bench) -> None:
    assert (await web.get("/healthz")).status == 200
    assert await (await web.get("/readyz")).json() == {"status": "ready", "reasons": []}
    desk.reasons = ["数据库不可用"]
    response = await web.get("/readyz")
    assert (response.status, (await response.json())["reasons"]) == (503, ["数据库不可用"])


async def test_metrics_count_callbacks_and_show_the_queues(web: Web, desk: Bench) -> None:
    for body in (b"real:1", b"real:1", b"forged"):
        await web.post("/wecom/callback", data=body)
    lines = (await (await web.get("/metrics")).text()).splitlines()
    for line in (
        'salestrace_callbacks_total{outcome="stored",platform="wecom"} 1.0',
        'salestrace_callbacks_total{outcome="repeated",platform="wecom"} 1.0',
        'salestrace_callbacks_total{outcome="forged",platform="wecom"} 1.0',
        'salestrace_alerts{state="firing"} 3.0',
        'salestrace_dead_rows{queue="inbox"} 0.0',
        "salestrace_inbox_depth 0.0",
    ):
        assert line in lines
    assert any(line.startswith("salestrace_ledger_size ") and float(line.split()[1]) > 10 for line in lines)


async def test_client_that_leaves_in_the_middle_is_no_error(desk: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """A page that is closed takes its last request along: nothing is stored of it, and nobody is called for it."""
    runner = AppRunner(build(desk.desk()))  # as `serve` runs it; aiohttp's test server would cancel the handler
    await runner.setup()
    await TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    try:
        with caplog.at_level(logging.DEBUG, "salestrace.web"):
            _, writer = await asyncio.open_connection(host, port)
            writer.write(b"POST /wecom/callback HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nreal:")
            await writer.drain()
            async with ClientSession(f"http://{host}:{port}") as session:
                await session.get("/healthz")  # the handler is reading by now
                writer.transport.abort()
                assert (await session.post("/wecom/callback", data=b"real:1")).status == 200
    finally:
        await runner.cleanup()
    assert [envelope.payload for envelope in desk.stored] == [b"real:1"]
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
