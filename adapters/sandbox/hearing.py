"""A recogniser that hears nothing by itself: it knows the words of some recordings by their digest. For a demo without the extra."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.sandbox.retelling import AUDIO
from bot.errors import FetchError
from bot.ports import Heard


def sample_words() -> dict[str, str]:
    """What is said in the sample company's recordings, by their digest."""
    told: dict[str, str] = json.loads((AUDIO / "transcripts.json").read_text(encoding="utf-8"))
    return {hashlib.sha256((AUDIO / f"{clip}.amr").read_bytes()).hexdigest(): words for clip, words in told.items()}


ENGINE = "样板录音自带的文稿"


class StandInRecogniser:
    """Implements `bot.ports.Transcriber`. `words`: digest of a file → what is said in it; `mood`: a reason with which it fails."""

    def __init__(self, words: Mapping[str, str], *, engine: str = ENGINE, mood: str = "") -> None:
        self.words = dict(words)
        self.engine = engine
        self.mood = mood
        self.asked = 0

    async def transcribe(self, path: Path, mime: str, hotwords: Sequence[str]) -> Heard:
        """The words that were put down for this very file. Raises FetchError: `no_engine` for any other, or as its mood says."""
        del mime, hotwords
        self.asked += 1
        if self.mood:
            raise FetchError(self.mood, permanent="." in self.mood)
        data = await asyncio.to_thread(path.read_bytes)
        words = self.words.get(hashlib.sha256(data).hexdigest())
        if words is None:
            raise FetchError("no_engine", permanent=True)
        return Heard(text=words, engine=self.engine)

    async def close(self) -> None:
        """Nothing to let go."""
