"""Reading: one file of tests/wire/wecom is one case (the payload, a line of dashes, the Interaction expected)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.wecom import WeComAdapter
from bot.model import Datum, Envelope, Interaction, Kind, Platform

CASES = sorted((Path(__file__).parents[2] / "wire" / "wecom").glob("*.case"))
RECEIVED = datetime(2026, 11, 23, 6, 0, 1, tzinfo=UTC)


def envelope(payload: bytes) -> Envelope:
    return Envelope(platform=Platform.WECOM, key="k", sender="li.na", payload=payload, received_at=RECEIVED)


def plain(interaction: Interaction) -> dict[str, Any]:
    """What a case file lists: the fields that are not at their default."""
    told: dict[str, Any] = {"kind": interaction.kind.value, "sent_at": interaction.sent_at.isoformat()}
    if interaction.text:
        told["text"] = interaction.text
    if point := interaction.point:
        told["point"] = {"lat": point.lat, "lng": point.lng, "accuracy_m": point.accuracy_m, "source": point.source}
    if interaction.media:
        told["media"] = [[ref.kind, ref.id] for ref in interaction.media]
    if choice := interaction.choice:
        told["choice"] = [choice.op, choice.arg, choice.card, choice.token]
    if checkin := interaction.checkin:
        told["checkin"] = [checkin.device, checkin.place, checkin.wifi, checkin.notes, list(checkin.exceptions)]
    return told


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_payload_is_read_as_expected(offline: WeComAdapter, case: Path) -> None:
    payload, _, expected = case.read_text().partition("\n---\n")
    told = offline.read(envelope(payload.encode()))
    assert plain(told) == json.loads(expected)
    assert (told.platform, told.key, told.sender, told.account, told.received_at) == (Platform.WECOM, "k", "li.na", "wwDEMO01", RECEIVED)


def test_every_kind_has_a_case() -> None:
    kinds = {json.loads(case.read_text().partition("\n---\n")[2])["kind"] for case in CASES}
    assert kinds == {kind.value for kind in Kind} - {
        "file",
        "recheck",
        "deck",
        "form",
        "page",
        "signature",
    }  # no files; the rest is ours
    assert len(CASES) >= 25


def test_points_carry_the_configured_datum(clock: Any) -> None:
    from adapters.shared import MemoryTokens
    from bot.config.schema import WeCom

    config = WeCom(corp_id="w", agent_id=1, datum="wgs84")
    adapter = WeComAdapter(config, secret="s", token="t", aes_key="A" * 43, clock=clock, tokens=MemoryTokens())
    payload = b"<xml><MsgType>location</MsgType><Location_X>31.2</Location_X><Location_Y>121.4</Location_Y></xml>"
    point = adapter.read(envelope(payload)).point
    assert point is not None
    assert (point.lat, point.lng, point.datum) == (31.2, 121.4, Datum.WGS84)


TAGS = st.sampled_from(
    [
        "MsgType",
        "Event",
        "EventKey",
        "CreateTime",
        "Content",
        "MediaId",
        "Location_X",
        "Location_Y",
        "Latitude",
        "SendLocationInfo",
        "SelectedItems",
    ]
)
VALUES = st.sampled_from(["event", "location", "LOCATION", "click", "nan", "1e999", "-", "", "template_card_event", "9" * 40]) | st.text(
    st.characters(blacklist_characters="<&\x00", blacklist_categories=("Cs", "Cc")), max_size=20
)
TREES = st.recursive(VALUES, lambda inner: st.lists(st.tuples(TAGS, inner), max_size=4), max_leaves=12)


def spell(tree: Any) -> str:
    return tree if isinstance(tree, str) else "".join(f"<{tag}>{spell(inner)}</{tag}>" for tag, inner in tree)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
def test_reading_xml_never_raises(offline: WeComAdapter, tree: Any) -> None:
    assert offline.read(envelope(f"<xml>{spell(tree)}</xml>".encode())).kind in Kind


RECORDS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["checkin_type", "checkin_time", "lat", "lng", "mediaids", "deviceid", "exception_type", "location_title"]),
    st.sampled_from(["外出打卡", None, True, -1, 10**30, 1.5, [], [1, None], {}]),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payload=RECORDS.map(lambda record: json.dumps({"checkin_type": "外出打卡", **record}).encode())
    | st.binary().map(lambda raw: b"{" + raw)
)
def test_reading_records_never_raises(offline: WeComAdapter, payload: bytes) -> None:
    assert offline.read(envelope(payload)).kind in {Kind.CHECKIN, Kind.UNKNOWN}
