"""Text and faces on photos, by RapidOCR and OpenCV in a process of their own."""

import sys
from importlib.util import find_spec
from pathlib import Path

from adapters import ocr_child
from adapters.worker import START_S, Worker
from bot.ports import Reading

WALL_S = 60.0  # a photo; a reader that takes longer is ended, and the photo tried again
IDLE_S = 300.0  # without work it holds half a gigabyte for nothing
NEEDED = ("rapidocr", "onnxruntime", "cv2")


def installed() -> bool:
    """Whether `make install-ocr` was run."""
    return all(find_spec(name) for name in NEEDED)


class OcrReader:
    """Implements `bot.ports.TextReader`: one child, one photo at a time."""

    def __init__(self, *, python: str = sys.executable, wall_s: float = WALL_S, idle_s: float = IDLE_S, start_s: float = START_S) -> None:
        environment = {"ORT_DISABLE_TELEMETRY": "1"}
        self._worker = Worker(ocr_child.__file__, python=python, idle_s=idle_s, environment=environment, start_s=start_s)
        self._wall_s = wall_s

    async def read(self, path: Path, mime: str) -> Reading | None:
        """Read a photo; None for what is no picture, and for what ended the reader. Raises FetchError when it does not work at all."""
        if mime not in ocr_child.PICTURES:
            return None
        told = await self._worker.ask({"path": str(path), "mime": mime}, self._wall_s) or {}
        lines, faces = told.get("lines"), told.get("faces")
        return Reading(lines=tuple(map(str, lines)), faces=faces if isinstance(faces, int) else None) if isinstance(lines, list) else None

    async def close(self) -> None:
        """Let the reader go."""
        await self._worker.close()
