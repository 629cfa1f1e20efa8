"""A rep with his phone: everything he does is an act on the stand-in, everything he learns is on his screen."""

from dataclasses import dataclass
from typing import Any

from tests.e2e.house import DEVICE, HQ, House
from tests.e2e.material import clip, photo, voice

Screen = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rep:
    """`device`: what his phone leaves in check-in records."""

    house: House
    user: str = "li.na"
    device: str = DEVICE

    @property
    def screen(self) -> list[Screen]:
        return self.house.rep_screen(self.user)

    async def says(self, words: str, answer: str) -> Screen:
        return await self.house.does(self.house.wecom.say(self.user, words), answer, self.user)

    async def shows(self, answer: str, data: bytes | None = None) -> Screen:
        """Send a photo."""
        act = self.house.wecom.send_image(self.user, photo(len(self.screen)) if data is None else data)
        return await self.house.does(act, answer, self.user)

    async def speaks(self, seconds: float, answer: str) -> Screen:
        """Send a recording of this length."""
        return await self.house.does(self.house.wecom.send_voice(self.user, voice(seconds)), answer, self.user)

    async def plays(self, name: str, answer: str) -> Screen:
        """Send a recording of tests/audio."""
        return await self.house.does(self.house.wecom.send_voice(self.user, clip(name)), answer, self.user)

    async def pins(self, lat: float, lng: float, answer: str, label: str = "") -> Screen:
        """Send a place on the map."""
        return await self.house.does(self.house.wecom.send_location(self.user, lat, lng, label), answer, self.user)

    async def opens(self, item: str, answer: str) -> Screen:
        """Tap an item of the app's menu by its name."""
        self.house.clock.wind(seconds=1)  # nobody taps the same thing twice within one of the platform's seconds
        return await self.house.does(self.house.wecom.click(self.user, self._menu()[item]), answer, self.user)

    async def taps(self, card: Screen, label: str, answer: str) -> Screen:
        """Tap a button of a card by its label."""
        self.house.clock.wind(seconds=1)
        return await self.house.does(self.house.wecom.tap(self.user, card["id"], self.button(card, label)), answer, self.user)

    async def checks_in(self, lat: float = HQ[0], lng: float = HQ[1], place: str = "科苑南路") -> None:
        """外出打卡: leaves a record, tells nobody."""
        await self.house.wecom.checkin(self.user, lat, lng, device=self.device, place=place)

    async def arrives(self, answer: str = "已开始拜访", lat: float = HQ[0], lng: float = HQ[1]) -> Screen:
        """Check in, and open the chat."""
        await self.checks_in(lat, lng)
        return await self.house.does(self.house.wecom.enter(self.user), answer, self.user)

    async def demonstrates(self, seconds: float = 120) -> None:
        """A complete demo within a visit that is open and covered, of at least this dwell; the visit stays open."""
        await self.says("方案演示", "方案演示")
        await self.shows("照片 1/1")
        await self.speaks(31, "语音 1/1")
        self.house.clock.wind(seconds=seconds)

    async def visits(self) -> None:
        """A whole complete visit at C001."""
        await self.arrives()
        await self.demonstrates()
        await self.says("结束拜访", "方案演示：完整")

    @staticmethod
    def button(card: Screen, label: str) -> str:
        keys: dict[str, str] = {button["text"]: button.get("key", "") for button in card["card"]["button_list"]}
        return keys[label]

    def _menu(self) -> dict[str, str]:
        tops = self.house.wecom.menu
        return {item["name"]: item["key"] for top in tops for item in top.get("sub_button", [top])}
