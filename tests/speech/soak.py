"""`python -m tests.speech.soak`: hundreds of voices through one worker; its memory must not grow."""

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import time

from adapters.media import MediaInspector
from adapters.speech import Engine, SpeechWorker
from tests.speech.score import AUDIO, SPOKEN
from tests.speech.weights import ROOT, WHISPER

CLIPS, GROWTH = 500, 1.10  # the last fifth against the second
EVERY = 25


async def soak(clips: int) -> int:
    """Return 0 when memory stayed flat."""
    worker = SpeechWorker(Engine(name="faster-whisper", model=WHISPER), MediaInspector(), memory_mb=1 << 20)
    names = itertools.cycle([f"{name}.{ending}" for ending in ("amr", "ogg") for name in SPOKEN])
    sizes, spoken, began = [], 0.0, time.perf_counter()
    try:
        for number, name in enumerate(itertools.islice(names, clips), 1):
            spoken += (await worker.transcribe(AUDIO / name, "", ())).seconds
            sizes.append(worker.rss_mb)
            if number % EVERY == 0:
                print(f"{number}/{clips}  {worker.rss_mb} MB", flush=True)
    finally:
        await worker.close()
    fifth = max(clips // 5, 1)
    early, late = statistics.median(sizes[fifth : 2 * fifth] or sizes), statistics.median(sizes[-fifth:])
    told = {
        "clips": clips,
        "rtf": round((time.perf_counter() - began) / spoken, 3),
        "early_mb": early,
        "late_mb": late,
        "most_mb": max(sizes),
        "restarts": worker.restarts,
    }
    (ROOT / "out").mkdir(exist_ok=True)
    (ROOT / "out" / "soak.json").write_text(json.dumps(told) + "\n", encoding="utf-8")
    print(json.dumps(told))
    return 0 if late <= early * GROWTH else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="识别进程连续转写, 看内存是否平稳")
    parser.add_argument("--clips", type=int, default=CLIPS, help=f"段数 (默认 {CLIPS})")
    sys.exit(asyncio.run(soak(parser.parse_args().clips)))
