"""A stored payload → Interaction. Never raises: what is not understood has kind UNKNOWN."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.dingtalk import attendance, live
from bot.model import Checkin, Choice, Datum, Envelope, Interaction, Kind, MediaRef, Platform, Point

TAPPED = re.compile(r"^#([a-z][a-z_.]{1,24})(?::(\S{1,160}))?(?:\s.*)?$")  # what a button sends in the user's name
OVER_QUOTA = "20001"  # the month's pushes are used up: the message comes without its content
KINDS = {"picture": Kind.IMAGE, "audio": Kind.VOICE, "video": Kind.VIDEO, "file": Kind.FILE}
MEDIA = {"picture": "photo", "audio": "voice", "video": "video", "file": "file"}


def read(envelope: Envelope, client_id: str, datum: Datum) -> Interaction:
    """Robot messages, events, and check-in records."""
    try:
        told = json.loads(envelope.payload)
    except (ValueError, RecursionError):
        told = {}
    told = told if isinstance(told, dict) else {}
    found: dict[str, Any] = {"kind": Kind.UNKNOWN, "sent_at": envelope.received_at}
    if "msgtype" in told or "msgId" in told:
        found |= _message(told)
    elif "checkin_time" in told:
        found |= _record(told, datum)
    elif "userCheckTime" in told:
        found |= attendance.read(told, datum)
    elif told.get("EventType") == "card":
        found |= _at(told.get("time")) | live.read(told)
    elif "EventType" in told:
        found |= _event(told)
    return Interaction(
        platform=Platform.DINGTALK,
        key=envelope.key,
        sender=envelope.sender,
        received_at=envelope.received_at,
        account=client_id,
        **found,
    )


def _message(told: Mapping[str, Any]) -> dict[str, Any]:
    found = _at(told.get("createAt"))
    if told.get("conversationType") == "2":
        found["chat"] = _text(told, "conversationId")
    if str(told.get("errorCode")) == OVER_QUOTA:
        return found | {"kind": Kind.UNKNOWN, "text": "over_quota"}
    kind, content = _text(told, "msgtype"), told.get("content")
    content = content if isinstance(content, dict) else {}
    if kind == "text":
        return found | _said(_text(told.get("text"), "content").strip())
    if kind == "richText":
        return found | _rich(content.get("richText"))
    code = _text(content, "downloadCode")
    if kind in KINDS and code:
        ref = MediaRef(id=code, kind=MEDIA[kind], name=_text(content, "fileName"), said=_text(content, "recognition"))
        return found | {"kind": KINDS[kind], "media": (ref,)}
    return found | {"kind": Kind.UNKNOWN, "text": kind}


def _said(text: str) -> dict[str, Any]:
    """A button of an action card speaks for the user: `#stage:demo 方案演示`."""
    tap = TAPPED.match(text)
    return {"kind": Kind.TAP, "choice": Choice(op=tap[1], arg=tap[2] or "")} if tap else {"kind": Kind.TEXT, "text": text}


def _rich(parts: object) -> dict[str, Any]:
    items = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    words = " ".join(filter(None, (_text(part, "text").strip() for part in items)))
    codes = [code for part in items if part.get("type") == "picture" and (code := _text(part, "downloadCode"))]
    media = tuple(MediaRef(id=code, kind="photo") for code in codes)
    if words:
        return {"kind": Kind.TEXT, "text": words, "media": media}
    return {"kind": Kind.IMAGE if media else Kind.UNKNOWN, "media": media}


def _record(told: Mapping[str, Any], datum: Datum) -> dict[str, Any]:
    found = _at(told.get("checkin_time"))
    place = _place(_text(told, "place"), _text(told, "detail_place"))
    images = told.get("image_list")
    media = tuple(MediaRef(id=url, kind="photo") for url in (images if isinstance(images, list) else []) if isinstance(url, str))
    checkin = Checkin(place=place, notes=_text(told, "remark"))
    return found | {"kind": Kind.CHECKIN, "point": _point(told, datum), "media": media, "checkin": checkin}


def _place(name: str, address: str) -> str:
    """Both, and neither twice: where a place has no name, its address stands in for it."""
    if name in address or address in name:
        return max(name, address, key=len)
    return f"{name} {address}"


def _point(told: Mapping[str, Any], datum: Datum) -> Point | None:
    try:
        lat, lng = float(str(told.get("latitude"))), float(str(told.get("longitude")))
    except ValueError:
        return None
    return Point(lat=lat, lng=lng, datum=datum, source="dingtalk.checkin") if lat or lng else None


def _event(told: Mapping[str, Any]) -> dict[str, Any]:
    """A check-in event names nobody's place: it only says that the record can be read now, as opening the chat does."""
    found = _at(told.get("timeStamp") or told.get("EventTime"))
    what = _text(told, "EventType")
    if what in {"check_in", "attendance_check_record"}:
        return found | {"kind": Kind.ENTER}
    return found | {"kind": Kind.UNKNOWN, "text": what}


def _at(moment: object) -> dict[str, Any]:
    """Milliseconds, a number in one place of the documents and words in another."""
    at = int(moment) if isinstance(moment, str) and moment.isascii() and moment.isdigit() and len(moment) < 15 else moment
    return {"sent_at": datetime.fromtimestamp(at / 1000, UTC)} if isinstance(at, int) and 0 < at < 10**14 else {}


def _text(where: object, name: str) -> str:
    value = where.get(name) if isinstance(where, dict) else None
    return value if isinstance(value, str) else ""
