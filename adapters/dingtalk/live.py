"""Interactive cards: made from the template that the console holds, changed in place for as long as they hang, tapped over the stream.

The template's variables are ours (README): title tag tone text footer done, url with url_label, and label1–4 with op1–4. A button n sends
back the parameter `op` with the value of opN. What the platform does with an outTrackId that comes twice is not verified.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.dingtalk.cards import LABEL, TITLE, details, fitted, inert
from bot.model import Choice, Kind
from bot.ports import Button, Card

DELIVER, CHANGE = "/v1.0/card/instances/createAndDeliver", "/v1.0/card/instances"
BUTTONS, WORDS = 4, 3_000
USER_ID = 1  # ids of people are userIds
OP = re.compile(r"^([a-z][a-z_.]{1,24})(?::(\S{1,160}))?$")


def params(card: Card) -> dict[str, str]:
    """Every variable, always: what is left out of an update would stay as it was."""
    link = next((button for button in card.buttons if button.url), Button(label=""))
    taps = [button for button in card.buttons if button.op and not card.done][:BUTTONS]
    taps += [Button(label="")] * (BUTTONS - len(taps))
    found = {
        "title": inert(fitted(card.title, TITLE)),
        "tag": inert(fitted(card.tag, LABEL)),
        "tone": card.tone,
        "text": fitted(details(card), WORDS),
        "footer": inert(fitted(card.footer, TITLE)),
        "done": inert(fitted(card.done, TITLE)),
        "url": link.url,
        "url_label": inert(fitted(link.label, LABEL)),
    }
    for n, button in enumerate(taps, 1):
        found |= {f"label{n}": inert(fitted(button.label, LABEL)), f"op{n}": f"{button.op}:{button.arg}" if button.arg else button.op}
    return found


def delivery(card: Card, template: str, track: str, robot: str, *, user: str = "", group: str = "") -> Mapping[str, Any]:
    """Body of createAndDeliver: to one person, or to a group."""
    told: dict[str, Any] = {
        "cardTemplateId": template,
        "outTrackId": track,
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": params(card)},
        "userIdType": USER_ID,
    }
    if group:
        space = {"imGroupOpenSpaceModel": {"supportForward": False}, "imGroupOpenDeliverModel": {"robotCode": robot}}
        return told | {"openSpaceId": f"dtv1.card//IM_GROUP.{group}", **space}
    deliver = {"spaceType": "IM_ROBOT", "robotCode": robot}
    space = {"imRobotOpenSpaceModel": {"supportForward": False}, "imRobotOpenDeliverModel": deliver}
    return told | {"openSpaceId": f"dtv1.card//IM_ROBOT.{user}", **space}


def delivered(told: Mapping[str, Any]) -> bool:
    """The answer is 200 also for a card that was made and shown to nobody."""
    result = told.get("result")
    spaces = result.get("deliverResults") if isinstance(result, dict) else None
    return told.get("success") is not False and all(one.get("success") is not False for one in _dicts(spaces))


def change(card: Card, track: str) -> Mapping[str, Any]:
    """Body of an update."""
    options = {"updateCardDataByKey": True}
    return {"outTrackId": track, "cardData": {"cardParamMap": params(card)}, "cardUpdateOptions": options, "userIdType": USER_ID}


def read(told: Mapping[str, Any]) -> dict[str, Any]:
    """The Interaction's fields of a tap; {} for what none of our buttons sends."""
    try:
        content = json.loads(told.get("content") or "{}")
        op = content["cardPrivateData"]["params"]["op"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
    tap = OP.match(op) if isinstance(op, str) else None
    if tap is None:
        return {}
    return {"kind": Kind.TAP, "choice": Choice(op=tap[1], arg=tap[2] or "", card=str(told.get("outTrackId") or ""))}


def _dicts(found: object) -> Sequence[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
