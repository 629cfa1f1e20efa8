"""What a photo says of itself: whether it was sent before, when and where its camera thinks it was taken. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.entries import instant
from bot.evidence.codes import Code
from bot.evidence.place import distance_m, problem_of
from bot.model import Check, Datum, Evidence, EvidenceState, Json, Point, Reason, Twin

LATE_H = 24.0  # a photo taken longer ago than this says something; clocks of cameras are off by hours
FAR_M = 2_000.0
TAKEN = "%Y:%m:%d %H:%M:%S"


def repeated(item: Evidence, twins: Iterable[Twin]) -> Evidence | None:
    """The item as refused, if its photo was sent before; None if not. Sent twice in one visit is no fault, but one picture.

    `twins`, oldest first. In the visit itself only one that stands binds: sent before the check-in and again after it, the second one
    counts. A visit that its rep took back binds him no more. Two shots of one scene are two photos while the visit lasts.
    """
    others = [twin for twin in twins if twin.evidence != item.id]
    elsewhere = [twin for twin in others if twin.visit != item.visit and not (twin.withdrawn and twin.rep == item.rep)]
    if not elsewhere:
        here = any(twin.visit == item.visit and twin.exact and twin.stands for twin in others)
        return _refused(item, Reason(code=Code.PHOTO_AGAIN)) if here else None
    twin = elsewhere[0]
    values = {
        "at": instant(twin.at),
        "rep_name": twin.rep_name,
        "customer_name": twin.customer_name,
        "record": twin.action or twin.evidence,
    }
    return _refused(item, Reason(code=Code.PHOTO_REUSED if twin.exact else Code.PHOTO_ALIKE, values=values))


def hints(exif: Json, sent_at: datetime, zone: ZoneInfo, check: Check | None) -> tuple[Reason, ...]:
    """Where the camera's own notes contradict the message or the check. No notes, no hint: chat tools strip them."""
    found = []
    taken = _taken(exif, zone)
    if taken and abs((sent_at - taken).total_seconds()) > LATE_H * 3600:
        found.append(Reason(code=Code.PHOTO_TAKEN, values={"hours": round(abs((sent_at - taken).total_seconds()) / 3600)}))
    place = _place(exif)
    if place and check and problem_of(check.point.lat, check.point.lng) is None:
        away = distance_m(place, check.point)
        if away > FAR_M:
            found.append(Reason(code=Code.PHOTO_ELSEWHERE, values={"distance_m": round(away, 1)}))
    return tuple(found)


def _refused(item: Evidence, reason: Reason) -> Evidence:
    return replace(item, state=EvidenceState.REFUSED, reasons=(reason,))


def _taken(exif: Json, zone: ZoneInfo) -> datetime | None:
    """The camera's local time; None for what is none (many write zeros)."""
    try:
        return datetime.strptime(str(exif.get("taken_at", "")), TAKEN).replace(tzinfo=zone)
    except ValueError:
        return None


def _place(exif: Json) -> Point | None:
    lat, lng = _number(exif.get("lat")), _number(exif.get("lng"))
    if lat is None or lng is None or problem_of(lat, lng):
        return None
    return Point(lat=lat, lng=lng, datum=Datum.WGS84, source="exif")


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
