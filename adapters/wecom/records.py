"""外出打卡 records: the only thing WeCom gives a server that names the device. Read by API, stored as canonical JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bot.model import Checkin, Datum, Envelope, Kind, MediaRef, Platform, Point

OUTING = "外出打卡"
OUTINGS_ONLY = 2  # opencheckindatatype
USERS = 100  # a call
SPAN = 30 * 86_400  # seconds a call
MICRODEGREES = 1_000_000


def queries(users: Sequence[str], since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
    """Cut what is asked into calls that getcheckindata accepts."""
    first, last = int(since.timestamp()), int(until.timestamp())
    for at in range(0, len(users), USERS):
        for start in range(first, last + 1, SPAN + 1):
            yield {
                "opencheckindatatype": OUTINGS_ONLY,
                "starttime": start,
                "endtime": min(start + SPAN, last),
                "useridlist": list(users[at : at + USERS]),
            }


def envelopes(answer: Mapping[str, Any], now: datetime) -> list[Envelope]:
    """Wrap each outing of an answer; the same record always gets the same key."""
    found = answer.get("checkindata")
    records = found if isinstance(found, list) else []
    return [_envelope(record, now) for record in records if isinstance(record, dict) and record.get("checkin_type") == OUTING]


def _envelope(record: Mapping[str, Any], now: datetime) -> Envelope:
    user = str(record.get("userid", ""))
    seed = f"checkin:{user}:{record.get('checkin_time')}:{record.get('deviceid')}"
    payload = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    key = sha256(seed.encode(errors="replace")).hexdigest()
    return Envelope(platform=Platform.WECOM, key=key, sender=user, payload=payload, received_at=now)


def read(payload: bytes, datum: Datum) -> dict[str, Any]:
    """Return the Interaction's fields of a stored record; {} kind UNKNOWN for what is none."""
    try:
        record = json.loads(payload)
    except (ValueError, RecursionError):
        return {"text": "malformed"}
    if not isinstance(record, dict) or record.get("checkin_type") != OUTING:
        return {"text": "checkin"}
    at, ids = record.get("checkin_time"), record.get("mediaids")
    sent_at = {"sent_at": datetime.fromtimestamp(at, UTC)} if isinstance(at, int) and 0 < at < 10**10 else {}
    media = tuple(MediaRef(id=id_, kind="photo") for id_ in (ids if isinstance(ids, list) else []) if isinstance(id_, str) and id_)
    return {"kind": Kind.CHECKIN, "point": _point(record, datum), "media": media, "checkin": _checkin(record), **sent_at}


def _point(record: Mapping[str, Any], datum: Datum) -> Point | None:
    """Integers, millionths of a degree; 0,0 means that there is none."""
    lat, lng = record.get("lat"), record.get("lng")
    if not isinstance(lat, int) or not isinstance(lng, int) or not (lat or lng) or max(abs(lat), abs(lng)) > 360 * MICRODEGREES:
        return None
    return Point(lat=lat / MICRODEGREES, lng=lng / MICRODEGREES, datum=datum, source="wecom.checkin")


def _checkin(record: Mapping[str, Any]) -> Checkin:
    place = " ".join(filter(None, [_words(record, "location_title"), _words(record, "location_detail")]))
    exceptions = tuple(filter(None, _words(record, "exception_type").split(";")))
    device, wifi, notes = (_words(record, name) for name in ("deviceid", "wifiname", "notes"))
    return Checkin(device=device, place=place, wifi=wifi, notes=notes, exceptions=exceptions)


def _words(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
