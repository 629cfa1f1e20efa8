"""Callbacks: the official vectors, dedupe keys, and everything that must be refused with one error."""

import secrets
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sandbox.wecom.crypt import Seal
from adapters.shared import MemoryTokens
from adapters.wecom import WeComAdapter
from bot.config.schema import WeCom
from bot.errors import ConfigError, Forged
from bot.model import Envelope, Kind
from bot.ports import Clock

VECTOR_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
VECTOR_CIPHER = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8"
    "dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrX"
    "JB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2p"
    "DBS8R07+qN+E7Q=="
)
TEXT = (
    "<xml><ToUserName><![CDATA[wwDEMO01]]></ToUserName><FromUserName><![CDATA[li.na]]></FromUserName><CreateTime>1795413600</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[今日]]></Content><MsgId>7700000000000000001</MsgId><AgentID>1000007</AgentID></xml>"
)

Sign = Callable[..., tuple[dict[str, str], bytes]]


def event(**fields: str) -> str:
    told = {"ToUserName": "wwDEMO01", "FromUserName": "li.na", "CreateTime": "1795413600", "MsgType": "event", **fields}
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in told.items()) + "</xml>"


@pytest.fixture
def official(clock: Clock) -> WeComAdapter:
    config = WeCom(corp_id="wx5823bf96d3bd56c7", agent_id=218)
    return WeComAdapter(config, secret="s", token="QDG6eK", aes_key=VECTOR_KEY, clock=clock, tokens=MemoryTokens())


def refused(adapter: WeComAdapter, query: dict[str, str], body: bytes, now: datetime) -> str:
    with pytest.raises(Forged) as caught:
        adapter.open({}, query, body, now)
    return caught.value.reason


def key_of(adapter: WeComAdapter, clock: Clock, callback: tuple[dict[str, str], bytes]) -> str:
    opened = adapter.open({}, *callback, clock.now())
    assert isinstance(opened, Envelope)
    return opened.key


def test_official_url_check_returns_the_echo(official: WeComAdapter) -> None:
    query = {
        "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        "timestamp": "1409659589",
        "nonce": "263014780",
        "echostr": "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
    }
    assert official.open({}, query, b"", datetime.fromtimestamp(1409659600, UTC)) == "1616140317555161061"


def test_official_message_is_opened_and_read(official: WeComAdapter) -> None:
    query = {"msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6", "timestamp": "1409659813", "nonce": "1372623149"}
    body = f"<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><Encrypt><![CDATA[{VECTOR_CIPHER}]]></Encrypt></xml>".encode()
    envelope = official.open({}, query, body, datetime.fromtimestamp(1409659813 + 299, UTC))
    assert isinstance(envelope, Envelope)
    told = official.read(envelope)
    assert (told.kind, told.text, told.sender) == (Kind.TEXT, "hello", "mycreate")
    assert told.sent_at == datetime.fromtimestamp(1409659813, UTC)


def test_genuine_callback_becomes_an_envelope(offline: WeComAdapter, signed: Sign, clock: Clock) -> None:
    envelope = offline.open({}, *signed(TEXT), clock.now())
    assert isinstance(envelope, Envelope)
    assert (envelope.sender, envelope.payload, envelope.received_at) == ("li.na", TEXT.encode(), clock.now())
    assert len(envelope.key) == 64


@pytest.mark.parametrize(("seconds", "fresh"), [(-300, True), (300, True), (-301, False), (301, False), (86_400, False)])
def test_timestamp_must_be_within_five_minutes(offline: WeComAdapter, signed: Sign, clock: Clock, seconds: int, fresh: bool) -> None:
    query, body = signed(TEXT, timestamp=str(int(clock.now().timestamp()) + seconds))
    if fresh:
        assert isinstance(offline.open({}, query, body, clock.now()), Envelope)
    else:
        assert refused(offline, query, body, clock.now()) == "stale"


@pytest.mark.parametrize("timestamp", ["", "-1", "1.0", "١٧٩٥٤١٣٦٠٠", "1" * 400, "abc", " 1795413600"])
def test_odd_timestamps_are_refused(offline: WeComAdapter, signed: Sign, clock: Clock, timestamp: str) -> None:
    query, body = signed(TEXT)
    assert refused(offline, {**query, "timestamp": timestamp}, body, clock.now()) == "timestamp"


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce"])
def test_missing_query_fields_are_refused(offline: WeComAdapter, signed: Sign, clock: Clock, missing: str) -> None:
    query, body = signed(TEXT)
    del query[missing]
    assert refused(offline, query, body, clock.now()) in {"signature", "timestamp"}


def test_other_receiver_is_refused(offline: WeComAdapter, signed: Sign, clock: Clock, seal: Seal) -> None:
    other = Seal("token-of-the-app", VECTOR_KEY, "wwOTHER")
    assert refused(offline, *signed(TEXT, seal=other), clock.now()) == "receiver"
    assert refused(offline, *signed(TEXT.replace("wwDEMO01", "wwOTHER")), clock.now()) == "receiver"


def test_wrong_token_and_wrong_key_are_refused(offline: WeComAdapter, signed: Sign, clock: Clock) -> None:
    assert refused(offline, *signed(TEXT, seal=Seal("another", VECTOR_KEY, "wwDEMO01")), clock.now()) == "signature"
    assert refused(offline, *signed(TEXT, seal=Seal("token-of-the-app", "A" * 43, "wwDEMO01")), clock.now()) in {"cipher", "receiver"}


HOSTILE_BODIES = {
    "empty": b"",
    "no xml": b"{}",
    "no Encrypt": b"<xml><a>1</a></xml>",
    "two Encrypt": b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>",
    "Encrypt with children": b"<xml><Encrypt><a/></Encrypt></xml>",
    "entity bomb": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>',
    "external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Encrypt>&a;</Encrypt></xml>',
    "doctype": b"<!DOCTYPE xml><xml><Encrypt>a</Encrypt></xml>",
    "deep": b"<xml>" + b"<a>" * 20_000,
    "wide": b"<xml>" + b"<a/>" * 16_000 + b"</xml>",
    "attributes": b"<xml " + b" ".join(b'a%d=""' % number for number in range(6000)) + b"/>",
    "utf-16": "<xml><Encrypt>a</Encrypt></xml>".encode("utf-16"),
    "bad utf-8": b"<xml><Encrypt>\xff\xfe</Encrypt></xml>",
    "nul": b"\0" * 1000,
    "cut": b"<xml><Encrypt>abc",
}


@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES.keys())
def test_hostile_bodies_are_refused(offline: WeComAdapter, signed: Sign, clock: Clock, body: bytes) -> None:
    assert refused(offline, signed(TEXT)[0], body, clock.now()) == "xml"


@pytest.mark.parametrize("size", [(64 << 10) + 1, 10 << 20])
def test_large_bodies_are_refused_unread(offline: WeComAdapter, signed: Sign, clock: Clock, size: int) -> None:
    assert refused(offline, signed(TEXT)[0], b"x" * size, clock.now()) == "size"


def test_large_queries_are_refused(offline: WeComAdapter, signed: Sign, clock: Clock) -> None:
    query, body = signed(TEXT)
    assert refused(offline, {**query, "more": "x" * 5000}, body, clock.now()) == "size"


def hostile_ciphers(seal: Seal) -> dict[str, str]:
    good = seal.lock(TEXT.encode())
    return {
        "empty blocks": "AAAA",
        "not base64": "*" * 64,
        "cut": good[:-24],
        "one block": good[:24],
        "random": seal.raw(secrets.token_bytes(64)),
        "length beyond the end": seal.raw(b"r" * 16 + b"\xff\xff\xff\xff" + b"x" * 12),
        "length zero": seal.raw(b"r" * 16 + b"\0\0\0\0" + b"wwDEMO01" + b"\x04" * 4),
        "padding of nothing": seal.raw(bytes(32)),
        "no xml inside": seal.lock(b"hello"),
        "json inside": seal.lock(b'{"checkin_type":"x"}'),
        "bomb inside": seal.lock(HOSTILE_BODIES["entity bomb"]),
        "deep inside": seal.lock(HOSTILE_BODIES["deep"][:40_000]),
        "not ascii": "签到",
        "surrogate": "\ud800",
    }


@pytest.mark.parametrize("name", hostile_ciphers(Seal("t", VECTOR_KEY, "wwDEMO01")))
def test_signed_garbage_is_refused(offline: WeComAdapter, signed: Sign, clock: Clock, seal: Seal, name: str) -> None:
    locked = hostile_ciphers(seal)[name]
    if name == "surrogate":
        query, _ = signed(TEXT)
        assert refused(offline, {**query, "echostr": locked}, b"", clock.now()) == "signature"
    else:
        assert refused(offline, *signed(locked=locked), clock.now()) in {"cipher", "receiver", "xml"}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutations_are_refused_or_change_nothing(offline: WeComAdapter, signed: Sign, clock: Clock, data: st.DataObject) -> None:
    """What lies outside Encrypt is not signed: such a change passes, and must not show."""
    query, body = signed(TEXT)
    genuine = offline.open({}, query, body, clock.now())
    field = data.draw(st.sampled_from([*query, "body"]))
    at, new = data.draw(st.integers(0, len(body) - 1)), data.draw(st.binary(min_size=0, max_size=4))
    if field == "body":
        body = body[:at] + new + body[at + data.draw(st.integers(0, 8)) :]
    else:
        query[field] = data.draw(st.text(max_size=50))
    try:
        opened = offline.open({}, query, body, clock.now())
    except Forged:
        return
    assert opened == genuine


def test_same_message_has_the_same_key_however_it_is_delivered(offline: WeComAdapter, signed: Sign, clock: Clock) -> None:
    first, second = (key_of(offline, clock, signed(TEXT, nonce=nonce)) for nonce in ("1", "2"))
    other = key_of(offline, clock, signed(TEXT.replace("0001<", "0002<")))
    assert first == second != other


def test_message_id_of_two_members_makes_two_keys(offline: WeComAdapter, signed: Sign, clock: Clock) -> None:
    keys = {key_of(offline, clock, signed(TEXT.replace("li.na", user))) for user in ("li.na", "wang.wei")}
    assert len(keys) == 2


@pytest.mark.parametrize("change", [{"EventKey": "end"}, {"Event": "view"}, {"CreateTime": "1795413601"}, {"AgentID": "2"}])
def test_events_of_one_second_are_told_apart(offline: WeComAdapter, signed: Sign, clock: Clock, change: dict[str, str]) -> None:
    base = {"Event": "click", "EventKey": "start"}
    keys = {key_of(offline, clock, signed(event(**fields))) for fields in (base, {**base, **change})}
    assert len(keys) == 2


def test_response_code_is_left_out_of_the_key(offline: WeComAdapter, signed: Sign, clock: Clock) -> None:
    tap = {"Event": "template_card_event", "EventKey": "stage:demo", "TaskId": "t-1"}
    codes = {key_of(offline, clock, signed(event(**tap, ResponseCode=code))) for code in ("A", "B")}
    buttons = {key_of(offline, clock, signed(event(**{**tap, "EventKey": key}))) for key in ("stage:demo", "stage:need")}
    assert (len(codes), len(buttons)) == (1, 2)


@pytest.mark.parametrize(("token", "key"), [("", VECTOR_KEY), ("t", "short"), ("t", ""), ("t", "*" * 43), ("t", "签" * 43)])
def test_unusable_secrets_are_a_config_error_that_does_not_show_them(clock: Clock, token: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        WeComAdapter(WeCom(corp_id="w", agent_id=1), secret="s", token=token, aes_key=key, clock=clock, tokens=MemoryTokens())
    assert "WECOM_AES_KEY" in str(caught.value)
    assert not key or key not in str(caught.value)


def test_the_vendor_package_is_imported_without_its_client() -> None:
    script = (
        "import sys, adapters.vendor as v; m = v.alone('wechatpy.enterprise.crypto'); assert m.PrpCrypto;"
        "assert 'requests' not in sys.modules and 'wechatpy' not in sys.modules;"
        "import wechatpy.enterprise; assert wechatpy.enterprise.parse_message"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
