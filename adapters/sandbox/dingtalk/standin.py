"""DingTalk on this computer: the platform's server, its stream, and the phones of its users."""

import asyncio
import json
import random
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from aiohttp import WSMsgType, web

from adapters.sandbox.dingtalk import cards
from adapters.sandbox.dingtalk.api import Api
from adapters.sandbox.dingtalk.group import DingTalkGroup
from adapters.sandbox.dingtalk.world import World
from bot.ports import Clock

ROBOT, CARD = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback"
SAY = "dtmd://dingtalkclient/sendMessage?content="
CALM_S = 0.2  # between `disconnect` and the closing of a connection; ten seconds in the world


class DingTalkStandIn:
    """Start it, add users, then act as they would on their phones. A push goes to any one of the connections."""

    def __init__(self, clock: Clock, *, client_id: str, secret: str, patience: float = 2.0) -> None:
        """`patience`: seconds in which a frame must be acked; an event that is not comes again."""
        self.world = World(clock, client_id, secret)
        self.api = Api(self.world)
        self.group = DingTalkGroup(clock)  # behind a custom robot's token
        self.patience = patience
        self.base_url = ""
        self.sockets: list[web.WebSocketResponse] = []
        self.acked: dict[str, dict[str, Any]] = {}
        self.lost: list[str] = []  # robot messages that nobody took: the platform does not send them again
        self._acks: dict[str, asyncio.Event] = {}
        self._runner: web.AppRunner | None = None
        self._closing: list[asyncio.Task[None]] = []
        self.last: dict[str, Any] = {}

    async def start(self, host: str = "127.0.0.1") -> str:
        """Listen; return the base URL for `api_base` and `oapi_base`."""
        app = web.Application(client_max_size=32 << 20)
        app.router.add_routes([*self.api.routes(), *self.group.routes(), web.get("/connect", self._connect)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, 0).start()
        self.base_url = self.api.base = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.base_url

    async def close(self) -> None:
        """Stop listening."""
        for socket in list(self.sockets):
            with suppress(ConnectionError):
                await socket.close()
        if self._runner:
            await self._runner.cleanup()

    # ---- the stream ---------------------------------------------------------------------------------------------

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if not self.world.use_ticket(request.query.get("ticket", "")):
            return web.Response(status=401)
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        self.sockets.append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._answered(json.loads(message.data))
        finally:
            if socket in self.sockets:
                self.sockets.remove(socket)
        return socket

    def _answered(self, ack: dict[str, Any]) -> None:
        id_ = str(ack.get("headers", {}).get("messageId", ""))
        self.acked[id_] = ack
        if id_ in self._acks:
            self._acks[id_].set()

    async def push(self, type_: str, headers: dict[str, Any], data: dict[str, Any], *, tries: int = 1) -> bool:
        """Bring a frame to one of the connections; True when it was acked with 200."""
        for _ in range(tries):
            id_ = f"mid{next(self.world.ids)}"
            told = {"messageId": id_, "contentType": "application/json", "time": str(int(self.world.now * 1000)), **headers}
            frame = {"specVersion": "1.0", "type": type_, "headers": told, "data": json.dumps(data, ensure_ascii=False)}
            self._acks[id_] = asyncio.Event()
            if not await self._sent(frame):
                await asyncio.sleep(0.05)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._acks[id_].wait(), self.patience)
                if self.acked[id_].get("code") == 200:
                    return True
        return False

    async def _sent(self, frame: dict[str, Any]) -> bool:
        if not self.sockets:
            return False
        try:
            await random.choice(self.sockets).send_str(json.dumps(frame, ensure_ascii=False))
        except ConnectionError:
            return False
        return True

    async def ping(self) -> dict[str, Any] | None:
        """The platform's own ping; what the client answered."""
        before = set(self.acked)
        await self.push("SYSTEM", {"topic": "ping"}, {"opaque": "op-1"})
        fresh = [ack for id_, ack in self.acked.items() if id_ not in before]
        return fresh[0] if fresh else None

    async def disconnect(self) -> None:
        """Say that every connection is to be left, be silent, and close it."""
        for socket in list(self.sockets):
            self.sockets.remove(socket)  # nothing more is routed to it
            headers = {"topic": "disconnect", "messageId": f"mid{next(self.world.ids)}", "contentType": "application/json"}
            await socket.send_str(json.dumps({"specVersion": "1.0", "type": "SYSTEM", "headers": headers, "data": '{"reason":"expired"}'}))
            self._closing.append(asyncio.create_task(_closed(socket)))

    def cut(self) -> None:
        """Every connection breaks without a word."""
        for socket in list(self.sockets):
            self.sockets.remove(socket)
            if socket._req and socket._req.transport:  # noqa: SLF001 - a cable pulled out is nothing that the public side offers
                socket._req.transport.abort()  # noqa: SLF001 - as above

    async def connected(self, patience: float = 10.0) -> None:
        """Wait until somebody is there."""
        for _ in range(int(patience / 0.02)):
            if self.sockets:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("nobody connected to the stream")

    # ---- a user's phone -----------------------------------------------------------------------------------------

    def add_user(self, user: str, name: str) -> None:
        self.world.users[user] = name

    def add_group(self, chat: str, users: list[str]) -> None:
        self.world.groups[chat] = users

    def screen(self, where: str) -> list[dict[str, Any]]:
        """A user's chat with the robot, or a group's."""
        return self.world.screens.get(where, [])

    async def say(self, user: str, text: str, chat: str = "") -> bool:
        self.world.show(chat or user, user, "text", text=text)
        content = f" {text}" if chat else text  # what follows the @
        return await self._robot(user, {"msgtype": "text", "text": {"content": content}}, chat)

    async def send_image(self, user: str, data: bytes) -> bool:
        code = self.world.keep(data, "image/jpeg")
        self.world.show(user, user, "picture", code=code)
        return await self._robot(user, {"msgtype": "picture", "content": {"downloadCode": code, "pictureDownloadCode": code}})

    async def send_rich(self, user: str, text: str, *pictures: bytes) -> bool:
        parts: list[dict[str, Any]] = [{"text": text}]
        parts += [{"type": "picture", "downloadCode": self.world.keep(data, "image/jpeg")} for data in pictures]
        return await self._robot(user, {"msgtype": "richText", "content": {"richText": parts}})

    async def send_voice(self, user: str, data: bytes, seconds: float, recognition: str = "") -> bool:
        code = self.world.keep(data, "audio/amr")
        self.world.show(user, user, "audio", code=code)
        content = {"duration": int(seconds * 1000), "downloadCode": code, "recognition": recognition}
        return await self._robot(user, {"msgtype": "audio", "content": content})

    async def send_file(self, user: str, data: bytes, name: str) -> bool:
        code = self.world.keep(data, "application/octet-stream")
        self.world.show(user, user, "file", code=code, name=name)
        return await self._robot(user, {"msgtype": "file", "content": {"downloadCode": code, "fileName": name}})

    async def send_unknown(self, user: str, kind: str) -> bool:
        return await self._robot(user, {"msgtype": kind})

    async def tap(self, user: str, line: dict[str, Any], label: str) -> bool:
        """Tap a button of an action card: it speaks in the user's name. Raises KeyError for a button that is not there."""
        url = buttons(line)[label]
        return await self.say(user, unquote(url.removeprefix(SAY))) if url.startswith(SAY) else False

    async def tap_card(self, user: str, line: dict[str, Any], label: str) -> bool:
        """Tap a button of an interactive card: it is told over the stream, and nobody says anything. Raises KeyError."""
        return await self.push("CALLBACK", {"topic": CARD}, cards.tapped(line, user, label), tries=2)

    async def checkin(self, user: str, lat: float, lng: float, *, place: str = "", images: tuple[bytes, ...] = ()) -> None:
        """签到: leaves a record, and the event that says no more than whose."""
        at = int(self.world.now * 1000)
        record: dict[str, Any] = {"checkin_time": at, "userid": user, "place": place, "detail_place": place, "remark": ""}
        record |= {"longitude": f"{lng:.6f}", "latitude": f"{lat:.6f}", "visit_user": ""}
        if images:
            record["image_list"] = [f"{self.base_url}/files/{self.world.keep(data, 'image/jpeg')}" for data in images]
        self.world.records.append(record)
        self.world.touch()
        id_ = f"evt{next(self.world.ids)}"
        headers = {"topic": "*", "eventType": "check_in", "eventId": id_, "eventCorpId": "dingcorp", "eventBornTime": str(at)}
        await self.push("EVENT", headers, {"timeStamp": at, "staffId": user}, tries=3)

    async def punch(
        self, user: str, lat: float, lng: float, *, device: str = "", place: str = "", photo: bytes = b"", tell: bool = True, **more: Any
    ) -> None:
        """考勤打卡, 外勤 unless `more` says otherwise: leaves a record, and (`tell`) the event."""
        at, id_ = int(self.world.now * 1000), next(self.world.ids)
        record: dict[str, Any] = {
            "id": id_,
            "bizId": f"biz{id_}",
            "userId": user,
            "userCheckTime": at,
            "gmtCreate": at,
            "corpId": "dingcorp",
        }
        record |= {"userLatitude": lat, "userLongitude": lng, "userAccuracy": 30.0, "userAddress": place, "outsideRemark": "拜访客户"}
        record |= {
            "sourceType": "USER",
            "locationMethod": "MAP",
            "locationResult": "Outside",
            "timeResult": "Normal",
            "checkType": "OnDuty",
        }
        record |= {"deviceId": device} if device else {}
        record |= {"photoUrl": f"{self.base_url}/files/{self.world.keep(photo, 'image/jpeg')}"} if photo else {}
        record = {name: value for name, value in {**record, **more}.items() if value is not None}
        self.world.punches.append(record)
        if tell:
            headers = {"topic": "*", "eventType": "attendance_check_record", "eventId": f"evt{id_}", "eventBornTime": str(at)}
            told = {"userId": user, "checkTime": at, "locationResult": record.get("locationResult"), "bizId": record["bizId"]}
            await self.push("EVENT", headers, {"dataList": [told]}, tries=3)

    async def _robot(self, user: str, content: dict[str, Any], chat: str = "") -> bool:
        """A robot's message is pushed once: nobody sends it again. Over the month's allowance its content is left out."""
        if self.world.over_quota:
            content = {"msgtype": content["msgtype"], "errorCode": 20001, "errorMessage": "quota exceeded"}
        id_ = f"msg{next(self.world.ids)}=="
        message = {
            "msgId": id_,
            "createAt": int(self.world.now * 1000),
            "conversationId": chat or f"cid-{user}",
            "conversationType": "2" if chat else "1",
            "senderStaffId": user,
            "senderNick": self.world.users.get(user, ""),
            "senderId": f"$:LWCP_v1:${user}",
            "robotCode": self.world.client_id,
            "sessionWebhook": f"{self.base_url}/robot/sendBySession?session={id_}",
            "sessionWebhookExpiredTime": int(self.world.now * 1000) + 5_400_000,
            **content,
        }
        self.last = message
        taken = await self.push("CALLBACK", {"topic": ROBOT}, message)
        if not taken:
            self.lost.append(id_)
        return taken

    async def again(self) -> bool:
        """The last robot message once more, as some report that the platform does."""
        return await self.push("CALLBACK", {"topic": ROBOT}, self.last)


def buttons(line: dict[str, Any]) -> dict[str, str]:
    """A card's buttons: label → address."""
    param = line.get("param", {})
    if "singleURL" in param:
        return {param["singleTitle"]: param["singleURL"]}
    return {param[f"actionTitle{n}"]: param[f"actionURL{n}"] for n in range(1, 6) if f"actionURL{n}" in param}


async def _closed(socket: web.WebSocketResponse) -> None:
    await asyncio.sleep(CALM_S)
    with suppress(ConnectionError):
        await socket.close()
