"""message/send and message/update_template_card."""

import json
from datetime import timedelta
from typing import Any

from adapters.sandbox.wecom.cards import INTERACTIVE, TASK, check_card
from adapters.sandbox.wecom.world import ApiError, Shown, World

PER_MINUTE, PER_HOUR = 30, 1000
BAD_RESPONSE_CODE = 42045  # the number is not documented in what could be read; the product must not depend on it


def send(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Validate, then show the message to everybody who may get it."""
    _check_agent(world, body)
    users = [user.lower() for user in str(body.get("touser", "")).split("|") if user]
    if not users:
        raise ApiError(82001, "all touser & toparty & totag are empty")
    if len(users) > 1000:
        raise ApiError(40058, "touser is longer than 1000")
    known = {member.lower(): member for member in world.members}
    invalid = [user for user in users if user not in known]
    if len(invalid) == len(users):
        raise ApiError(81013, "user & party & tag all invalid")
    type_, shown = _check_body(world, body)
    answer = {"invaliduser": "|".join(invalid), "msgid": world.serial()}
    if _repeated(world, body):
        return answer
    if type_ == "template_card":
        _claim_task(world, shown)
    for user in users:
        if user in known:
            _deliver(world, known[user], type_, shown, answer)
    return answer


def _check_agent(world: World, body: dict[str, Any]) -> None:
    if not world.ip_allowed:
        raise ApiError(60020, "not allow to access from your ip, from ip: 203.0.113.9")
    if body.get("agentid") != world.agent_id:
        raise ApiError(301002, "not permit to use the agentid")


def _check_body(world: World, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    type_ = body.get("msgtype")
    content = body.get(str(type_))
    if not isinstance(content, dict):
        raise ApiError(40008, "invalid message type")
    if type_ == "template_card":
        return type_, check_card(content)
    if type_ in {"text", "markdown"}:
        _sized(content.get("content"), 2048)
    elif type_ in {"image", "file"}:
        media = world.media.get(str(content.get("media_id", "")))
        if media is None or media.until <= world.clock.now() or media.kind != type_:
            raise ApiError(40007, "invalid media_id")
        return str(type_), {"media": media.id, "name": media.name} if type_ == "file" else {"media": media.id}
    elif type_ == "textcard":
        _sized(content.get("title"), 128)
        _sized(content.get("description"), 512)
        _sized(content.get("url"), 2048)
    else:
        raise ApiError(40008, "invalid message type")
    return str(type_), content


def _sized(text: object, limit: int) -> None:
    if not isinstance(text, str) or not text:
        raise ApiError(44004, "content is empty")
    if len(text.encode()) > limit:
        raise ApiError(45002, "content size out of limit")


def _repeated(world: World, body: dict[str, Any]) -> bool:
    """Whether the very same JSON was sent within the asked interval."""
    if body.get("enable_duplicate_check") != 1:
        return False
    now, same = world.clock.now(), json.dumps(body, sort_keys=True)
    until = world.recent.get(same)
    world.recent[same] = now + timedelta(seconds=min(int(body.get("duplicate_check_interval", 1800)), 14_400))
    return until is not None and now < until


def _claim_task(world: World, card: dict[str, Any]) -> None:
    task = str(card.get("task_id", ""))
    if card["card_type"] in INTERACTIVE or task:
        if not TASK.match(task):
            raise ApiError(40058, "invalid task_id")
        if task in world.tasks:
            raise ApiError(40058, "task_id is repeated")
        world.tasks.add(task)


def _deliver(world: World, user: str, type_: str, content: dict[str, Any], answer: dict[str, Any]) -> None:
    if user in world.unlicensed:
        answer["unlicenseduser"] = "|".join(filter(None, [answer.get("unlicenseduser", ""), user.lower()]))
        return
    minute, hour = world.full(f"member/{user}", PER_MINUTE, 60), world.full(f"member/{user}", PER_HOUR, 3600)
    if minute or hour:
        world.dropped.append({"user": user, "type": type_, **content})
        return
    message = world.show(user, "app", "card" if type_ == "template_card" else type_, dict(content))
    if type_ == "template_card" and content["card_type"] in INTERACTIVE:
        answer["response_code"] = world.new_code(message.id)


def update_card(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Grey the buttons, or put another card in the place of the first."""
    _check_agent(world, body)
    users = body.get("userids")
    if not isinstance(users, list) or not users:
        raise ApiError(82001, "all userids & partyids & tagids are empty")
    message = _message_of(world, str(body.get("response_code", "")))
    name = (body.get("button") or {}).get("replace_name")
    if not name:
        card = check_card(body.get("template_card"))
        message.body = {**card, "task_id": message.body.get("task_id", "")}
        name = card.get("replace_text", "")
    message.spent = str(name)
    del world.codes[str(body["response_code"])]
    world.touch()
    return {"invaliduser": [user for user in users if user.lower() != message.user.lower()]}


def _message_of(world: World, code: str) -> Shown:
    known = world.codes.get(code)
    if known is None or known.until <= world.clock.now():
        raise ApiError(BAD_RESPONSE_CODE, "invalid response_code")
    return world.messages[known.message]
