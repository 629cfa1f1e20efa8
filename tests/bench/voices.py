"""Voices: matching words, hearing a minute of speech, and what ten queued voices do to everybody else's ack."""

import asyncio
import os
import signal
import statistics
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter

from adapters.media import MediaInspector
from adapters.speech import Engine, SpeechWorker, installed
from bot.config.schema import Config
from bot.hearing.lexicons import Lexicons
from tests.bench.ack import load, opened, server
from tests.bench.callbacks import write_requests
from tests.bench.figures import Broken, Figure, Plan, figure, ratios
from tests.speech.score import AUDIO, SPOKEN
from tests.speech.weights import WHISPER

MATCH_MS, HEAR_S, P99 = 2.0, 20.0, 1.2
MINUTE = 340  # characters: 60 s at the clips' speed
QUEUED, TURNS, SIZE = 10, 8, 500  # callbacks a turn, as many turns with voices as without
URL = "sqlite://inbox.sqlite3"
MISSING = "没有安装语音组件或测试模型：make install-speech，make test-speech"


def measure(plan: Plan) -> list[Figure]:
    found = [_matching(plan)]
    if not (installed("faster-whisper") and (WHISPER / "model.bin").is_file()):
        return [*found, Figure(name="转写", value=None, note=MISSING)]
    return [*found, *asyncio.run(_hearing(plan)), asyncio.run(_beside(plan))]


def _matching(plan: Plan) -> Figure:
    """Keywords and titles of a minute's words, with the lexicons compiled anew each time, as the product does."""
    text = "".join(SPOKEN.values()).replace("\n", "")
    text = (text * (MINUTE // len(text) + 1))[:MINUTE]
    times = []
    for _ in range(plan.rounds + 1):
        start = perf_counter()
        lexicons = Lexicons(Config())
        lexicons.keywords.marks(text)
        lexicons.titles.marks(text)
        times.append((perf_counter() - start) * 1e3)
    return figure("关键词与职务匹配，60 秒语音的文字", times[1:], "毫秒", at_most=MATCH_MS)


async def _hearing(plan: Plan) -> list[Figure]:
    """From the file to the words, with a recogniser that is there already, and with one that has to start."""
    path = _minute(plan.folder)
    worker = SpeechWorker(Engine(name="faster-whisper", model=WHISPER), MediaInspector())
    try:
        start = perf_counter()
        await worker.transcribe(AUDIO / "short-note.amr", "", ())
        cold = perf_counter() - start
        times = []
        for _ in range(1 if plan.quick else 3):
            start = perf_counter()
            heard = await worker.transcribe(path, "", ())
            times.append(perf_counter() - start)
        if not 59 < heard.seconds < 61:
            raise Broken(f"a minute of {heard.seconds} s")
        note = f"faster-whisper base；进程 {worker.rss_mb} MB"
        return [
            figure("60 秒语音转成文字，识别进程已在", times, "秒", at_most=HEAR_S, note=note),
            figure("第一段短语音，含启动识别进程", [cold], "秒"),
        ]
    finally:
        await worker.close()


def _minute(folder: Path) -> Path:
    """A minute of speech: clips one after the other, frame by frame."""
    frames = b"".join((AUDIO / f"{name}.amr").read_bytes()[6:] for name in SPOKEN)
    path = folder / "minute.amr"
    path.write_bytes(b"#!AMR\n" + (frames * 2)[: 32 * 50 * 60])
    return path


async def _beside(plan: Plan) -> Figure:
    async with opened(URL, plan.folder, migrate=True):
        pass
    return await asyncio.to_thread(_acks, plan)


def _acks(plan: Plan) -> Figure:
    """The slowest acks while ten voices are heard, against none: the recogniser is stopped and let go on, turn by turn."""
    alone, beside = [], []
    with ExitStack() as stack:
        send = stack.enter_context(load())
        _, port = stack.enter_context(server("sqlite", URL, plan.folder))
        pid = stack.enter_context(_voices())
        requests = plan.folder / "requests"
        for number in range(plan.rounds + 1):
            write_requests(requests, number * 2 * TURNS * SIZE, 2 * TURNS * SIZE)
            taken: dict[signal.Signals, list[float]] = {signal.SIGSTOP: [], signal.SIGCONT: []}
            for turn in range(2 * TURNS):
                what = (signal.SIGSTOP, signal.SIGCONT)[(turn + number) % 2]
                os.kill(pid(), what)
                told = send(port, requests, turn * SIZE, SIZE)
                latencies = told["latencies"]
                if told["refused"] or not isinstance(latencies, list):
                    raise Broken("callbacks refused")
                taken[what] += latencies
            os.kill(pid(), signal.SIGCONT)
            alone.append(_p99(taken[signal.SIGSTOP]))
            beside.append(_p99(taken[signal.SIGCONT]))
    alone, beside = alone[1:], beside[1:]  # the first round only warms up
    note = f"{statistics.median(alone) * 1e3:.0f} → {statistics.median(beside) * 1e3:.0f} 毫秒"
    return ratios(f"应答 p99，{QUEUED} 段语音排队 ÷ 没有", beside, alone, at_most=P99, note=note)


def _p99(latencies: list[float]) -> float:
    return float(statistics.quantiles(latencies, n=100)[98])


@contextmanager
def _voices() -> Iterator[Callable[[], int]]:
    """Ten voices always in the queue, one of them being heard, for as long as this lasts; yields what tells the recogniser's pid."""
    worker = SpeechWorker(Engine(name="faster-whisper", model=WHISPER), MediaInspector())
    ready, stop = threading.Event(), threading.Event()

    async def hear() -> None:
        queue = deque([*SPOKEN] * 2, maxlen=QUEUED)
        try:
            while not stop.is_set():
                await worker.transcribe(AUDIO / f"{queue[0]}.amr", "", ())
                ready.set()
                queue.rotate(1)
        finally:
            ready.set()
            await worker.close()

    def pid() -> int:
        if worker.pid is None:
            raise Broken("the recogniser ended")
        return worker.pid

    thread = threading.Thread(target=lambda: asyncio.run(hear()))
    thread.start()
    ready.wait()
    try:
        yield pid
    finally:
        stop.set()
        thread.join()
