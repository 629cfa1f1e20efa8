"""One client a platform: what a person does with it, and what his chat with the bot shows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from adapters.sandbox.company import Member
from adapters.sandbox.dingtalk.standin import buttons
from adapters.sandbox.retelling import AUDIO
from adapters.sandbox.stage.sound import to_opus
from adapters.sandbox.stage.theatre import Theatre
from adapters.sandbox.wecom.files import sniff
from bot.evidence.amr import amr_seconds

Line = dict[str, Any]
Point = tuple[float, float]
OTHER_PHONE = "f0" * 8


class Client(Protocol):
    """A platform's app in somebody's hand. What it has no button for raises ValueError with the reason."""

    async def say(self, text: str, chat: str = "") -> object: ...
    async def image(self, data: bytes) -> object: ...
    async def voice(self, amr: bytes) -> object: ...
    async def file(self, name: str, data: bytes) -> object: ...
    async def checkin(self, point: Point, place: str, *, own: bool) -> object: ...
    async def place(self, point: Point, label: str, *, report: bool) -> object: ...
    async def tap(self, message: str, button: Any) -> object: ...
    def lines(self) -> list[Line]: ...


class OnWeCom:
    def __init__(self, theatre: Theatre, member: Member) -> None:
        self._stand_in, self._me, self._device = theatre.wecom, member.handles["wecom"], member.device

    async def say(self, text: str, chat: str = "") -> object:
        del chat  # an app is in no group
        return await self._stand_in.say(self._me, text)

    async def image(self, data: bytes) -> object:
        return await self._stand_in.send_image(self._me, data, sniff(data))

    async def voice(self, amr: bytes) -> object:
        return await self._stand_in.send_voice(self._me, amr)

    async def file(self, name: str, data: bytes) -> object:
        del name, data
        raise ValueError("企业微信的应用收不到文件，请换飞书或钉钉")

    async def checkin(self, point: Point, place: str, *, own: bool) -> object:
        """外出打卡, and back to the chat: the client reports that it was opened, so the record is read at once."""
        await self._stand_in.checkin(self._me, *point, device=self._device if own else OTHER_PHONE, place=place)
        return await self._stand_in.enter(self._me)

    async def place(self, point: Point, label: str, *, report: bool) -> object:
        if report:
            return await self._stand_in.report_position(self._me, *point, 65.0)
        return await self._stand_in.send_location(self._me, *point, label)

    async def tap(self, message: str, button: Any) -> object:
        return await self._stand_in.tap(self._me, message, str(button))

    def lines(self) -> list[Line]:
        """His chat, and in between what he did beside it: 外出打卡."""
        return [self._line(line) for line in [*self._stand_in.screen(self._me), *self._checkins()]]

    def _checkins(self) -> list[Line]:
        found = []
        for number, record in enumerate(self._stand_in.world.checkins):
            if record["userid"] == self._me:
                at = datetime.fromtimestamp(record["checkin_time"], UTC).isoformat()
                phone = "本人手机" if record["deviceid"] == self._device else "另一台手机"
                text = f"外出打卡 · {record['location_title']} · {phone}"
                found.append({"id": f"checkin-{number}", "from": "me", "at": at, "type": "note", "text": text})
        return found

    def _line(self, line: Line) -> Line:
        line = {**line, "client": "wecom", "mine": line["from"] == "me"}
        if "media" in line:
            id_ = line["media"].rpartition("/")[2]
            line["media"] = f"media/wecom/{id_}"
            if line["type"] == "voice":
                line["seconds"] = round(amr_seconds(self._stand_in.world.media[id_].data).seconds)
        if line["type"] == "location":
            line["label"] = line.get("text", "")
        return line


class OnFeishu:
    def __init__(self, theatre: Theatre, member: Member) -> None:
        self._stand_in, self._me = theatre.feishu, member.handles["feishu"]

    async def say(self, text: str, chat: str = "") -> object:
        return await self._stand_in.say(self._me, text, chat)

    async def image(self, data: bytes) -> object:
        return await self._stand_in.send_image(self._me, data, sniff(data))

    async def voice(self, amr: bytes) -> object:
        data, milliseconds = to_opus(amr)
        return await self._stand_in.send_audio(self._me, data, milliseconds)

    async def file(self, name: str, data: bytes) -> object:
        return await self._stand_in.send_file(self._me, name, data)

    async def checkin(self, point: Point, place: str, *, own: bool) -> object:
        del point, place, own
        raise ValueError("飞书没有外出打卡，请发位置")

    async def place(self, point: Point, label: str, *, report: bool) -> object:
        if report:
            raise ValueError("飞书不会自动上报定位，请发送位置")
        return await self._stand_in.send_location(self._me, label, *point)

    async def tap(self, message: str, button: Any) -> object:
        return await self._stand_in.tap(self._me, message, dict(button))

    def lines(self) -> list[Line]:
        return self.shown(self._me)

    def shown(self, chat: str) -> list[Line]:
        """A chat as this person sees it."""
        users = self._stand_in.board.users
        return [self._line(line, line["from"] in users) for line in self._stand_in.screen(chat)]

    def _line(self, line: Line, human: bool) -> Line:
        content = line.get("content") or {}
        shown = {**line, "client": "feishu", "mine": line["from"] == self._me, "human": human}
        for kind, key in (("image", "image_key"), ("audio", "file_key")):
            if line["type"] == kind and isinstance(content, Mapping) and key in content:
                shown |= {"type": "voice" if kind == "audio" else kind, "media": f"media/feishu/{content[key]}"}
                shown["seconds"] = round(content.get("duration", 0) / 1000)
        if line["type"] == "file" and isinstance(content, Mapping):
            shown |= {"type": "paper", "text": content.get("file_name") or "文件"}
        if line["type"] == "location" and isinstance(content, Mapping):
            shown |= {"label": content["name"], "lat": float(content["latitude"]), "lng": float(content["longitude"])}
        return shown


class OnDingTalk:
    def __init__(self, theatre: Theatre, member: Member) -> None:
        self._stand_in, self._me, self._names = theatre.dingtalk, member.handles["dingtalk"], theatre.dingtalk.world.users

    async def say(self, text: str, chat: str = "") -> object:
        return await self._stand_in.say(self._me, text, chat)

    async def image(self, data: bytes) -> object:
        return await self._stand_in.send_image(self._me, data)

    async def voice(self, amr: bytes) -> object:
        known = next((path.stem for path in AUDIO.glob("*.amr") if path.read_bytes() == amr), "")
        return await self._stand_in.send_voice(self._me, amr, amr_seconds(amr).seconds, SPOKEN.get(known, ""))

    async def file(self, name: str, data: bytes) -> object:
        return await self._stand_in.send_file(self._me, data, name)

    async def checkin(self, point: Point, place: str, *, own: bool) -> object:
        del own  # its records name no phone
        await self._stand_in.checkin(self._me, *point, place=place)
        return None

    async def place(self, point: Point, label: str, *, report: bool) -> object:
        del point, label, report
        raise ValueError("钉钉的机器人收不到位置，请用签到")

    async def tap(self, message: str, button: Any) -> object:
        line = next((line for line in self._stand_in.screen(self._me) if line["id"] == message), None)
        if line is None or str(button) not in buttons(line):
            raise ValueError("这个按钮已经不在了")
        return await self._stand_in.tap(self._me, line, str(button))

    def lines(self) -> list[Line]:
        return [*self.shown(self._me), *self._checkins()]

    def shown(self, chat: str) -> list[Line]:
        """A chat as this person sees it."""
        return [self._line(line) for line in self._stand_in.screen(chat)]

    def _checkins(self) -> list[Line]:
        own = [(number, record) for number, record in enumerate(self._stand_in.world.records) if record["userid"] == self._me]
        return [
            {
                "id": f"sign-{number}",
                "mine": True,
                "client": "dingtalk",
                "type": "note",
                "at": datetime.fromtimestamp(record["checkin_time"] / 1000, UTC).isoformat(),
                "text": f"签到 · {record['place']}",
            }
            for number, record in own
        ]

    def _line(self, line: Line) -> Line:
        param, kind = line.get("param", {}), line["type"]
        shown = {"id": line["id"], "at": line["at"], "client": "dingtalk", "mine": line["from"] == self._me, "type": kind}
        shown |= {"human": line["from"] != "robot", "name": self._names.get(line["from"], "机器人")}
        if kind in {"text", "sampleText"}:
            return shown | {"type": "text", "text": spoken(line.get("text") or param.get("content", ""))}
        if kind in {"picture", "sampleImageMsg"}:
            code = line.get("code") or param.get("photoURL", "").removeprefix("@")
            return shown | {"type": "image", "media": f"media/dingtalk/{code}"}
        if kind == "audio":
            seconds = round(amr_seconds(self._stand_in.world.files[line["code"]].data).seconds)
            return shown | {"type": "voice", "media": f"media/dingtalk/{line['code']}", "seconds": seconds}
        if kind in {"file", "sampleFile"}:
            return shown | {"type": "paper", "text": line.get("name") or param.get("fileName", "文件")}
        if kind.startswith("sample"):
            return shown | {"type": "dcard", "text": param.get("text", ""), "buttons": buttons(line) if "ction" in kind else {}}
        return shown | {"type": "note", "text": kind}


SPOKEN = {  # what DingTalk itself hears in the samples
    "demo-closing": "方案演示讲了四十分钟，提了三个问题，约好下周三再做需求确认",
    "budget-tender": "预算大概五十万元，招标时间定在下个月中旬",
}
CLIENTS: Mapping[str, type[OnWeCom | OnFeishu | OnDingTalk]] = {"wecom": OnWeCom, "feishu": OnFeishu, "dingtalk": OnDingTalk}


def spoken(text: str) -> str:
    """What a tapped button says is shown by its label."""
    return text.partition(" ")[2] or text if text.startswith("#") else text


def client_of(theatre: Theatre, member: Member) -> OnWeCom | OnFeishu | OnDingTalk:
    """The one that he uses now."""
    return CLIENTS[theatre.seat_of(member)](theatre, member)
