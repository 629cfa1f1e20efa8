"""A stored payload → Interaction. Never raises: what is not understood is UNKNOWN with the name it came under."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from adapters.wecom import records
from adapters.wecom.xml import Node, XmlError, child, children, parse, text
from bot.model import Choice, Datum, Envelope, Interaction, Kind, MediaRef, Platform, Point

Fields: TypeAlias = dict[str, Any]
Reading: TypeAlias = Callable[[Node, Datum], Fields]


def read(envelope: Envelope, account: str, datum: Datum) -> Interaction:
    """Read a callback's XML, or a check-in record's JSON."""
    is_record = envelope.payload.startswith(b"{")
    fields = records.read(envelope.payload, datum) if is_record else _read_xml(envelope.payload, datum)
    given = {"kind": Kind.UNKNOWN, "sent_at": envelope.received_at, "account": account, **fields}
    return Interaction(platform=Platform.WECOM, key=envelope.key, sender=envelope.sender, received_at=envelope.received_at, **given)


def _read_xml(payload: bytes, datum: Datum) -> Fields:
    try:
        message = parse(payload)
    except XmlError:
        return {"text": "malformed"}
    type_, event = text(message, "MsgType").lower(), text(message, "Event").lower()
    name, table = (event, EVENTS) if type_ == "event" else (type_, MESSAGES)
    reading = table.get(name)
    fields = reading(message, datum) if reading else {"text": name}
    sent_at = seconds(text(message, "CreateTime"))
    return {**fields, "sent_at": sent_at} if sent_at else fields


def seconds(value: object) -> datetime | None:
    """Epoch seconds, as digits or a number, to an aware datetime; None when they are none."""
    digits = str(value)
    return datetime.fromtimestamp(int(digits), UTC) if digits.isascii() and digits.isdigit() and 0 < len(digits) <= 10 else None


def _words(message: Node, _: Datum) -> Fields:
    return {"kind": Kind.TEXT, "text": text(message, "Content")}


def _media(kind: Kind, media: str) -> Reading:
    def reading(message: Node, _: Datum) -> Fields:
        ref = MediaRef(id=text(message, "MediaId"), kind=media, message_id=text(message, "MsgId"))
        return {"kind": kind, "media": (ref,) if ref.id else ()}

    return reading


def _pin(message: Node, datum: Datum) -> Fields:
    """A pin placed on the map. Location_X is the latitude."""
    words = text(message, "Label") or text(message, "Poiname")
    point = _point(message, ("Location_X", "Location_Y"), datum, "wecom.location")
    return {"kind": Kind.LOCATION, "point": point, "text": words}


def _chosen_pin(message: Node, datum: Datum) -> Fields:
    return _pin(child(message, "SendLocationInfo"), datum)


def _position(message: Node, datum: Datum) -> Fields:
    accuracy = _number(text(message, "Precision"))
    return {"kind": Kind.POSITION, "point": _point(message, ("Latitude", "Longitude"), datum, "wecom.position", accuracy)}


def _point(node: Node, names: tuple[str, str], datum: Datum, source: str, accuracy: float | None = None) -> Point | None:
    lat, lng = (_number(text(node, name)) for name in names)
    if lat is None or lng is None:
        return None
    return Point(lat=lat, lng=lng, datum=datum, accuracy_m=accuracy, source=source)


def _number(digits: str) -> float | None:
    try:
        value = float(digits) if len(digits) <= 32 else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _click(message: Node, _: Datum) -> Fields:
    op, _colon, arg = text(message, "EventKey").partition(":")
    return {"kind": Kind.MENU, "choice": Choice(op=op, arg=arg)}


def _tap(message: Node, _: Datum) -> Fields:
    """Button keys are `op:arg`; a `submit` brings the first selected option along."""
    op, _colon, arg = text(message, "EventKey").partition(":")
    if op == "submit":
        arg = ":".join(filter(None, [arg, _selected(message)]))
    choice = Choice(op=op, arg=arg, card=text(message, "TaskId"), token=text(message, "ResponseCode"))
    return {"kind": Kind.TAP, "choice": choice}


def _selected(message: Node) -> str:
    items = children(child(message, "SelectedItems"), "SelectedItem")
    option = child(items[0], "OptionIds").get("OptionId") if items else ""
    first = option[0] if isinstance(option, list) else option
    return first if isinstance(first, str) else ""


def _plain(kind: Kind) -> Reading:
    return lambda *_: {"kind": kind}


MESSAGES: Mapping[str, Reading] = {
    "text": _words,
    "image": _media(Kind.IMAGE, "photo"),
    "voice": _media(Kind.VOICE, "voice"),
    "video": _media(Kind.VIDEO, "video"),
    "shortvideo": _media(Kind.VIDEO, "video"),
    "file": _media(Kind.FILE, "file"),
    "location": _pin,
}
EVENTS: Mapping[str, Reading] = {
    "location": _position,
    "location_select": _chosen_pin,
    "click": _click,
    "template_card_event": _tap,
    "enter_agent": _plain(Kind.ENTER),
    "subscribe": _plain(Kind.ENTER),
    "unsubscribe": _plain(Kind.LEAVE),
}
