"""A Feishu tenant on loopback: the product talks to it as to the real one, only `api_base` differs."""

import asyncio
import json
import secrets
from typing import Any

from aiohttp import web

from adapters.sandbox.feishu import cards
from adapters.sandbox.feishu.accounts import Accounts
from adapters.sandbox.feishu.faults import Faults
from adapters.sandbox.feishu.files import Resources
from adapters.sandbox.feishu.flows import Flows
from adapters.sandbox.feishu.group import FeishuGroup
from adapters.sandbox.feishu.long import Long
from adapters.sandbox.feishu.messages import Messages
from adapters.sandbox.feishu.push import Courier
from adapters.sandbox.feishu.world import Board, Chat, File, Message, Meter, User
from bot.ports import Clock

BODY_BYTES = 40 * 1024 * 1024


class FeishuStandIn:
    """The platform's HTTP server on one side, its users' clients on the other. `long`: what the console says about how events go."""

    def __init__(
        self, clock: Clock, *, app_id: str, app_secret: str, encrypt_key: str, verification_token: str, long: bool = False
    ) -> None:
        self.clock = clock
        self.app_id = app_id
        self.verification_token = verification_token
        self.board = Board(clock, app_id)
        self.accounts = Accounts(self.board, app_id, app_secret)
        self.messages = Messages(self.board, Meter())
        self.resources = Resources(self.board)
        self.flows = Flows(self.board)
        self.agents: dict[str, str] = {}  # open_id → what his client says of itself; only where the app has im:user_agent:read
        self.long = Long(app_id, app_secret)
        self.group = FeishuGroup(clock)  # behind a custom robot's hook
        self.courier = Courier(clock, encrypt_key, self.long if long else None)
        self._closing = asyncio.Event()
        self.faults = Faults(self._closing)
        self._runner: web.AppRunner | None = None

    # ---- the server ----------------------------------------------------------------------------------------------

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve; return the base URL, which is `api_base` and `accounts_base`."""
        app = web.Application(middlewares=[self.faults.middleware, self.accounts.middleware], client_max_size=BODY_BYTES)
        app.add_routes(
            [
                *self.accounts.routes(),
                *self.messages.routes(),
                *self.resources.routes(),
                *self.long.routes(),
                *self.group.routes(),
                *self.flows.routes(),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.courier.start()
        self.long.base_url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.long.base_url

    async def close(self) -> None:
        """Stop serving and pushing; whoever waits for an answer gets none."""
        self._closing.set()
        await self.courier.close()
        await self.long.hang_up()
        if self._runner:
            await self._runner.cleanup()

    @property
    def callback_url(self) -> str:
        """Where events and card callbacks go (`…/feishu/event`)."""
        return self.courier.callback_url

    @callback_url.setter
    def callback_url(self, url: str) -> None:
        self.courier.callback_url = url

    @property
    def calls(self) -> dict[str, int]:
        """Counted API calls by "METHOD /path"."""
        return self.faults.calls

    @property
    def outage(self) -> bool:
        """While True every API call is answered 503."""
        return self.faults.outage

    @outage.setter
    def outage(self, down: bool) -> None:
        self.faults.outage = down

    def fail(self, part: str, kind: str, times: int = 1) -> None:
        """Spoil the next `times` calls whose "METHOD /path" contains `part`.

        Kinds: http500, timeout, reset (nothing done); late_reply, lost_reply (done, but the answer never comes, or the
        connection breaks instead); invalid_token; rate; or a platform code as digits ("230013",
        or "200:230013" for an error that comes with HTTP 200).
        """
        self.faults.arm(part, kind, times)

    # ---- the tenant ----------------------------------------------------------------------------------------------

    def add_user(self, open_id: str, user_id: str, name: str, *, available: bool = True) -> None:
        """Take a person into the tenant."""
        self.board.users[open_id] = User(open_id, user_id, name, available)
        self.board.touch()

    def add_chat(self, chat_id: str, name: str, members: list[str], *, bot: bool = True) -> None:
        """Make a group of these open_ids, with the bot in it or not."""
        self.board.chats[chat_id] = Chat(chat_id, name, list(members), bot=bot)
        self.board.touch()

    # ---- the screens ---------------------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Grows with every visible change."""
        return self.board.version

    async def changed(self, since: int, timeout: float) -> int:  # noqa: ASYNC109 - long poll
        """Return the version once it is not `since`, or after `timeout` seconds."""
        return await self.board.changed(since, timeout)

    def screen(self, chat_or_open_id: str) -> list[dict[str, Any]]:
        """Lines of a group, or of a person's private chat: id, from, name, at, type, and text, card or content."""
        chat = self.board.chats.get(chat_or_open_id) or self.board.private_chat(chat_or_open_id)
        return self.board.screen(chat.id)

    def resource(self, key: str) -> File:
        """A file shown on a screen."""
        return self.board.files[key]

    def recall(self, message_id: str) -> None:
        """Take a message back."""
        self.board.messages[message_id].deleted = True
        self.board.touch()

    # ---- what users do -------------------------------------------------------------------------------------------

    async def say(self, open_id: str, text: str, chat: str = "") -> str:
        """Send a text; in a group it is addressed to the bot. Return the message id."""
        if not chat:
            return await self._send(open_id, "", "text", {"text": text})
        mention = {
            "key": "@_user_1",
            "id": {"open_id": "ou_bot", "user_id": "", "union_id": ""},
            "name": "销售行迹",
            "tenant_key": "tk_demo",
        }
        return await self._send(open_id, chat, "text", {"text": f"@_user_1 {text}"}, [mention])

    async def send_image(self, open_id: str, data: bytes, mime: str = "image/jpeg", chat: str = "") -> str:
        """Send a photo."""
        file = self.board.store(data, mime, "image", image=True)
        return await self._send(open_id, chat, "image", {"image_key": file.key})

    async def send_audio(self, open_id: str, data: bytes, duration_ms: int, chat: str = "") -> str:
        """Send a voice message (Opus in Ogg on the real platform)."""
        file = self.board.store(data, "audio/ogg", "voice.opus", image=False)
        return await self._send(open_id, chat, "audio", {"file_key": file.key, "duration": duration_ms})

    async def send_video(self, open_id: str, data: bytes, duration_ms: int, chat: str = "") -> str:
        """Send a video."""
        file = self.board.store(data, "video/mp4", "video.mp4", image=False)
        content = {"file_key": file.key, "image_key": "img_cover", "file_name": file.name, "duration": duration_ms}
        return await self._send(open_id, chat, "media", content)

    async def send_file(self, open_id: str, name: str, data: bytes, mime: str = "application/octet-stream", chat: str = "") -> str:
        """Send a file."""
        file = self.board.store(data, mime, name, image=False)
        return await self._send(open_id, chat, "file", {"file_key": file.key, "file_name": name})

    async def send_location(self, open_id: str, name: str, lat: float, lng: float, chat: str = "") -> str:
        """Send a location as the client does: every value a string."""
        return await self._send(open_id, chat, "location", {"name": name, "longitude": str(lng), "latitude": str(lat)})

    def punch(self, open_id: str, lat: float, lng: float, place: str = "", **more: Any) -> None:
        """外勤打卡: leaves a record to be read by API."""
        self.flows.punch(self.board.users[open_id].user_id, lat, lng, place, **more)

    async def _send(self, open_id: str, chat: str, kind: str, content: dict[str, Any], mentions: list[dict[str, Any]] | None = None) -> str:
        place = self.board.chats[chat] if chat else self.board.private_chat(open_id)
        message = self.board.add(place.id, open_id, kind, content)
        await self.courier.push(self._message_event(message, place, mentions or []))
        return message.id

    async def menu(self, open_id: str, key: str) -> None:
        """Tap an item of the bot's menu."""
        event = {"operator": {"operator_id": self._ids(open_id)}, "event_key": key, "timestamp": int(self.clock.now().timestamp())}
        await self.courier.push(self._event("application.bot.menu_v6", event))

    async def enter(self, open_id: str) -> None:
        """Open the private chat with the bot."""
        chat = self.board.private_chat(open_id)
        event = {"chat_id": chat.id, "operator_id": self._ids(open_id), "last_message_id": "", "last_message_create_time": ""}
        await self.courier.push(self._event("im.chat.access_event.bot_p2p_chat_entered_v1", event))

    async def tap(self, open_id: str, message_id: str, value: dict[str, Any]) -> dict[str, str]:
        """Tap the button of a card that carries `value`; return the toast ({} for none, type error with the client's code).

        Raises ValueError when no such button can be tapped.
        """
        message = self.board.messages[message_id]
        if not any(value == each.get("value") for button in cards.buttons(json.loads(message.content)) for each in button["behaviors"]):
            raise ValueError("no such button on the card")
        body, headers = self.courier.seal(self._action_event(open_id, message, value))
        return _toast(*await self.courier.post(body, headers))

    async def redeliver(self) -> int:
        """Deliver again at once what was not answered with 200; return how many events."""
        return await self.courier.redeliver()

    async def verify_url(self) -> bool:
        """What the console does when the callback address is saved: an unsigned challenge that must be echoed."""
        challenge = secrets.token_hex(16)
        check = {"challenge": challenge, "token": self.verification_token, "type": "url_verification"}
        status, reply = await self.courier.post(*self.courier.seal(check, signed=False))
        try:
            return status == 200 and json.loads(reply) == {"challenge": challenge}
        except ValueError:
            return False

    # ---- the events ----------------------------------------------------------------------------------------------

    def _ids(self, open_id: str) -> dict[str, str]:
        return {"open_id": open_id, "user_id": self.board.users[open_id].user_id, "union_id": "on_" + open_id}

    def _event(self, kind: str, event: dict[str, Any], *, micro: bool = False) -> dict[str, Any]:
        stamp = int(self.clock.now().timestamp() * (1_000_000 if micro else 1000))
        header = {
            "event_id": secrets.token_hex(16),
            "event_type": kind,
            "create_time": str(stamp),
            "token": self.verification_token,
            "app_id": self.app_id,
            "tenant_key": "tk_demo",
        }
        return {"schema": "2.0", "header": header, "event": event}

    def _message_event(self, message: Message, chat: Chat, mentions: list[dict[str, Any]]) -> dict[str, Any]:
        sender = {"sender_id": self._ids(message.sender), "sender_type": "user", "tenant_key": "tk_demo"}
        body: dict[str, Any] = {
            "message_id": message.id,
            "create_time": str(int(message.at.timestamp() * 1000)),
            "chat_id": chat.id,
            "chat_type": "p2p" if chat.private else "group",
            "message_type": message.kind,
            "content": message.content,
            "mentions": mentions,
        }
        if agent := self.agents.get(message.sender):
            body["user_agent"] = agent
        return self._event("im.message.receive_v1", {"sender": sender, "message": body})

    def _action_event(self, open_id: str, message: Message, value: dict[str, Any]) -> dict[str, Any]:
        event = {
            "operator": {"tenant_key": "tk_demo", **self._ids(open_id)},
            "token": "c-" + secrets.token_hex(20),
            "action": {"tag": "button", "timezone": "Asia/Shanghai", "value": value},
            "host": "im_message",
            "context": {"open_message_id": message.id, "open_chat_id": message.chat},
        }
        return self._event("card.action.trigger", event, micro=True)


def _toast(status: int, reply: bytes) -> dict[str, str]:
    """What the client shows after a tap."""
    if status == 0:
        return {"type": "error", "content": "出错了，请稍后重试 code: 200341"}
    if status != 200:
        return {"type": "error", "content": "出错了，请稍后重试 code: 200671"}
    try:
        answer = json.loads(reply)
        toast = answer.get("toast", {})
    except (ValueError, AttributeError):
        return {"type": "error", "content": "出错了，请稍后重试 code: 200672"}
    return dict(toast)
