"""A custom group robot as the platforms keep it: what its group shows, and a no that comes with HTTP 200."""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.ports import Clock

HOUR = 3600


class Refused(Exception):
    """Answered with this code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Group:
    """What a group shows. `lose`: so many answers never come, though the message is shown. `fail`: codes to answer with, one by one."""

    clock: Clock
    shown: list[dict[str, Any]] = field(default_factory=list)
    lose: int = 0
    fail: list[int] = field(default_factory=list)
    calls: int = 0
    _taken: deque[float] = field(default_factory=deque)

    async def take(self, request: web.Request, names: tuple[str, str], accept: Any) -> web.Response:
        """Let `accept` look at the body; `names` are those of code and message in the answer."""
        self.calls += 1
        try:
            if self.fail:
                raise Refused(self.fail.pop(0), "on demand")
            raw = await request.read()
            told = accept(request, json.loads(raw), len(raw))
            if told is not None:
                self.shown.append(told)
        except Refused as no:
            return web.json_response({names[0]: no.code, names[1]: str(no)})
        if self.lose:
            self.lose -= 1
            if request.transport is not None:
                request.transport.abort()
        return web.json_response({names[0]: 0, names[1]: "ok"})

    def pace(self, limits: Sequence[tuple[int, float]], code: int) -> None:
        now = self.clock.now().timestamp()
        for amount, seconds in limits:
            if len([at for at in self._taken if now - at < seconds]) >= amount:
                raise Refused(code, "too fast")
        self._taken.append(now)
