"""The page of one record: an action, or what stands behind an alert. A link alone never shows it."""

from pathlib import Path
from typing import Any

from aiohttp import web

from adapters.web import files
from adapters.web.picture import fence_picture, stops_picture
from adapters.web.problems import refuse
from adapters.web.showing import Showing, ident, may_see, names
from adapters.web.viewer import Viewer
from bot.model import Action, Alert
from bot.proving import Proven
from bot.store import reading_view, story, trail
from bot.store.reading_view import ActionView, Original
from bot.store.story import Story


class RecordPages:
    """`/record/{id}` and the files below it, under one and the same authorisation."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing
        self._desk = showing.desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/record/{id}", self.page),
            web.get("/record/{id}/file/{evidence}", self.file),
            web.get("/record/{id}/copy/{evidence}", self.copy),
            web.get("/record/{id}/play/{evidence}", self.play),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        id_ = ident(request, "id")
        if id_.startswith("al_"):
            viewer = await self._showing.viewer(request)
            return viewer if isinstance(viewer, web.Response) else await self._alert(request, viewer, id_)
        found = await self._showing.action(request)
        return found if isinstance(found, web.Response) else await self.shown(request, *found)

    async def file(self, request: web.Request) -> web.StreamResponse:
        found = await self._original(request)
        return found if isinstance(found, web.Response) else files.original(*found)

    async def copy(self, request: web.Request) -> web.StreamResponse:
        """The copy with the watermark; the original is another file, untouched."""
        found = await self._original(request, copy=True)
        return found if isinstance(found, web.Response) else files.original(*found)

    async def play(self, request: web.Request) -> web.StreamResponse:
        found = await self._original(request)
        if isinstance(found, web.Response):
            return found
        return await files.listenable(found[1]) if found[0].kind == "voice" else refuse(404)

    async def shown(
        self, request: web.Request, viewer: Viewer, view: ActionView, *, proven: Proven | None = None, said: Any = None, status: int = 200
    ) -> web.Response:
        """The action's page; with the result of a 核验, or what became of a form (`Told`)."""
        action = view.action
        await self._desk.record_viewed(action.id, viewer.name, "page")
        told = await story.story_of(view.visit)
        looks = await trail.looks(action.id, [item.id for item in action.evidence])
        statements = await trail.statements(action.id)
        known = view.names | await names({look.person for look in looks} | {one.by for one in statements})
        return self._showing.render(
            request,
            "record/action",
            viewer,
            status,
            view=view,
            names=known,
            story=told,
            fence=self._fence(view, told),
            present=self._present(action),
            looks=looks,
            statements=statements,
            proven=proven,
            said=said,
            done="done" in request.query,
            corrects=viewer.person is not None and not viewer.scope.person and viewer.scope.admits(action.region, None),
        )

    async def _alert(self, request: web.Request, viewer: Viewer, id_: str) -> web.Response:
        alert = await reading_view.alert_of(id_)
        if alert is None or not may_see_alert(viewer, alert):
            refuse(404)
        action = _single(alert)
        if action:
            return web.Response(status=302, headers={"Location": f"/record/{action}"})
        view = await reading_view.alert_view(alert)
        await self._desk.record_viewed(id_, viewer.name, "page")
        if alert.subject.startswith("customer:"):
            return self._showing.render(request, "record/timeline", viewer, view=view)
        stops = stops_picture([one.stamp.point for one in view.actions])
        return self._showing.render(request, "record/day", viewer, view=view, picture=stops)

    async def _original(self, request: web.Request, *, copy: bool = False) -> tuple[Original, Path] | web.Response:
        viewer = await self._showing.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        action = await reading_view.action_view(ident(request, "id"))
        file = await (reading_view.copy_of if copy else reading_view.original_of)(ident(request, "evidence"))
        if not (action and file) or file.action != action.action.id or not may_see(viewer, action.action):
            refuse(404)
        path = self._desk.vault(file.sha256)
        if not path.is_file():
            refuse(404)
        await self._desk.record_viewed(file.id, viewer.name, "page")
        return file, path

    def _fence(self, view: ActionView, told: Story) -> Any:
        point, site = view.action.stamp.point, view.site
        radius = site and (site.radius_m or self._desk.config().presence.radius_m)
        others = list(dict.fromkeys(check.point for check in told.checks if check.point != point))
        return fence_picture(point, site.point, radius, others) if point and site and radius else None

    def _present(self, action: Action) -> dict[str, bool]:
        """Which originals, and which copies, the vault still holds."""
        held = {item.id: item.sha256 for item in action.evidence if item.sha256}
        held |= {f"{item.id}.copy": item.copy for item in action.evidence if item.copy}
        return {name: self._desk.vault(digest).is_file() for name, digest in held.items()}


def may_see_alert(viewer: Viewer, alert: Alert) -> bool:
    """Admins and the directors of its region; an alert is not its rep's record."""
    return not viewer.scope.person and viewer.scope.admits(alert.region, None)


def _single(alert: Alert) -> str:
    """The one action that an alert is about, if it is about one."""
    about, _, subject = alert.subject.partition(":")
    return subject if about == "action" else "" if alert.values.get("actions") else str(alert.values.get("action", ""))
