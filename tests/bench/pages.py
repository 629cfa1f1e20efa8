"""Pages over a long history: the server's CPU time for each at ten thousand actions and at a million; their weight."""

import asyncio
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from adapters.web.app import build
from adapters.web.desk import Standing
from adapters.web.pages import STYLE
from bot.model import Visit
from bot.store import ledger_rows, visit_view
from bot.store.database import Database, tortoise_config
from bot.vault import Vault
from tests.bench import company
from tests.bench.figures import Broken, Figure, Plan, figure, ratios
from tests.web.company import NOW
from tests.web.outside import Bench, NoVisits, Wound

GOAL_MS = 100
GOAL_KB = 60
TIMES = 20
PATHS = {  # name → path, and who looks
    "看板，全部区域": ("/board", "X001"),
    "看板，一个区域": ("/board?region=r3", "X001"),
    "看板，上个月": ("/board?month=2026-10", "X001"),
    "看板，销售自己": ("/board", "E007"),
    "记录": ("/record/{action}", "D003"),
    "列表，主管": ("/record", "D003"),
    "列表，某月某状态": ("/record?month=2026-11&state=incomplete", "D003"),
    "列表，某客户": ("/record?customer=C00003", "D003"),
    "我的": ("/me", "E007"),
    "拜访": ("/visit/{visit}", "{rep}"),
    "签字": (f"/sign/{company.SECRET}", ""),
}


@dataclass(slots=True)
class Spent:
    """Of one page: milliseconds of the first look, of each later one, and its compressed bytes."""

    first: float = 0.0
    ms: list[float] = field(default_factory=list)
    kb: float = 0.0


class Visits(NoVisits):
    """Visits as the database has them, with nothing checked."""

    async def visit(self, id_: str) -> Visit | None:
        return await visit_view.visit(id_)

    async def standing(self, visit: Visit) -> Standing:
        return Standing(devices=await visit_view.devices(visit.rep))


def measure(plan: Plan) -> list[Figure]:
    return asyncio.run(_measure(plan))


async def _measure(plan: Plan) -> list[Figure]:
    sizes = (1_000, 4_000) if plan.quick else (10_000, 1_000_000)
    few, many = [await _pages(plan.folder / str(size), size, 3 if plan.quick else TIMES) for size in sizes]
    figures = [
        figure(
            f"页面：{name}，{sizes[1]:,} 个动作",
            one.ms,
            "毫秒",
            at_most=GOAL_MS,
            note=f"CPU，连同测试用的浏览器；启动后第一次 {one.first:.0f} 毫秒；压缩后 {one.kb:.1f} KB",
        )
        for name, one in many.items()
    ]
    figures += [ratios(f"页面：{name}，{sizes[1]:,} ÷ {sizes[0]:,}", many[name].ms, few[name].ms) for name in PATHS]
    styles = sum(len(zlib.compress(file.read_bytes())) for file in STYLE.glob("*.css")) / 1024
    heaviest = max(one.kb for one in many.values()) + styles
    return [*figures, figure("页面：最重的一页，压缩后，连同样式", [heaviest], "KB", at_most=GOAL_KB)]


async def _pages(folder: Path, size: int, times: int) -> dict[str, Spent]:
    folder.mkdir()
    database = Database(tortoise_config("sqlite://pages.sqlite3", folder))
    await database.open(migrate=True)
    await ledger_rows.ensure_head()
    await asyncio.to_thread(company.fill, folder / "pages.sqlite3", size)
    bench = Bench(Wound(NOW), Vault(folder / "vault"), database, company.CONFIG)
    desk = replace(bench.desk(), visits=Visits(folder))
    words = {"action": company.action(size - 7), "visit": company.visit(size - 1), "rep": company.of(size - 1)[0]}
    found: dict[str, Spent] = {}
    try:
        async with TestClient(TestServer(build(desk))) as client:
            await client.get("/healthz")
            for name, (path, person) in PATHS.items():
                spent, *ms = [await _get(client, bench, path.format(**words), person.format(**words)) for _ in range(times + 1)]
                found[name] = Spent(first=spent[0], ms=[one for one, _ in ms], kb=spent[1])
    finally:
        await database.close()
    return found


async def _get(client: TestClient[Any, Any], bench: Bench, path: str, person: str) -> tuple[float, float]:
    """Milliseconds of CPU, and kilobytes compressed."""
    began = process_time()
    answer = await client.get(path, cookies=bench.session(person) if person else {})
    body = await answer.read()
    took = (process_time() - began) * 1000
    if answer.status != 200 or len(body) < 2000:
        raise Broken(f"{path}: {answer.status}")
    return took, len(zlib.compress(body)) / 1024
