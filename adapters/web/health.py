"""Alive, ready, and in figures."""

from aiohttp import web

from adapters.web.desk import Desk
from adapters.web.metrics import Metrics
from adapters.web.problems import answer
from bot.errors import StoreError


def routes(desk: Desk, metrics: Metrics) -> list[web.RouteDef]:
    async def healthz(_: web.Request) -> web.Response:
        return answer({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        try:
            reasons = await desk.ready()
        except StoreError:
            reasons = ["数据库不可用"]
        return answer({"status": "unready" if reasons else "ready", "reasons": reasons}, status=503 if reasons else 200)

    async def figures(_: web.Request) -> web.Response:
        return web.Response(body=metrics.text(await desk.stats()), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    return [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", figures)]
