"""The load generator, a process of its own: a bounded number of prepared requests over kept connections on loopback."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from tests.bench.callbacks import read_requests

LIMIT = 60.0  # seconds for the whole


class Client(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request."""

    def __init__(self, requests: Iterator[bytes], times: list[float], refused: list[bytes]) -> None:
        self._requests = requests
        self._times = times
        self._refused = refused
        self._answer = bytearray()
        self._since = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._times.append(perf_counter() - self._since)
        if not head.startswith(b"HTTP/1.1 200 "):
            self._refused.append(bytes(head[:16]))
        self._answer.clear()
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._since = perf_counter()
        self._transport.write(request)


def _length(head: bytes) -> int:
    name = head.lower().partition(b"content-length:")[2]
    return int(name.partition(b"\r\n")[0]) if name else 0


async def _run(port: int, connections: int, path: Path) -> dict[str, object]:
    requests, times, refused = list(read_requests(path)), list[float](), list[bytes]()
    queue, loop, since = iter(requests), asyncio.get_running_loop(), perf_counter()
    async with asyncio.timeout(LIMIT):
        opened = [await loop.create_connection(lambda: Client(queue, times, refused), "127.0.0.1", port) for _ in range(connections)]
        await asyncio.gather(*(client.done for _, client in opened))
    seconds = perf_counter() - since
    times.sort()
    return {"sent": len(requests), "answered": len(times), "refused": len(refused), "seconds": seconds, "p99_ms": times[len(times) * 99 // 100] * 1e3}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))))
