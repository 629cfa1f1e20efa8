"""A callback's bytes → Envelope. Everything from outside is capped and checked before it is decrypted; every no is one `Forged`."""

import hmac
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha1, sha256

from adapters.vendor import alone
from adapters.wecom.xml import Node, XmlError, parse, text
from bot.errors import ConfigError, Forged
from bot.model import Envelope, Platform

MAX_BODY = 64 << 10
MAX_QUERY = 4096
MAX_EQUALS = 64  # base64 ends in two at most; thousands of attributes would cost 5 ms
# What the platform sends, read at a glance; anything else goes through the parser.
USUAL = re.compile(
    rb"<xml>\s*<ToUserName><!\[CDATA\[[^]<]*\]\]></ToUserName>\s*<Encrypt><!\[CDATA\[([A-Za-z0-9+/=]+)\]\]></Encrypt>"
    rb"\s*<AgentID><!\[CDATA\[[^]<]*\]\]></AgentID>\s*</xml>"
)
WINDOW = 300  # seconds between the callback's own timestamp and now, either way


class Callback:
    """Opens callbacks of one app. The cipher is wechatpy's, kept for the life of the adapter."""

    def __init__(self, corp_id: str, agent_id: int, token: str, aes_key: str) -> None:
        self._corp = corp_id
        self._agent = agent_id
        self._token = token.encode()
        try:
            key = b64decode(aes_key + "=", validate=True)
        except ValueError:
            key = b""
        if len(key) != 32 or not token:
            raise ConfigError(["WECOM_TOKEN 或 WECOM_AES_KEY 不可用：Token 不能为空，EncodingAESKey 应为 43 位字母和数字"])
        self._crypto = alone("wechatpy.enterprise.crypto").PrpCrypto(key)

    def open(self, query: Mapping[str, str], body: bytes, now: datetime) -> Envelope | str:
        """Return the Envelope of a message, or the echo of a URL check. Raises Forged."""
        if len(body) > MAX_BODY or sum(map(len, query.values())) > MAX_QUERY:
            raise Forged("size")
        echo = query.get("echostr", "")
        locked = echo if echo and not body else _encrypted(body)
        self._verify(query, locked, now)
        plain = self._decrypt(locked)
        return plain if locked is echo else self._envelope(plain.encode(), now)

    def _verify(self, query: Mapping[str, str], locked: str, now: datetime) -> None:
        timestamp, given = query.get("timestamp", ""), query.get("msg_signature", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise Forged("timestamp")
        if abs(now.timestamp() - int(timestamp)) > WINDOW:
            raise Forged("stale")
        parts = [self._token, timestamp.encode(), _bytes(query.get("nonce", "")), _bytes(locked)]
        right = sha1(b"".join(sorted(parts)), usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(right.encode(), _bytes(given)):
            raise Forged("signature")

    def _decrypt(self, locked: str) -> str:
        """The signature is right; what is inside may still be anything."""
        try:
            return str(self._crypto.decrypt(locked, self._corp))
        except Exception as error:  # noqa: BLE001 - wechatpy raises struct.error, IndexError, UnicodeDecodeError and more on garbage
            wrong_receiver = type(error).__name__ == "InvalidCorpIdException"
            raise Forged("receiver" if wrong_receiver else "cipher") from None

    def _envelope(self, plain: bytes, now: datetime) -> Envelope:
        try:
            message = parse(plain)
        except XmlError:
            raise Forged("xml") from None
        if text(message, "ToUserName") != self._corp:
            raise Forged("receiver")
        key = message_key(self._corp, self._agent, message)
        return Envelope(platform=Platform.WECOM, key=key, sender=text(message, "FromUserName"), payload=plain, received_at=now)


def message_key(corp: str, agent: int, message: Node) -> str:
    """What makes two deliveries the same: MsgId, else the whole event but for its response code (a redelivery may bring another)."""
    told = {name: value for name, value in message.items() if name != "ResponseCode"}
    rest = text(message, "MsgId") or json.dumps(told, sort_keys=True, ensure_ascii=False)
    return sha256("\x1f".join([corp, str(agent), text(message, "FromUserName"), rest]).encode(errors="replace")).hexdigest()


def _encrypted(body: bytes) -> str:
    """Return the Encrypt element. The rest of the outer XML is not signed and not looked at."""
    if usual := USUAL.fullmatch(body):
        return usual[1].decode()
    if body.count(b"=") > MAX_EQUALS:
        raise Forged("xml")
    try:
        locked = text(parse(body), "Encrypt")
    except XmlError:
        raise Forged("xml") from None
    if not locked:
        raise Forged("xml")
    return locked


def _bytes(text_: str) -> bytes:
    return text_.encode(errors="replace")  # a query may hold lone surrogates
