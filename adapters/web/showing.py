"""What the pages about records share: who may see one, and the words and names that their templates use."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aiohttp import web

from adapters.web.csrf import token
from adapters.web.desk import Desk
from adapters.web.pages import Pages
from adapters.web.params import usable
from adapters.web.problems import refuse
from adapters.web.signin import SignIn
from adapters.web.viewer import INTEGRATION, Viewer
from bot.alerts import what_of
from bot.entries import parse_instant
from bot.hearing.deciding import marks_of
from bot.hearing.difference import difference
from bot.hearing.marks import pieces as cut
from bot.model import Action, Transcript
from bot.store import people, reading_view
from bot.store.reading_view import ActionView


class Showing:
    """Desk, templates and sign-in, as the pages about records need them together."""

    def __init__(self, desk: Desk, pages: Pages, sign_in: SignIn) -> None:
        self.desk = desk
        self._pages = pages
        self._sign_in = sign_in

    async def viewer(self, request: web.Request) -> Viewer | web.Response:
        """The person in session, or the answer that leads to one."""
        return await self._sign_in.viewer(request)

    async def action(self, request: web.Request) -> tuple[Viewer, ActionView] | web.Response:
        """The action of the path's `id`, for somebody who may see it. Raises Problem 404 for all others, whatever the id."""
        viewer = await self.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        view = await reading_view.action_view(ident(request, "id"))
        if view is None or not may_see(viewer, view.action):
            refuse(404)
        return viewer, view

    def render(self, request: web.Request, template: str, viewer: Viewer, status: int = 200, **values: Any) -> web.Response:
        config, now = self.desk.config(), self.desk.clock.now()

        def local(at: datetime) -> datetime:
            return at.astimezone(config.zone)

        def moment(text: str) -> str:
            return f"{local(parse_instant(text)):%Y-%m-%d %H:%M}"

        helping = {"moment": moment, "what_of": what_of, "pieces": pieces, "difference": difference, "local": local}
        shown = helping | {"config": config, "now": now, "word": self.desk.word, "viewer": viewer.person, "csrf": token(request)}
        return self._pages.render(template, shown | values, status)


async def names(ids: Iterable[str]) -> dict[str, str]:
    """Names of people; an integration's own name where it looked."""
    wanted = set(ids)
    found = {id_: person.name for id_, person in (await people.named(wanted)).items()}
    return found | ({INTEGRATION: "接口"} if INTEGRATION in wanted else {})


def pieces(words: Transcript) -> list[tuple[str, str]]:
    """The words in force: ("" | the keyword's name | the name with ? where it only sounds alike, text)."""
    return cut(words.text, marks_of(words.marks))


def may_see(viewer: Viewer, action: Action) -> bool:
    """Admins, the directors of its region, and the rep himself."""
    own = viewer.person is not None and viewer.person.id == action.rep
    return own or viewer.scope.admits(action.region, action.rep)


def ident(request: web.Request, name: str) -> str:
    """An id of the path. Raises Problem 404 for what cannot be one."""
    id_ = request.match_info[name]
    return id_ if usable(id_) else refuse(404)
