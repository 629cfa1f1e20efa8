"""A rule change replayed over a year of 200 reps: on the wall, and in memory; in a process of its own, as the command has it."""

import asyncio
import json
import random
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bot.config.load import compile_bytes
from bot.replay import replay
from bot.store.database import tortoise_config
from bot.store.fields import to_ms
from tests.bench.ack import opened
from tests.bench.figures import Broken, Figure, Plan, figure

REPS, ACTIONS, CLIENTS = 200, 1_500_000, 10_000
GOAL_S, GOAL_MB = 60.0, 600.0
SINCE = datetime(2025, 11, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=365)
STAGES = ("lead", "need", "need", "demo", "negotiate", "sign")
REGIONS = '[[regions]]\nid = "south"\nname = "华南"\n'
RULES = """
[[rules]]
id = "inactive-72h"
kind = "inactivity"
hours = {hours}
[[rules]]
id = "excess-need"
kind = "excess"
stage = "need"
per_day = 5
[[rules]]
id = "short-demo"
kind = "short_dwell"
stage = "demo"
"""
TURN = "INSERT INTO turns (id, at, op, action, rep, customer, stage, tier, began, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
CUSTOMER = (
    "INSERT INTO customers (id, name, aliases, owner, region, annual_purchase_fen, industry, address, imported_at)"
    " VALUES (?, ?, '[]', ?, 'south', 100000, '', '', ?)"
)
PERSON = "INSERT INTO people (id, name, roles, region, active, updated_at) VALUES (?, ?, '[\"rep\"]', 'south', 1, ?)"


def measure(plan: Plan) -> list[Figure]:
    actions = 15_000 if plan.quick else ACTIONS
    asyncio.run(_filled(plan.folder, actions))
    told = [_run(plan.folder) for _ in range(1 if plan.quick else min(plan.rounds, 3))]
    if {one["turns"] for one in told} != {actions} or not told[0]["more"]:
        raise Broken(f"{told[0]}")
    note = f"{REPS} 人一年 {actions:,} 个动作，{told[0]['turns']:,} 处变化；多报 {told[0]['more']:,} 条、涉及 {told[0]['people']} 人"
    return [
        figure("72 → 48 小时，在一年的记录上试算", (one["seconds"] for one in told), "秒", at_most=GOAL_S, note=note),
        figure("其中 CPU", (one["cpu"] for one in told), "秒", note="别的进程占着机器时，看这一行"),
        figure("试算用的内存（整个进程）", (one["mb"] for one in told), "MB", at_most=GOAL_MB, note="现行规则和新规则同时走"),
    ]


async def _filled(folder: Path, actions: int) -> None:
    async with opened(f"sqlite://{folder / 'year.sqlite3'}", folder, migrate=True):
        pass
    await asyncio.to_thread(_fill, folder / "year.sqlite3", actions)


def _fill(path: Path, actions: int) -> None:
    clients = max(CLIENTS * actions // ACTIONS, REPS)
    base = sqlite3.connect(path)
    base.executemany(PERSON, ((f"E{n:03}", f"销售{n:03}", to_ms(SINCE)) for n in range(REPS)))
    owned = ((f"C{n:05}", f"客户{n:05}", f"E{n % REPS:03}", to_ms(SINCE)) for n in range(clients))
    base.executemany(CUSTOMER, owned)
    base.executemany(TURN, _turns(actions, clients))
    base.commit()
    base.close()


def _turns(actions: int, clients: int) -> Iterator[tuple[Any, ...]]:
    """In the order of the ledger: each action complete, then submitted, from nine to six on every day; some customers more often."""
    source, index = random.Random(1), 0
    for day in range(365):
        first, last = actions * day // 365, actions * (day + 1) // 365
        found = [turn for number in range(first, last) for turn in _action(number, day, (number - first) / (last - first), clients, source)]
        for at, *rest in sorted(found):
            index += 4
            yield (index, at, *rest)


def _action(number: int, day: int, place: float, clients: int, source: random.Random) -> Iterator[tuple[Any, ...]]:
    began = to_ms(SINCE + timedelta(days=day, hours=1)) + round(place * 9 * 3_600_000)
    client = min(int(source.paretovariate(1.2) * clients / 40) + source.randrange(clients), clients - 1)
    took = source.randrange(40_000, 1_800_000)
    same = (f"a_{number:024}", f"E{client % REPS:03}", f"C{client:05}", STAGES[number % len(STAGES)], "T4", began)
    yield (began + took - 20_000, "complete", *same, None)
    yield (began + took, "submitted", *same, began + took)


def _run(folder: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", "tests.bench.rules", str(folder)], capture_output=True, text=True, timeout=900, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


async def _replayed(folder: Path) -> dict[str, Any]:
    from tortoise import Tortoise

    await Tortoise.init(config=tortoise_config(f"sqlite://{folder / 'year.sqlite3'}", folder), _enable_global_fallback=True)
    try:
        old, new = (compile_bytes((REGIONS + RULES.format(hours=hours)).encode(), "c").config for hours in (72, 48))
        since, processor = perf_counter(), process_time()
        effect = await replay(old, new, None, UNTIL + timedelta(days=1))
        seconds, cpu = perf_counter() - since, process_time() - processor
    finally:
        await Tortoise.close_connections()
    mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu": cpu, "mb": mb, "turns": effect.turns, "more": len(effect.more), "people": len(effect.people)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_replayed(Path(sys.argv[1])))))
