"""Hostile callbacks to both platforms' doors: some unsigned, some with everything right but what is inside."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from adapters.sandbox.wecom.crypt import Seal
from bot.model import Envelope
from tests.bench.callbacks import AES_KEY, CORP, SEAL, TOKEN, event, feishu, location, sealed, signed, stamp, wecom

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "'
    + b"a" * 40
    + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (letter + 1, b"&%c;" % letter * 10) for letter in range(97, 106))
    + b"]><xml><Encrypt>&j;</Encrypt></xml>"
)
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Encrypt>&a;</Encrypt></xml>'
DEEP, WIDE = b"<xml>" + b"<a>" * 200_000, b"<xml>" + b"<a>1</a>" * 120_000 + b"</xml>"
CAP = 64 << 10  # what fits through the door and must be parsed to be refused
NOISE = random.Random(1)
OTHER = "wwSOMEBODYELSE001"


@dataclass(frozen=True, slots=True)
class Attack:
    """What is sent, and the door it is sent to: `open(*callback, now)` must raise Forged."""

    name: str
    open: Callable[[dict[str, str], bytes, datetime], Envelope | str]
    callback: tuple[dict[str, str], bytes]


def attacks() -> Iterator[Attack]:
    yield from _on_wecom()
    yield from _on_feishu()


def _on_wecom() -> Iterator[Attack]:
    adapter = wecom()

    def door(query: dict[str, str], body: bytes, now: datetime) -> Envelope | str:
        return adapter.open({}, query, body, now)

    query, body = sealed(location(1))
    bodies = {
        "实体炸弹": BOMB,
        "外部实体": EXTERNAL,
        "20 万层嵌套": DEEP,
        "2 万层嵌套": DEEP[: CAP - 1],
        "12 万个元素": WIDE,
        "8 千个元素": WIDE[: CAP - 6] + b"</xml>",
        "六千个属性": b"<xml " + b" ".join(b'a%d=""' % number for number in range(6000)) + b"/>",
        "10 MB 正文": b"x" * (10 << 20),
        "随机字节": NOISE.randbytes(CAP),
        "只有一个标签的 64 KB 文字": b"<xml><Encrypt>" + b"A" * (CAP - 40) + b"</Encrypt></xml>",
    }
    for name, hostile in bodies.items():
        yield Attack(f"企业微信 {name}", door, (query, hostile))
    yield Attack("企业微信 错误签名", door, ({**query, "msg_signature": "0" * 40}, body))
    yield Attack("企业微信 过期时间戳", door, signed(SEAL.lock(location(2).encode()), timestamp=str(int(stamp()) - 301)))
    yield Attack("企业微信 超长参数", door, ({**query, "nonce": "9" * (1 << 20)}, body))
    for name, callback in _signed_hostile().items():
        yield Attack(f"企业微信 签名正确，{name}", door, callback)


def _signed_hostile() -> dict[str, tuple[dict[str, str], bytes]]:
    """The signature is right: somebody has the token, or the platform errs."""
    half = CAP // 2  # base64 and the envelope make it larger
    locked = SEAL.lock(location(3).encode())
    return {
        "密文截断": signed(locked[: len(locked) // 2 // 4 * 4]),
        "密文是随机字节": signed(SEAL.raw(NOISE.randbytes(4096))),
        "别的企业": signed(Seal(TOKEN, AES_KEY, OTHER).lock(location(4).encode())),
        "收件企业不符": sealed(location(5).replace(CORP, OTHER)),
        "实体炸弹": signed(SEAL.lock(BOMB)),
        "外部实体": signed(SEAL.lock(EXTERNAL)),
        "1 万层嵌套": signed(SEAL.lock(DEEP[:half])),
        "4 千个元素": signed(SEAL.lock(WIDE[:half] + b"</xml>")),
        "明文不是 XML": signed(SEAL.lock(NOISE.randbytes(half))),
    }


def _on_feishu() -> Iterator[Attack]:
    door = feishu_door()
    headers, body = event(json.dumps({"schema": "2.0", "header": {"event_type": "x"}, "event": {}}).encode())
    half = 128 << 10
    bodies = {
        "20 万层嵌套": b'{"a":' * 200_000,
        "8 KB 嵌套": b'{"encrypt":' + b"[" * 8000,
        "NaN": b'{"encrypt": NaN}',
        "重复的键": b'{"encrypt": "a", "encrypt": "b"}',
        "10 MB 正文": b"x" * (10 << 20),
        "随机字节": NOISE.randbytes(half),
    }
    for name, hostile in bodies.items():
        yield Attack(f"飞书 {name}", door, ({}, hostile))
    yield Attack("飞书 错误签名", door, ({**headers, "X-Lark-Signature": "0" * 64}, body))
    yield Attack("飞书 过期时间戳", door, event(b"{}", timestamp=str(int(stamp()) - 9 * 3600)))
    inside = {
        "嵌套": b'{"a":' * (half // 10),
        "数组嵌套": b'{"a":' + b"[" * half,
        "宽数组": b'{"a":[' + b"1," * (half // 4) + b"1]}",
        "宽对象": b"{" + b",".join(b'"k%d":0' % number for number in range(half // 16)) + b"}",
        "随机字节": NOISE.randbytes(half),
        "别的应用": json.dumps({"header": {"token": "wrong", "app_id": "cli_other"}}).encode(),
    }
    for name, plain in inside.items():
        yield Attack(f"飞书 签名正确，{name}", door, event(plain))


def feishu_door() -> Callable[[dict[str, str], bytes, datetime], Envelope | str]:
    adapter = feishu()

    def door(headers: dict[str, str], body: bytes, now: datetime) -> Envelope | str:
        return adapter.open(headers, {}, body, now)

    return door
