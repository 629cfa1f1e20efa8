"""Stored payload → Interaction. Never raises: what is not understood is UNKNOWN."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from adapters.feishu import attendance
from adapters.feishu.codec import kind as event_type
from adapters.feishu.codec import moment, sender
from adapters.feishu.strict_json import dig, loads, word
from bot.model import Choice, Datum, Envelope, Interaction, Kind, MediaRef, Platform, Point

MAX_TEXT = 10_000
MAX_MEDIA = 20
MAX_AGENT = 200
Fields = dict[str, Any]


def read(envelope: Envelope, datum: Datum) -> Interaction:
    """Turn an event into the product's words. `datum` is the one of location messages, which name none."""
    try:
        data: Mapping[str, Any] = loads(envelope.payload)
    except ValueError:
        data = {}
    fields: Fields = {"kind": Kind.UNKNOWN, "sent_at": moment(word(data, "header", "create_time"))}
    event = data.get("event")
    if attendance.is_record(data):
        fields |= attendance.read(data, datum)
    elif reader := EVENTS.get(event_type(data)):
        fields |= reader(event, datum)
    sent_at = fields.pop("sent_at") or envelope.received_at
    return Interaction(
        platform=Platform.FEISHU,
        key=envelope.key,
        sender=envelope.sender,
        sender_alias=sender(data).get("user_id", ""),
        account=word(data, "header", "app_id"),
        sent_at=sent_at,
        received_at=envelope.received_at,
        **fields,
    )


def _message(event: Any, datum: Datum) -> Fields:
    message = dig(event, "message")
    group = word(message, "chat_type") != "p2p"
    fields: Fields = {"sent_at": _time(word(message, "create_time")), "chat": word(message, "chat_id") if group else ""}
    fields["agent"] = word(message, "user_agent")[:MAX_AGENT]
    try:
        content: Mapping[str, Any] = loads(word(message, "content"))
    except ValueError:
        return fields
    reader = CONTENTS.get(word(message, "message_type"))
    if reader is None or word(event, "sender", "sender_type") not in {"user", ""}:  # another robot is nobody's rep
        return fields
    return fields | reader(content, message, datum)


def _text(content: Mapping[str, Any], message: Any, _datum: Datum) -> Fields:
    return {"kind": Kind.TEXT, "text": _resolve(word(content, "text"), message)}


def _post(content: Mapping[str, Any], message: Any, _datum: Datum) -> Fields:
    lines = [[part for part in line if isinstance(part, dict)] for line in _list(content.get("content")) if isinstance(line, list)]
    text = "\n".join([word(content, "title"), *("".join(_span(part) for part in line) for line in lines)])
    images = [word(part, "image_key") for line in lines for part in line if part.get("tag") == "img"]
    found = _resolve(text, message)
    media = tuple(_ref(key, "photo", message) for key in images[:MAX_MEDIA] if key)
    return {"kind": Kind.TEXT if found or not media else Kind.IMAGE, "text": found, "media": media}


def _span(part: Mapping[str, Any]) -> str:
    return word(part, "user_id") if part.get("tag") == "at" else word(part, "text")


def _file(kind: Kind, name: str, key: str) -> Callable[[Mapping[str, Any], Any, Datum], Fields]:
    def reader(content: Mapping[str, Any], message: Any, _datum: Datum) -> Fields:
        file = word(content, key)
        return {"kind": kind, "media": (_ref(file, name, message, word(content, "file_name")),)} if file else {}

    return reader


def _location(content: Mapping[str, Any], _message: Any, datum: Datum) -> Fields:
    lat, lng = _number(content.get("latitude")), _number(content.get("longitude"))
    if lat is None or lng is None:
        return {}
    return {"kind": Kind.LOCATION, "text": word(content, "name"), "point": Point(lat=lat, lng=lng, datum=datum, source="feishu.location")}


def _action(event: Any, _datum: Datum) -> Fields:
    value = dig(event, "action", "value")
    if not word(value, "op"):
        return {}
    choice = Choice(
        op=word(value, "op"), arg=word(value, "arg"), card=word(event, "context", "open_message_id"), token=word(event, "token")
    )
    # A private chat has an id too and the action does not say which it is: the card remembers (see cards.py).
    chat = "" if dig(value, "private") is True else word(event, "context", "open_chat_id")
    return {"kind": Kind.TAP, "choice": choice, "chat": chat}


def _menu(event: Any, _datum: Datum) -> Fields:
    op, _, arg = word(event, "event_key").partition(":")
    return {"kind": Kind.MENU, "choice": Choice(op=op, arg=arg)} if op else {}


def _joined(event: Any, _datum: Datum) -> Fields:
    return {"kind": Kind.ENTER, "chat": word(event, "chat_id")}


def _entered(_event: Any, _datum: Datum) -> Fields:
    return {"kind": Kind.ENTER}


def _left(event: Any, _datum: Datum) -> Fields:
    return {"kind": Kind.LEAVE, "chat": word(event, "chat_id")}


def _resolve(text: str, message: Any) -> str:
    """Take the robot's own @ away and put names for the others.

    Older tenants do not say which mention is the robot; it is the first word then, as in "@robot 红灯".
    """
    named = [each for each in _list(dig(message, "mentions")) if isinstance(each, dict) and word(each, "key")]
    told = any(word(each, "mentioned_type") for each in named)
    for each in sorted(named, key=lambda each: -len(word(each, "key"))):  # @_user_10 before @_user_1
        key = word(each, "key")
        robot = word(each, "mentioned_type") == "bot" if told else text.lstrip().startswith(key)
        text = text.replace(key, "" if robot else "@" + word(each, "name"))
    return text.replace("@_all", "@所有人").strip()[:MAX_TEXT]


def _ref(key: str, kind: str, message: Any, name: str = "") -> MediaRef:
    return MediaRef(id=key, kind=kind, name=name, message_id=word(message, "message_id"))


def _time(value: str) -> datetime | None:
    return moment(value)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


CONTENTS: Mapping[str, Callable[[Mapping[str, Any], Any, Datum], Fields]] = {
    "text": _text,
    "post": _post,
    "image": _file(Kind.IMAGE, "photo", "image_key"),
    "audio": _file(Kind.VOICE, "voice", "file_key"),
    "media": _file(Kind.VIDEO, "video", "file_key"),
    "file": _file(Kind.FILE, "file", "file_key"),
    "location": _location,
}
EVENTS: Mapping[str, Callable[[Any, Datum], Fields]] = {
    "im.message.receive_v1": _message,
    "card.action.trigger": _action,
    "application.bot.menu_v6": _menu,
    "im.chat.member.bot.added_v1": _joined,
    "im.chat.member.bot.deleted_v1": _left,
    "im.chat.access_event.bot_p2p_chat_entered_v1": _entered,
}
