"""Photos: finding copies among a hundred thousand against a thousand, and what inspecting, comparing and watermarking one costs."""

import asyncio
import io
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

from PIL import Image
from tortoise.connection import get_connection

from adapters.media import MediaInspector
from bot.evidence.alike import parts
from bot.store.twins import COLUMNS, near
from tests.bench.ack import opened
from tests.bench.figures import Figure, Plan, figure, ratios
from tests.bench.postgres import scratch

WINDOWS = 11
GOAL = 10.0  # for a hundred times as many
LOOKS = 20
LINES = ["时间 2026-11-23 14:05:09 李娜", "地点 深圳华强精密模具有限公司 22.53650, 113.94550（GCJ-02）", "设备 device-of-li-na"]


def measure(plan: Plan) -> list[Figure]:
    return asyncio.run(_measure(plan))


async def _measure(plan: Plan) -> list[Figure]:
    sizes = (100, 1_000) if plan.quick else (1_000, 100_000)
    urls = (f"sqlite://{plan.folder / 'few.sqlite3'}", f"sqlite://{plan.folder / 'many.sqlite3'}")
    figures = await _compare("SQLite", plan, sizes, urls)
    async with scratch() as few, scratch() as many:
        if few is None or many is None:
            figures.append(Figure(name="查重 PostgreSQL", value=None, note="没有可用的 PostgreSQL"))
        else:
            figures += await _compare("PostgreSQL", plan, sizes, (few, many))
    return figures + await _pictures(plan)


async def _compare(name: str, plan: Plan, sizes: tuple[int, int], urls: tuple[str, str]) -> list[Figure]:
    """Each database is opened by itself: rounds alternate within what the machine does meanwhile."""
    few, many = [await _looked(url, size, plan) for url, size in zip(urls, sizes, strict=True)]
    title = f"查重 {name}，{sizes[1]:,} ÷ {sizes[0]:,} 张"
    return [ratios(title, many, few, at_most=GOAL, note=f"张数 {sizes[1] // sizes[0]} 倍；最快 {min(many) * 1e3:.2g} 毫秒一张")]


async def _looked(url: str, size: int, plan: Plan) -> list[float]:
    chance = random.Random(7)
    async with _filled(url, size, chance, plan.folder):
        times = []
        for _ in range(plan.rounds):
            start = perf_counter()
            for _ in range(LOOKS):
                await near(get_connection("default"), "", [f"{chance.getrandbits(64):016x}" for _ in range(WINDOWS)])
            times.append((perf_counter() - start) / LOOKS)
        return times


@asynccontextmanager
async def _filled(url: str, size: int, chance: random.Random, folder: Path) -> AsyncIterator[None]:
    async with opened(url, folder, migrate=True):
        db = get_connection("default")
        for start in range(0, size, 500):
            rows = [
                f"('{photo:064x}', {window}, {', '.join(map(str, parts(f'{chance.getrandbits(64):016x}')))})"
                for photo in range(start, min(start + 500, size))
                for window in range(WINDOWS)
            ]
            await db.execute_script(f'INSERT INTO photo_prints (photo, "window", {", ".join(COLUMNS)}) VALUES {", ".join(rows)};')
        await db.execute_script("ANALYZE;")
        yield


async def _pictures(plan: Plan) -> list[Figure]:
    path = plan.folder / "photo.jpg"
    out = io.BytesIO()
    Image.effect_mandelbrot((1280, 960), (-2, -1.2, 1, 1.2), 60).convert("RGB").save(out, "JPEG", quality=85)
    path.write_bytes(out.getvalue())
    media = MediaInspector()
    inspected: list[float] = []
    compared: list[float] = []
    marked: list[float] = []
    for _ in range(plan.rounds):
        for times, work in (
            (inspected, media.inspect(path, "photo")),
            (compared, media.likeness(path, [path] * 8)),
            (marked, media.watermark(path, "image/jpeg", LINES)),
        ):
            start = perf_counter()
            await work
            times.append(perf_counter() - start)
    return [
        figure("照片：验看与指纹", inspected, "秒", note="1280×960，子进程内"),
        figure("照片：与 8 张候选逐一比对", compared, "秒"),
        figure("照片：水印副本", marked, "秒"),
    ]
