"""Callback bytes → Envelope, or Forged and nothing else."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.feishu.codec import MAX_BODY, Codec, decrypt, signature
from adapters.sandbox.feishu import crypt
from bot.errors import Forged
from bot.model import Envelope, Platform

KEY = "demoEncKey-2026"
NOW = datetime.fromtimestamp(1795000000, UTC)
CODEC = Codec(app_id="cli_demo", encrypt_key=KEY, verification_token="demoVerTok")
PLAIN = Codec(app_id="cli_demo", encrypt_key="", verification_token="demoVerTok")


def event(**header: str) -> dict[str, Any]:
    head = {"event_id": "e-1", "event_type": "im.message.receive_v1", "create_time": "1795000000123", "token": "demoVerTok"}
    message = {"message_id": "om_1", "chat_type": "p2p", "message_type": "text", "content": '{"text":"帮助"}'}
    body = {"sender": {"sender_id": {"open_id": "ou_rep01", "user_id": "u1"}, "sender_type": "user"}, "message": message}
    return {"schema": "2.0", "header": head | {"app_id": "cli_demo"} | header, "event": body}


def seal(data: object, stamp: str = "1795000000", key: str = KEY) -> tuple[dict[str, str], bytes]:
    plain = data if isinstance(data, bytes) else json.dumps(data).encode()
    return sign(json.dumps({"encrypt": crypt.encrypt(plain, key)}).encode(), stamp)


def sign(body: bytes, stamp: str = "1795000000") -> tuple[dict[str, str], bytes]:
    mark = crypt.signature(stamp, "n0nce", KEY, body)
    return {"X-Lark-Request-Timestamp": stamp, "X-Lark-Request-Nonce": "n0nce", "X-Lark-Signature": mark}, body


def refused(headers: dict[str, str], body: bytes, codec: Codec = CODEC) -> str:
    with pytest.raises(Forged) as caught:
        codec.open(headers, body, NOW)
    return caught.value.reason


def test_signature_matches_the_vector() -> None:
    expected = "c5ccdd81af3e28333acb99fe15eb57fd3a0b2d7a2e5cd39ab28ae701258de3f5"
    assert signature("1795000000", "n0nce", KEY, b'{"encrypt":"AAA"}') == expected
    assert crypt.signature("1795000000", "n0nce", KEY, b'{"encrypt":"AAA"}') == expected


@given(st.binary(max_size=400), st.text(min_size=1, max_size=40))
def test_decrypt_undoes_what_the_platform_encrypts(plain: bytes, key: str) -> None:
    assert decrypt(crypt.encrypt(plain, key), key) == plain


def test_a_signed_event_becomes_an_envelope_keyed_by_its_message() -> None:
    headers, body = seal(event())
    envelope = CODEC.open(headers, body, NOW)
    assert isinstance(envelope, Envelope)
    assert (envelope.platform, envelope.key, envelope.sender) == (Platform.FEISHU, "om_1", "ou_rep01")
    assert json.loads(envelope.payload) == event()
    assert envelope.received_at == NOW


def test_other_events_are_keyed_by_event_id() -> None:
    data = event(event_type="card.action.trigger", event_id="cb-77")
    data["event"] = {"operator": {"open_id": "ou_dir1"}, "action": {"value": {"op": "ack"}}}
    envelope = CODEC.open(*seal(data), NOW)
    assert isinstance(envelope, Envelope)
    assert (envelope.key, envelope.sender) == ("cb-77", "ou_dir1")


def test_header_names_may_come_in_lower_case() -> None:
    headers, body = seal(event())
    assert isinstance(CODEC.open({name.lower(): value for name, value in headers.items()}, body, NOW), Envelope)


@pytest.mark.parametrize("signed", [True, False])
def test_the_url_check_is_answered_signed_or_not(signed: bool) -> None:
    headers, body = seal({"challenge": "ch-1", "token": "demoVerTok", "type": "url_verification"})
    answer = CODEC.open(headers if signed else {}, body, NOW)
    assert isinstance(answer, str)
    assert json.loads(answer) == {"challenge": "ch-1"}


def test_the_url_check_needs_the_right_token() -> None:
    headers, body = seal({"challenge": "ch-1", "token": "other", "type": "url_verification"})
    assert refused(headers, body) == "token"
    assert refused({}, body) == "token"


def test_without_an_encrypt_key_the_token_and_the_time_must_do() -> None:
    assert isinstance(PLAIN.open({}, json.dumps(event()).encode(), NOW), Envelope)
    assert refused({}, json.dumps(event(token="x")).encode(), PLAIN) == "token"
    assert refused({}, json.dumps(event(create_time="1794000000000")).encode(), PLAIN) == "stale"


def test_a_forgotten_verification_token_lets_nobody_in() -> None:
    codec = Codec(app_id="cli_demo", encrypt_key=KEY, verification_token="")
    assert refused(*seal(event(token="")), codec=codec) == "token"


def test_plaintext_is_refused_once_a_key_is_set() -> None:
    assert refused(*sign(json.dumps(event()).encode())) == "plaintext"
    assert refused({}, json.dumps({"challenge": "c", "token": "demoVerTok", "type": "url_verification"}).encode()) == "plaintext"


@pytest.mark.parametrize(
    ("seconds", "fine"), [(0, True), (300, True), (301, False), (-8 * 3600, True), (-8 * 3600 - 1, False), (-7 * 3600 - 315, True)]
)
def test_a_callback_is_fresh_for_eight_hours_back_and_five_minutes_ahead(seconds: int, fine: bool) -> None:
    headers, body = seal(event(), stamp=str(1795000000 + seconds))
    if fine:
        assert isinstance(CODEC.open(headers, body, NOW), Envelope)
    else:
        assert refused(headers, body) == "stale"


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1795000000.0", "１７９５０００００００", "9" * 18, "1e9"])
def test_a_timestamp_that_is_no_number_is_stale(stamp: str) -> None:
    assert refused(*seal(event(), stamp=stamp)) == "stale"


def test_without_signature_an_event_is_refused() -> None:
    _, body = seal(event())
    assert refused({}, body) == "signature"


def test_a_wrong_signature_is_refused_before_anything_is_read() -> None:
    headers, body = seal(event())
    assert refused(headers | {"X-Lark-Signature": "0" * 64}, body) == "signature"
    assert refused(headers | {"X-Lark-Signature": "签名"}, body) == "signature"
    assert refused(headers, body + b" ") == "signature"
    assert refused(headers | {"X-Lark-Request-Nonce": "other"}, body) == "signature"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (event(token="other"), "token"),
        (event(app_id="cli_other"), "receiver"),
        ({"schema": "2.0"}, "token"),
        (event(event_type="other", event_id=""), "shape"),
        (event(event_type="other", event_id="a b"), "shape"),
        (event(event_type="other", event_id="x" * 129), "shape"),
        (b"[]", "shape"),
        (b"null", "shape"),
        (b"not json", "shape"),
        (b"\xff\xfe", "shape"),
        (b'{"header":{"token":"demoVerTok"},"header":{}}', "shape"),
        (b'{"a":NaN}', "shape"),
        (b'{"a":-Infinity}', "shape"),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "shape"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "shape"),
    ],
)
def test_what_is_sealed_rightly_is_still_checked(data: object, reason: str) -> None:
    headers, body = seal(data)
    assert refused(headers, body) == reason if len(body) <= MAX_BODY else refused(headers, body) == "too_large"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"encrypt":1}',
        b'{"encrypt":""}',
        b'{"encrypt":"AAA"}',
        b'{"encrypt":"' + base64.b64encode(b"0" * 16) + b'"}',
        b'{"encrypt":"' + base64.b64encode(b"0" * 33) + b'"}',
        b'{"encrypt":"' + base64.b64encode(b"0" * 48) + b'"}',
        b'{"encrypt":"' + "汉字".encode() + b'"}',
    ],
)
def test_cipher_text_cut_short_is_refused(body: bytes) -> None:
    assert refused(*sign(body)) in {"shape", "plaintext"}


def test_another_key_does_not_open() -> None:
    assert refused(*seal(event(), key="another")) == "shape"


def test_hostile_bodies_are_refused_fast() -> None:
    wide = b'{"a":[' + b"1," * 130_000 + b"1]}"
    deep = b'{"a":' + b"[" * 130_000
    huge = b"x" * 10_000_000
    quotes = b'"' + b'\\"' * 130_000
    objects = b'{"a":[' + b"{}," * 80_000 + b"{}]}"
    for body in (wide, deep, huge, *(each[:MAX_BODY] for each in (wide, deep, quotes, objects, b'""' * 130_000))):
        for headers in ({}, {"X-Lark-Signature": "0" * 64, "X-Lark-Request-Timestamp": "1795000000"}):
            for codec in (CODEC, PLAIN):
                assert min(_seconds(headers, body, codec) for _ in range(5)) < 0.005


def _seconds(headers: dict[str, str], body: bytes, codec: Codec) -> float:
    start = time.perf_counter()
    refused(headers, body, codec)
    return time.perf_counter() - start


def test_a_sealed_event_that_is_too_wide_is_refused() -> None:
    assert refused(*seal(b'{"a":[' + b"1," * 6000 + b"1]}")) == "shape"
    text = event()
    text["event"]["message"]["content"] = json.dumps({"text": "[1,2],{}" * 5000})
    assert isinstance(CODEC.open(*seal(text), NOW), Envelope)  # commas that a person typed are no structure


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_callbacks_are_never_anything_but_forged(data: st.DataObject) -> None:
    headers, body = seal(event())
    at = data.draw(st.integers(0, len(body) - 1))
    cut = data.draw(st.sampled_from(["flip", "drop", "insert", "truncate"]))
    new = data.draw(st.integers(0, 255))
    changed = {
        "flip": body[:at] + bytes([new]) + body[at + 1 :],
        "drop": body[:at] + body[at + 1 :],
        "insert": body[:at] + bytes([new]) + body[at:],
        "truncate": body[:at],
    }[cut]
    if changed != body:
        refused(headers, changed)
        refused({}, changed)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.dictionaries(st.sampled_from(["X-Lark-Signature", "x-lark-request-timestamp"]), st.text(max_size=70)))
def test_rubbish_is_forged(body: bytes, headers: dict[str, str]) -> None:
    refused(headers, body)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_rightly_signed_rubbish_is_forged(plain: bytes) -> None:
    refused(*seal(plain))
    refused(*sign(plain))


def test_a_replay_has_the_same_key() -> None:
    headers, body = seal(event())
    first, again = CODEC.open(headers, body, NOW), CODEC.open(headers, body, NOW + timedelta(hours=6))
    assert isinstance(first, Envelope)
    assert isinstance(again, Envelope)
    assert first.key == again.key
