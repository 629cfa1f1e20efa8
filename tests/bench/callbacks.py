"""Callbacks as the platforms send them, sealed by the stand-ins' own crypto: WeCom locations, each another message."""

import json
import struct
from pathlib import Path
from urllib.parse import urlencode

from adapters.feishu import FeishuAdapter
from adapters.sandbox.feishu.crypt import encrypt, signature
from adapters.sandbox.wecom.crypt import Seal
from adapters.shared import MemoryTokens
from adapters.wecom import WeComAdapter
from bot.clock import SystemClock
from bot.config.schema import Feishu, WeCom

CORP, AGENT, TOKEN, SECRET = "wwBENCH0000000001", 1000002, "token-of-the-bench", "secret-of-the-bench"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
APP, ENCRYPT_KEY, VERIFICATION = "cli_bench", "encrypt-key-of-the-bench", "verification-of-the-bench"
CLOCK = SystemClock()
SEAL = Seal(TOKEN, AES_KEY, CORP)


def wecom() -> WeComAdapter:
    """The product's adapter; it never calls out here."""
    return WeComAdapter(
        WeCom(corp_id=CORP, agent_id=AGENT), secret=SECRET, token=TOKEN, aes_key=AES_KEY, clock=CLOCK, tokens=MemoryTokens()
    )


def feishu() -> FeishuAdapter:
    return FeishuAdapter(
        Feishu(app_id=APP), app_secret=SECRET, encrypt_key=ENCRYPT_KEY, verification_token=VERIFICATION, clock=CLOCK, tokens=MemoryTokens()
    )


def stamp() -> str:
    return str(int(CLOCK.now().timestamp()))


def location(number: int) -> str:
    """The plaintext of a location message."""
    return (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[user{number % 500:04d}]]></FromUserName>"
        f"<CreateTime>{stamp()}</CreateTime><MsgType><![CDATA[location]]></MsgType>"
        f"<Location_X>22.5{number % 10_000:04d}</Location_X><Location_Y>113.9{number % 9973:04d}</Location_Y>"
        f"<Scale>16</Scale><Label><![CDATA[广东省深圳市南山区科苑南路 {number} 号]]></Label>"
        f"<MsgId>{7_700_000_000_000_000_000 + number}</MsgId><AgentID>{AGENT}</AgentID><AppType><![CDATA[wxwork]]></AppType></xml>"
    )


def signed(locked: str, *, timestamp: str = "", nonce: str = "1372623149", seal: Seal = SEAL) -> tuple[dict[str, str], bytes]:
    """Query and body around ciphertext."""
    timestamp = timestamp or stamp()
    query = {"msg_signature": seal.sign(timestamp, nonce, locked), "timestamp": timestamp, "nonce": nonce}
    body = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{locked}]]></Encrypt>"
        f"<AgentID><![CDATA[{AGENT}]]></AgentID></xml>"
    )
    return query, body.encode()


def sealed(plain: str) -> tuple[dict[str, str], bytes]:
    return signed(SEAL.lock(plain.encode()))


def event(payload: bytes, *, timestamp: str = "") -> tuple[dict[str, str], bytes]:
    """Headers and body of a Feishu event around a plaintext."""
    timestamp, body = timestamp or stamp(), json.dumps({"encrypt": encrypt(payload, ENCRYPT_KEY)}).encode()
    headers = {
        "X-Lark-Request-Timestamp": timestamp,
        "X-Lark-Request-Nonce": "n",
        "X-Lark-Signature": signature(timestamp, "n", ENCRYPT_KEY, body),
    }
    return headers, body


def write_requests(path: Path, first: int, count: int) -> None:
    """Whole HTTP requests, each behind its length: the load generator only has to send them."""
    with path.open("wb") as file:
        for number in range(first, first + count):
            query, body = sealed(location(number))
            request = (
                f"POST /wecom/callback?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode() + body
            file.write(struct.pack(">I", len(request)) + request)
