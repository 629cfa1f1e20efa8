"""What processes share: access tokens, rate limits, wake-ups. In memory, or in Redis with memory behind it: losing Redis loses nothing."""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from bot.ports import Clock, RateLimit, TokenCache, Wake

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)
T = TypeVar("T")
PREFIX = "salestrace:"
CHANNEL = f"{PREFIX}wake"
PATIENCE = 0.5  # seconds for a Redis command
REST = 5.0  # seconds without asking a Redis that just failed
DROP = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
# One sorted set a key and window; checked all, then counted in all, in one step. ARGV: now, member, then amount and seconds of each.
TAKE = """
local now, wait = tonumber(ARGV[1]), 0
for i = 1, #KEYS do
  local amount, seconds = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  redis.call('zremrangebyscore', KEYS[i], '-inf', now - seconds)
  if redis.call('zcard', KEYS[i]) >= amount then
    local oldest = redis.call('zrange', KEYS[i], -amount, -amount, 'withscores')
    wait = math.max(wait, tonumber(oldest[2]) + seconds - now)
  end
end
if wait > 0 then return tostring(wait) end
for i = 1, #KEYS do
  redis.call('zadd', KEYS[i], now, ARGV[2])
  redis.call('expire', KEYS[i], math.ceil(tonumber(ARGV[2 * i + 2])) + 1)
end
return '0'
"""


class MemoryTokens:
    """TokenCache of one process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, float]] = {}
        self._claims: dict[str, float] = {}

    async def get(self, key: str) -> tuple[str, float] | None:
        return self._kept.get(key)

    async def put(self, key: str, token: str, expires_at: float) -> None:
        self._kept[key] = token, expires_at

    async def drop(self, key: str, token: str) -> None:
        if self._kept.get(key, ("", 0.0))[0] == token:
            del self._kept[key]

    async def claim(self, key: str, now: float, seconds: float) -> bool:
        if self._claims.get(key, 0.0) > now:
            return False
        self._claims[key] = now + seconds
        return True

    async def release(self, key: str) -> None:
        self._claims.pop(key, None)


class MemoryLimit:
    """RateLimit of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    async def take(self, key: str, limits: Sequence[tuple[int, float]]) -> float | None:
        now, seen = self._clock.now().timestamp(), self._seen[key]
        widest = max(seconds for _, seconds in limits)
        while seen and seen[0] <= now - widest:
            seen.popleft()
        wait = max((seen[-amount] + seconds - now for amount, seconds in limits if len(seen) >= amount), default=0.0)
        if wait > 0:
            return wait
        seen.append(now)
        return None


class MemoryWake:
    """Wake inside one process. A hint given while nobody waits is kept for the next who does."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def notify(self, topic: str) -> None:
        self._events[topic].set()

    async def wait(self, topic: str, timeout: float) -> None:  # noqa: ASYNC109 - the port promises to return after it, hint or none
        event = self._events[topic]
        try:
            await asyncio.wait_for(event.wait(), timeout)
        except TimeoutError:
            return
        event.clear()


class Line:
    """A Redis connection that may be down: `run` returns None then, and does not ask again for a while."""

    def __init__(self, url: str, password: str) -> None:
        from redis.asyncio import Redis  # 30 MB and 130 ms, only where it is configured

        self.redis: Redis = Redis.from_url(
            url, password=password or None, decode_responses=True, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        )
        self._down_until = 0.0

    async def run(self, command: Callable[["Redis"], Awaitable[T]]) -> T | None:
        from redis.exceptions import RedisError

        if monotonic() < self._down_until:
            return None
        try:
            return await command(self.redis)
        except (RedisError, OSError, TimeoutError) as error:
            self._down_until = monotonic() + REST
            log.warning("redis is unavailable (%s); going on in memory", type(error).__name__)
            return None


class RedisTokens:
    """TokenCache in Redis; every token is kept in memory as well."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._own = MemoryTokens()

    async def get(self, key: str) -> tuple[str, float] | None:
        found = await self._line.run(lambda redis: redis.get(f"{PREFIX}token:{key}"))
        if not isinstance(found, str):
            return await self._own.get(key)
        expires_at, _, token = found.partition(" ")
        return token, float(expires_at)

    async def put(self, key: str, token: str, expires_at: float) -> None:
        await self._own.put(key, token, expires_at)
        seconds = int(expires_at - self._clock.now().timestamp())
        if seconds > 0:
            await self._line.run(lambda redis: redis.set(f"{PREFIX}token:{key}", f"{expires_at!r} {token}", ex=seconds))

    async def drop(self, key: str, token: str) -> None:
        await self._own.drop(key, token)
        found = await self._line.run(lambda redis: redis.get(f"{PREFIX}token:{key}"))
        if isinstance(found, str) and found.partition(" ")[2] == token:
            await self._line.run(lambda redis: _eval(redis, DROP, [f"{PREFIX}token:{key}"], [found]))

    async def claim(self, key: str, now: float, seconds: float) -> bool:
        mine = await self._line.run(lambda redis: _claimed(redis, f"{PREFIX}claim:{key}", seconds))
        return await self._own.claim(key, now, seconds) if mine is None else mine

    async def release(self, key: str) -> None:
        await self._own.release(key)
        await self._line.run(lambda redis: redis.delete(f"{PREFIX}claim:{key}"))


class RedisLimit:
    """RateLimit shared by processes; each counts alone while Redis is away."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._own = MemoryLimit(clock)
        self._count = 0

    async def take(self, key: str, limits: Sequence[tuple[int, float]]) -> float | None:
        now = self._clock.now().timestamp()
        self._count += 1
        name = sha256(key.encode()).hexdigest()  # keys name people
        keys = [f"{PREFIX}limit:{name}:{seconds:g}" for _, seconds in limits]
        figures = [figure for limit in limits for figure in limit]
        arguments = [now, f"{now!r}/{id(self)}/{self._count}", *figures]
        wait = await self._line.run(lambda redis: _eval(redis, TAKE, keys, arguments))
        if wait is None:
            return await self._own.take(key, limits)
        return float(str(wait)) or None


class RedisWake:
    """Wake over Redis pub/sub and inside the process at once."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._own = MemoryWake()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._listening = False
        self._closing = asyncio.Event()

    def notify(self, topic: str) -> None:
        self._own.notify(topic)
        self._start(self._line.run(lambda redis: redis.publish(CHANNEL, topic)))

    async def wait(self, topic: str, timeout: float) -> None:  # noqa: ASYNC109 - the port promises to return after it, hint or none
        if not self._listening:
            self._listening = True
            self._start(self._listen())
        await self._own.wait(topic, timeout)

    async def close(self) -> None:
        """Let what is under way end by itself: a command cancelled half-way leaves its socket open."""
        self._closing.set()
        await self._line.run(lambda redis: redis.publish(CHANNEL, ""))  # the listener hears it and leaves
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=4 * PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _listen(self) -> None:
        while not self._closing.is_set():
            await self._line.run(self._hear)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), REST)

    async def _hear(self, redis: "Redis") -> None:
        async with redis.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            while not self._closing.is_set():
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=60)
                if message is not None:
                    self._own.notify(message["data"])

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _claimed(redis: "Redis", name: str, seconds: float) -> bool:
    return bool(await redis.set(name, "1", nx=True, px=int(seconds * 1000)))


async def _eval(redis: "Redis", script: str, keys: list[str], arguments: Sequence[object]) -> object:
    return await redis.eval(script, len(keys), *keys, *arguments)  # type: ignore[arg-type] # stubs want str only


@dataclass(frozen=True, slots=True)
class Shared:
    """The three, and how to let them go."""

    tokens: TokenCache
    limit: RateLimit
    wake: Wake
    close: Callable[[], Awaitable[None]]


def connect(url: str, *, password: str, clock: Clock) -> Shared:
    """Everything in Redis when `url` is given, else in memory. Never raises for a Redis that does not answer."""
    if not url:
        return Shared(MemoryTokens(), MemoryLimit(clock), MemoryWake(), _nothing)
    line = Line(url, password)
    wake = RedisWake(line)

    async def close() -> None:
        await wake.close()
        await line.redis.aclose()

    return Shared(RedisTokens(line, clock), RedisLimit(line, clock), wake, close)


async def _nothing() -> None:
    return None
