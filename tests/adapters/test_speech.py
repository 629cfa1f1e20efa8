"""The worker around a recogniser, without one: what becomes of a voice when nothing answers, and how voices are decoded."""

import array
import asyncio
import logging
import os
import socket
import sys
import wave
from pathlib import Path

import pytest

from adapters import speech_child
from adapters.media import MediaInspector
from adapters.speech import Engine, SpeechWorker, allowed
from bot.errors import FetchError

AUDIO = Path(__file__).parents[1] / "audio"


async def decoded(folder: Path, data: bytes) -> tuple[float, "array.array[int]"]:
    """Seconds of a voice, and its samples."""
    (folder / "v").write_bytes(data)
    with (folder / "pcm").open("w+b") as file:
        seconds = await MediaInspector().samples(folder / "v", file.fileno())
        file.seek(0)
        return seconds, array.array("h", file.read())


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder that looks like a model, and is none."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


@pytest.mark.parametrize("python", ["/nonexistent/python", "/usr/bin/false", sys.executable])
async def test_a_broken_installation_is_tried_again_later(python: str, model: Path) -> None:
    """The last one starts, and finds no recogniser, or no model."""
    worker = SpeechWorker(Engine(name="faster-whisper", model=model), MediaInspector(), python=python, start_s=60.0)
    with pytest.raises(FetchError) as caught:
        await worker.transcribe(AUDIO / "short-note.amr", "audio/amr", ())
    assert (caught.value.reason, caught.value.permanent) == ("unavailable", False)
    assert worker.pid is None
    await worker.close()


async def test_what_a_model_lacks_is_said_before_anything_is_started(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    (model / "tokenizer.json").unlink()
    worker = SpeechWorker(Engine(name="faster-whisper", model=model), MediaInspector(), python="/nonexistent/python")
    with caplog.at_level(logging.WARNING), pytest.raises(FetchError) as caught:
        await worker.transcribe(AUDIO / "short-note.amr", "audio/amr", ())
    assert (caught.value.reason, caught.value.permanent) == ("unavailable", False)
    assert f"{model}: 缺少 tokenizer.json" in caplog.text and "did not start" not in caplog.text


@pytest.mark.parametrize("name", ["short-note.amr", "short-note.awb", "short-note.ogg", "short-note.spx"])
async def test_a_voice_is_decoded_to_the_sample(name: str, tmp_path: Path) -> None:
    seconds, samples = await decoded(tmp_path, (AUDIO / name).read_bytes())
    assert seconds == len(samples) / 16_000 == pytest.approx(2.4, abs=0.1)
    assert max(samples) > 3000


async def test_a_cut_voice_is_decoded_as_far_as_it_goes(tmp_path: Path) -> None:
    data = (AUDIO / "short-note.amr").read_bytes()
    assert 0.9 < (await decoded(tmp_path, data[: len(data) // 2]))[0] < 1.3


async def test_a_voice_longer_than_an_hour_is_heard_for_an_hour(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "long.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes(8000 * 3700))
    seconds, samples = await decoded(tmp_path, (tmp_path / "long.wav").read_bytes())
    assert seconds == 3600 and len(samples) == 3600 * 16_000


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "voice.empty"),
        (b"<html>", "voice.undecodable"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "voice.undecodable"),
        (b"OggS" + bytes(500), "voice.undecodable"),
        (b"#!AMR\n", "voice.undecodable"),
        (b"OggS" + bytes(100 << 20), "voice.undecodable"),
    ],
    ids=["empty", "page", "playlist", "container", "no frames", "large"],
)
async def test_what_is_no_voice(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(FetchError) as refused:
        await decoded(tmp_path, data)
    assert (refused.value.reason, refused.value.permanent) == (reason, True)


@pytest.mark.parametrize(("name", "mime"), [("short-note.ogg", "audio/amr"), ("short-note.amr", "image/png")])
async def test_a_file_is_what_its_first_bytes_say(model: Path, name: str, mime: str) -> None:
    """Under another's name it gets past the decoder all the same, to a recogniser that is not there."""
    worker = SpeechWorker(Engine(name="faster-whisper", model=model), MediaInspector(), python="/nonexistent/python")
    with pytest.raises(FetchError) as caught:
        await worker.transcribe(AUDIO / name, mime, ())
    assert caught.value.reason == "unavailable"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full: not Linux")
async def test_a_disk_that_is_full_is_no_verdict_on_a_voice() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(FetchError) as caught:
        await MediaInspector().samples(AUDIO / "demo-closing.ogg", full)
    os.close(full)
    assert (caught.value.reason, caught.value.permanent) == ("unavailable", False)


def test_only_plain_words_become_hotwords() -> None:
    """FunASR reads a file, or fetches an address, that is given as a hotword."""
    wrong = ["http://a.cn/x", "https", "HTTP接口", "/etc/passwd", "words.txt", "a", "技术 顾虑", "预算\n", "a_b", "x" * 99]
    assert allowed([*wrong, "预算", "CTO", "㐀字"]) == ["预算", "CTO", "㐀字"]


async def test_the_child_reaches_nobody() -> None:
    """Whatever a library tries: refused before it is sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        code = (
            f"import runpy, socket; child = runpy.run_path({speech_child.__file__!r}); child['confine']()\n"
            "for reach in (lambda: socket.create_connection({0}), lambda: socket.getaddrinfo('localhost', 80),\n"
            "              lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b'', {0})):\n"
            "    try: reach()\n"
            "    except PermissionError: print('refused')"
        ).replace("{0}", repr(address))
        process = await asyncio.create_subprocess_exec(sys.executable, "-I", "-c", code, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
    assert output.decode().split() == ["refused"] * 3


def test_short_pieces_of_speech_are_put_together_and_pauses_are_none() -> None:
    pieces = [[0, 4000], [4500, 9000], [9200, 16_000], [40_000, 41_000], [41_500, 80_000]]
    assert speech_child.together(pieces) == [[0, 9000], [9200, 16_000], [40_000, 41_000], [41_500, 80_000]]
    assert speech_child.together([]) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("<|zh|><|NEUTRAL|><|Speech|><|withitn|>客户预算50万。", "客户预算50万。"),
        ("<|nospeech|><|EMO_UNKNOWN|><|BGM|><|woitn|>", ""),
        ("客 户 预 算 五 十 万", "客户预算五十万"),
        ("客户 用 SAP ERP 系统", "客户用SAP ERP系统"),
    ],
)
def test_what_recognisers_write_beside_the_words(said: str, words: str) -> None:
    assert speech_child.first([{"key": "x", "text": said}]) == words
    assert speech_child.first([]) == ""
