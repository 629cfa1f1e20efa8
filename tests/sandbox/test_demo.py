"""`python -m bot demo` as a user runs it."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from adapters.sandbox.company import environment

ROOT = Path(__file__).parents[2]
READY = 90.0  # seconds that a busy machine may take to set the stage
pytestmark = pytest.mark.timeout(200)


async def _bot(*words: str, folder: Path, **environ: str) -> Process:
    config = ("--config", str(folder / "config.toml"))
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, *config, cwd=ROOT, stdout=PIPE, stderr=PIPE, env={**os.environ, **environ}
    )


async def _until_address(demo: Process) -> str:
    assert demo.stdout
    async with asyncio.timeout(READY):
        while line := (await demo.stdout.readline()).decode():
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                return found[0]
    raise AssertionError("the demo ended before it was ready")


HEARD = ("报价异议处理", "再提交", "技术总监", "看到了文字和更正")


async def test_play_tells_the_whole_story_and_checks_every_step(tmp_path: Path) -> None:
    demo = await _bot("demo", "--play", folder=tmp_path)
    out, complaints = await asyncio.wait_for(demo.communicate(), 180)
    story = out.decode()
    assert demo.returncode == 0, story[-2000:] + complaints.decode()
    assert complaints.decode() == ""
    steps = re.findall(r"^● (.*)$", story, re.MULTILINE)
    expected = (
        "外出打卡",
        "方案演示",
        "照片",
        "32 秒",
        "结束拜访",
        "已入账",
        *HEARD,
        "40 秒",
        "第 6 次",
        "三天",
        "我来跟进",
        "打开了华强的记录",
    )
    assert len(steps) == len(expected)
    assert all(word in step for word, step in zip(expected, steps, strict=True))
    assert "红灯亮起" in story
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
async def test_ctrl_c_ends_it_well_and_kept_data_are_sound_and_go_on(tmp_path: Path) -> None:
    first = await _bot("demo", "--keep", "--port", "0", folder=tmp_path)
    await _until_address(first)
    first.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(first.wait(), 15) == 0

    verify = await _bot("verify", folder=tmp_path / "data" / "demo", **environment())
    out, _ = await asyncio.wait_for(verify.communicate(), 60)
    assert verify.returncode == 0
    assert "全部相符" in out.decode()
    size = int(re.findall(r"核验 (\d+) 条", out.decode())[0])
    assert size > 2500

    second = await _bot("demo", "--keep", "--port", "0", folder=tmp_path)
    await _until_address(second)
    second.terminate()
    assert await asyncio.wait_for(second.wait(), 15) == 0
    again = await _bot("verify", folder=tmp_path / "data" / "demo", **environment())
    out, _ = await asyncio.wait_for(again.communicate(), 60)
    assert size <= int(re.findall(r"核验 (\d+) 条", out.decode())[0]) < size + 100
