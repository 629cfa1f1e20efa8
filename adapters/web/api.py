"""The JSON API under /api/v1: reads for integrators and pages, and facts taken in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from adapters.web import params
from adapters.web.desk import Desk
from adapters.web.facts import facts_route
from adapters.web.figures import FiguresApi
from adapters.web.openapi import document
from adapters.web.problems import answer, refuse
from adapters.web.shapes import Shapes
from adapters.web.viewer import caller_of
from bot.intake import FEEDS
from bot.store import reading_records
from bot.store.reading_records import Period

BASE = "/api/v1"


def routes(desk: Desk) -> list[web.RouteDef]:
    api = Api(desk)
    return [
        web.get(f"{BASE}/openapi.json", api.openapi),
        web.get(f"{BASE}/actions", api.actions),
        web.get(f"{BASE}/actions/{{id}}", api.action),
        web.get(f"{BASE}/alerts", api.alerts),
        *FiguresApi(desk).routes(BASE),
        web.get(f"{BASE}/customers/{{id}}", api.customer),
        web.get(f"{BASE}/facts/{{kind}}/{{id}}", api.fact),
        facts_route(BASE, desk),
    ]


class Api:
    """Every handler first learns who asks, then reads within that scope."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def openapi(self, _: web.Request) -> web.Response:
        return answer(document(self._desk.config().server.public_url))

    async def actions(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.ActionsQuery, request.query)
        asked = Period(customer=query.customer, rep=query.rep, since=query.since, until=query.until)
        found = await reading_records.actions(viewer.scope, asked, query.cursor, query.limit + 1)
        items = [self._shapes().action(one) for one in found[: query.limit]]
        return _page(items, [(one.action.stamp.at, one.action.id) for one in found], query.limit)

    async def action(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        params.read(params.NoQuery, request.query)
        id_ = _id(request)
        found = await reading_records.action(viewer.scope, id_) or refuse(404)
        await self._desk.record_viewed(id_, viewer.name, "api")
        return answer(self._shapes().action(found))

    async def alerts(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.AlertsQuery, request.query)
        found = await reading_records.alerts(viewer.scope, query.state, query.cursor, query.limit + 1)
        items = [self._shapes().alert(one) for one in found[: query.limit]]
        return _page(items, [(one.since, one.id) for one in found], query.limit)

    async def customer(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        params.read(params.NoQuery, request.query)
        found = await reading_records.profile(viewer.scope, _id(request), self._desk.config(), self._desk.clock.now()) or refuse(404)
        return answer(self._shapes().customer(found))

    async def fact(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        params.read(params.NoQuery, request.query)
        kind = request.match_info["kind"]
        if kind not in FEEDS:
            refuse(404)
        return answer(self._shapes().fact(await reading_records.fact(viewer.scope, kind, _id(request)) or refuse(404)))

    def _shapes(self) -> Shapes:
        return Shapes(config=self._desk.config(), word=self._desk.word)


def _id(request: web.Request) -> str:
    id_ = request.match_info["id"]
    return id_ if params.usable(id_) else refuse(404)


def _page(items: Sequence[Mapping[str, Any]], positions: Sequence[tuple[datetime, str]], limit: int) -> web.Response:
    more = len(positions) > limit
    return answer({"items": items, "next": params.cursor(*positions[limit - 1]) if more else None})
