"""Interactive cards on the platform's side: made of a template that the console knows, shown in a space, changed by key, tapped."""

import json
import re
from typing import Any

from adapters.sandbox.dingtalk.world import World

SPACE = re.compile(r"^dtv1\.card//(IM_ROBOT|IM_GROUP)\.(\S+)$")
CREATE = {"cardTemplateId", "outTrackId", "callbackType", "cardData", "openSpaceId", "userIdType"}
SPACES = {
    "IM_ROBOT": ({"imRobotOpenSpaceModel", "imRobotOpenDeliverModel"}, "imRobotOpenDeliverModel"),
    "IM_GROUP": ({"imGroupOpenSpaceModel", "imGroupOpenDeliverModel"}, "imGroupOpenDeliverModel"),
}
CHANGE = {"outTrackId", "cardData", "cardUpdateOptions", "userIdType"}


def bad_params(card_data: Any) -> bool:
    params = card_data.get("cardParamMap") if isinstance(card_data, dict) else None
    return not isinstance(params, dict) or not all(isinstance(value, str) for value in params.values())


def deliver(world: World, body: dict[str, Any]) -> dict[str, Any] | str:
    """The answer, or the code of a refusal. The same outTrackId again is the same card."""
    space = SPACE.match(str(body.get("openSpaceId")))
    if space is None or bad_params(body.get("cardData")) or body.get("callbackType") not in {"STREAM", "HTTP"}:
        return "invalidParameter.card"
    kind, where = space[1], space[2]
    wanted, model = SPACES[kind]
    if set(body) - {"privateData"} != CREATE | wanted or not body["outTrackId"] or body[model].get("robotCode") != world.client_id:
        return "invalidParameter.card"
    if kind == "IM_ROBOT" and body[model].get("spaceType") != "IM_ROBOT":
        return "invalidParameter.card"
    if body["cardTemplateId"] not in world.templates:
        return "param.templateNotExist"
    there = where in (world.users if kind == "IM_ROBOT" else world.groups)
    track = str(body["outTrackId"])
    if there and track not in world.cards:
        world.cards[track] = world.show(where, "robot", "card", track=track, card=dict(body["cardData"]["cardParamMap"]))
    result = {"spaceId": where, "spaceType": kind, "success": there, "errorMsg": "" if there else "not in space"}
    return {"success": True, "result": {"outTrackId": track, "deliverResults": [result]}}


def change(world: World, body: dict[str, Any]) -> dict[str, Any] | str:
    line = world.cards.get(str(body.get("outTrackId")))
    if line is None:
        return "param.outTrackIdNotExist"
    if set(body) - CHANGE - {"privateData"} or bad_params(body.get("cardData")):
        return "invalidParameter.card"
    params = body["cardData"]["cardParamMap"]
    by_key = (body.get("cardUpdateOptions") or {}).get("updateCardDataByKey") is True
    line["card"] = {**line["card"], **params} if by_key else dict(params)
    return {"success": True, "result": True}


def buttons(line: dict[str, Any]) -> dict[str, str]:
    """What the template shows of its buttons: label → op, and the link."""
    card = line["card"]
    found = {card[f"label{n}"]: card[f"op{n}"] for n in range(1, 5) if card.get(f"label{n}")}
    return found | ({card["url_label"]: card["url"]} if card.get("url_label") else {})


def tapped(line: dict[str, Any], user: str, label: str) -> dict[str, Any]:
    """What the platform pushes. Raises KeyError for a button that is not there."""
    content = {"cardPrivateData": {"actionIds": ["b1"], "params": {"op": buttons(line)[label]}}}
    told = {"type": "actionCallback", "outTrackId": line["track"], "corpId": "dingcorp", "userId": user, "extension": "{}"}
    return {**told, "content": json.dumps(content, ensure_ascii=False)}
