"""What DingTalk pushes: signatures and ciphers against fixed vectors, and everything that is no genuine push refused."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dingtalk.codec import Codec, frame_envelope, robot_envelope
from adapters.dingtalk.read import read
from bot.errors import ConfigError, Forged
from bot.model import Datum, Envelope, Kind, Platform

# The vectors of the platform's facts: made of values of ours, checked against the vendor's kit.
AES, TOKEN, CLIENT, SECRET = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "demotoken", "dingdemoappkey01", "demo-app-secret"
AT = datetime.fromtimestamp(1_766_000_000, UTC)
STAMP, NONCE = "1766000000000", "nonce123"
LOCKED = "Q3stYC6hdFzMh9T8HCvyDD5dVMaaZmK6ZzZA1b5vOyMFkyYFMPHbUh2MaVSSZWfWKMaZI5AXbtTD5LZaDgGo2g=="
SIGNED = "d459d20b1b2212b3799e6e620bf4ef49ca7aa027"
ROBOT_SIGN = "X+r4tzNkT+sN+XT2n0xq9M4PCVSJdIGCwRS4BFNrLsQ="
CODEC = Codec(CLIENT, SECRET, TOKEN, AES)
TEXT = {"msgtype": "text", "msgId": "m1", "createAt": 1_766_000_000_000, "conversationType": "1", "senderStaffId": "rep007"}


def robot(body: dict[str, Any] | bytes, sign: str = ROBOT_SIGN, stamp: str = STAMP) -> Envelope | str:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return CODEC.open({"timestamp": stamp, "sign": sign}, {}, data, AT)


def pushed(event: dict[str, Any]) -> Envelope | str:
    locked = CODEC._cipher.encrypt(json.dumps(event), CLIENT).decode()
    parts = "".join(sorted((TOKEN, STAMP, NONCE, locked)))
    query = {"msg_signature": hashlib.sha1(parts.encode(), usedforsecurity=False).hexdigest(), "timestamp": STAMP, "nonce": NONCE}
    return CODEC.open({}, query, json.dumps({"encrypt": locked}).encode(), AT)


def interaction(message: dict[str, Any]) -> Any:
    return read(robot_envelope(json.dumps(message).encode(), AT), CLIENT, Datum.GCJ02)


def test_the_robots_signature_is_the_vectors() -> None:
    envelope = robot({**TEXT, "text": {"content": "今日"}})
    assert isinstance(envelope, Envelope) and envelope.sender == "rep007"
    right = base64.b64encode(hmac.new(SECRET.encode(), f"{STAMP}\n{SECRET}".encode(), hashlib.sha256).digest()).decode()
    assert right == ROBOT_SIGN


def test_the_events_cipher_is_the_vectors() -> None:
    """`success` is no JSON object, so it is refused for its shape: signature and cipher held."""
    query = {"msg_signature": SIGNED, "timestamp": STAMP, "nonce": NONCE}
    with pytest.raises(Forged, match="json"):
        CODEC.open({}, query, json.dumps({"encrypt": LOCKED}).encode(), AT)
    assert CODEC._decrypted(LOCKED) == b"success"


def test_an_event_is_opened_and_the_urls_check_answered() -> None:
    event = {"EventType": "check_in", "eventId": "evt-1", "timeStamp": 1_766_000_000_000, "staffId": "rep007"}
    envelope = pushed(event)
    assert isinstance(envelope, Envelope) and envelope.sender == "rep007"
    assert read(envelope, CLIENT, Datum.GCJ02).kind is Kind.ENTER
    again = pushed(event)
    assert isinstance(again, Envelope) and again.key == envelope.key
    echo = pushed({"EventType": "check_url"})
    assert isinstance(echo, str)
    told = json.loads(echo)
    assert CODEC._decrypted(told["encrypt"]) == b"success"


@pytest.mark.parametrize(
    ("headers", "query", "body", "reason"),
    [
        ({"timestamp": STAMP, "sign": "x"}, {}, b"{}", "signature"),
        ({"timestamp": "1765996399999", "sign": ROBOT_SIGN}, {}, b"{}", "stale"),
        ({"timestamp": "１２", "sign": ROBOT_SIGN}, {}, b"{}", "timestamp"),
        ({"timestamp": STAMP, "sign": ROBOT_SIGN}, {}, b"[]", "json"),
        ({"timestamp": STAMP, "sign": ROBOT_SIGN}, {}, b'{"msgtype":"text"}', "shape"),
        ({"timestamp": STAMP, "sign": ROBOT_SIGN}, {}, b"x" * (300 << 10), "size"),
        ({}, {"timestamp": STAMP, "msg_signature": "0" * 40, "nonce": NONCE}, json.dumps({"encrypt": LOCKED}).encode(), "signature"),
        ({}, {"timestamp": STAMP, "msg_signature": SIGNED, "nonce": "other"}, json.dumps({"encrypt": LOCKED}).encode(), "signature"),
        ({}, {}, b"{}", "shape"),
    ],
)
def test_what_is_not_genuine_is_refused(headers: dict[str, str], query: dict[str, str], body: bytes, reason: str) -> None:
    with pytest.raises(Forged) as refused:
        CODEC.open(headers, query, body, AT)
    assert refused.value.reason == reason


def test_an_event_for_another_app_is_refused() -> None:
    locked = CODEC._cipher.encrypt("{}", "dinganother").decode()
    signed = hashlib.sha1("".join(sorted((TOKEN, STAMP, NONCE, locked))).encode(), usedforsecurity=False).hexdigest()
    with pytest.raises(Forged) as refused:
        CODEC.open({}, {"msg_signature": signed, "timestamp": STAMP, "nonce": NONCE}, json.dumps({"encrypt": locked}).encode(), AT)
    assert refused.value.reason == "receiver"


def test_without_a_key_no_event_is_taken_and_a_wrong_key_is_named() -> None:
    with pytest.raises(Forged, match="no_key"):
        Codec(CLIENT, SECRET).open({}, {"timestamp": STAMP}, b"{}", AT)
    with pytest.raises(ConfigError, match="DINGTALK_EVENT_AES_KEY"):
        Codec(CLIENT, SECRET, TOKEN, "short")


@pytest.mark.parametrize(
    ("message", "kind", "more"),
    [
        ({"msgtype": "text", "text": {"content": " 签到 甲方 "}, "conversationType": "2", "conversationId": "cid"}, Kind.TEXT, "签到 甲方"),
        ({"msgtype": "text", "text": {"content": "#stage:demo 方案演示"}}, Kind.TAP, ("stage", "demo")),
        ({"msgtype": "text", "text": {"content": "#end 结束拜访"}}, Kind.TAP, ("end", "")),
        ({"msgtype": "text", "text": {"content": "#1 车间"}}, Kind.TEXT, "#1 车间"),
        ({"msgtype": "picture", "content": {"downloadCode": "dc"}}, Kind.IMAGE, ["photo"]),
        ({"msgtype": "audio", "content": {"downloadCode": "dc", "duration": 8200, "recognition": "预算"}}, Kind.VOICE, ["voice"]),
        ({"msgtype": "video", "content": {"downloadCode": "dc"}}, Kind.VIDEO, ["video"]),
        ({"msgtype": "file", "content": {"downloadCode": "dc", "fileName": "报价.pdf"}}, Kind.FILE, ["file"]),
        ({"msgtype": "richText", "content": {"richText": [{"type": "picture", "downloadCode": "a"}]}}, Kind.IMAGE, ["photo"]),
        ({"msgtype": "picture", "content": {}}, Kind.UNKNOWN, []),
        ({"msgtype": "location"}, Kind.UNKNOWN, []),
        ({"errorCode": 20001}, Kind.UNKNOWN, []),
    ],
)
def test_messages_are_read(message: dict[str, Any], kind: Kind, more: Any) -> None:
    found = interaction({**{key: value for key, value in TEXT.items() if key != "msgtype"}, **message})
    assert found.kind is kind
    if kind is Kind.TEXT:
        assert found.text == more
    elif kind is Kind.TAP:
        assert (found.choice.op, found.choice.arg) == more
    elif more:
        assert [ref.kind for ref in found.media] == more
    assert found.sent_at == AT


def test_a_record_is_a_check_in() -> None:
    record = {"checkin_time": 1_766_000_000_000, "userid": "rep007", "place": "甲方", "longitude": "114.1", "latitude": "22.5"}
    envelope = Envelope(platform=Platform.DINGTALK, key="k", sender="rep007", payload=json.dumps(record).encode(), received_at=AT)
    found = read(envelope, CLIENT, Datum.GCJ02)
    assert found.kind is Kind.CHECKIN and found.point and found.point.source == "dingtalk.checkin" and found.sent_at == AT
    bare = Envelope(platform=Platform.DINGTALK, key="k", sender="", payload=b'{"checkin_time": 1}', received_at=AT)
    assert read(bare, CLIENT, Datum.GCJ02).point is None


@pytest.mark.parametrize(
    ("place", "detail", "shown"),
    [
        ("甲方大厦", "文一西路1号", "甲方大厦 文一西路1号"),
        ("文一西路1号", "文一西路1号", "文一西路1号"),
        ("文一西路1号", "杭州市文一西路1号", "杭州市文一西路1号"),
        ("甲方大厦", "", "甲方大厦"),
        ("", "文一西路1号", "文一西路1号"),
        ("", "", ""),
    ],
)
def test_a_place_is_named_once(place: str, detail: str, shown: str) -> None:
    record = json.dumps({"checkin_time": 1_766_000_000_000, "userid": "rep007", "place": place, "detail_place": detail})
    found = read(
        Envelope(platform=Platform.DINGTALK, key="k", sender="rep007", payload=record.encode(), received_at=AT), CLIENT, Datum.GCJ02
    )
    assert found.checkin and found.checkin.place == shown


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)))
def test_whatever_is_stored_is_read_without_an_error(value: Any) -> None:
    for name in ("text", "content", "msgtype", "createAt", "EventType", "checkin_time", "timeStamp"):
        payload = json.dumps({"msgId": "m", name: value}).encode()
        envelope = Envelope(platform=Platform.DINGTALK, key="k", sender="", payload=payload, received_at=AT)
        assert read(envelope, CLIENT, Datum.GCJ02).platform is Platform.DINGTALK


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ({}, "shape"),
        ({"type": "CALLBACK", "headers": {"topic": "/other"}, "data": "{}"}, "topic"),
        ({"type": "CALLBACK", "headers": {"topic": "/v1.0/im/bot/messages/get"}, "data": "[]"}, "json"),
        ({"type": "EVENT", "headers": {}, "data": "not json"}, "json"),
    ],
)
def test_frames_that_are_not_understood(frame: dict[str, Any], reason: str) -> None:
    with pytest.raises(Forged) as refused:
        frame_envelope(frame, AT)
    assert refused.value.reason == reason
