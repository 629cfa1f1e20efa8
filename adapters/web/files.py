"""A record's originals in the browser: photos to look at, voices to listen to, everything else to download."""

import asyncio
import sys
from pathlib import Path

from aiohttp import web

from bot.store.reading_view import Original

# What browsers draw by themselves and cannot run.
DRAWN = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
DECODER = Path(__file__).with_name("decode.py")
DECODE_S = 15
_decoding = asyncio.Semaphore(2)


def original(file: Original, path: Path) -> web.StreamResponse:
    """The stored bytes as they are. A type that a browser might run is only ever downloaded."""
    if file.mime in DRAWN:
        return web.FileResponse(path, headers={"Content-Type": file.mime, "Content-Disposition": "inline"})
    headers = {"Content-Type": "application/octet-stream", "Content-Disposition": f'attachment; filename="{file.id}{_ending(file.mime)}"'}
    return web.FileResponse(path, headers=headers)


async def listenable(path: Path) -> web.StreamResponse:
    """The voice as WAV: no browser plays AMR, and not every one plays Opus. Raises HTTPNotFound for what is no sound."""
    async with _decoding:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", str(DECODER), str(path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            sound, _ = await asyncio.wait_for(child.communicate(), DECODE_S)
        except TimeoutError:
            sound = b""
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    if child.returncode or not sound:
        raise web.HTTPNotFound
    return web.Response(body=sound, content_type="audio/wav")


def _ending(mime: str) -> str:
    known = {"audio/amr": ".amr", "audio/ogg": ".ogg", "audio/mpeg": ".mp3", "application/pdf": ".pdf"}
    return known.get(mime, "")
