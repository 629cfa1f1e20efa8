"""The page of one record: an action, or what stands behind an alert. A link alone never shows it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from adapters.web import files
from adapters.web.desk import Desk
from adapters.web.pages import Pages
from adapters.web.params import usable
from adapters.web.picture import fence_picture, stops_picture
from adapters.web.problems import refuse
from adapters.web.signin import SignIn
from adapters.web.viewer import Viewer
from bot.alerts import what_of
from bot.entries import parse_instant
from bot.hearing.deciding import marks_of
from bot.hearing.difference import difference
from bot.hearing.marks import pieces as cut
from bot.model import Action, Alert, Transcript
from bot.store import reading_view
from bot.store.reading_view import ActionView, Original


class RecordPages:
    """`/record/{id}` and the files below it, under one and the same authorisation."""

    def __init__(self, desk: Desk, pages: Pages, sign_in: SignIn) -> None:
        self._desk = desk
        self._pages = pages
        self._sign_in = sign_in

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/record/{id}", self.page),
            web.get("/record/{id}/file/{evidence}", self.file),
            web.get("/record/{id}/play/{evidence}", self.play),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        viewer = await self._sign_in.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        id_ = _id(request, "id")
        return await (self._alert(viewer, id_) if id_.startswith("al_") else self._action(viewer, id_))

    async def file(self, request: web.Request) -> web.StreamResponse:
        found = await self._original(request)
        return found if isinstance(found, web.Response) else files.original(*found)

    async def play(self, request: web.Request) -> web.StreamResponse:
        found = await self._original(request)
        if isinstance(found, web.Response):
            return found
        return await files.listenable(found[1]) if found[0].kind == "voice" else refuse(404)

    async def _action(self, viewer: Viewer, id_: str) -> web.Response:
        view = await reading_view.action_view(id_) or refuse(404)
        if not may_see(viewer, view.action):
            refuse(404)
        await self._desk.record_viewed(id_, viewer.name, "page")
        return self._render("record/action", viewer, view=view, fence=self._fence(view), present=self._present(view.action))

    async def _alert(self, viewer: Viewer, id_: str) -> web.Response:
        alert = await reading_view.alert_of(id_)
        if alert is None or not may_see_alert(viewer, alert):
            refuse(404)
        action = _single(alert)
        if action:
            return web.Response(status=302, headers={"Location": f"/record/{action}"})
        view = await reading_view.alert_view(alert)
        await self._desk.record_viewed(id_, viewer.name, "page")
        if alert.subject.startswith("customer:"):
            return self._render("record/timeline", viewer, view=view)
        stops = stops_picture([one.stamp.point for one in view.actions])
        return self._render("record/day", viewer, view=view, picture=stops)

    async def _original(self, request: web.Request) -> tuple[Original, Path] | web.Response:
        viewer = await self._sign_in.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        action = await reading_view.action_view(_id(request, "id"))
        file = await reading_view.original_of(_id(request, "evidence"))
        if not (action and file) or file.action != action.action.id or not may_see(viewer, action.action):
            refuse(404)
        path = self._desk.vault(file.sha256)
        if not path.is_file():
            refuse(404)
        await self._desk.record_viewed(file.id, viewer.name, "page")
        return file, path

    def _fence(self, view: ActionView) -> Any:
        point, site = view.action.stamp.point, view.site
        radius = site and (site.radius_m or self._desk.config().presence.radius_m)
        return fence_picture(point, site.point, radius) if point and site and radius else None

    def _present(self, action: Action) -> dict[str, bool]:
        """Which originals the vault still holds."""
        return {item.id: self._desk.vault(item.sha256).is_file() for item in action.evidence if item.sha256}

    def _render(self, template: str, viewer: Viewer, **values: Any) -> web.Response:
        config, now = self._desk.config(), self._desk.clock.now()

        def local(at: datetime) -> datetime:
            return at.astimezone(config.zone)

        def moment(text: str) -> str:
            return f"{local(parse_instant(text)):%Y-%m-%d %H:%M}"

        helping = {"moment": moment, "what_of": what_of, "pieces": pieces, "difference": difference}
        shown = helping | {"config": config, "now": now, "local": local, "word": self._desk.word, "viewer": viewer.person}
        return self._pages.render(template, shown | values)


def pieces(words: Transcript) -> list[tuple[str, str]]:
    """The words in force: ("" | the keyword's name | the name with ? where it only sounds alike, text)."""
    return cut(words.text, marks_of(words.marks))


def may_see(viewer: Viewer, action: Action) -> bool:
    """Admins, the directors of its region, and the rep himself."""
    own = viewer.person is not None and viewer.person.id == action.rep
    return own or viewer.scope.admits(action.region, action.rep)


def may_see_alert(viewer: Viewer, alert: Alert) -> bool:
    """Admins and the directors of its region; an alert is not its rep's record."""
    return not viewer.scope.person and viewer.scope.admits(alert.region, None)


def _single(alert: Alert) -> str:
    """The one action that an alert is about, if it is about one."""
    about, _, subject = alert.subject.partition(":")
    return subject if about == "action" else "" if alert.values.get("actions") else str(alert.values.get("action", ""))


def _id(request: web.Request, name: str) -> str:
    id_ = request.match_info[name]
    return id_ if usable(id_) else refuse(404)
