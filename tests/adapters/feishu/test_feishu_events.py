"""Stored payload → Interaction: one file of tests/wire/feishu is one case."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.feishu.codec import Codec
from adapters.feishu.events import EVENTS, MAX_TEXT, read
from adapters.sandbox.feishu import crypt
from bot.model import Datum, Envelope, Interaction, Kind, MediaRef, Platform

CASES = sorted((Path(__file__).parents[2] / "wire" / "feishu").glob("*.json"))
NOW = datetime.fromtimestamp(1795000002, UTC)
CODEC = Codec(app_id="cli_demo", encrypt_key="k", verification_token="demoVerTok")


def _told(ref: MediaRef) -> dict[str, str]:
    """Feishu hears nothing itself."""
    told = asdict(ref)
    assert told.pop("said") == ""
    return told


def shown(interaction: Interaction) -> dict[str, Any]:
    fields = asdict(interaction) | {"sent_at": interaction.sent_at.isoformat(), "media": [_told(ref) for ref in interaction.media]}
    for name in ("platform", "received_at", "checkin", "page", "told"):
        del fields[name]
    if not fields["agent"]:  # most tenants do not pass it on
        del fields["agent"]
    return fields


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_recorded_bytes_give_the_interaction_expected(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    body = json.dumps({"encrypt": crypt.encrypt(json.dumps(case["payload"]).encode(), "k")}).encode()
    headers = {"X-Lark-Request-Timestamp": "1795000001", "X-Lark-Request-Nonce": "n"}
    envelope = CODEC.open(headers | {"X-Lark-Signature": crypt.signature("1795000001", "n", "k", body)}, body, NOW)
    assert isinstance(envelope, Envelope)
    assert shown(read(envelope, Datum.GCJ02)) == case["expected"]


def test_there_is_a_case_for_every_event_type() -> None:
    types = {json.loads(path.read_text(encoding="utf-8"))["payload"]["header"]["event_type"] for path in CASES}
    assert set(EVENTS) <= types


def envelope_of(payload: bytes) -> Envelope:
    return Envelope(platform=Platform.FEISHU, key="k", sender="ou_1", payload=payload, received_at=NOW)


def test_the_datum_of_a_location_comes_from_the_config() -> None:
    case = json.loads((CASES[0].parent / "location.json").read_text(encoding="utf-8"))
    point = read(envelope_of(json.dumps(case["payload"]).encode()), Datum.WGS84).point
    assert point is not None
    assert point.datum is Datum.WGS84


def test_a_long_text_is_cut() -> None:
    message = {"message_id": "om_1", "chat_type": "p2p", "message_type": "text", "content": json.dumps({"text": "字" * 50_000})}
    payload = {"header": {"event_type": "im.message.receive_v1"}, "event": {"message": message}}
    assert read(envelope_of(json.dumps(payload).encode()), Datum.GCJ02).text == "字" * MAX_TEXT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=100) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_payload_is_read(payload: bytes) -> None:
    interaction = read(envelope_of(payload), Datum.GCJ02)
    assert (interaction.kind, interaction.sent_at) == (Kind.UNKNOWN, NOW)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CASES), st.data())
def test_a_part_replaced_by_anything_is_read(path: Path, data: st.DataObject) -> None:
    payload = json.loads(path.read_text(encoding="utf-8"))["payload"]
    node = payload
    for _ in range(data.draw(st.integers(0, 4))):
        inner = [name for name in node if isinstance(node[name], dict) and node[name]]
        if not inner:
            break
        node = node[data.draw(st.sampled_from(inner))]
    node[data.draw(st.sampled_from(sorted(node)))] = data.draw(JSON)
    interaction = read(envelope_of(json.dumps(payload).encode()), Datum.GCJ02)
    json.dumps(asdict(interaction), default=str, ensure_ascii=False).encode()


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["text", "post", "image", "audio", "media", "file", "location"]),
    JSON | st.dictionaries(st.sampled_from(["text", "content", "title", "image_key", "file_key", "latitude", "longitude", "name"]), JSON),
    JSON,
)
def test_any_content_is_read(kind: str, content: Any, mentions: Any) -> None:
    message = {"message_id": "om_1", "message_type": kind, "content": json.dumps(content), "mentions": mentions}
    payload = {"header": {"event_type": "im.message.receive_v1"}, "event": {"message": message}}
    read(envelope_of(json.dumps(payload).encode()), Datum.GCJ02).text.encode()
