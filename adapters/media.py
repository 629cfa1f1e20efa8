"""Looks into photos and voices. Decoders run in a child process with limits, so that a hostile file harms nobody but that child."""

import asyncio
import base64
import json
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import distribution
from pathlib import Path

from adapters import media_child
from bot.errors import FetchError
from bot.evidence.amr import amr_seconds
from bot.evidence.container import breaks_off, mime_of
from bot.ports import Inspection

AT_ONCE = 2  # children; each may take a core and a few hundred MB
WALL_S = 120.0  # the child's own limit on processor time ends a hostile file long before
MAX_VOICE_BYTES = 64 << 20
MAX_AMR_BYTES = 8 << 20  # over an hour at the highest rate
HEAD = 64
BATCH = 20  # small pictures a child: its limits are a file's, so a batch must stay well inside them
log = logging.getLogger(__name__)


class MediaInspector:
    """Implements `bot.ports.Inspector`."""

    def __init__(self, *, python: str = sys.executable, wall_s: float = WALL_S) -> None:
        """`python` runs the child; after `wall_s` seconds it is killed, and the file is to be tried again."""
        self._python = python
        self._wall_s = wall_s
        self._children = asyncio.Semaphore(AT_ONCE)

    async def inspect(self, path: Path, kind: str) -> Inspection:
        """Say what the file is, how long a voice lasts (from its frames), and what is wrong with it.

        Raises FetchError, to be tried again, when no child could do its work: that says nothing about the file.
        """
        head, size = await asyncio.to_thread(_head, path)
        mime = _voice_mime(head) if kind == "voice" else mime_of(head)
        if size == 0:
            return Inspection(problem=f"{kind if kind in ('photo', 'voice') else 'file'}.empty")
        match kind:
            case "photo":
                return await self._photo(path, mime)
            case "voice":
                return await self._voice(path, mime, size)
        return Inspection(mime=mime)

    async def _photo(self, path: Path, mime: str) -> Inspection:
        if mime not in media_child.PICTURES:
            return Inspection(mime=mime, problem="photo.undecodable")
        found = await self._child("photo", path, mime)
        hashes, notes = found.get("prints"), found.get("exif")
        return Inspection(
            mime=mime,
            problem=_text(found.get("problem")),
            prints=tuple(map(str, hashes)) if isinstance(hashes, list) else (),
            exif=notes if isinstance(notes, dict) else {},
        )

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

    async def samples(self, path: Path, into: int) -> float:
        """Write a voice to the open file `into` (16 kHz, one channel, 16 bits, as much of it as decodes); return its seconds.

        What a message calls it does not matter: its first bytes choose the decoder. Raises FetchError.
        """
        head, size = await asyncio.to_thread(_head, path)
        mime = _voice_mime(head)
        if size == 0:
            raise FetchError("voice.empty", permanent=True)
        if mime not in media_child.DEMUXERS or size > MAX_VOICE_BYTES:
            raise FetchError("voice.undecodable", permanent=True)
        found = await self._child("samples", path, json.dumps({"mime": mime, "into": into}), pass_fds=(into,))
        count = found.get("samples")
        if not isinstance(count, int) or not count:
            raise FetchError("voice.undecodable", permanent=True)
        return count / media_child.RATE

    async def likeness(self, path: Path, others: Sequence[Path]) -> list[float]:
        """Implements `bot.ports.Inspector`."""
        found = (await self._child("likeness", path, json.dumps([str(other) for other in others]))).get("likeness")
        return [float(one) for one in found] if isinstance(found, list) else [0.0] * len(others)

    async def miniatures(self, paths: Sequence[Path], side: int) -> list[bytes | None]:
        """Implements `bot.ports.PhotoCopies`: a child a few files, and a new one after a file that ended its child."""
        batches = [list(paths[start : start + BATCH]) for start in range(0, len(paths), BATCH)]
        made = await asyncio.gather(*(self._miniatures(batch, side) for batch in batches))
        return [small for batch in made for small in batch]

    async def watermark(self, path: Path, mime: str, lines: Sequence[str]) -> bytes | None:
        """Implements `bot.ports.PhotoCopies`."""
        if mime not in media_child.PICTURES:
            return None
        found = await self._child("watermark", path, json.dumps({"mime": mime, "lines": list(lines), "font": str(font())}))
        made = found.get("picture")
        return base64.b64decode(made) if isinstance(made, str) else None

    async def signature(self, path: Path) -> bytes:
        """Implements `bot.ports.PhotoCopies`."""
        found = await self._child("signature", path, "")
        made = found.get("picture")
        if not isinstance(made, str):
            raise FetchError(str(found.get("problem") or "undecodable").removeprefix("signature."), permanent=True)
        return base64.b64decode(made)

    async def lettering(self, text: str) -> bytes:
        """Implements `bot.ports.PhotoCopies`."""
        found = await self._child("lettering", Path(), json.dumps({"text": text, "font": str(font())}))
        made = found.get("picture")
        if not isinstance(made, str):
            raise FetchError("undecodable", permanent=True)
        return base64.b64decode(made)

    async def paper(self, path: Path, page: int, across: int) -> tuple[int, bytes | None]:
        """Implements `bot.ports.PhotoCopies`."""
        found = await self._child("paper", path, json.dumps({"page": page, "across": across}))
        pages, made = found.get("pages"), found.get("picture")
        return pages if isinstance(pages, int) else 0, base64.b64decode(made) if isinstance(made, str) else None

    async def _miniatures(self, paths: list[Path], side: int) -> list[bytes | None]:
        made: list[bytes | None] = []
        while len(made) < len(paths):
            left = paths[len(made) :]
            async with self._children:
                process = await _start(self._python, "miniatures", str(side), "\n".join(map(str, left)))
                output = await self._output(process)
            lines = output.decode().splitlines()
            made += [base64.b64decode(small) if (small := json.loads(line)) else None for line in lines]
            if len(lines) < len(left):
                made.append(None)  # the one that ended it
        return made

    async def _output(self, process: asyncio.subprocess.Process) -> bytes:
        """All that a child prints before it ends or its time is up."""
        try:
            return await asyncio.wait_for(process.stdout.read(), self._wall_s) if process.stdout else b""
        except TimeoutError:
            return b""
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    async def _child(self, kind: str, path: Path, mime: str, pass_fds: Sequence[int] = ()) -> dict[str, object]:
        """Run one file through the child. A child ended by its limits or by a crash makes the file undecodable."""
        async with self._children:
            process = await _start(self._python, kind, mime, path, pass_fds)
            try:
                output, _ = await asyncio.wait_for(process.communicate(), self._wall_s)
            except TimeoutError as error:
                log.warning("media child took longer than %s s", self._wall_s)
                raise FetchError("unavailable", permanent=False) from error
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
        if (process.returncode or 0) > 0:  # it catches all that decoders raise: this is our installation, and no verdict on the file
            log.error("media child failed, exit code %s", process.returncode)
            raise FetchError("unavailable", permanent=False)
        return json.loads(output) if output else {"problem": f"{kind}.undecodable"}


async def _start(python: str, kind: str, mime: str, path: Path | str, pass_fds: Sequence[int] = ()) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            python,
            "-I",  # neither the environment nor the working folder decides what it imports
            media_child.__file__,
            kind,
            mime,
            str(path),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.defpath},  # no secrets
            pass_fds=pass_fds,
        )
    except OSError as error:
        log.warning("media child did not start: %s", error.strerror)
        raise FetchError("unavailable", permanent=False) from error


def font() -> Path:
    """Noto Sans SC, from the wheel that carries it; nothing of the wheel's code is imported."""
    return Path(str(distribution("zhplot").locate_file("zhplot/fonts/NotoSansSC-Regular.ttf")))


def _amr(path: Path, mime: str, size: int) -> Inspection:
    if size > MAX_AMR_BYTES:
        return Inspection(mime=mime, problem="voice.undecodable")
    walk = amr_seconds(path.read_bytes())
    problem = None
    if not walk.clean:
        problem = "voice.cut" if walk.frames else "voice.undecodable"
    elif not walk.speech:
        problem = "voice.empty"
    return Inspection(mime=mime, seconds=walk.seconds, problem=problem)


def _head(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        return file.read(HEAD), os.fstat(file.fileno()).st_size


def _voice_mime(head: bytes) -> str:
    mime = mime_of(head)
    return "audio/mp4" if mime == "video/mp4" else mime  # most recorders write the general brand


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
