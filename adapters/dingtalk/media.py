"""Files of messages: a code is exchanged for an address, and the address read, at once: nobody says how long either lives."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from adapters.dingtalk.client import Client
from adapters.dingtalk.errors import ApiError
from adapters.http import FILE, Unreachable
from bot.errors import FetchError

CAP = 100 << 20
PIECE = 256 << 10


async def fetch(client: Client, robot: str, code: str, into: Path) -> str:
    """Write the file, return its MIME type as told. Leaves nothing behind when it fails. Raises FetchError."""
    try:
        return await _fetch(client, robot, code, into)
    except ApiError as error:
        into.unlink(missing_ok=True)
        raise error.as_fetch() from None
    except (Unreachable, OSError):
        into.unlink(missing_ok=True)
        raise FetchError("unavailable", permanent=False) from None
    except BaseException:
        into.unlink(missing_ok=True)
        raise


async def _fetch(client: Client, robot: str, code: str, into: Path) -> str:
    url = code  # pictures of check-in records are addresses already
    if not code.startswith(("http://", "https://")):
        told = await client.new("/v1.0/robot/messageFiles/download", {"downloadCode": code, "robotCode": robot})
        url = str(told.get("downloadUrl") or "")
    if not url.startswith(("http://", "https://")):
        raise FetchError("missing", permanent=True)
    async with client.http.request("GET", url, limits=FILE) as answer:
        return await _written(answer, into)


async def _written(answer: aiohttp.ClientResponse, into: Path) -> str:
    if answer.status in {403, 404, 410}:
        raise FetchError("expired", permanent=True)
    if answer.status != 200:
        raise Unreachable(f"http {answer.status}", sent=True)
    size = 0
    with into.open("wb") as file:
        async for piece in answer.content.iter_chunked(PIECE):
            size += len(piece)
            if size > CAP:
                raise FetchError("too_large", permanent=True)
            await asyncio.to_thread(file.write, piece)
    if not size:
        raise Unreachable("empty", sent=True)
    return answer.content_type


def records(told: Any) -> list[dict[str, Any]]:
    """The check-in records of an answer."""
    result = told.get("result")
    found = result.get("page_list") if isinstance(result, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
