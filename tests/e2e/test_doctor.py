"""`doctor` on a running installation: each fault is named, with the page of the console that mends it."""

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from bot.commands import doctor
from tests.e2e.conftest import Setting
from tests.e2e.house import CHAT, House, config_text

Told = Callable[[], Awaitable[str]]


@pytest.fixture
def told(h: House) -> Told:
    async def run() -> str:
        line = h.product.line
        await line.meter.flush(line.database, line.config(), line.clock.now())
        return "\n".join([f"{'正常' if fine else '异常'}  {words}" async for fine, words in doctor._checks(h.setup(), line, fix=False)])

    return run


async def knocked(h: House, path: str, **more: object) -> int:
    async with aiohttp.ClientSession() as session, session.post(f"{h.product.url}{path}", **more) as answer:  # type: ignore[arg-type] # kwargs
        return answer.status


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_a_sound_installation(h: House, told: Told) -> None:
    assert h.dingtalk is not None
    await h.does(h.wecom.say("li.na", "帮助"), "可以这样发")
    await h.feishu.say("ou_chen", "红灯")
    await h.dingtalk.say("ding-na", "你好")
    await h.settled()
    words = await told()
    for line in (
        "企业微信: 最近一次收到是 0 分钟前，HTTP 回调，已验签、解密",
        "飞书: 最近一次收到是 0 分钟前，HTTP 回调，已验签、解密",
        "钉钉: 最近一次收到是 0 分钟前，Stream 长连接，由我们的密钥建立",
        "钉钉: 本月推送 1 次，额度 3000",
        "飞书: 还没有收到过卡片按钮",
    ):
        assert f"正常  {line}" in words, words
    faults = [line for line in words.splitlines() if line.startswith("异常") and "环境变量" not in line]
    assert all("本机时钟" in line for line in faults), faults  # the tests' clock is another one


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_each_fault_is_named_with_its_page(h: House, told: Told) -> None:
    assert h.dingtalk is not None
    h.wecom.fail("menu/get", "ip", 1)
    h.wecom.world.checkin_allowed = False
    h.feishu.board.chats[CHAT].bot = False
    h.feishu.fail("/bot/v3/info", "99991672")
    h.dingtalk.api.faults.append(("checkin", 403, {"code": "Forbidden.AccessDenied.AccessTokenPermissionDenied"}))
    query = {"msg_signature": "0" * 40, "timestamp": str(int(h.clock.now().timestamp())), "nonce": "n"}
    assert await knocked(h, "/wecom/callback", params=query, data="<xml><Encrypt>QUFB</Encrypt></xml>") == 403
    assert await knocked(h, "/feishu/event", json={"encrypt": "QUFB"}) == 403
    await h.settled()
    words = await told()
    for line in (
        "企业可信IP，加入它",
        "可调用接口的应用",
        f"区域 华南 的群 {CHAT} 里没有机器人",
        "缺少权限，请在“权限管理”开通后发布版本",
        "应用没有这项接口权限：开发者后台 → 权限管理",
        "企业微信: 0 分钟前有一次回调被拒绝：签名不符",
        "飞书: 从未收到消息或事件",
    ):
        assert line in words, (line, words)


async def test_a_refusal_before_a_genuine_callback_is_no_fault(h: House, told: Told) -> None:
    assert await knocked(h, "/feishu/event", data=b"nonsense") == 403
    await h.settled()
    h.clock.wind(minutes=2)
    await h.feishu.say("ou_chen", "红灯")
    await h.settled()
    assert "正常  飞书: 2 分钟前有一次回调被拒绝" in await told()


def test_a_database_that_was_never_migrated_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(config_text("http://127.0.0.1:9", "http://127.0.0.1:9"), encoding="utf-8")
    for name in ("WECOM_SECRET", "WECOM_TOKEN", "FEISHU_APP_SECRET", "FEISHU_ENCRYPT_KEY", "FEISHU_VERIFICATION_TOKEN"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("WECOM_AES_KEY", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C")
    assert doctor.run(argparse.Namespace(config=path, fix=False)) == 1
    words = capsys.readouterr().out
    assert "请先运行 python -m bot migrate" in words and len(words.splitlines()) == 1
