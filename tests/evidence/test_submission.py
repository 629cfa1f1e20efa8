"""What the visit page sends: nothing but a genuine signature gets in, and no clock moves it out of its nonce's time."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Forged
from bot.model import Datum, Envelope, Kind, Platform, Point
from bot.submission import LATE, best, opened, read, sealed

KEY = ec.generate_private_key(ec.SECP256R1())
ISSUED = datetime(2026, 11, 23, 6, tzinfo=UTC)
FACTS = {"page": "v_1", "nonce": "n", "what": "start", "elapsed_ms": 0, "fixes": [[22.5, 113.9, 12.0, 0]], "battery": 0.834}


def public(key: Any = KEY) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def told(facts: dict[str, Any] = FACTS, key: ec.EllipticCurvePrivateKey = KEY) -> dict[str, str]:
    text = json.dumps(facts)
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    half = (key.curve.key_size + 7) // 8
    return {"statement": text, "signature": base64.b64encode(r.to_bytes(half) + s.to_bytes(half)).decode(), "key": public(key)}


def test_a_genuine_one_is_read_as_it_was_meant() -> None:
    signed = opened(told())
    found = read(sealed(signed, "E001", "n", ISSUED, ISSUED + timedelta(seconds=2), "agent"))
    assert (found.kind, found.sender, found.platform, found.agent) == (Kind.PAGE, "E001", Platform.PAGE, "agent")
    assert found.point == Point(lat=22.5, lng=113.9, datum=Datum.WGS84, accuracy_m=12.0, source="page")
    assert found.page and (found.page.battery, found.page.device, found.page.late) == (83.4, signed.device, False)


@given(st.integers(0, 10_000_000), st.integers(0, 1_000_000))
def test_its_time_lies_between_nonce_and_receipt(elapsed: int, took: int) -> None:
    received = ISSUED + timedelta(milliseconds=took)
    found = read(sealed(opened(told(FACTS | {"elapsed_ms": elapsed})), "E001", "n", ISSUED, received, ""))
    assert ISSUED <= found.sent_at <= received
    assert found.page and found.page.late == (received - found.sent_at > LATE)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_rubbish_is_forged_and_never_an_accident(value: Any) -> None:
    for given_ in (value, told() | {"statement": value}, told() | {"signature": value}, told() | {"key": value}):
        with pytest.raises(Forged):
            opened(given_)


@given(st.binary(max_size=300))
def test_reading_never_raises(payload: bytes) -> None:
    found = read(Envelope(platform=Platform.PAGE, key="k", sender="E001", payload=payload, received_at=ISSUED))
    assert found.kind is Kind.UNKNOWN


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_one_byte_of_the_statement(place: int, change: int) -> None:
    whole = told()
    text = bytearray(whole["statement"].encode())
    text[place % len(text)] ^= change
    with pytest.raises(Forged):
        opened(whole | {"statement": text.decode(errors="replace")})


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())])
def test_another_kind_of_key(key: Any) -> None:
    with pytest.raises(Forged, match="signature"):
        opened(told() | {"key": public(key)})


@pytest.mark.parametrize(
    "bad",
    [
        {"elapsed_ms": -1},
        {"elapsed_ms": "x"},
        {"what": "end"},
        {"battery": 1.1},
        {"fixes": [[1, 2, 3]]},
        {"fixes": [[1, 2, -3, 0]]},
        {"fixes": [[400, 2, 3, 0]]},
        {"fixes": [[1, 2, 3, 0]] * 41},
        {"sha256": "x"},
        {"datum": "bd09"},
        {"page": "v" * 41},
    ],
)
def test_signed_nonsense_is_nonsense(bad: dict[str, Any]) -> None:
    with pytest.raises(Forged, match="shape"):
        opened(told(FACTS | bad))


def test_the_most_exact_fix_stands_for_all() -> None:
    fixes = [Point(lat=1, lng=n, datum=Datum.WGS84, accuracy_m=accuracy) for n, accuracy in enumerate((None, 20.0, 5.0, 5.0, 9.0))]
    found = best(tuple(fixes))
    assert found and found.lng == 3 and best(()) is None
