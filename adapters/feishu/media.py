"""Files of messages: streamed to disk, capped, and never an error answer taken for a file."""

import asyncio
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import aiohttp

from adapters.feishu.client import Client
from adapters.feishu.errors import ApiError, of_code, of_status
from adapters.feishu.strict_json import loads, word
from adapters.http import picture_type
from bot.errors import FetchError
from bot.model import MediaRef

MAX_BYTES = 100 * 1024 * 1024
MAX_ERROR = 64 * 1024
CHUNK = 256 * 1024


async def fetch(client: Client, ref: MediaRef, into: Path) -> str:
    """Write the file to `into`, return its MIME type. Leaves nothing behind when it fails. Raises FetchError."""
    try:
        return await client.authorised(lambda token: _download(client, ref, into, token))
    except ApiError as error:
        into.unlink(missing_ok=True)
        raise error.fetch() from None
    except OSError:  # our own disk
        into.unlink(missing_ok=True)
        raise FetchError("unavailable", permanent=False) from None
    except BaseException:
        into.unlink(missing_ok=True)
        raise


async def _download(client: Client, ref: MediaRef, into: Path, token: str) -> str:
    path = f"/open-apis/im/v1/messages/{quote(ref.message_id, safe='')}/resources/{quote(ref.id, safe='')}"
    params = {"type": "image" if ref.kind == "photo" else "file"}
    async with client.open("GET", path, token=token, params=params, patience=client.streaming) as reply:
        await _refuse_error(reply)
        if (reply.content_length or 0) > MAX_BYTES:
            raise FetchError("too_large", permanent=True)
        with into.open("wb") as file:
            await _copy(reply, file)
        return reply.content_type.lower()


async def _refuse_error(reply: aiohttp.ClientResponse) -> None:
    """A file may be JSON too: an error is what has another status, or JSON with a code that is not sent as a file."""
    reset = reply.headers.get("x-ogw-ratelimit-reset", "")
    if reply.status == 200 and (reply.content_type != "application/json" or "Content-Disposition" in reply.headers):
        return
    try:
        answer = loads(await reply.content.read(MAX_ERROR))
    except ValueError:
        raise of_status(reply.status, reset) from None
    code = answer.get("code")
    raise of_code(code, str(answer.get("msg", "")), reset) if isinstance(code, int) and code else of_status(reply.status, reset)


async def _copy(reply: aiohttp.ClientResponse, file: BinaryIO) -> None:
    size = 0
    async for chunk in reply.content.iter_chunked(CHUNK):
        size += len(chunk)
        if size > MAX_BYTES:
            raise FetchError("too_large", permanent=True)
        await asyncio.to_thread(file.write, chunk)


async def upload_file(client: Client, name: str, data: bytes) -> str:
    """Upload a file, return its file_key. Raises ApiError."""

    async def attempt(token: str) -> str:
        form = aiohttp.FormData()
        form.add_field("file_type", "stream")
        form.add_field("file_name", name)
        form.add_field("file", data, filename=name, content_type="application/octet-stream")
        answer = await client.ask("POST", "/open-apis/im/v1/files", token=token, form=form)
        return word(answer.get("data"), "file_key")

    return await client.authorised(attempt)


async def upload_image(client: Client, data: bytes) -> str:
    """Upload a picture, return its image_key. Raises ApiError."""

    async def attempt(token: str) -> str:
        form = aiohttp.FormData()
        form.add_field("image_type", "message")
        kind = picture_type(data)
        form.add_field("image", data, filename=f"photo.{kind}", content_type=f"image/{kind}")
        answer = await client.ask("POST", "/open-apis/im/v1/images", token=token, form=form)
        return word(answer.get("data"), "image_key")

    return await client.authorised(attempt)
