"""The child that hears: run as a script; a question a line in, an answer a line out. Imports nothing of the product.

It is told where 16 kHz samples lie, and answers their words. Weights are read from folders named at its start; nothing is fetched.
"""

import json
import os
import re
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

RATE = 16_000
LOUDEST = 32_768.0
PAGE = os.sysconf("SC_PAGE_SIZE")
BETWEEN_HAN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s+(?=[\u3000-\u9fff\uff00-\uffef])")
AROUND_HAN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s+|\s+(?=[\u3000-\u9fff\uff00-\uffef])")
TAGS = re.compile(r"<\|[^|<>]*\|>")  # SenseVoice's language, mood and events; FunASR itself would put little pictures in their place
SHORTEST = 0.2  # seconds of speech that are anything
LONGEST_MS, MERGED_MS, GAP_MS = 30_000, 15_000, 1_000  # of a piece; of short ones put together, and of the pause between them
NETWORK = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}


def main(arguments: str) -> None:
    """Answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    confine()
    told = json.loads(arguments)
    try:
        hear = {"funasr": funasr, "faster-whisper": whisper}[told.pop("engine")](**told)
        simplified = converter()
    except Exception as error:  # noqa: BLE001 - a folder of somebody's files makes them raise anything
        answers.write(json.dumps({"ready": False, "why": f"{type(error).__name__}: {error}"[:300]}) + "\n")
        return
    answers.write(json.dumps({"ready": True}) + "\n")
    for line in sys.stdin:
        question = json.loads(line)
        answers.write(json.dumps(answer(hear, simplified, question["pcm"], question["hotwords"])) + "\n")


def confine() -> None:
    """No core, no network, and last in line for the processor: whoever answers a platform is never kept waiting by it."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        os.nice(19)
    with suppress(AttributeError, OSError):  # Linux: gives way at once, where a nice process finishes its turn
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    sys.addaudithook(offline)


def offline(event: str, _: tuple[object, ...]) -> None:
    """What the environment asks of the hubs' clients is held here, for every library."""
    if event in NETWORK:
        raise PermissionError(event)


def answer(hear: Any, simplified: Any, path: str, hotwords: list[str]) -> dict[str, object]:
    """Without `text`: the recogniser failed over it."""
    import numpy as np

    try:
        samples = np.fromfile(path, dtype="<i2").astype(np.float32) / LOUDEST
        spans = hear(samples, hotwords) if len(samples) >= SHORTEST * RATE else []
        told: dict[str, object] = {"spans": [[begin, end, simplified(words)] for begin, end, words in spans if words.strip()]}
        told["text"] = joined([words for _, _, words in told["spans"]])  # type: ignore[attr-defined] # the list of the line above
    except Exception as error:  # noqa: BLE001 - recognisers raise anything
        told = {"problem": type(error).__name__}
    return {**told, "rss_mb": rss_mb()}


def joined(parts: list[str]) -> str:
    """Sentences in a row; the spaces that recognisers put between characters are none of ours."""
    text = "".join(part.strip() if part.strip().endswith(tuple("。！？，,.!?；;")) else f"{part.strip()}，" for part in parts)
    text = BETWEEN_HAN.sub("", text)
    return f"{text[:-1]}。" if text.endswith(("，", ",")) else text


def first(found: list[dict[str, Any]]) -> str:
    """Of one piece; a Paraformer answers nothing at all for a piece without a syllable."""
    return plain(str(found[0].get("text", ""))) if found else ""


def plain(text: str) -> str:
    """FunASR's words without tags, and without the spaces it puts around characters."""
    return AROUND_HAN.sub("", TAGS.sub("", text)).strip()


def rss_mb() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE >> 20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)


def converter() -> Any:
    """Recognisers trained on the whole web write Traditional now and then."""
    from opencc import OpenCC

    return OpenCC("t2s").convert


def whisper(model: str, threads: int, vad: str, punctuation: str) -> Any:
    """Any CTranslate2 model of the Whisper family; its own VAD goes first, without which silence becomes words.

    It is told no hotwords: on the clips of tests/audio they cost it its punctuation and a quarter more wrong characters, and found no
    keyword that is not found by its sound (`bot/hearing/marks.py`).
    """
    del vad, punctuation
    from faster_whisper import WhisperModel

    made = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)

    def hear(samples: Any, _: list[str]) -> list[tuple[float, float, str]]:
        segments, _ = made.transcribe(
            samples,
            language="zh",
            beam_size=5,
            temperature=0.0,  # its fallback to higher ones takes ten times as long, and invents
            condition_on_previous_text=False,
            vad_filter=True,
        )
        return [(segment.start, segment.end, segment.text) for segment in segments]

    return hear


def funasr(model: str, threads: int, vad: str, punctuation: str) -> Any:
    """SenseVoice or Paraformer from a local folder. FSMN-VAD goes first, and each piece of speech it finds is a span.

    Without dither, as in FunASR's C++ runtime: the same voice gives the same words each time.
    """
    import torch
    from funasr import AutoModel

    def load(folder: str, **more: object) -> Any:
        return AutoModel(model=folder, device="cpu", ncpu=threads, disable_update=True, disable_pbar=True, log_level="ERROR", **more)

    cut, made = load(vad, max_single_segment_time=LONGEST_MS), load(model, frontend_conf={"dither": 0.0})
    marks = load(punctuation) if punctuation else None
    torch.set_num_threads(threads)
    contextual = "contextual" in type(made.model).__name__.lower() or "seaco" in type(made.model).__name__.lower()

    def say(samples: Any, hotwords: list[str]) -> str:
        more = {"hotword": " ".join(hotwords)} if contextual and hotwords else {}
        words = first(made.generate(input=samples, fs=RATE, language="zh", use_itn=True, **more))
        return first(marks.generate(input=[words])) if marks and words else words  # in a list it is never taken for a path

    def hear(samples: Any, hotwords: list[str]) -> list[tuple[float, float, str]]:
        return [
            (begin / 1000, end / 1000, say(samples[begin * RATE // 1000 : end * RATE // 1000], hotwords))
            for begin, end in together(cut.generate(input=samples, fs=RATE)[0]["value"])
            if end - begin >= SHORTEST * 1000
        ]

    return hear


def together(pieces: list[list[int]]) -> list[list[int]]:
    """Short neighbours in one, for their context. FunASR's own `merge_vad` would take the silence between two for a piece of speech."""
    made: list[list[int]] = []
    for begin, end in pieces:
        if made and begin - made[-1][1] <= GAP_MS and end - made[-1][0] <= MERGED_MS:
            made[-1][1] = end
        else:
            made.append([begin, end])
    return made


if __name__ == "__main__":
    main(sys.argv[1])
