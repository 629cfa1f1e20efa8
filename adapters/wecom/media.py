"""media/get: in ranges, capped, and never an error's JSON taken for a file."""

import asyncio
import re
from pathlib import Path
from typing import BinaryIO

import aiohttp

from adapters.http import FILE, Unreachable
from adapters.wecom.client import Client, checked, parse_json, read_capped
from adapters.wecom.errors import ApiError
from bot.errors import FetchError

CHUNK = 20 << 20  # the most WeCom gives at once
CAP = 200 << 20
PIECE = 256 << 10
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
ERROR_START = b'{"errcode"'
MAGIC = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"), (b"#!AMR", "audio/amr"))


async def fetch(client: Client, media_id: str, into: Path) -> str:
    """Write the file, return its MIME type. Raises FetchError; one refused token is renewed."""
    try:
        token = await client.token()
        try:
            return await _download(client, token, media_id, into)
        except ApiError as error:
            if not error.meaning.token:
                raise
        await client.tokens.drop(token)
        return await _download(client, await client.token(), media_id, into)
    except ApiError as error:
        raise error.as_fetch() from None
    except Unreachable:
        raise FetchError("unavailable", permanent=False) from None


async def _download(client: Client, token: str, media_id: str, into: Path) -> str:
    query = {"access_token": token, "media_id": media_id}
    with into.open("wb") as file:
        size, mime = await _range(client, query, 0, file)
        while file.tell() < size:
            await _range(client, query, file.tell(), file)
    if not size:
        raise FetchError("unavailable", permanent=False)
    return mime if mime != "application/octet-stream" else _sniff(into)


async def _range(client: Client, query: dict[str, str], start: int, file: BinaryIO) -> tuple[int, str]:
    """Append one range. Return the whole file's size and its type."""
    headers = {"Range": f"bytes={start}-{start + CHUNK - 1}"}
    async with client.http.request("GET", client.url("media/get"), params=query, headers=headers, limits=FILE) as answer:
        first = await _first(answer)
        size = _size(answer, start)
        await _append(answer, first, file)
        end = file.tell() if size is None else size
        if size is not None and file.tell() <= start:
            raise Unreachable("empty range", sent=True)
        return end, answer.content_type


async def _first(answer: aiohttp.ClientResponse) -> bytes:
    """Return the first piece of a file. Raises what an answer that is none means."""
    if answer.status not in {200, 206}:
        raise Unreachable(f"http {answer.status}", sent=True)
    held = b""
    while len(held) < len(ERROR_START) and (piece := await answer.content.readany()):
        held += piece
    if answer.content_type == "application/json" or held.lstrip().startswith(ERROR_START):
        checked(parse_json(held + await read_capped(answer)))
        raise Unreachable("odd answer", sent=True)  # JSON without an error is no file either
    return held


def _size(answer: aiohttp.ClientResponse, start: int) -> int | None:
    """Return the whole size that a range names, None when the whole file came. Raises on a range that was not asked for."""
    size = None
    if answer.status == 206:
        named = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if named is None or int(named[1]) != start:
            raise Unreachable("odd range", sent=True)
        size = int(named[3])
    elif start:
        raise Unreachable("odd range", sent=True)
    if (size or answer.content_length or 0) > CAP:
        raise FetchError("too_large", permanent=True)
    return size


async def _append(answer: aiohttp.ClientResponse, first: bytes, file: BinaryIO) -> None:
    file.write(first)
    async for piece in answer.content.iter_chunked(PIECE):
        if file.tell() + len(piece) > CAP:
            raise FetchError("too_large", permanent=True)
        await asyncio.to_thread(file.write, piece)


def _sniff(path: Path) -> str:
    """Name the type when the platform did not."""
    with path.open("rb") as file:
        head = file.read(12)
    for magic, mime in MAGIC:
        if head.startswith(magic):
            return mime
    return "video/mp4" if head[4:8] == b"ftyp" else "application/octet-stream"
