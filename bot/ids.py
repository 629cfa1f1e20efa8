"""Record ids: sortable by time, and the same for the same cause, so that a repeated step makes no second record."""

from datetime import datetime
from hashlib import sha256

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(prefix: str, at: datetime, seed: str) -> str:
    """Return `prefix` + a 26-character ULID: 48 bits of milliseconds of `at`, 80 bits of SHA-256 of `seed`.

    Deterministic on purpose: a crash between ack and commit repeats the step, and must arrive at the same id.
    """
    number = int(at.timestamp() * 1000) << 80 | int.from_bytes(sha256(seed.encode()).digest()[:10], "big")
    return prefix + "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def secret_digest(secret: str) -> str:
    """What is kept of the secret in a link that opens a page to whoever holds it; "" of none."""
    return sha256(f"salestrace page {secret}".encode()).hexdigest() if secret else ""
