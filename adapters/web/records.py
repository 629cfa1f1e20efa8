"""The page of records: newest first, filtered by its address, so that every figure can link to what stands behind it."""

from urllib.parse import urlencode

from aiohttp import web

from adapters.web.params import RecordsQuery, cursor, read
from adapters.web.showing import Showing
from bot.alerts import alert_values
from bot.store import reading_records, reading_view
from bot.store.reading import month_bounds
from bot.store.reading_records import Period

PAGE = 30
LIGHTS = 5
STATES = ("", "complete", "incomplete", "quarantined", "withdrawn")


class RecordsPage:
    """`/record`."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/record", self.page)]

    async def page(self, request: web.Request) -> web.StreamResponse:
        viewer = await self._showing.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        asked = read(RecordsQuery, request.query)
        given = {name: value for name, value in asked.model_dump(exclude={"cursor"}).items() if value}
        since, until = month_bounds(self._showing.desk.config(), asked.month) if asked.month else (None, None)
        period = Period(**{name: value for name, value in given.items() if name != "month"}, since=since, until=until)
        found = await reading_records.actions(viewer.scope, period, asked.cursor, PAGE + 1)
        shown = [one.action for one in found[:PAGE]]
        last = shown[-1] if len(found) > PAGE else None
        lights = [] if viewer.scope.person or given or asked.cursor else await reading_records.alerts(viewer.scope, "firing", None, LIGHTS)
        known = await reading_view.names_for({one.rep for one in shown} | {asked.rep}, {one.customer for one in shown} | {asked.customer})

        def link(**changed: str) -> str:
            """The same list, otherwise filtered."""
            kept = {name: value for name, value in (given | changed).items() if value}
            return f"/record?{urlencode(kept)}" if kept else "/record"

        return self._showing.render(
            request,
            "record/list",
            viewer,
            actions=shown,
            names=known,
            lights=[alert_values(one, self._showing.desk.config()) for one in lights],
            asked=asked,
            states=STATES,
            link=link,
            earlier=link(cursor=cursor(last.stamp.at, last.id)) if last else "",
        )
