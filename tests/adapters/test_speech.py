"""The worker around a recogniser, without one: what becomes of a voice when nothing answers, and how voices are decoded."""

import array
import sys
from pathlib import Path

import pytest

from adapters.media import MediaInspector
from adapters.speech import Engine, SpeechWorker, allowed
from bot.errors import FetchError

AUDIO = Path(__file__).parents[1] / "audio"
NOWHERE = Engine(name="faster-whisper", model=Path("/nonexistent"))


@pytest.mark.parametrize("python", ["/nonexistent/python", "/usr/bin/false", sys.executable])
async def test_a_broken_installation_is_tried_again_later(python: str) -> None:
    worker = SpeechWorker(NOWHERE, MediaInspector(), python=python, start_s=20.0)
    with pytest.raises(FetchError) as caught:
        await worker.transcribe(AUDIO / "short-note.amr", "audio/amr", ())
    assert not caught.value.permanent
    await worker.close()


@pytest.mark.parametrize("name", ["short-note.amr", "short-note.ogg"])
async def test_a_voice_is_decoded_to_the_sample(name: str) -> None:
    pcm = await MediaInspector().samples(AUDIO / name, "")
    samples = array.array("h", pcm)
    assert len(samples) / 16_000 == pytest.approx(2.4, abs=0.1)
    assert max(samples) > 3000


async def test_a_cut_voice_is_decoded_as_far_as_it_goes(tmp_path: Path) -> None:
    data = (AUDIO / "short-note.amr").read_bytes()
    (tmp_path / "v").write_bytes(data[: len(data) // 2])
    assert 0.9 < len(await MediaInspector().samples(tmp_path / "v", "")) / 32_000 < 1.3


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "voice.empty"), (b"<html>", "voice.undecodable"), (b"OggS" + bytes(500), "voice.undecodable")]
)
async def test_what_is_no_voice(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "v").write_bytes(data)
    with pytest.raises(FetchError) as refused:
        await MediaInspector().samples(tmp_path / "v", "audio/amr")
    assert (refused.value.reason, refused.value.permanent) == (reason, True)


def test_only_plain_words_become_hotwords() -> None:
    """FunASR reads a file, or fetches an address, that is given as a hotword (facts: seaco_paraformer/model.py)."""
    assert allowed(["预算", "http://a.cn/x", "/etc/passwd", "words.txt", "CTO", "a", "技术 顾虑", "x" * 99]) == ["预算", "CTO"]
