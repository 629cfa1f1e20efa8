"""Tokens, limits and wake-ups: the same promises in memory, in Redis, and in Redis that went away."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from adapters.shared import Shared, connect

REDIS = os.environ.get("SALESTRACE_TEST_REDIS", "redis://127.0.0.1:6379/0")
MINUTE = ((3, 60.0),)


def redis_answers() -> bool:
    where = urlsplit(REDIS)
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((where.hostname, where.port or 6379)) == 0


absent = pytest.mark.skipif(not redis_answers() and not os.environ.get("CI"), reason="no Redis at $SALESTRACE_TEST_REDIS")
needs_redis = [pytest.mark.redis, absent]


@dataclass
class HandClock:
    at: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 6, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["memory", pytest.param("redis", marks=needs_redis), "redis away"])
async def shared(request: pytest.FixtureRequest, clock: HandClock, unused_tcp_port: int) -> AsyncIterator[Shared]:
    url = {"memory": "", "redis": REDIS, "redis away": f"redis://127.0.0.1:{unused_tcp_port}/0"}[request.param]
    made = connect(url, password="", clock=clock)
    yield made
    await made.close()


@pytest.fixture
async def pair(clock: HandClock) -> AsyncIterator[tuple[Shared, Shared]]:
    """Two processes on one Redis."""
    first, second = connect(REDIS, password="", clock=clock), connect(REDIS, password="", clock=clock)
    yield first, second
    await first.close()
    await second.close()


@pytest.fixture
def key() -> str:
    return uuid4().hex


async def test_token_is_kept_and_dropped_only_by_its_own_name(shared: Shared, clock: HandClock, key: str) -> None:
    expires_at = clock.now().timestamp() + 60
    assert await shared.tokens.get(key) is None
    await shared.tokens.put(key, "T 1", expires_at)
    assert await shared.tokens.get(key) == ("T 1", expires_at)
    await shared.tokens.drop(key, "another")
    assert await shared.tokens.get(key) == ("T 1", expires_at)
    await shared.tokens.drop(key, "T 1")
    assert await shared.tokens.get(key) is None


async def test_window_slides(shared: Shared, clock: HandClock, key: str) -> None:
    assert [await shared.limit.take(key, MINUTE) for _ in range(3)] == [None, None, None]
    clock.at += timedelta(seconds=20)
    assert await shared.limit.take(key, MINUTE) == pytest.approx(40)
    assert await shared.limit.take(key + "2", MINUTE) is None
    clock.at += timedelta(seconds=40)
    assert await shared.limit.take(key, MINUTE) is None


async def test_refused_events_do_not_count_and_the_widest_window_decides(shared: Shared, clock: HandClock, key: str) -> None:
    limits = ((2, 10.0), (3, 100.0))
    taken = []
    for _ in range(5):
        taken.append(await shared.limit.take(key, limits))
        clock.at += timedelta(seconds=4)
    assert taken[:2] == [None, None]
    assert taken[2] == pytest.approx(2)
    assert taken[3] is None
    assert taken[4] == pytest.approx(84)


async def test_hint_wakes_at_once(shared: Shared) -> None:
    waiting = asyncio.create_task(shared.wake.wait("inbox", 5))
    await asyncio.sleep(0)
    start = monotonic()
    shared.wake.notify("inbox")
    await waiting
    assert monotonic() - start < 1


async def test_hint_before_the_wait_is_kept_and_used_up(shared: Shared) -> None:
    shared.wake.notify("outbox")
    start = monotonic()
    await shared.wake.wait("outbox", 5)
    assert monotonic() - start < 1


async def test_wait_ends_by_itself(shared: Shared) -> None:
    start = monotonic()
    await shared.wake.wait("config", 0.1)
    assert 0.05 < monotonic() - start < 2


@pytest.mark.redis
@absent
class TestTwoProcesses:
    """What only Redis can give."""

    async def test_token_of_one_serves_the_other(self, pair: tuple[Shared, Shared], clock: HandClock, key: str) -> None:
        first, second = pair
        await first.tokens.put(key, "T", clock.now().timestamp() + 60)
        assert await second.tokens.get(key) == ("T", clock.now().timestamp() + 60)
        await second.tokens.drop(key, "T")
        assert await second.tokens.get(key) is None

    async def test_limit_is_one(self, pair: tuple[Shared, Shared], key: str) -> None:
        first, second = pair
        taken = [await side.limit.take(key, MINUTE) for side in (first, second, first, second)]
        assert [wait is None for wait in taken] == [True, True, True, False]

    async def test_hint_of_one_wakes_the_other(self, pair: tuple[Shared, Shared], key: str) -> None:
        first, second = pair
        await second.wake.wait(key, 0.3)  # by now it listens
        waiting = asyncio.create_task(second.wake.wait(key, 5))
        start = monotonic()
        first.wake.notify(key)
        await waiting
        assert monotonic() - start < 1


async def test_redis_that_hangs_costs_half_a_second_once(clock: HandClock, key: str) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    shared = connect(f"redis://127.0.0.1:{port}/0", password="", clock=clock)
    start = monotonic()
    for _ in range(20):
        assert await shared.limit.take(key + str(_), MINUTE) is None
        await shared.tokens.get(key)
    assert monotonic() - start < 3
    await shared.close()
    server.close()
