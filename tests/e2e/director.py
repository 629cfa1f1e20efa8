"""A director with Feishu: his group, his private chat with the bot, and the pages behind the links."""

from dataclasses import dataclass
from typing import Any

from tests.e2e.house import CHAT, House
from tests.e2e.seen import Json, words


@dataclass(frozen=True, slots=True)
class Director:
    """`open_id` of the stand-in's user; `chat`: his region's group."""

    house: House
    open_id: str = "ou_chen"
    chat: str = CHAT

    def cards(self, *texts: str, where: str = "") -> list[Json]:
        """Cards that show all of `texts`, in the private chat or in `where`."""
        lines = self.house.feishu.screen(where or self.open_id)
        return [line for line in lines if line["type"] == "interactive" and all(text in words(line) for text in texts)]

    def alerts(self, *texts: str) -> list[Json]:
        """Red lights in the region's group."""
        return self.cards(*texts, where=self.chat)

    async def gets(self, *texts: str, where: str = "") -> Json:
        """The latest such card, as it stands once nothing is under way any more."""
        await self.house.settled()
        found = self.cards(*texts, where=where)
        assert found, f"no card with {texts}; there are {[words(line)[:300] for line in self.house.feishu.screen(where or self.open_id)]}"
        return found[-1]

    async def alert(self, *texts: str) -> Json:
        """The latest such red light in the region's group."""
        return await self.gets(*texts, where=self.chat)

    async def taps(self, card: Json, label: str) -> dict[str, str]:
        """Tap a button; return the toast."""
        behaviour = self.button(card, label)
        assert behaviour and behaviour["type"] == "callback", f"no button {label}"
        return await self.house.feishu.tap(self.open_id, card["id"], behaviour["value"])

    @staticmethod
    def button(card: Json, label: str) -> Json | None:
        """What a button does, None when the card has none of that label."""
        return next((button["behaviors"][0] for button in buttons(card["card"]) if button["text"]["content"] == label), None)


def buttons(node: Any) -> list[Json]:
    """All buttons of a card, in order."""
    if isinstance(node, list):
        return [button for item in node for button in buttons(item)]
    if not isinstance(node, dict):
        return []
    return [node] if node.get("tag") == "button" else [button for item in node.values() for button in buttons(item)]
