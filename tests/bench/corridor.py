"""For later versions to compare with: messages through the whole corridor, one step after the other, on SQLite.

A step: claim, read, gather, decide, then ledger, projections, rules, outbox and the row done in one fsynced commit.
"""

import asyncio
from time import perf_counter, process_time

from bot.commands.assembly import Setup, opened
from bot.corridor import walk
from bot.line import Line
from bot.model import Envelope
from bot.store import inbox_rows
from bot.taking_in import store
from tests.bench.ack_server import setup
from tests.bench.callbacks import CLOCK, location, sealed, wecom
from tests.bench.figures import Broken, Figure, Plan, figure

PEOPLE = "id,name,role,region,wecom\n" + "".join(f"E{number:03d},员工{number:03d},rep,south,user{number:04d}\n" for number in range(500))
CUSTOMERS = "id,name,annual_purchase,owner,address,lat,lng,datum\n" + "".join(
    f"C{number:03d},客户{number:03d}有限公司,600000,E{number:03d},科苑南路,22.5,113.9,gcj02\n" for number in range(500)
)


def measure(plan: Plan) -> list[Figure]:
    return asyncio.run(_measure(plan))


async def _measure(plan: Plan) -> list[Figure]:
    count = 20 if plan.quick else 200
    async with opened(_setup(plan), migrate=True) as (line, _):
        for kind, text in (("people", PEOPLE), ("customers", CUSTOMERS)):
            await store(line, kind, text.encode(), f"{kind}.csv", "bench")
        rounds = [await _round(line, number * count, count) for number in range(plan.rounds + 1)][1:]
    return [
        figure("一条定位消息走完全程 SQLite", [count / wall for wall, _ in rounds], "条/秒", note="单个工作者，逐条提交"),
        figure("一条定位消息走完全程 SQLite，CPU", [cpu / count * 1e3 for _, cpu in rounds], "毫秒"),
    ]


def _setup(plan: Plan) -> Setup:
    return setup("sqlite://corridor.sqlite3", plan.folder, "checkin = false\n")


async def _round(line: Line, first: int, count: int) -> tuple[float, float]:
    """Seconds by the wall and of the processor for `count` steps."""
    adapter = wecom()
    for number in range(first, first + count):
        envelope = adapter.open({}, *sealed(location(number)), CLOCK.now())
        assert isinstance(envelope, Envelope)
        await line.inbox.receive(envelope)
    wall, cpu, done = perf_counter(), process_time(), 0
    while ids := await inbox_rows.due(line.database.connection, CLOCK.now(), count):
        for id_ in ids:
            await walk(line, id_)
        done += len(ids)
    if done != count:
        raise Broken(f"{done} of {count} messages worked")
    return perf_counter() - wall, process_time() - cpu
