"""The story, played by itself: a whole visit, two red lights of the day, three silent days, and the director who takes over.

Every step is checked on the screens and through the product's own API; what does not come in time raises Missed.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import aiohttp

from adapters.sandbox.chronicle import words_of
from adapters.sandbox.company import Client, Member, alert_chat
from adapters.sandbox.pictures import photo
from adapters.sandbox.planning import ZONE
from adapters.sandbox.retelling import AUDIO
from adapters.sandbox.stage.theatre import Theatre

T = TypeVar("T")
PATIENCE = 20.0  # real seconds that an expected message may take
FOLLOW = "我来跟进"


class Missed(Exception):
    """A step of the story whose effect did not come; its text says which."""


class Player:
    """Acts and watches. `say` announces a step; `pace` in seconds lets an audience read along."""

    def __init__(self, theatre: Theatre, say: Callable[[str], None], *, pace: float = 0.0) -> None:
        self.theatre = theatre
        self._say = say
        self._pace = pace
        self._shots = 0

    async def step(self, text: str) -> None:
        """Announce what happens next."""
        self._say(text)
        await asyncio.sleep(self._pace)

    async def wait(self, what: str, look: Callable[[], T | None], patience: float = PATIENCE) -> T:
        """Return what `look` finds as soon as it finds something. Raises Missed."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        since = self.theatre.versions
        while not (found := look()):
            left = deadline - loop.time()
            if left <= 0:
                raise Missed(f"{what}：等了 {patience:.0f} 秒没有等到")
            since = await self.theatre.changed(since, min(left, 1.0))
        return found

    # ---- a rep ------------------------------------------------------------------------------------------------------

    async def answered(self, rep: Member, act: Callable[[], Any], *words: str) -> dict[str, Any]:
        """Do something as a rep and wait for an answer that holds all the words."""
        before = len(self.theatre.wecom.screen(rep.wecom))
        await act()
        screen = self.theatre.wecom.screen
        found = await self.wait(f"{rep.name} 应收到「{'、'.join(words)}」", lambda: _said(screen(rep.wecom)[before:], words))
        await asyncio.sleep(self._pace)
        return found

    async def say(self, rep: Member, text: str, *words: str) -> dict[str, Any]:
        return await self.answered(rep, lambda: self.theatre.wecom.say(rep.wecom, text), *words)

    async def shoot(self, rep: Member, subject: str, *words: str) -> dict[str, Any]:
        self._shots += 1
        data = photo(
            subject,
            int(self.theatre.clock.now().timestamp()) + self._shots,
            f"{self.theatre.clock.now().astimezone(ZONE):%Y-%m-%d %H:%M:%S}  play {self._shots}",
        )
        return await self.answered(rep, lambda: self.theatre.wecom.send_image(rep.wecom, data), *words)

    async def speak(self, rep: Member, clip: str, *words: str) -> dict[str, Any]:
        data = (AUDIO / f"{clip}.amr").read_bytes()
        return await self.answered(rep, lambda: self.theatre.wecom.send_voice(rep.wecom, data), *words)

    async def check_in(self, rep: Member, client: Client, *words: str) -> dict[str, Any]:
        """外出打卡 some 40 m from the customer, and back to the chat."""

        async def act() -> None:
            lat, lng = client.lat + 0.0003, client.lng + 0.0002
            await self.theatre.wecom.checkin(rep.wecom, lat, lng, device=rep.device, place=client.address)
            await self.theatre.wecom.enter(rep.wecom)

        return await self.answered(rep, act, *words)

    # ---- a director -------------------------------------------------------------------------------------------------

    async def red_light(self, region: str, *words: str) -> dict[str, Any]:
        """Wait for a card of the region's group with all the words."""
        chat = alert_chat(region)
        return await self.wait(f"主管群应收到「{'、'.join(words)}」", lambda: _said(self.theatre.feishu.screen(chat), (*words, FOLLOW)))

    async def follow(self, director: Member, card: dict[str, Any], region: str) -> dict[str, Any]:
        """Tap 我来跟进 and wait until the same card says so, in yellow."""
        toast = await self.theatre.feishu.tap(director.feishu, card["id"], button_value(card["card"], FOLLOW))
        if toast.get("type") == "error":
            raise Missed(f"点「{FOLLOW}」：{toast.get('content')}")

        def yellow() -> dict[str, Any] | None:
            lines: list[dict[str, Any]] = self.theatre.feishu.screen(alert_chat(region))
            same = (line for line in lines if line["id"] == card["id"])
            return next((line for line in same if line["card"]["header"].get("template") == "yellow"), None)

        return await self.wait("卡片应变黄（已跟进）", yellow)

    def wind(self, **step: float) -> None:
        self.theatre.wind(timedelta(**step))

    # ---- the product's own word -------------------------------------------------------------------------------------

    async def api(self, path: str, **query: str) -> Any:
        """GET of the JSON API. Raises Missed unless it is answered 200."""
        headers = {"Authorization": f"Bearer {self.theatre.api_token}"}
        url = f"{self.theatre.product}/api/v1/{path}"
        async with aiohttp.ClientSession() as session, session.get(url, params=query, headers=headers) as answer:
            if answer.status != 200:
                raise Missed(f"接口 {path} 回答 {answer.status}")
            return await answer.json()

    async def opened(self, person: Member, url: str) -> str:
        """Open a link of a card as this person, through the platform's sign-in; return the page."""
        way, user = ("feishu", person.feishu) if person.feishu else ("wecom", person.wecom)
        target = f"{self.theatre.product}/auth/{way}/go"
        jar = aiohttp.CookieJar(unsafe=True)  # cookies for an IP address
        jar.update_cookies({f"{way}_user": user})
        path = url.removeprefix(self.theatre.product)
        async with aiohttp.ClientSession(cookie_jar=jar) as session, session.get(target, params={"to": path}) as answer:
            if answer.status != 200:
                raise Missed(f"{person.name} 打开记录，页面回答 {answer.status}")
            return await answer.text()


def _said(lines: list[dict[str, Any]], words: tuple[str, ...]) -> dict[str, Any] | None:
    """The newest message of the product's that holds all the words."""
    theirs = (line for line in reversed(lines) if line["from"] != "me")
    return next((line for line in theirs if all(word in words_of(line) for word in words)), None)


def _buttons(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        return [node] if node.get("tag") == "button" else [found for value in node.values() for found in _buttons(value)]
    return [found for value in node for found in _buttons(value)] if isinstance(node, list) else []


def _behavior(card: dict[str, Any], label: str, kind: str) -> dict[str, Any]:
    for button in _buttons(card):
        for behavior in button.get("behaviors", []):
            if label in button["text"]["content"] and behavior["type"] == kind:
                return dict(behavior)
    raise Missed(f"卡片上没有「{label}」")


def button_value(card: dict[str, Any], label: str) -> dict[str, Any]:
    """What the button with this label calls back with. Raises Missed."""
    return dict(_behavior(card, label, "callback")["value"])


def button_url(card: dict[str, Any], label: str) -> str:
    """Where the button with this label leads. Raises Missed."""
    return str(_behavior(card, label, "open_url")["default_url"])
