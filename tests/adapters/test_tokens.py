"""Several processes, one account: the platform is asked once, and seldom, whatever it answers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from adapters.shared import MemoryTokens, RedisTokens, Shared, connect
from adapters.token import CALM_S, AskedEnough, Tokens
from bot.clock import SystemClock
from tests.adapters.test_shared import REDIS, HandClock, absent


class Platform:
    """Hands out tokens, slowly; counts how often it was asked."""

    def __init__(self, wait: float = 0.2, *, fails: bool = False) -> None:
        self.asked, self.wait, self.fails = 0, wait, fails

    async def fetch(self) -> tuple[str, float]:
        self.asked += 1
        await asyncio.sleep(self.wait)
        if self.fails:
            raise RuntimeError("no")
        return f"token-{self.asked}", 7200.0


@pytest.fixture
async def processes() -> AsyncIterator[list[Shared]]:
    made = [connect(REDIS, password="", clock=SystemClock()) for _ in range(6)]
    yield made
    for one in made:
        await one.close()


def clients(processes: list[Shared], platform: Platform, whose: str) -> list[Tokens]:
    return [Tokens(whose, one.tokens, SystemClock(), platform.fetch) for one in processes]


@absent
async def test_six_processes_ask_once(processes: list[Shared]) -> None:
    platform, whose = Platform(), uuid4().hex
    tokens = clients(processes, platform, whose)
    got = await asyncio.gather(*(one.get() for one in tokens for _ in range(20)))
    assert (set(got), platform.asked) == ({"token-1"}, 1)
    for one in tokens:
        await one.drop("token-1")  # all of them saw it refused
    got = await asyncio.gather(*(one.get() for one in tokens))
    assert (set(got), platform.asked) == ({"token-2"}, 2)


@absent
async def test_a_platform_that_calls_every_token_invalid_is_left_in_peace(processes: list[Shared]) -> None:
    platform = Platform(wait=0)
    tokens = clients(processes, platform, uuid4().hex)
    refused = 0
    for one in tokens * 3:
        try:
            await one.drop(await one.get())
        except AskedEnough:
            refused += 1
    assert (platform.asked, refused) == (2, 16)


@absent
async def test_whoever_asks_and_dies_holds_up_nobody(processes: list[Shared]) -> None:
    platform, whose = Platform(fails=True), uuid4().hex
    tokens = clients(processes, platform, whose)
    first = asyncio.create_task(tokens[0].get())
    await asyncio.sleep(0.05)
    platform_ok = Platform(wait=0)
    second = Tokens(whose, processes[1].tokens, SystemClock(), platform_ok.fetch)
    assert await second.get() == "token-1"
    with pytest.raises(RuntimeError):
        await first


async def test_after_a_while_it_is_asked_again() -> None:
    clock, platform = HandClock(), Platform(wait=0)
    tokens = Tokens("app", MemoryTokens(), clock, platform.fetch)
    for _ in range(2):
        await tokens.drop(await tokens.get())
    with pytest.raises(AskedEnough):
        await tokens.get()
    clock.at += timedelta(seconds=CALM_S + 1)
    assert await tokens.get() == "token-3"


@absent
async def test_no_secret_is_in_a_key(processes: list[Shared]) -> None:
    whose = f"wecom:corp-{uuid4().hex}"
    assert isinstance(processes[0].tokens, RedisTokens)
    tokens = Tokens(whose, processes[0].tokens, SystemClock(), Platform(wait=0).fetch)
    await tokens.get()
    keys = [key async for key in processes[0].tokens._line.redis.scan_iter("salestrace:*")]
    assert keys and not any(whose in key or "token-1" in key for key in keys)
