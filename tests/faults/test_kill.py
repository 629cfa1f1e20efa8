"""kill -9 at any instant under load: what was acked is processed exactly once, no alert is lost, none is seen twice."""

import asyncio
import random
from pathlib import Path

import pytest

from bot.failpoint import NAMES
from tests.faults.machine import REPS, Machine, invariants, machine

PHOTO = b"\xff\xd8\xff\xe0" + bytes(2000)  # no picture inside, and an original all the same
ROUNDS = 7  # a rep goes back and forth between two stages: the seventh 商务谈判 submits the seventh 需求确认
KILLS = 20


CROWD = 36  # reps in the long test: a member gets 30 messages a minute at most, so many talk slowly rather than few fast
PAUSE = 2.0  # seconds between a slow talker's messages


async def work(built: Machine, number: int, pause: float = 0.0) -> None:
    await built.say(f"rep{number}", f"开始拜访 客户{number}号公司")
    await built.show(f"rep{number}", PHOTO)
    for _ in range(ROUNDS):
        for stage in ("线上需求梳理", "商务谈判"):
            await built.say(f"rep{number}", stage)
            await asyncio.sleep(pause)


async def work_until(enough: asyncio.Event, built: Machine, number: int) -> None:
    await work(built, number, PAUSE)
    while not enough.is_set():
        await work(built, number, PAUSE)


async def everybody(built: Machine) -> None:
    await asyncio.gather(*[work(built, number) for number in range(REPS)])


QUICK = ("send.after",)  # sent, and not yet written down: the hardest place
PLACES = [pytest.param(name, marks=() if name in QUICK else pytest.mark.long) for name in NAMES]


@pytest.mark.parametrize("name", PLACES)
async def test_a_kill_at_a_named_place_loses_and_doubles_nothing(name: str, tmp_path: Path) -> None:
    async with machine(tmp_path) as built:
        await built.start(failpoint=f"{name}:{2 if name.startswith('media.') else 7}")
        working = asyncio.create_task(everybody(built))
        assert await built.died(), "the failpoint was not reached"
        await built.start()
        await working
        await built.settle()
        seen = invariants(built)
        assert await built.stop() == 0
    assert seen["alerts"] == REPS


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_random_kills_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    dice = random.Random(20261123)
    enough = asyncio.Event()
    async with machine(tmp_path, CROWD) as built:
        await built.start()
        working = asyncio.gather(*[work_until(enough, built, number) for number in range(CROWD)])
        for _ in range(KILLS):
            await asyncio.sleep(dice.uniform(0.2, 2.0))
            built.kill()
            await built.start()
        enough.set()
        await working
        await built.settle(240)
        seen = invariants(built)
        assert await built.stop() == 0
    assert seen["acked"] > CROWD * ROUNDS * 2
    assert seen["alerts"] == CROWD


async def test_sigterm_under_load_drains_within_ten_seconds(tmp_path: Path) -> None:
    async with machine(tmp_path) as built:
        await built.start()
        working = asyncio.create_task(everybody(built))
        await asyncio.sleep(1.0)
        assert await built.stop() == 0
        await built.start()
        await working
        await built.settle()
        invariants(built)
        assert await built.stop() == 0
    assert "Traceback" not in built.log()
