"""The JSON API of figures: coverage with its parts and slots, completeness, funnel, red lights by rule, minutes, deals."""

from typing import Any

from aiohttp import web

from adapters.web import params
from adapters.web.desk import Desk
from adapters.web.figure_shapes import FigureShapes
from adapters.web.problems import answer, refuse
from adapters.web.viewer import Viewer, caller_of
from bot.config.schema import Config
from bot.measures.board import Within
from bot.store import reading, reading_deals, reading_figures, reading_funnel
from bot.store.board import points
from bot.store.trend import Trend


class FiguresApi:
    """Figures of a region are its director's: 403 for reps, 404 for another region or another region's rep."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._trend = Trend()

    def routes(self, base: str) -> list[web.RouteDef]:
        return [
            web.get(f"{base}/coverage", self.coverage),
            web.get(f"{base}/coverage/slots", self.slots),
            web.get(f"{base}/coverage/trend", self.trend),
            web.get(f"{base}/completeness", self.completeness),
            web.get(f"{base}/funnel", self.funnel),
            web.get(f"{base}/funnel/claims", self.claims),
            web.get(f"{base}/alarms", self.alarms),
            web.get(f"{base}/efforts", self.efforts),
            web.get(f"{base}/deals/anomalies", self.anomalies),
            web.get(f"{base}/collection", self.collection),
        ]

    async def coverage(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.CoverageQuery, request.query)
        asked, region = self._asked(viewer, query.month, query.region, query.rep)
        month = await reading.coverage_month(self._config, asked.month, self._desk.clock.now(), region)
        return answer(self._shapes.coverage(month, region, query.rep, query.grade))

    async def slots(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.SlotsQuery, request.query)
        asked, _ = self._asked(viewer, query.month, query.region, query.rep)
        found = await reading.coverage_slots(
            self._config,
            asked.month,
            self._desk.clock.now(),
            region=asked.region,
            rep=query.rep,
            grade=query.grade,
            customer=query.customer,
        )
        return answer(_page([self._shapes.slot(one) for one in found if query.state in ("", one.state)], query.cursor, query.limit))

    async def trend(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.TrendQuery, request.query)
        asked, region = self._asked(viewer, query.month, query.region, query.rep)
        months = await self._trend.months(self._config, asked.month, self._desk.clock.now(), region, query.months)
        return answer({"region": region, "items": [self._shapes.point(one) for one in points(months, region, query.rep)]})

    async def completeness(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.PartQuery, request.query)
        asked, region = self._asked(viewer, query.month, query.region, query.rep)
        found = await reading_figures.completeness_month(self._config, asked, self._desk.clock.now())
        return answer(self._shapes.completeness(asked.month, region, found))

    async def funnel(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.PartQuery, request.query)
        asked, region = self._asked(viewer, query.month, query.region, query.rep)
        counts = await reading.funnel(self._config, asked.month, region, self._desk.clock.now(), query.rep, customers=True)
        found = await reading_funnel.funnel_month(self._config, asked, self._desk.clock.now())
        return answer(self._shapes.funnel(asked.month, region, counts, found))

    async def claims(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.ListQuery, request.query)
        asked, _ = self._asked(viewer, query.month, query.region, query.rep)
        found = await reading_funnel.claims_month(self._config, asked, self._desk.clock.now())
        return answer(_page([self._shapes.claim(one) for one in found], query.cursor, query.limit))

    async def alarms(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.PartQuery, request.query)
        asked, region = self._asked(viewer, query.month, query.region, query.rep)
        found = await reading_figures.alarms_month(self._config, asked)
        return answer({"month": asked.month, "region": region, "items": [self._shapes.alarm(one) for one in found]})

    async def efforts(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.PartQuery, request.query)
        asked, region = self._asked(viewer, query.month, query.region, query.rep)
        start, end = reading.month_bounds(self._config, asked.month)
        found = await reading_figures.efforts(self._config, start, end, asked.region, query.rep)
        return answer({"month": asked.month, "region": region, "items": [self._shapes.effort(one) for one in found]})

    async def anomalies(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.NowQuery, request.query)
        asked, region = self._asked(viewer, "", query.region, query.rep)
        found = await reading_deals.honesty_now(self._config, self._desk.clock.now(), asked.region, query.rep)
        return answer(self._shapes.honesty(region, found))

    async def collection(self, request: web.Request) -> web.Response:
        viewer = await caller_of(request, self._desk)
        query = params.read(params.PartQuery, request.query)
        asked, region = self._asked(viewer, query.month, query.region, query.rep)
        found = await reading_deals.collection_month(self._config, asked, self._desk.clock.now())
        return answer(self._shapes.collection(asked.month, region, found))

    @property
    def _config(self) -> Config:
        return self._desk.config()

    @property
    def _shapes(self) -> FigureShapes:
        return FigureShapes(self._config)

    def _asked(self, viewer: Viewer, month: str, asked: str, rep: str) -> tuple[Within, str | None]:
        """Month and part of the company, and the region by itself (None = all)."""
        region = region_of(self._config, viewer, asked)
        this = f"{self._desk.clock.now().astimezone(self._config.zone):%Y-%m}"
        return Within(month=month or this, region=region or "", rep=rep), region


def region_of(config: Config, viewer: Viewer, asked: str) -> str | None:
    """The region to count, None = all. Problem 403 for who leads none, 404 for another region."""
    if viewer.scope.person:
        refuse(403)
    region = next((one.id for one in config.regions if one.id == asked), None) if asked else None
    if asked and region is None:
        refuse(404, "没有这个区域，或您无权查看")
    regions = viewer.scope.regions
    if regions is None:
        return region
    own = min(regions, default=None) or refuse(403)
    return own if region in (None, own) else refuse(404)


def _page(items: list[Any], cursor: int, limit: int) -> dict[str, Any]:
    after = cursor + limit
    return {"items": items[cursor:after], "next": str(after) if after < len(items) else None}
