"""Ballots of the anonymous survey: whoever holds one may answer once. Made while a card is being sent, and remembered by nobody.

A ballot is a random number with our seal on it. It is not made from the person, so not even we can say later whose one was; that is why a
card that has to be sent a second time carries another one, and why, in that rare case, somebody may count twice.
"""

import base64
import hmac
import secrets
from hashlib import sha256

LENGTH = 16  # bytes of the number, and of the seal
PURPOSE = b"salestrace survey ballot\0"


class Ballots:
    """Seals with a key of this installation."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, PURPOSE, sha256)

    def new(self, survey: str) -> str:
        """43 letters and digits that fit a URL."""
        number = secrets.token_bytes(LENGTH)
        return base64.urlsafe_b64encode(number + self._seal(survey, number)).rstrip(b"=").decode()

    def genuine(self, survey: str, ballot: str) -> bool:
        """Whether it is one of this survey."""
        try:
            data = base64.b64decode(ballot + "=" * (-len(ballot) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return False
        if len(data) != 2 * LENGTH or base64.urlsafe_b64encode(data).rstrip(b"=").decode() != ballot:
            return False  # one number has one spelling: another one would be another ballot
        return hmac.compare_digest(data[LENGTH:], self._seal(survey, data[:LENGTH]))

    def _seal(self, survey: str, number: bytes) -> bytes:
        return hmac.digest(self._key, survey.encode() + b"\0" + number, sha256)[:LENGTH]
