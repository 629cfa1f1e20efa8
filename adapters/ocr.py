"""Text and faces on photos, by RapidOCR and OpenCV in a process of their own: started when there is something to read, gone when idle."""

import asyncio
import json
import logging
import os
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from adapters import ocr_child
from bot.errors import FetchError
from bot.ports import Reading

WALL_S = 60.0  # a photo; a reader that takes longer is ended, and the photo tried again
IDLE_S = 300.0  # without work it holds half a gigabyte for nothing
NEEDED = ("rapidocr", "onnxruntime", "cv2")
log = logging.getLogger(__name__)


def installed() -> bool:
    """Whether `make install-ocr` was run."""
    return all(find_spec(name) for name in NEEDED)


class OcrReader:
    """Implements `bot.ports.TextReader`: one child, one photo at a time."""

    def __init__(self, *, python: str = sys.executable, wall_s: float = WALL_S, idle_s: float = IDLE_S) -> None:
        self._python = python
        self._wall_s = wall_s
        self._idle_s = idle_s
        self._alone = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._dismissal: asyncio.Task[None] | None = None

    async def read(self, path: Path, mime: str) -> Reading | None:
        """Read a photo; None for what is no picture, and for what ended the reader. Raises FetchError when it does not work at all."""
        if mime not in ocr_child.PICTURES:
            return None
        async with self._alone:
            if self._dismissal:
                self._dismissal.cancel()
            child = await self._ready()
            told = await self._ask(child, {"path": str(path), "mime": mime})
            self._dismissal = asyncio.create_task(self._idle())
            if told is None:
                await self._dismiss()
        lines, faces = (told or {}).get("lines"), (told or {}).get("faces")
        return Reading(lines=tuple(map(str, lines)), faces=faces if isinstance(faces, int) else None) if isinstance(lines, list) else None

    async def close(self) -> None:
        """Let the reader go."""
        if self._dismissal:
            self._dismissal.cancel()
        async with self._alone:
            await self._dismiss()

    async def _idle(self) -> None:
        await asyncio.sleep(self._idle_s)
        async with self._alone:
            await self._dismiss()

    async def _ready(self) -> asyncio.subprocess.Process:
        """The child, started and warm. Raises FetchError."""
        if self._child and self._child.returncode is None:
            return self._child
        self._child = await _start(self._python)
        if await self._line(self._child) != {"ready": True}:
            await self._dismiss()
            raise FetchError("unavailable", permanent=False)
        return self._child

    async def _ask(self, child: asyncio.subprocess.Process, question: dict[str, str]) -> dict[str, object] | None:
        to = child.stdin
        try:
            if to is None:
                raise BrokenPipeError
            to.write(json.dumps(question).encode() + b"\n")
            await to.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise FetchError("unavailable", permanent=False) from None
        return await self._line(child)

    async def _line(self, child: asyncio.subprocess.Process) -> dict[str, object] | None:
        """What it answers; None when it ended over it. Raises FetchError when its time is up."""
        answers = child.stdout
        if answers is None:
            return None
        try:
            line = await asyncio.wait_for(answers.readline(), self._wall_s)
        except TimeoutError:
            await self._dismiss()
            log.warning("the reader took longer than %s s", self._wall_s)
            raise FetchError("unavailable", permanent=False) from None
        except BaseException:
            await self._dismiss()  # a late answer must not be taken for that of the next photo
            raise
        return json.loads(line) if line.endswith(b"\n") else None

    async def _dismiss(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with suppress(ProcessLookupError):
            child.kill()
        await child.communicate()


async def _start(python: str) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            python,
            "-I",  # neither the environment nor the working folder decides what it imports
            ocr_child.__file__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.defpath, "ORT_DISABLE_TELEMETRY": "1"},  # no secrets
        )
    except OSError as error:
        log.warning("the reader did not start: %s", error.strerror)
        raise FetchError("unavailable", permanent=False) from error
