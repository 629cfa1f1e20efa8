"""考勤 records: what DingTalk gives a server that names the phone. Only 外勤打卡 speaks for a visit; punching in at the office does not.

Shapes as in the platform's pages and its users' samples; neither the coordinates' datum nor the delay after which a record can be read is
said there.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.model import Checkin, Datum, Envelope, Kind, MediaRef, Platform, Point

PATH = "/attendance/listRecord"
USERS, SPAN = 50, timedelta(days=7)  # a call
CHINA = ZoneInfo("Asia/Shanghai")  # times are asked for as words without a zone
MACHINES = frozenset({"ATM", "DING_ATM", "BEACON"})
PHONES = frozenset({"USER", "AUTO_CHECK"})  # anything else was written by the boss, an approval or the system
SECURITY = "安全校验未通过"


def queries(users: Sequence[str], since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
    """Cut what is asked into calls that listRecord accepts."""
    for at in range(0, len(users), USERS):
        begin = since
        while begin < until:
            end = min(begin + SPAN, until)
            yield {"userIds": list(users[at : at + USERS]), "checkDateFrom": _words(begin), "checkDateTo": _words(end), "isI18n": False}
            begin = end


def envelopes(answer: Mapping[str, Any], now: datetime) -> list[Envelope]:
    """Wrap each 外勤打卡 of an answer; the same record always gets the same key."""
    found = answer.get("recordresult")
    return [_envelope(one, now) for one in (found if isinstance(found, list) else []) if isinstance(one, dict) and _speaks(one)]


def _speaks(record: Mapping[str, Any]) -> bool:
    """Outside the office by a phone; of what the platform declared void, what its security check refused (it speaks against the rep)."""
    void = record.get("invalidRecordType")
    outside = record.get("locationResult") == "Outside" or void == "Security"
    return outside and void in {None, "", "Security"} and record.get("sourceType") not in MACHINES


def _envelope(record: Mapping[str, Any], now: datetime) -> Envelope:
    user = str(record.get("userId", ""))
    seed = f"attendance:{user}:{record.get('userCheckTime')}:{record.get('deviceId')}"
    payload = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    key = hashlib.sha256(seed.encode(errors="replace")).hexdigest()
    return Envelope(platform=Platform.DINGTALK, key=key, sender=user, payload=payload, received_at=now)


def read(record: Mapping[str, Any], datum: Datum) -> dict[str, Any]:
    """The Interaction's fields of a stored record."""
    at, photo = record.get("userCheckTime"), record.get("photoUrl")
    sent_at = {"sent_at": datetime.fromtimestamp(at / 1000, UTC)} if isinstance(at, int) and 0 < at < 10**14 else {}
    media = (MediaRef(id=photo, kind="photo"),) if isinstance(photo, str) and photo.startswith(("http://", "https://")) else ()
    checkin = Checkin(
        device=_text(record, "deviceId"),
        place=_text(record, "userAddress"),
        wifi=_text(record, "userSsid"),
        notes=_text(record, "outsideRemark"),
        exceptions=(SECURITY,) if record.get("invalidRecordType") == "Security" else (),
        by_api=record.get("sourceType") not in PHONES,
    )
    return {"kind": Kind.CHECKIN, "point": _point(record, datum), "media": media, "checkin": checkin, **sent_at}


def whose(event: Mapping[str, Any]) -> str:
    """The user of an attendance event; of several the first, the others' records are read in the next round."""
    listed = event.get("dataList")
    first = listed[0] if isinstance(listed, list) and listed else None
    return _text(first, "userId") if isinstance(first, dict) else ""


def _point(record: Mapping[str, Any], datum: Datum) -> Point | None:
    try:
        lat, lng = float(str(record.get("userLatitude"))), float(str(record.get("userLongitude")))
    except ValueError:
        return None
    if not (lat or lng):
        return None
    accuracy = record.get("userAccuracy")
    try:
        circle = float(str(accuracy)) if accuracy is not None else None
    except ValueError:
        circle = None
    return Point(lat=lat, lng=lng, datum=datum, accuracy_m=circle if circle and 0 < circle < 10**6 else None, source="dingtalk.attendance")


def _words(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
