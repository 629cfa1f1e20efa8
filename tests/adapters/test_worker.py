"""The process that answers, with a real one that does as it is told."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.worker import Worker
from bot.errors import FetchError

SCRIPT = """
import json, os, sys, time
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    told = json.loads(line)
    time.sleep(told.get("sleep", 0))
    until = time.process_time() + told.get("spin", 0)
    while time.process_time() < until:
        pass
    if told.get("die"):
        os._exit(3)
    print(json.dumps({"pid": os.getpid(), "echo": told.get("echo"), "environment": sorted(os.environ)}), flush=True)
"""
Made = Callable[..., Worker]


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Made]:
    workers: list[Worker] = []

    def make(script: str = SCRIPT, *, idle_s: float = 60.0, start_s: float = 20.0, patience: int = 1) -> Worker:
        (tmp_path / "child.py").write_text(script, encoding="utf-8")
        workers.append(Worker(str(tmp_path / "child.py"), idle_s=idle_s, start_s=start_s, patience=patience, environment={"MARK": "1"}))
        return workers[-1]

    yield make
    for worker in workers:
        await worker.close()


def gone(pid: object) -> bool:
    try:
        os.kill(int(str(pid)), 0)
    except ProcessLookupError:
        return True
    return False


async def ended(pid: object) -> bool:
    for _ in range(500):
        if gone(pid):
            return True
        await asyncio.sleep(0.01)
    return False


async def test_one_child_answers_many_and_knows_no_secret(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECOM_SECRET", "x")
    worker = made()
    assert worker.pid is None, "nothing is started before there is a question"
    answers = await asyncio.gather(*(worker.ask({"echo": n}, 20.0) for n in range(5)))
    assert [told and told["echo"] for told in answers] == [0, 1, 2, 3, 4]
    assert {told and told["pid"] for told in answers} == {worker.pid}
    assert answers[0] and "MARK" in str(answers[0]["environment"]) and "WECOM_SECRET" not in str(answers[0]["environment"])


async def test_one_that_died_over_a_question_is_replaced_at_the_next(made: Made) -> None:
    worker = made()
    first = await worker.ask({}, 20.0)
    assert await worker.ask({"die": True}, 20.0) is None
    second = await worker.ask({}, 20.0)
    assert first and second and first["pid"] != second["pid"]


async def test_one_that_was_killed_between_two_questions_is_replaced(made: Made) -> None:
    worker = made()
    first = await worker.ask({}, 20.0)
    assert first and worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    assert await ended(first["pid"])
    second = await worker.ask({}, 20.0)
    assert second and first["pid"] != second["pid"]


async def test_one_that_is_too_slow_is_killed(made: Made) -> None:
    worker = made()
    first = await worker.ask({}, 20.0)
    start = time.monotonic()
    with pytest.raises(FetchError) as late:
        await worker.ask({"sleep": 60}, 0.2)
    assert (late.value.reason, late.value.permanent) == ("too_slow", False)
    assert time.monotonic() - start < 5 and first and gone(first["pid"])
    told = await worker.ask({"echo": "next"}, 20.0)
    assert told and told["echo"] == "next"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not say who had the processor")
async def test_one_that_was_given_no_turn_is_waited_for_and_one_that_had_its_turn_is_not(made: Made) -> None:
    worker = made(patience=10)
    assert await worker.ask({"sleep": 1.5}, 0.5), "three times its time, without the processor"
    start = time.monotonic()
    with pytest.raises(FetchError) as late:
        await worker.ask({"spin": 60}, 2.0)
    assert late.value.reason == "too_slow" and time.monotonic() - start < 15
    with pytest.raises(FetchError) as never:
        await worker.ask({"sleep": 60}, 0.1)
    assert never.value.reason == "too_slow", "for good, it does not wait"


async def test_a_question_that_is_given_up_leaves_no_late_answer(made: Made) -> None:
    worker = made()
    await worker.ask({}, 20.0)
    asked = asyncio.create_task(worker.ask({"echo": "old", "sleep": 1}, 20.0))
    await asyncio.sleep(0.2)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    told = await worker.ask({"echo": "new"}, 20.0)
    assert told and told["echo"] == "new"


async def test_let_go_when_idle_and_there_again_when_needed(made: Made) -> None:
    worker = made(idle_s=0.1)
    first = await worker.ask({}, 20.0)
    assert first and await ended(first["pid"])
    assert worker.pid is None
    assert await worker.ask({}, 20.0)


async def test_why_one_did_not_get_ready_is_told(made: Made, caplog: pytest.LogCaptureFixture) -> None:
    worker = made('print(\'{"ready": false, "why": "RuntimeError: no such model"}\')')
    with caplog.at_level(logging.WARNING), pytest.raises(FetchError) as caught:
        await worker.ask({}, 20.0)
    assert (caught.value.reason, caught.value.permanent) == ("unavailable", False)
    assert "RuntimeError: no such model" in caplog.text and worker.pid is None
