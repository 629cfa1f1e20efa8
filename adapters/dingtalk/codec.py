"""DingTalk's pushes → Envelopes: robot webhooks, encrypted events, and the frames of a stream. Every no is one `Forged`."""

import base64
import hashlib
import hmac
import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.dingtalk.attendance import whose
from adapters.vendor import alone
from bot.errors import ConfigError, Forged
from bot.model import Envelope, Platform

MAX_BODY = 256 << 10
HOUR_MS = 3_600_000
ROBOT, CARD, EVENT = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback", "EVENT"
CHECK = "check_url"


class Codec:
    """One app's. `token` and `aes_key` only where events are pushed to us."""

    def __init__(self, client_id: str, secret: str, token: str = "", aes_key: str = "") -> None:
        self._client = client_id
        self._secret = secret
        self._token = token
        self._cipher: Any = None
        if aes_key:
            try:
                key = b64decode(aes_key + "=", validate=True)
            except ValueError:
                key = b""
            if len(key) != 32:
                raise ConfigError(["DINGTALK_EVENT_AES_KEY：应是后台给出的 43 位 aes_key"])
            self._cipher = alone("dingtalk.crypto").PrpCrypto(key)

    def open(self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime) -> Envelope | str:
        """A robot's message carries its signature in the headers, an event in the query. Raises Forged."""
        if len(body) > MAX_BODY:
            raise Forged("size")
        if "sign" in headers:
            return self._robot(headers, body, now)
        return self._event(query, body, now)

    def answer(self, now: datetime, nonce: str = "salestrace") -> str:
        """What a pushed event is answered with: `success`, encrypted."""
        stamp = str(int(now.timestamp() * 1000))
        locked = self._cipher.encrypt("success", self._client).decode()
        signed = _digest(self._token, stamp, nonce, locked)
        return json.dumps({"msg_signature": signed, "encrypt": locked, "timeStamp": stamp, "nonce": nonce})

    def _robot(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Envelope:
        """The signature covers the time alone, not the body: what repeats is told by its msgId."""
        stamp = headers.get("timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 16):
            raise Forged("timestamp")
        if abs(now.timestamp() * 1000 - int(stamp)) > HOUR_MS:
            raise Forged("stale")
        right = hmac.new(self._secret.encode(), f"{stamp}\n{self._secret}".encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(base64.b64encode(right), headers.get("sign", "").encode(errors="replace")):
            raise Forged("signature")
        return robot_envelope(body, now)

    def _event(self, query: Mapping[str, str], body: bytes, now: datetime) -> Envelope | str:
        if self._cipher is None:
            raise Forged("no_key")
        told = _object(body)
        locked, stamp = told.get("encrypt"), query.get("timestamp", "")
        if not isinstance(locked, str) or not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 16):
            raise Forged("shape")
        if abs(now.timestamp() * 1000 - int(stamp)) > HOUR_MS:
            raise Forged("stale")
        given = query.get("msg_signature") or query.get("signature", "")
        right = _digest(self._token, stamp, query.get("nonce", ""), locked)
        if not hmac.compare_digest(right.encode(), given.encode(errors="replace")):
            raise Forged("signature")
        plain = self._decrypted(locked)
        event = _object(plain)
        if event.get("EventType") == CHECK:
            return self.answer(now)
        return event_envelope(str(event.get("eventId") or event.get("BizId") or ""), str(event.get("staffId") or whose(event)), plain, now)

    def _decrypted(self, locked: str) -> bytes:
        try:
            return str(self._cipher.decrypt(locked, self._client)).encode()
        except Exception as error:  # noqa: BLE001 - the kit raises anything on garbage
            raise Forged("receiver" if "CorpId" in type(error).__name__ else "cipher") from None


def robot_envelope(payload: bytes, now: datetime) -> Envelope:
    """Raises Forged for what is no message of a robot."""
    message = _object(payload)
    key = message.get("msgId")
    if not isinstance(key, str) or not key:
        raise Forged("shape")
    sender = str(message.get("senderStaffId") or message.get("senderId") or "")
    return Envelope(platform=Platform.DINGTALK, key=_key("robot", key), sender=sender, payload=payload, received_at=now)


def event_envelope(key: str, sender: str, payload: bytes, now: datetime) -> Envelope:
    seed = key or hashlib.sha256(payload).hexdigest()
    return Envelope(platform=Platform.DINGTALK, key=_key("event", seed), sender=sender, payload=payload, received_at=now)


def frame_envelope(frame: Mapping[str, Any], now: datetime) -> Envelope:
    """A frame of a stream. Raises Forged for one that is not understood."""
    headers, data = frame.get("headers"), frame.get("data")
    if not isinstance(headers, dict) or not isinstance(data, str):
        raise Forged("shape")
    topic = headers.get("topic")
    if frame.get("type") == "CALLBACK" and topic == ROBOT:
        return robot_envelope(data.encode(errors="replace"), now)
    inner = _object(data.encode(errors="replace"))
    if frame.get("type") == "CALLBACK" and topic == CARD:
        payload = json.dumps({"time": headers.get("time"), **inner, "EventType": "card"}, ensure_ascii=False).encode(errors="replace")
        return event_envelope(f"card:{headers.get('messageId')}", str(inner.get("userId", "")), payload, now)
    if frame.get("type") == EVENT:
        # Stored as an event pushed by HTTP would be: what comes later reads one shape.
        payload = json.dumps({"EventType": headers.get("eventType"), **inner}, ensure_ascii=False).encode(errors="replace")
        return event_envelope(str(headers.get("eventId") or ""), str(inner.get("staffId") or whose(inner)), payload, now)
    raise Forged("topic")


def _key(kind: str, seed: str) -> str:
    return hashlib.sha256(f"{kind}:{seed}".encode(errors="replace")).hexdigest()


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Forged("json") from None
    if not isinstance(found, dict):
        raise Forged("json")
    return found


def _digest(*parts: str) -> str:
    joined = "".join(sorted(parts)).encode(errors="replace")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()
