"""Callback bytes → Envelope: signature, freshness, decryption, token, receiver. Everything bad is Forged."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from adapters.feishu.strict_json import dig, loads, word
from bot.errors import Forged
from bot.model import Envelope, Platform

MAX_BODY = 256 * 1024
MAX_UNSIGNED = 8 * 1024  # only a URL check comes unsigned, and it is small
MAX_CHALLENGE = 1024
EARLY = timedelta(seconds=300)
LATE = timedelta(hours=8)  # the last redelivery comes after 7 h 05 min, and nobody verified that it is stamped anew
NAME = re.compile(r"[\x21-\x7e]{1,128}")
DIGITS = re.compile(r"[0-9]{1,17}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """The app's callback secrets. Without an Encrypt Key the platform neither signs nor encrypts."""

    app_id: str
    encrypt_key: str
    verification_token: str

    def open(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Envelope | str:
        """Return the event, or the answer to a URL check. Raises Forged."""
        if len(body) > MAX_BODY:
            raise Forged("too_large")
        signed = self._signed({name.lower(): value for name, value in headers.items()}, body, now)
        if self.encrypt_key and not signed and len(body) > MAX_UNSIGNED:
            raise Forged("signature")
        payload, data = self._plain(body)
        if data.get("type") == "url_verification":
            return self._challenge(data)
        if self.encrypt_key and not signed:
            raise Forged("signature")
        return self._envelope(payload, data, now)

    def _signed(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether a signature is there; a wrong or stale one is refused."""
        given = headers.get("x-lark-signature")
        if not self.encrypt_key or given is None:
            return False
        stamp, nonce = headers.get("x-lark-request-timestamp", ""), headers.get("x-lark-request-nonce", "")
        if not _same(given, signature(stamp, nonce, self.encrypt_key, body)):
            raise Forged("signature")
        _fresh(stamp, now)
        return True

    def _plain(self, body: bytes) -> tuple[bytes, dict[str, Any]]:
        if not self.encrypt_key and self.verification_token.isalnum() and self.verification_token.encode() not in body:
            raise Forged("token")  # nothing is parsed for a stranger
        try:
            outer = loads(body)
            if not self.encrypt_key:
                return body, outer
            if set(outer) != {"encrypt"} or not isinstance(outer["encrypt"], str):
                raise Forged("plaintext")
            payload = decrypt(outer["encrypt"], self.encrypt_key)
            return payload, loads(payload)
        except ValueError:
            raise Forged("shape") from None

    def _challenge(self, data: dict[str, Any]) -> str:
        self._token(word(data, "token"))
        challenge = word(data, "challenge")
        if not challenge or len(challenge) > MAX_CHALLENGE:
            raise Forged("shape")
        return json.dumps({"challenge": challenge})

    def _token(self, given: str) -> None:
        if not self.verification_token or not _same(given, self.verification_token):
            raise Forged("token")

    def received(self, payload: bytes, now: datetime) -> Envelope:
        """Return what the long connection brought: we opened it with the app's secret, so nothing is signed or encrypted. Raises Forged."""
        if len(payload) > MAX_BODY:
            raise Forged("too_large")
        try:
            data = loads(payload)
        except ValueError:
            raise Forged("shape") from None
        return self._named(payload, data, now)

    def _envelope(self, payload: bytes, data: dict[str, Any], now: datetime) -> Envelope:
        self._token(word(data, "header", "token"))
        if not self.encrypt_key:  # nothing is signed then; the event's own time is the best there is
            _fresh(word(data, "header", "create_time"), now)
        return self._named(payload, data, now)

    def _named(self, payload: bytes, data: dict[str, Any], now: datetime) -> Envelope:
        if word(data, "header", "app_id") != self.app_id:
            raise Forged("receiver")
        key = word(data, "event", "message", "message_id") if kind(data) == "im.message.receive_v1" else word(data, "header", "event_id")
        who = sender(data).get("open_id", "")
        if not NAME.fullmatch(key) or (who and not NAME.fullmatch(who)):
            raise Forged("shape")
        return Envelope(platform=Platform.FEISHU, key=key, sender=who, payload=payload, received_at=now)


def signature(stamp: str, nonce: str, encrypt_key: str, body: bytes) -> str:
    """Return the hex of SHA-256(timestamp + nonce + Encrypt Key + raw body): a plain hash, not an HMAC."""
    return hashlib.sha256(f"{stamp}{nonce}{encrypt_key}".encode("utf-8", "replace") + body).hexdigest()


def decrypt(text: str, encrypt_key: str) -> bytes:
    """Undo base64(IV + AES-256-CBC). Raises ValueError."""
    try:
        blob = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(blob) < 32 or len(blob) % 16:
        raise ValueError("not whole blocks")
    decryptor = Cipher(algorithms.AES(hashlib.sha256(encrypt_key.encode()).digest()), modes.CBC(blob[:16])).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(blob[16:]) + decryptor.finalize()) + unpadder.finalize()


def kind(data: Mapping[str, Any]) -> str:
    """Return the event type."""
    return word(data, "header", "event_type")


def sender(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids (open_id, user_id) of who caused the event, wherever its type keeps them."""
    event = data.get("event")
    for path in (("sender", "sender_id"), ("operator", "operator_id"), ("operator_id",), ("operator",)):
        if isinstance(dig(event, *path, "open_id"), str):
            return {name: word(event, *path, name) for name in ("open_id", "user_id")}
    return {}


def moment(value: str) -> datetime | None:
    """Read a time in seconds, milliseconds (events) or microseconds (card actions); None when it is none."""
    if not DIGITS.fullmatch(value):
        return None
    scale = 1_000_000 if len(value) > 14 else 1000 if len(value) > 11 else 1
    return datetime.fromtimestamp(int(value) / scale, UTC)


def _fresh(stamp: str, now: datetime) -> None:
    at = moment(stamp)
    if at is None or not now - LATE <= at <= now + EARLY:
        raise Forged("stale")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))
