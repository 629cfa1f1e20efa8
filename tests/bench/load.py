"""The load generator, a process of its own: bounded runs of prepared requests over kept connections on loopback.

Reads one order a line, `{"port": …, "path": …, "first": …, "count": …}`, answers each with one line, ends when its input does.
"""

import asyncio
import json
import struct
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from time import perf_counter

CONNECTIONS = 64
LIMIT = 60.0  # seconds a run


class Client(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request."""

    def __init__(self) -> None:
        self._answer = bytearray()
        self._since = 0.0
        self._requests: Iterator[bytes] = iter(())
        self.seconds: list[float] = []
        self.refused = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def run(self, requests: Iterator[bytes]) -> asyncio.Future[None]:
        """Take requests from the common heap until it is empty."""
        self._requests, self.seconds, self.refused = requests, [], 0
        self.done = asyncio.get_running_loop().create_future()
        self._next()
        return self.done

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self.seconds.append(perf_counter() - self._since)
        self.refused += not head.startswith(b"HTTP/1.1 200 ")
        self._answer.clear()
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            return
        self._since = perf_counter()
        self._transport.write(request)


def _length(head: bytearray) -> int:
    name = head.lower().partition(b"content-length:")[2]
    return int(name.partition(b"\r\n")[0]) if name else 0


@lru_cache(maxsize=1)
def read_requests(path: Path, _written: int) -> Sequence[bytes]:
    """Whole HTTP requests, each behind its length."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return found


async def _clients(port: int) -> list[Client]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(Client, "127.0.0.1", port))[1] for _ in range(CONNECTIONS)]


async def _run(clients: Sequence[Client], requests: Sequence[bytes]) -> dict[str, object]:
    heap, since = iter(requests), perf_counter()
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(*(client.run(heap) for client in clients))
    seconds = perf_counter() - since
    answers = [one for client in clients for one in client.seconds]
    return {"seconds": seconds, "answered": len(answers), "refused": sum(client.refused for client in clients), "latencies": answers}


async def _orders() -> None:
    known: dict[int, list[Client]] = {}
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        path, port = Path(order["path"]), order["port"]
        requests = read_requests(path, path.stat().st_mtime_ns)[order["first"] : order["first"] + order["count"]]
        known[port] = known.get(port) or await _clients(port)
        print(json.dumps(await _run(known[port], requests)), flush=True)


if __name__ == "__main__":
    asyncio.run(_orders())
