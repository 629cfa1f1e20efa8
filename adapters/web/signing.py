"""Signed values without server-side state: session cookie, OAuth's `state`, tokens of forms. Each purpose has a key of its own."""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

SESSION = timedelta(hours=4)  # inside a chat client the next one costs no tap
LOGIN = timedelta(minutes=10)
TOKEN = timedelta(hours=12)  # outlives a session: who signs in again goes on with the page he has open
NONCE = timedelta(minutes=15)  # as long as a page without network may go on
STATE_PATH = (
    58  # bytes of return path that fit (a longer one loses its query): WeCom takes 128 letters and digits of state, 80 bytes in base32
)
_MAC = 16


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and checks them. Checking gives None for anything forged, altered, expired or made for another purpose."""

    secret: bytes

    def session(self, person: str, now: datetime) -> str:
        """Cookie value: person id and expiry, nothing else."""
        body = f"{int((now + SESSION).timestamp())}.{person}".encode()
        return f"{_b64(body)}.{_b64(self._mac('session', body))}"

    def person(self, cookie: str, now: datetime) -> str | None:
        """Person id of a live session."""
        body_text, _, mac_text = cookie.partition(".")
        body, mac = _unb64(body_text), _unb64(mac_text)
        if body is None or mac is None or not hmac.compare_digest(mac, self._mac("session", body)):
            return None
        expiry, _, person = body.decode().partition(".")
        return person if int(expiry) > now.timestamp() else None

    def token(self, who: str, now: datetime) -> str:
        """Token of a form: expiry and MAC, bound to whom its page was made for."""
        expiry = int((now + TOKEN).timestamp()).to_bytes(5, "big")
        return _b64(expiry + self._mac(f"csrf {who}", expiry))

    def holds(self, who: str, token: str, now: datetime) -> bool:
        """Whether this is a live token of theirs."""
        raw = _unb64(token) or b""
        fine = hmac.compare_digest(raw[5:], self._mac(f"csrf {who}", raw[:5]))
        return fine and int.from_bytes(raw[:5], "big") > now.timestamp()

    def nonce(self, about: str, now: datetime) -> str:
        """Something to be signed once, about one page of one person: the moment in ms, chance, and their MAC."""
        body = int(now.timestamp() * 1000).to_bytes(6, "big") + secrets.token_bytes(10)
        return _b64(body + self._mac(f"nonce {about}", body))

    def issued(self, about: str, nonce: str) -> datetime | None:
        """When a nonce was made, however long ago; None for one that we did not make for this."""
        raw = _unb64(nonce) or b""
        if len(raw) != 2 * _MAC or not hmac.compare_digest(raw[_MAC:], self._mac(f"nonce {about}", raw[:_MAC])):
            return None
        return datetime.fromtimestamp(int.from_bytes(raw[:6], "big") / 1000, UTC)

    def state(self, platform: str, browser: str, path: str, now: datetime) -> str:
        """OAuth state: expiry, return path and their MAC, bound to the platform and to this browser's login cookie."""
        fits = (one.encode() for one in (path, path.partition("?")[0], "/") if len(one.encode()) <= STATE_PATH)
        body = int((now + LOGIN).timestamp()).to_bytes(5, "big") + next(fits)
        return base64.b32encode(self._mac(f"state {platform} {browser}", body) + body).decode().rstrip("=")

    def returns_to(self, platform: str, browser: str, state: str, now: datetime) -> str | None:
        """The local path that a state leads back to."""
        raw = _unb32(state)
        if raw is None or len(raw) < _MAC + 6:
            return None
        mac, body = raw[:_MAC], raw[_MAC:]
        if not hmac.compare_digest(mac, self._mac(f"state {platform} {browser}", body)):
            return None
        return body[5:].decode() if int.from_bytes(body[:5], "big") > now.timestamp() else None

    def _mac(self, purpose: str, body: bytes) -> bytes:
        key = hmac.digest(self.secret, f"salestrace web {purpose}".encode(), sha256)
        return hmac.digest(key, body, sha256)[:_MAC]


def local_path(text: str) -> str:
    """`text` if it is a path on this site, else "/": two slashes, backslashes and control characters lead elsewhere in browsers."""
    plain = text.isascii() and text.isprintable() and "\\" not in text and " " not in text
    return text if plain and text.startswith("/") and not text.startswith("//") else "/"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unb64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True) or None
    except ValueError:
        return None


def _unb32(text: str) -> bytes | None:
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return None
