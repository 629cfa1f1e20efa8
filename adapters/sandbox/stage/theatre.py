"""Everything on the stage: the company, its clock, the two platforms, and what the narrator said last."""

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from adapters.sandbox.company import Company, Member
from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.stage.clock import DemoClock
from adapters.sandbox.wecom import WeComStandIn

LINES = 60
PLATFORMS = {"wecom": "企业微信", "dingtalk": "钉钉", "feishu": "飞书"}
Moved = Callable[[Member, str], Awaitable[None]]
OUTAGE = timedelta(hours=1)


async def _nobody(_: Member, __: str) -> None:
    """A stage without a product has no master data to change."""


@dataclass(kw_only=True)
class Theatre:
    """`product`: base address of the running product; `wake`: makes it look at the clock at once."""

    company: Company
    clock: DemoClock
    wecom: WeComStandIn
    feishu: FeishuStandIn
    dingtalk: DingTalkStandIn
    product: str
    api_token: str
    wake: Callable[[], None] = lambda: None
    moved: Moved = _nobody
    seats: dict[str, str] = field(default_factory=dict)  # person id → the platform he uses now
    playing: str = ""  # what the automatic play is doing; "" when nobody plays
    story: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LINES))
    _number: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _stir: asyncio.Event = field(default_factory=asyncio.Event)
    _moving: asyncio.Lock = field(default_factory=asyncio.Lock)

    def seat_of(self, member: Member) -> str:
        return self.seats.get(member.id, member.seat)

    async def seat(self, member: Member, platform: str) -> None:
        """He uses another platform from now on. Raises ValueError for one that there is not."""
        if platform not in PLATFORMS:
            raise ValueError("没有这个平台")
        async with self._moving:
            if platform == self.seat_of(member):
                return
            await self.moved(member, platform)
            self.seats[member.id] = platform
        self.narrate(f"{member.name}改用{PLATFORMS[platform]}")

    async def seated(self) -> None:
        """Wait until nobody is on his way to another platform: what he does meanwhile would reach an account that is no longer his."""
        async with self._moving:
            pass

    def touch(self) -> None:
        """Something on the page changed that is not a message."""
        self._stir.set()
        self._stir = asyncio.Event()

    def narrate(self, text: str) -> None:
        """Put a line into the narrator's mouth."""
        self.story.append({"id": next(self._number), "at": self.clock.now().isoformat(), "text": text})
        self.touch()

    def set_playing(self, step: str) -> None:
        self.playing = step
        self.touch()

    def wind(self, step: timedelta) -> None:
        """Wind the clock; an outage that began before it is over when its hour has passed."""
        self.clock.advance(step)
        if self.feishu.outage and step >= OUTAGE:
            self.feishu.outage = False
            self.narrate("飞书恢复：等着的消息陆续补发")
        self.wake()
        self.touch()

    @property
    def versions(self) -> tuple[int, int, int]:
        return self.wecom.version, self.feishu.version, self.dingtalk.world.version

    async def changed(self, since: tuple[int, int, int], patience: float) -> tuple[int, int, int]:
        """Wait until anything visible differs, at most `patience` seconds; return the versions."""
        wecom, feishu, dingtalk = since
        waits = (
            self.wecom.changed(wecom, patience),
            self.feishu.changed(feishu, patience),
            self.dingtalk.world.changed(dingtalk, patience),
            _until(self._stir, patience),
        )
        tasks = [asyncio.ensure_future(each) for each in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        return self.versions


async def _until(event: asyncio.Event, patience: float) -> int:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), patience)
    return 0


class Narrator(logging.Handler):
    """Carries the product's story lines to the page. Records come from the product's own loop."""

    def __init__(self, theatre: Theatre) -> None:
        super().__init__(logging.INFO)
        self._theatre = theatre

    def emit(self, record: logging.LogRecord) -> None:
        self._theatre.narrate(self.format(record))
