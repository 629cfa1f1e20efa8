"""Everything on the stage: the company, its clock, the two platforms, and what the narrator said last."""

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from adapters.sandbox.company import Company
from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.stage.clock import DemoClock
from adapters.sandbox.wecom import WeComStandIn

LINES = 60
OUTAGE = timedelta(hours=1)


@dataclass(kw_only=True)
class Theatre:
    """`product`: base address of the running product; `wake`: makes it look at the clock at once."""

    company: Company
    clock: DemoClock
    wecom: WeComStandIn
    feishu: FeishuStandIn
    product: str
    api_token: str
    wake: Callable[[], None] = lambda: None
    playing: str = ""  # what the automatic play is doing; "" when nobody plays
    story: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LINES))
    _number: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _stir: asyncio.Event = field(default_factory=asyncio.Event)

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

    async def changed(self, wecom: int, feishu: int, patience: float) -> tuple[int, int]:
        """Wait until anything visible differs, at most `patience` seconds; return both versions."""
        waits = (self.wecom.changed(wecom, patience), self.feishu.changed(feishu, patience), _until(self._stir, patience))
        tasks = [asyncio.ensure_future(each) for each in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        return self.wecom.version, self.feishu.version


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
