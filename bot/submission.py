"""What the visit page sends: a statement as its exact text, the device key's signature over it, and when its nonce was issued.

The statement is a JSON object: `page` (the visit), `nonce`, `what` (start | photo | voice), `elapsed_ms` since the nonce came, `clock` (the
browser's own, noted only); of a start also `fixes` ([lat, lng, accuracy in metres or null, milliseconds ago] each), `datum` and `battery`
(0–1 or null); of a file `sha256` and `live`. Nobody can sign with a nonce before it was issued: between then and the receipt the page's own
reckoning of time is believed, whatever its clock shows.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import Forged
from bot.model import Datum, Envelope, Interaction, Kind, MediaRef, Platform, Point, Submission

LATE = timedelta(minutes=1)
LONGEST = 8192  # bytes of a statement
COORDINATE = 32  # bytes of each half of a P-256 signature
THUMBPRINT = 32  # characters
SOURCE = "page"
KINDS = {"start": Kind.PAGE, "photo": Kind.IMAGE, "voice": Kind.VOICE}

Degrees = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
Elapsed = Annotated[int, Field(ge=0, le=86_400_000)]


class Statement(BaseModel):
    """The signed text, read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    page: Annotated[str, Field(max_length=40)]
    nonce: Annotated[str, Field(max_length=80)]
    what: Literal["start", "photo", "voice"]
    elapsed_ms: Elapsed
    clock: Annotated[str, Field(max_length=40)] = ""
    fixes: Annotated[tuple[tuple[Degrees, Degrees, Metres | None, Elapsed], ...], Field(max_length=40)] = ()
    datum: Literal["wgs84", "gcj02"] = "wgs84"
    battery: Annotated[float, Field(ge=0, le=1)] | None = None
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statement whose signature holds. `key` is a SubjectPublicKeyInfo, base64."""

    text: str
    signature: str
    key: str
    statement: Statement

    @property
    def device(self) -> str:
        """Thumbprint of the key."""
        return sha256(base64.b64decode(self.key)).hexdigest()[:THUMBPRINT]


def opened(told: Any) -> Signed:
    """Check `{"statement", "signature", "key"}`. Raises Forged: `shape` for what is no such thing, `signature` where it does not hold."""
    try:
        text, signature, key = (told[name] for name in ("statement", "signature", "key"))
        if len(text.encode()) > LONGEST:
            raise Forged("shape")
        raw, public = base64.b64decode(signature, validate=True), base64.b64decode(key, validate=True)
        statement = Statement.model_validate(json.loads(text), strict=False)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError, binascii.Error, ValidationError) as error:
        raise Forged("shape") from error
    _hold(text.encode(), raw, public)
    return Signed(text=text, signature=signature, key=key, statement=statement)


def _hold(text: bytes, signature: bytes, public: bytes) -> None:
    try:
        key = load_der_public_key(public)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Forged("signature") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1) or len(signature) != 2 * COORDINATE:
        raise Forged("signature")
    r, s = (int.from_bytes(half) for half in (signature[:COORDINATE], signature[COORDINATE:]))
    try:
        key.verify(encode_dss_signature(r, s), text, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise Forged("signature") from error


def sealed(signed: Signed, person: str, key: str, issued_at: datetime, received_at: datetime, agent: str) -> Envelope:
    """The envelope in which it is kept, so that anybody can check the signature again. `key`: what is taken once only."""
    body = {
        "statement": signed.text,
        "signature": signed.signature,
        "key": signed.key,
        "issued_at": int(issued_at.timestamp() * 1000),
        "agent": agent[:200],
    }
    payload = json.dumps(body, ensure_ascii=False).encode()
    return Envelope(platform=Platform.PAGE, key=key, sender=person, payload=payload, received_at=received_at)


def read(envelope: Envelope) -> Interaction:
    """Never raises: it was checked before it was kept; an erased one is UNKNOWN."""
    try:
        told = json.loads(envelope.payload)
        statement = Statement.model_validate(json.loads(told["statement"]), strict=False)
        device = sha256(base64.b64decode(told["key"])).hexdigest()[:THUMBPRINT]
        issued_at = datetime.fromtimestamp(told["issued_at"] / 1000, envelope.received_at.tzinfo)
    except (KeyError, TypeError, ValueError):
        return _unknown(envelope)
    at = min(issued_at + timedelta(milliseconds=statement.elapsed_ms), envelope.received_at)
    datum = Datum(statement.datum)
    fixes = tuple(Point(lat=lat, lng=lng, datum=datum, accuracy_m=accuracy, source=SOURCE) for lat, lng, accuracy, _ in statement.fixes)
    kind = KINDS[statement.what]
    return Interaction(
        platform=Platform.PAGE,
        key=envelope.key,
        sender=envelope.sender,
        kind=kind,
        sent_at=at,
        received_at=envelope.received_at,
        point=best(fixes),
        media=() if kind is Kind.PAGE else (MediaRef(id=statement.sha256, kind=statement.what),),
        agent=str(told.get("agent", "")),
        page=Submission(
            visit=statement.page,
            device=device,
            fixes=fixes,
            battery=None if statement.battery is None else round(statement.battery * 100, 1),
            live=statement.live and statement.what == "photo",
            late=envelope.received_at - at > LATE,
        ),
    )


def _unknown(envelope: Envelope) -> Interaction:
    return Interaction(
        platform=Platform.PAGE,
        key=envelope.key,
        sender=envelope.sender,
        kind=Kind.UNKNOWN,
        sent_at=envelope.received_at,
        received_at=envelope.received_at,
        text="malformed",
    )


def best(fixes: tuple[Point, ...]) -> Point | None:
    """The most exact one, the latest of equals; one that says nothing of its accuracy comes last."""
    return min(reversed(fixes), key=lambda fix: fix.accuracy_m if fix.accuracy_m is not None else 1e9, default=None)
