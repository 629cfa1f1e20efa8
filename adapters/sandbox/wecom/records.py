"""checkin/getcheckindata, and the record that a phone's 外出打卡 leaves."""

from typing import Any

from adapters.sandbox.wecom.world import ApiError, World

OUTING = "外出打卡"
PER_MINUTE = 600
SPAN = 30 * 86_400


def read(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Answer getcheckindata for at most 100 users and 30 days."""
    if not world.checkin_allowed:
        raise ApiError(48002, "api forbidden")
    if world.full("getcheckindata", PER_MINUTE, 60):
        raise ApiError(45009, "api freq out of limit")
    kind, start, end, users = (body.get(key) for key in ("opencheckindatatype", "starttime", "endtime", "useridlist"))
    if kind not in {1, 2, 3}:
        raise ApiError(301021, "invalid opencheckindatatype")
    if not isinstance(users, list) or not 1 <= len(users) <= 100:
        raise ApiError(301022, "useridlist must have 1 to 100 items")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= end - start <= SPAN:
        raise ApiError(301023, "invalid time range")
    found = [record for record in world.checkins if record["userid"] in users and start <= record["checkin_time"] <= end]
    return {"checkindata": [record for record in found if kind == 3 or (record["checkin_type"] == OUTING) == (kind == 2)]}


def record(world: World, user: str, lat: float, lng: float, **given: Any) -> dict[str, Any]:
    """Make a record; coordinates are integers, millionths of a degree."""
    return {
        "userid": user,
        "groupname": "销售部",
        "checkin_type": OUTING,
        "exception_type": ";".join(given["exceptions"]),
        "checkin_time": int(world.clock.now().timestamp()),
        "location_title": given["place"],
        "location_detail": "",
        "wifiname": given["wifi"],
        "notes": given["notes"],
        "wifimac": "",
        "mediaids": given["mediaids"],
        "sch_checkin_time": 0,
        "groupid": 0,
        "schedule_id": 0,
        "timeline_id": 0,
        "lat": round(lat * 1e6),
        "lng": round(lng * 1e6),
        "deviceid": given["device"],
    }
