"""A platform that says "not so fast" or "no more this month": who waits, who does not, and in what order things arrive."""

import asyncio
import json
import ssl
from collections.abc import Sequence
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.clock import SystemClock
from bot.commands import doctor_letters, doctor_wire
from bot.meter import Meter, quotas
from bot.model import Address, Outgoing, Platform
from bot.store import outbox_rows, usage
from scheduler.quotas import watch
from tests.e2e.conftest import Setting
from tests.e2e.house import CHAT, House
from tests.e2e.seen import taken_in

CREATE = "POST /open-apis/im/v1/messages"
NO_MORE = (403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg", "message": "quota"})
OLD_NO_MORE = (200, {"errcode": 90020, "errmsg": "quota"})
WORDS = ("甲", "乙", "丙")


async def written(h: House, platform: Platform, chat: str, words: Sequence[str]) -> None:
    """Messages to one chat, in this order."""
    letters = [
        Outgoing(
            key=f"t:{chat}:{word}",
            to=Address(platform=platform, chat=chat),
            template="reply/stranger_told",
            values={"platform": platform.value, "user": word},
        )
        for word in words
    ]
    async with h.product.line.database.step():
        await outbox_rows.put(letters, h.clock.now(), frozenset(h.product.line.adapters))
    h.product.nudge()


def order(lines: Sequence[object]) -> list[str]:
    """The marks of the messages that arrived, in order."""
    texts = [json.dumps(line, ensure_ascii=False, default=str) for line in lines]
    return [word for text in texts for word in WORDS if word in text]


async def later(h: House, **step: float) -> None:
    h.clock.wind(**step)
    h.product.nudge()
    await h.settled()


@pytest.mark.parametrize("kind", ["rate", "230020", "11232"])
async def test_a_chat_over_its_rate_waits_alone_and_keeps_its_order(h: House, kind: str) -> None:
    h.feishu.fail(CREATE, kind)
    await written(h, Platform.FEISHU, CHAT, WORDS)
    await h.until("refused once", lambda: h.feishu.faults.armed[-1].left == 0)
    await h.settled()
    if kind == "rate":  # seven seconds; the others one, which may be over by now
        assert order(h.feishu.screen(CHAT)) == []
    await written(h, Platform.FEISHU, "oc_east", WORDS)
    await h.settled()
    assert order(h.feishu.screen("oc_east")) == list(WORDS)  # others do not wait
    for _ in range(4):
        await later(h, seconds=10)
    assert order(h.feishu.screen(CHAT)) == list(WORDS)


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_dingtalk_used_up_loses_nothing_and_the_admin_hears_elsewhere(h: House) -> None:
    ding = h.dingtalk
    assert ding is not None
    h.feishu.add_user("ou_gu", "u_gu", "顾问")
    await taken_in(h, "people", "id,name,role,region,dingtalk,feishu\nA002,顾问,admin,,ding-chen,ou_gu\n")  # DingTalk is asked first
    ding.api.faults += [("groupMessages/send", *NO_MORE), ("groupMessages/send", *OLD_NO_MORE)]
    await written(h, Platform.DINGTALK, "cid-south", WORDS)
    await h.until("refused", lambda: len(ding.api.faults) == 1)
    await h.settled()
    line = h.product.line
    await line.meter.flush(line.database, line.config(), h.clock.now())
    await watch(line)
    await h.hears("钉钉答复：本月接口调用额度已用完", "fang.ning")
    await h.until("told on Feishu", lambda: "额度已用完" in json.dumps(h.feishu.screen("ou_gu"), ensure_ascii=False))
    assert order(ding.screen("cid-south")) == []
    lines = await doctor_letters.letters(line.database)
    assert any(not fine and "钉钉" in words and "额度已用完" in words for fine, words in lines), lines
    assert line.meter.closed == {Platform.DINGTALK} == line.meter.short
    for _ in range(4):
        await later(h, hours=2)
        await line.meter.flush(line.database, line.config(), h.clock.now())
    assert order(ding.screen("cid-south")) == list(WORDS)
    assert await doctor_letters.letters(line.database) == []
    assert Platform.DINGTALK not in line.meter.short  # what got out again was paid for: nothing is saved any more
    assert not any("额度已用完" in doctor_wire._allowance(one)[1] for one in await quotas(line.config(), h.clock.now()))


@pytest.mark.parametrize("h", [Setting(dingtalk=True, sound=False)], indirect=True)
async def test_doctor_says_why_letters_were_given_up(h: House) -> None:
    assert h.dingtalk is not None
    h.feishu.board.chats[CHAT].bot = False
    h.wecom.fail("message/send", "ip", 1)
    h.dingtalk.api.faults.append(("oToMessages", 403, {"code": "Forbidden.AccessDenied.AccessTokenPermissionDenied"}))
    await written(h, Platform.FEISHU, CHAT, ["甲"])
    await written(h, Platform.DINGTALK, "cid-nowhere", ["乙"])
    await written(h, Platform.DINGTALK, "@ding-na", ["丙"])
    await written(h, Platform.WECOM, "@li.na", ["甲"])
    await h.settled()
    words = "\n".join(f"{fine} {said}" for fine, said in await doctor_letters.letters(h.product.line.database))
    for line in (
        "False 飞书: 1 条消息放弃了：机器人不在群里；在群设置 → 群机器人里把它加进去（230002）",
        "False 钉钉: 1 条消息放弃了：群号不对，或机器人不在群里；在群设置 → 机器人里添加",
        "False 钉钉: 1 条消息放弃了：应用没有权限；开发者后台 → 权限管理",
        "False 企业微信: 1 条消息在等着重发：本机 IP 不在白名单；应用管理 → 该应用 → 企业可信IP",
    ):
        assert line in words, (line, words)


async def test_counts_are_added_once_whoever_adds_and_whatever_fails(h: House) -> None:
    line, month = h.product.line, "2030-01"
    await asyncio.gather(*(usage.add(line.database, month, {("feishu", "calls"): 1, ("x", "calls"): 2}) for _ in range(20)))
    assert await usage.of_month(month) == {("feishu", "calls"): 20, ("x", "calls"): 40}
    with pytest.raises(Exception, match="NOT NULL"):
        await usage.add(line.database, month, {("feishu", "calls"): 5, ("x", "calls"): None})  # type: ignore[dict-item] # what the database refuses
    assert await usage.of_month(month) == {("feishu", "calls"): 20, ("x", "calls"): 40}
    meter = Meter()
    await meter.flush(line.database, line.config(), h.clock.now())  # nothing counted, nothing to write


async def test_the_certificate_of_the_public_address(h: House, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, now = h.path.parent, SystemClock().now()  # TLS goes by the machine's clock
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=10, hours=1))
    alt = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    signed = made.add_extension(alt, critical=False).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate, private = folder / "c.pem", folder / "k.pem"
    certificate.write_bytes(signed.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
    try:
        fine, words = await doctor_wire._certificate(url, now)
        assert not fine and "证书不被信任" in words
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        fine, words = await doctor_wire._certificate(url, now)
        assert not fine and "证书还有 10 天到期, 请尽快续期" in words, words
        fine, words = await doctor_wire._certificate(url, now - timedelta(days=20))
        assert fine and "证书还有 30 天到期" in words
    finally:
        server.close()
        await server.wait_closed()
    fine, words = await doctor_wire._certificate(url, now)
    assert not fine and "打不开" in words


async def test_the_clock_of_this_machine_against_the_platforms(h: House) -> None:
    feishu, now = h.setup().config.feishu, SystemClock().now()
    assert feishu is not None
    assert (await doctor_wire._skew("飞书", feishu.api_base, now))[0]
    fine, words = await doctor_wire._skew("飞书", feishu.api_base, now + timedelta(seconds=70))
    assert not fine and "请打开系统的自动校时" in words
    fine, words = await doctor_wire._skew("飞书", "http://127.0.0.1:9", now)
    assert not fine and "连不上" in words
