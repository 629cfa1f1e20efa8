"""WeCom on this computer: the platform's server, and the phones of its members."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from adapters.sandbox.wecom import files, records
from adapters.sandbox.wecom.api import Api
from adapters.sandbox.wecom.crypt import Seal
from adapters.sandbox.wecom.faults import FaultKind, Faults, Planned
from adapters.sandbox.wecom.group import WeComGroup
from adapters.sandbox.wecom.push import Push, inner_xml
from adapters.sandbox.wecom.world import Delivery, Shown, World
from bot.ports import Clock

UNSEEN = dict.fromkeys((0x200B, 0x200C, 0x200D, 0xFEFF))  # of no width on any screen


class WeComStandIn:
    """Start it, set `callback_url`, add members, then act as they would on their phones.

    Every acting method returns when the callback was accepted or given up; `world` holds what happened for tests to look at.
    """

    def __init__(self, clock: Clock, *, corp_id: str, agent_id: int, secret: str, token: str, aes_key: str) -> None:
        self.world = World(clock, corp_id, agent_id, secret)
        self.seal = Seal(token, aes_key, corp_id)
        self.push = Push(self.world, self.seal)
        self.faults = Faults()
        self.group = WeComGroup(clock)  # behind a robot's key
        self.base_url = ""
        self._runner: web.AppRunner | None = None

    # ---- the server ---------------------------------------------------------------------------------------------

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; return the base URL for `api_base` and `oauth_base`."""
        self._runner = web.AppRunner(Api(self.world, self.faults, self.group).app(), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.base_url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.base_url

    async def close(self) -> None:
        """Stop listening and let hanging calls go."""
        self.faults.over.set()
        await self.push.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def callback_url(self) -> str:
        return self.push.url

    @callback_url.setter
    def callback_url(self, url: str) -> None:
        self.push.url = url

    async def check_callback(self) -> bool:
        """The console's check when the callback URL is saved."""
        return await self.push.check()

    @property
    def outage(self) -> bool:
        return self.faults.outage

    @outage.setter
    def outage(self, down: bool) -> None:
        self.faults.outage = down

    def fail(self, path_part: str, kind: FaultKind, times: int = 1) -> None:
        """Let the next `times` API calls whose path contains `path_part` go wrong."""
        self.faults.planned.append(Planned(path_part, kind, times))

    def revoke_tokens(self) -> None:
        """WeCom may withdraw tokens before their time."""
        self.world.tokens.clear()

    # ---- a member's phone ---------------------------------------------------------------------------------------

    async def add_member(self, userid: str, name: str, *, announce: bool = False) -> None:
        """Make somebody visible to the app; `announce` sends the subscribe event."""
        self.world.members[userid] = name
        if announce:
            await self._event(userid, "subscribe")

    async def remove_member(self, userid: str) -> None:
        """Take somebody out of the app's visible range."""
        self.world.members.pop(userid, None)
        await self._event(userid, "unsubscribe")

    async def enter(self, user: str) -> Delivery:
        """Open the app's chat."""
        return await self._event(user, "enter_agent", EventKey="")

    async def say(self, user: str, text: str) -> Delivery:
        shown = self.world.show(user, "me", "text", {"text": text})
        return await self._message(shown, "text", Content=text)

    async def send_image(self, user: str, data: bytes, mime: str = "image/jpeg") -> Delivery:
        media = self.world.keep("image", data, mime, "photo.png" if mime == "image/png" else "photo.jpg")
        shown = self.world.show(user, "me", "image", {"media": media.id})
        return await self._message(shown, "image", PicUrl=f"{self.base_url}/phone/media/{media.id}", MediaId=media.id)

    async def send_voice(self, user: str, data: bytes) -> Delivery:
        """`data`: AMR-NB, as the client records it."""
        media = self.world.keep("voice", data, "audio/amr", "voice.amr")
        shown = self.world.show(user, "me", "voice", {"media": media.id})
        return await self._message(shown, "voice", MediaId=media.id, Format="amr")

    async def send_video(self, user: str, data: bytes) -> Delivery:
        media = self.world.keep("video", data, files.sniff(data), "video.mp4")
        thumb = self.world.keep("image", b"\xff\xd8\xff\xd9..", "image/jpeg", "thumb.jpg")
        shown = self.world.show(user, "me", "video", {"media": media.id})
        return await self._message(shown, "video", MediaId=media.id, ThumbMediaId=thumb.id)

    async def send_location(self, user: str, lat: float, lng: float, label: str = "") -> Delivery:
        """Send a pin, placed anywhere on the map."""
        shown = self.world.show(user, "me", "location", {"lat": lat, "lng": lng, "text": label})
        return await self._message(shown, "location", Location_X=str(lat), Location_Y=str(lng), Scale=16, Label=label, AppType="wxwork")

    async def report_position(self, user: str, lat: float, lng: float, precision: float = 65.0) -> Delivery:
        """The client reports where it is, when the chat is opened (after consent)."""
        return await self._event(user, "LOCATION", Latitude=lat, Longitude=lng, Precision=precision, AppType="wxwork")

    async def click(self, user: str, key: str) -> Delivery:
        """Tap a menu item."""
        return await self._event(user, "click", EventKey=key)

    async def tap(self, user: str, message_id: str, button_key: str) -> Delivery:
        """Tap a callback button of a card. Raises ValueError when there is no such live button."""
        shown = self.world.messages[message_id]
        keys = [button.get("key") for button in shown.body.get("button_list", []) if button.get("type", 0) == 0]
        if shown.user != user or shown.spent or button_key not in keys:
            raise ValueError(f"no such button: {button_key}")
        code = self.world.new_code(shown.id)
        fields = {"EventKey": button_key, "TaskId": shown.body["task_id"], "CardType": shown.body["card_type"], "ResponseCode": code}
        return await self._event(user, "template_card_event", **fields)

    async def checkin(
        self,
        user: str,
        lat: float,
        lng: float,
        *,
        device: str,
        place: str = "",
        wifi: str = "",
        photos: Sequence[bytes] = (),
        exceptions: Sequence[str] = (),
        notes: str = "",
    ) -> None:
        """外出打卡: leaves a record to be read by API; nothing is pushed."""
        mediaids = [self.world.keep("image", photo, files.sniff(photo), "checkin.jpg").id for photo in photos]
        given = {"device": device, "place": place, "wifi": wifi, "mediaids": mediaids, "exceptions": exceptions, "notes": notes}
        self.world.checkins.append(records.record(self.world, user, lat, lng, **given))
        self.world.touch()

    # ---- what is on the screen ----------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        return self.world.version

    async def changed(self, since: int, timeout: float) -> int:  # noqa: ASYNC109 - a long poll ends by itself
        """Wait until something visible changed after version `since`, at most `timeout` seconds; return the version."""
        return await self.world.changed(since, timeout)

    @property
    def menu(self) -> list[dict[str, Any]]:
        """The app's menu as it was created."""
        return self.world.menu

    def screen(self, user: str) -> list[dict[str, Any]]:
        """Messages of one member, oldest first: id, from, at, type, and text, card (with `spent`), media or point."""
        return [self._line(shown) for shown in self.world.messages.values() if shown.user == user]

    def _line(self, shown: Shown) -> dict[str, Any]:
        line: dict[str, Any] = {"id": shown.id, "from": shown.origin, "at": shown.at.isoformat(), "type": shown.type}
        if shown.type == "card":
            return {**line, "card": shown.body, "spent": shown.spent}
        if "media" in shown.body:
            return {**line, "media": f"{self.base_url}/phone/media/{shown.body['media']}"}
        if shown.type in {"text", "markdown"} and shown.origin == "app":
            return {**line, "text": shown.body["content"].translate(UNSEEN)}
        return {**line, **shown.body}

    async def _message(self, shown: Shown, type_: str, **fields: str | int) -> Delivery:
        inner = inner_xml(self.world, shown.user, {"MsgType": type_, **fields, "MsgId": int(shown.id)})
        return await self.push.deliver(shown.user, type_, inner, shown.id)

    async def _event(self, user: str, event: str, **fields: str | float) -> Delivery:
        return await self.push.deliver(user, event, inner_xml(self.world, user, {"MsgType": "event", "Event": event, **fields}))
