"""Looks into photos and voices. Decoders run in a child process with limits, so that a hostile file harms nobody but that child."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from adapters import media_child
from bot.evidence.amr import amr_seconds
from bot.evidence.container import breaks_off, mime_of
from bot.ports import Inspection

AT_ONCE = 2  # children; each may take a core and a few hundred MB
WALL_S = 45.0
MAX_VOICE_BYTES = 64 << 20
MAX_AMR_BYTES = 8 << 20  # over an hour at the highest rate
HEAD = 64


class MediaInspector:
    """Implements `bot.ports.Inspector`."""

    def __init__(self, *, wall_s: float = WALL_S) -> None:
        """`wall_s`: seconds after which a child is killed and its file called undecodable."""
        self._wall_s = wall_s
        self._children = asyncio.Semaphore(AT_ONCE)

    async def inspect(self, path: Path, kind: str) -> Inspection:
        """Say what the file is, how long a voice lasts (from its frames), and what is wrong with it."""
        head, size = await asyncio.to_thread(_head, path)
        mime = mime_of(head)
        if kind == "voice" and mime == "video/mp4":
            mime = "audio/mp4"  # most recorders write the general brand
        if size == 0:
            return Inspection(problem=f"{kind if kind in ('photo', 'voice') else 'file'}.empty")
        match kind:
            case "photo":
                return await self._photo(path, mime)
            case "voice":
                return await self._voice(path, mime, size)
        return Inspection(mime=mime)

    async def _photo(self, path: Path, mime: str) -> Inspection:
        if not mime.startswith("image/"):
            return Inspection(mime=mime, problem="photo.undecodable")
        found = await self._child("photo", path, mime)
        return Inspection(mime=mime, problem=_text(found.get("problem")))

    async def _voice(self, path: Path, mime: str, size: int) -> Inspection:
        if mime in ("audio/amr", "audio/amr-wb"):
            return await asyncio.to_thread(_amr, path, mime, size)
        if mime not in media_child.DEMUXERS or size > MAX_VOICE_BYTES:
            return Inspection(mime=mime, problem="voice.undecodable")
        found = await self._child("voice", path, mime)
        seconds, problem = found.get("seconds"), _text(found.get("problem"))
        cut = not problem and await asyncio.to_thread(lambda: breaks_off(path.read_bytes(), mime))
        return Inspection(
            mime=mime, seconds=float(seconds) if isinstance(seconds, int | float) else None, problem="voice.cut" if cut else problem
        )

    async def _child(self, kind: str, path: Path, mime: str) -> dict[str, object]:
        """Run one file through the child. Whatever ends it early (limits, time, a crash) makes the file undecodable."""
        async with self._children:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",  # neither the environment nor the working folder decides what it imports
                media_child.__file__,
                kind,
                mime,
                str(path.absolute()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={"PATH": os.defpath},  # no secrets
            )
            try:
                output, _ = await asyncio.wait_for(process.communicate(), self._wall_s)
            except TimeoutError:
                output = b""
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
        return _answer(output, kind)


def _answer(output: bytes, kind: str) -> dict[str, object]:
    with suppress(ValueError):
        found = json.loads(output)
        if isinstance(found, dict):
            return found
    return {"problem": f"{kind}.undecodable"}


def _amr(path: Path, mime: str, size: int) -> Inspection:
    if size > MAX_AMR_BYTES:
        return Inspection(mime=mime, problem="voice.undecodable")
    walk = amr_seconds(path.read_bytes())
    if not walk.clean:
        problem = "voice.cut" if walk.frames else "voice.undecodable"
    else:
        problem = None if walk.speech else "voice.empty"
    return Inspection(mime=mime, seconds=walk.seconds, problem=problem)


def _head(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        return file.read(HEAD), os.fstat(file.fileno()).st_size


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
