"""The board and the lists behind its figures. Who leads a region sees it, a rep sees himself, anybody else nothing."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from markupsafe import Markup

from adapters.web import params
from adapters.web.board_lists import LISTS, PAGE, Row
from adapters.web.desk import Desk
from adapters.web.figures import region_of
from adapters.web.pages import Pages
from adapters.web.problems import refuse
from adapters.web.signin import SignIn
from adapters.web.viewer import Viewer
from bot import charts
from bot.measures.board import Board, Within
from bot.model import Role
from bot.render import percent
from bot.store import people
from bot.store.board import board
from bot.store.reading import months_until
from bot.store.trend import Trend

CHOICE = 12  # months to choose from
RECORD = "board"  # what a look is noted under


class BoardPages:
    """`/board` and `/board/{list}`: the filters are in the address, so that it can be sent on; who opens it sees his own scope."""

    def __init__(self, desk: Desk, pages: Pages, sign_in: SignIn) -> None:
        self._desk = desk
        self._pages = pages
        self._sign_in = sign_in
        self._trend = Trend()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/board", self.page), web.get("/board/{list}", self.list)]

    async def page(self, request: web.Request) -> web.StreamResponse:
        viewer = await self._sign_in.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        query = params.read(params.BoardQuery, request.query)
        asked = self._asked(viewer, query)
        found = await board(self._desk.config(), asked, self._desk.clock.now(), self._trend, query.grade)
        await self._desk.record_viewed(RECORD, viewer.name, "page")
        names = await people.names([*found.by_rep, *found.completeness.by_rep, *(one.rep for one in found.efforts)])
        shown = {
            "board": found,
            "names": names,
            "months": months_until(self._this_month(), CHOICE)[::-1],
            **_drawn(found, self._this_month()),
        }
        return self._render("board/board", viewer, query, asked, shown)

    async def list(self, request: web.Request) -> web.StreamResponse:
        viewer = await self._sign_in.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        query = params.read(params.BoardQuery, request.query)
        asked = self._asked(viewer, query)
        read = LISTS.get(request.match_info["list"]) or refuse(404)
        total, rows = await read(self._desk.config(), asked, query, self._desk.clock.now())
        await self._desk.record_viewed(RECORD, viewer.name, "page")
        after = query.cursor + PAGE
        shown = {
            "list": request.match_info["list"],
            "total": total,
            "rows": [self._linked(viewer, row) for row in rows],
            "more": self._link(query, request.path, cursor=str(after)) if after < total else "",
        }
        return self._render("board/list", viewer, query, asked, shown)

    def _asked(self, viewer: Viewer, query: params.BoardQuery) -> Within:
        """Problem 403 for who sees no figures, 404 for another region or another rep."""
        month = query.month or self._this_month()
        if viewer.scope.person:
            own = viewer.scope.person
            if viewer.person is None or Role.REP not in viewer.person.roles:
                refuse(403)
            if query.region or query.rep not in ("", own):
                refuse(404)
            return Within(month=month, rep=own)
        return Within(month=month, region=region_of(self._desk.config(), viewer, query.region) or "", rep=query.rep)

    def _this_month(self) -> str:
        return f"{self._desk.clock.now().astimezone(self._desk.config().zone):%Y-%m}"

    @staticmethod
    def _linked(viewer: Viewer, row: Row) -> Row:
        """A rep may not open an alert's page: what is about him is told by his own records."""
        return row.bare() if viewer.scope.person and row.href.startswith("/record/al_") else row

    @staticmethod
    def _link(query: params.BoardQuery, path: str, **changed: str) -> str:
        """The same question with something changed; empty values are left out."""
        asked = {name: str(value) for name, value in query.model_dump().items() if value} | changed
        told = urlencode({name: value for name, value in asked.items() if value and not (name == "cursor" and value == "0")})
        return f"{path}?{told}" if told else path

    def _render(self, template: str, viewer: Viewer, query: params.BoardQuery, asked: Within, shown: dict[str, Any]) -> web.Response:
        config, now = self._desk.config(), self._desk.clock.now()
        seen = viewer.scope.regions
        regions = [one for one in config.regions if seen is None or one.id in seen] if not viewer.scope.person else []
        base = query.model_copy(update={"month": asked.month, "region": asked.region, "rep": query.rep, "cursor": 0})

        def local(at: datetime) -> datetime:
            return at.astimezone(config.zone)

        def link(name: str = "", **changed: str) -> str:
            cleared = {"state": "", "lack": "", "stage": "", "rule": ""}
            return self._link(base, f"/board/{name}" if name else "/board", **(cleared | changed))

        values = {"viewer": viewer.person, "config": config, "asked": asked, "query": query, "regions": regions, "local": local, "now": now}
        return self._pages.render(template, {**values, "link": link, "percent": percent, **shown})


def _drawn(found: Board, current: str) -> dict[str, Any]:
    """The charts; `current`: the month that still runs. What a chart is told is escaped where it is drawn."""

    def bar(report: Any) -> Markup:
        return Markup(charts.shares(report.done, report.explained, report.unexplained))  # noqa: S704 - numbers alone

    points = [charts.Point(label=one.month, rate=one.rate, running=one.month == current) for one in found.trend]
    names = {one.stage: one.name for one in found.actions}
    last = found.funnel.steps[-1:]
    bands = [
        charts.Band(label=names.get(one.stage, one.stage), value=one.reached, note="" if one in last else _onwards(one.conversion))
        for one in found.funnel.steps
    ]
    # A phone gets drawings of its own: scaled down, their words could not be read. What people wrote is escaped in bot/charts.py.
    return {
        "bar": bar,
        "trend": {"wide": Markup(charts.trend(points)), "narrow": Markup(charts.trend(points, width=320, height=200))},  # noqa: S704 - escaped there
        "funnel": {"wide": Markup(charts.funnel(bands)), "narrow": Markup(charts.funnel(bands, width=320))},  # noqa: S704 - escaped there
    }


def _onwards(conversion: float | None) -> str:
    return "" if conversion is None else f"{conversion:.0%} 继续"
