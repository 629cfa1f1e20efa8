"""im/v1/messages: sending, editing, reading back, with the platform's checks and limits."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from adapters.sandbox.feishu import cards
from adapters.sandbox.feishu.faults import rate_limited, refusal
from adapters.sandbox.feishu.world import Board, Chat, Message, Meter

UUID_LIFE = timedelta(hours=1)
EDIT_LIFE = timedelta(days=14)
TEXT_BYTES = 150 * 1024
PER_SECOND = 50
PER_TARGET = 5
ID_TYPES = frozenset({"chat_id", "open_id", "user_id"})
PLAIN_NUMBER = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


class Refused(Exception):
    """Answered with this code and HTTP 400."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Messages:
    """The message API. `history` is the permission 获取群组中所有消息, `audit` the tenant's data-leak rule on plain phone numbers."""

    board: Board
    meter: Meter
    history: bool = True
    audit: bool = False

    def routes(self) -> list[web.RouteDef]:
        """Return the routes served here."""
        return [
            web.post("/open-apis/im/v1/messages", self.create),
            web.patch("/open-apis/im/v1/messages/{message_id}", self.patch),
            web.get("/open-apis/im/v1/messages", self.list),
            web.get("/open-apis/im/v1/chats", self.chats),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Send a message; a uuid succeeds once an hour and answers the first message again."""
        if wait := self.meter.take("api create", PER_SECOND):
            return rate_limited(wait)
        try:
            message = self._create(request.query.get("receive_id_type", ""), await _body(request))
        except Refused as error:
            return refusal(error.code, str(error))
        return web.json_response({"code": 0, "msg": "success", "data": self._item(message, raw=True)})

    def _create(self, id_type: str, body: dict[str, Any]) -> Message:
        fields = [body.get(name) for name in ("receive_id", "msg_type", "content")]
        uuid = body.get("uuid", "")
        if id_type not in ID_TYPES or not all(isinstance(each, str) and each for each in fields) or len(uuid) > 50:
            raise Refused(230001, "Your request contains an invalid request parameter.")
        receive_id, kind, content = (str(each) for each in fields)
        chat = self._target(id_type, receive_id)
        if earlier := self._same(uuid):
            return earlier
        if self.meter.take(f"to {chat.id}", PER_TARGET):
            raise Refused(230020, "This operation triggers the frequency limit, ext=chat rate limit")
        self._check(kind, content, chat)
        return self.board.add(chat.id, self.board.app_id, kind, content, uuid)

    def _target(self, id_type: str, receive_id: str) -> Chat:
        if id_type == "chat_id":
            chat = self.board.chats.get(receive_id)
            if chat is None:
                raise Refused(230034, "The receive_id is invalid.")
            if not chat.bot:
                raise Refused(230002, "The bot can not be outside the group.")
            return chat
        user = self.board.user(receive_id)
        if user is None or receive_id != (user.open_id if id_type == "open_id" else user.user_id):
            raise Refused(230034, "The receive_id is invalid.")
        if not user.available:
            raise Refused(230013, "Bot has NO availability to this user.")
        return self.board.private_chat(user.open_id)

    def _same(self, uuid: str) -> Message | None:
        since = self.board.clock.now() - UUID_LIFE
        return next((each for each in self.board.messages.values() if uuid and each.uuid == uuid and each.at > since), None)

    def _check(self, kind: str, content: str, chat: Chat) -> None:
        if kind not in {"text", "interactive", "image", "file", "audio"}:
            raise Refused(230001, f"msg_type {kind} is not taken by this stand-in")
        if len(content.encode()) > (TEXT_BYTES if kind == "text" else cards.MAX_BYTES):
            raise Refused(230025, "The length of the message content reaches its limit.")
        if self.audit and PLAIN_NUMBER.search(content):
            raise Refused(230028, "The messages do NOT pass the audit.")
        body = _loads(content)
        if kind == "interactive":
            self._card(body, chat)
        elif kind == "text" and not isinstance(body.get("text"), str):
            raise Refused(230001, "text is missing")

    def _card(self, card: Any, chat: Chat) -> None:
        try:
            cards.check(card, lambda who: chat.at_all if who == "all" else self.board.user(who) is not None)
        except cards.BadCard as error:
            raise Refused(230099, str(error)) from None

    async def patch(self, request: web.Request) -> web.Response:
        """Put new content on an own card of the last 14 days."""
        try:
            self._patch(request.match_info["message_id"], await _body(request))
        except Refused as error:
            return refusal(error.code, str(error))
        return web.json_response({"code": 0, "msg": "success", "data": {}})

    def _patch(self, message_id: str, body: dict[str, Any]) -> None:
        message = self.board.messages.get(message_id)
        if message is None or message.sender != self.board.app_id or message.kind != "interactive":
            raise Refused(230001, "Your request contains an invalid request parameter.")
        if message.deleted:
            raise Refused(230011, "The message is recalled.")
        if self.board.clock.now() - message.at > EDIT_LIFE:
            raise Refused(230031, "Message can only be modified within 14 days after sending.")
        if self.meter.take(f"edit {message_id}", PER_TARGET):
            raise Refused(230020, "This operation triggers the frequency limit.")
        self._check("interactive", str(body.get("content")), self.board.chats[message.chat])
        message.content, message.changed_at = str(body["content"]), self.board.clock.now()
        self.board.touch()

    async def list(self, request: web.Request) -> web.Response:
        """History of a chat, in pages of at most 50."""
        try:
            data = self._list(dict(request.query))
        except Refused as error:
            return refusal(error.code, str(error))
        return web.json_response({"code": 0, "msg": "success", "data": data})

    def _list(self, query: dict[str, str]) -> dict[str, Any]:
        chat = self.board.chats.get(query.get("container_id", ""))
        size, offset = int(query.get("page_size", "20")), int(query.get("page_token") or "0")
        if query.get("container_id_type") != "chat" or chat is None or not 1 <= size <= 50:
            raise Refused(230001, "Your request contains an invalid request parameter.")
        if not chat.bot:
            raise Refused(230002, "The bot can not be outside the group.")
        if not chat.private and not self.history:
            raise Refused(230027, "Lack of necessary permissions, ext=need scope: im:message.group_msg")
        found = [each for each in self.board.in_chat(chat.id) if _between(each.at, query)]
        if query.get("sort_type", "ByCreateTimeAsc") == "ByCreateTimeDesc":
            found.reverse()
        raw = query.get("card_msg_content_type") == "user_card_content"
        more = len(found) > offset + size
        items = [self._item(message, raw=raw) for message in found[offset : offset + size]]
        return {"has_more": more, "items": items} | ({"page_token": str(offset + size)} if more else {})

    def _item(self, message: Message, *, raw: bool) -> dict[str, Any]:
        own = message.sender == self.board.app_id
        content = "This message was recalled" if message.deleted else message.content
        if message.kind == "interactive" and not raw and not message.deleted:
            content = _degraded(message.content)
        return {
            "message_id": message.id,
            "msg_type": message.kind,
            "create_time": _ms(message.at),
            "update_time": _ms(message.changed_at),
            "deleted": message.deleted,
            "updated": message.changed_at != message.at,
            "chat_id": message.chat,
            "sender": {"id": message.sender, "id_type": "app_id" if own else "open_id", "sender_type": "app" if own else "user"},
            "body": {"content": content},
        }

    async def chats(self, request: web.Request) -> web.Response:
        """The groups that the bot is in."""
        groups = [chat for chat in self.board.chats.values() if chat.bot and not chat.private]
        size, offset = int(request.query.get("page_size", "20")), int(request.query.get("page_token") or "0")
        items = [{"chat_id": chat.id, "name": chat.name, "external": False} for chat in groups[offset : offset + size]]
        data: dict[str, Any] = {"has_more": len(groups) > offset + size, "items": items, "page_token": str(offset + size)}
        return web.json_response({"code": 0, "msg": "success", "data": data})


def _between(at: datetime, query: dict[str, str]) -> bool:
    starts = datetime.fromtimestamp(int(query.get("start_time") or "0"), UTC)
    ends = datetime.fromtimestamp(int(query["end_time"]), UTC) if query.get("end_time") else at
    return starts <= at <= ends


def _degraded(content: str) -> str:
    """What the history shows of a 2.0 card unless `card_msg_content_type=user_card_content` is asked for."""
    title = json.loads(content).get("header", {}).get("title", {}).get("content", "")
    return json.dumps({"title": title, "elements": [[{"tag": "text", "text": "请升级至最新版本客户端，以查看内容"}]]}, ensure_ascii=False)


def _ms(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refused(230001, "content is not JSON") from None


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise Refused(9499, "Bad Request") from None
    if not isinstance(body, dict):
        raise Refused(9499, "Bad Request")
    return body
