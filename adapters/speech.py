"""Speech to text in a process of its own. Another child decodes the voice first: a hostile file never meets the recogniser."""

import json
import logging
import math
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from adapters import speech_child, speech_models
from adapters.worker import START_S, Answer, Worker
from bot.errors import FetchError
from bot.ports import Heard

FLOOR_S, SLOWEST = 60.0, 4.0  # a voice may take so many seconds, or so many times its own length
PATIENCE = 10  # times that, on a machine so busy that the last in line has no turn: there a voice waits, and is not given up
IDLE_S = 600.0
WORD = re.compile(
    r"(?!http)[a-z0-9\u3400-\u4dbf\u4e00-\u9fff]{2,20}", re.IGNORECASE
)  # FunASR reads a file or an address given as a hotword
HOTWORDS = 60
NEEDED = {"funasr": ("torch", "funasr", "kaldi_native_fbank", "opencc"), "faster-whisper": ("faster_whisper", "opencc")}
log = logging.getLogger(__name__)
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "MODELSCOPE_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


class Samples(Protocol):
    """What decodes a voice."""

    async def samples(self, path: Path, into: int) -> float:
        """Write it to an open file: 16 kHz, one channel, 16 bits little endian. Return its seconds. Raises FetchError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Which recogniser, and where its weights lie; `vad` and `punctuation` only for FunASR."""

    name: str  # funasr | faster-whisper
    model: Path
    vad: Path | None = None
    punctuation: Path | None = None
    threads: int = 2

    @property
    def label(self) -> str:
        """As people are told."""
        return f"{self.name} {self.model.name}"

    def lacking(self) -> Iterator[str]:
        """What its folders lack, in Chinese."""
        yield from speech_models.lacking("asr" if self.name == "funasr" else self.name, self.model)
        for kind, folder in (("vad", self.vad), ("punctuation", self.punctuation)):
            if folder:
                yield from speech_models.lacking(kind, folder)


def installed(name: str) -> bool:
    """Whether `make install-speech` was run."""
    return all(find_spec(package) for package in NEEDED[name])


class SpeechWorker:
    """Implements `bot.ports.Transcriber`: one child, one voice at a time; a child that died, hung or grew is replaced.

    A voice may take `floor_s` seconds, or `slowest` times its own length, whichever is more.
    """

    def __init__(
        self,
        engine: Engine,
        decoder: Samples,
        *,
        memory_mb: int = 2048,
        python: str = sys.executable,
        floor_s: float = FLOOR_S,
        slowest: float = SLOWEST,
        idle_s: float = IDLE_S,
        start_s: float = START_S,
    ) -> None:
        self.engine = engine
        self._decoder = decoder
        self._memory_mb = memory_mb
        self._floor_s, self._slowest = floor_s, slowest
        self.rss_mb = 0  # of the child, after its last answer
        self.restarts = 0  # because it had grown
        self._worker = Worker(
            speech_child.__file__,
            [_arguments(engine)],
            python=python,
            idle_s=idle_s,
            start_s=start_s,
            patience=PATIENCE,
            environment=OFFLINE | {"OMP_NUM_THREADS": str(engine.threads), "HOME": tempfile.gettempdir()},
        )

    @property
    def pid(self) -> int | None:
        """Of the child that is there now."""
        return self._worker.pid

    async def transcribe(self, path: Path, mime: str, hotwords: Sequence[str]) -> Heard:
        """Hear a voice. Raises FetchError: permanent for what cannot be decoded; else `unavailable`, `too_slow`, `worker_died`."""
        del mime  # what it is called says less than its first bytes
        if self.pid is None and (problems := list(self.engine.lacking())):
            log.warning("语音不能转成文字: %s", "; ".join(problems))  # recognisers say it in their own way, or go and ask a hub
            raise FetchError("unavailable", permanent=False)
        with tempfile.NamedTemporaryFile(prefix="voice-", suffix=".pcm") as file:
            seconds = await self._decoder.samples(path, file.fileno())
            told = await self._worker.ask({"pcm": file.name, "hotwords": allowed(hotwords)}, max(self._floor_s, seconds * self._slowest))
        if told is None:
            raise FetchError("worker_died", permanent=False)
        await self._weigh(told)
        if "text" not in told:
            log.warning("the recogniser failed: %s", told.get("problem"))
            raise FetchError("unavailable", permanent=False)
        return Heard(text=str(told["text"]), engine=self.engine.label, spans=_spans(told.get("spans")), seconds=round(seconds, 3))

    async def close(self) -> None:
        """Let the recogniser go."""
        await self._worker.close()

    async def _weigh(self, told: Answer) -> None:
        rss = told.get("rss_mb")
        self.rss_mb = rss if isinstance(rss, int) else 0
        if self.rss_mb > self._memory_mb:
            self.restarts += 1
            await self._worker.restart()


def allowed(hotwords: Sequence[str]) -> list[str]:
    """Plain words alone: nothing that could be a path or an address."""
    return [word for word in hotwords if WORD.fullmatch(word)][:HOTWORDS]


def _arguments(engine: Engine) -> str:
    places = {name: str(path) if path else "" for name, path in (("vad", engine.vad), ("punctuation", engine.punctuation))}
    return json.dumps({"engine": engine.name, "model": str(engine.model), "threads": engine.threads, **places})


def _spans(found: object) -> tuple[tuple[float, float, str], ...]:
    items = found if isinstance(found, list) else []
    return tuple((_rounded(begin), _rounded(end), str(words)) for begin, end, words in items)


def _rounded(seconds: float) -> float:
    return math.floor(float(seconds) * 100) / 100
