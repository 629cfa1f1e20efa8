"""The anonymous survey's page. Nobody signs in for it, no cookie is read, and the answer is the whole body of the request.

The answer that was tapped in the chat stands behind the `#` of the link, which browsers keep to themselves: no server and no proxy on the
way writes it into a log. The page's script taps the button of that name; without scripts the reader taps it himself.
"""

from aiohttp import web

from adapters.web.desk import Desk
from adapters.web.frame import SCRIPTED
from adapters.web.pages import Pages
from adapters.web.params import usable
from adapters.web.problems import refuse

CAP = 64


class SurveyPages:
    """`/survey/{survey}/{ballot}`."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/survey/{survey}/{ballot}", self.page), web.post("/survey/{survey}/{ballot}", self.answer)]

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Looking changes nothing: link previews open pages too."""
        survey, ballot = self._named(request)
        return self._shown("ask" if await self._desk.survey.is_open(survey) else "closed", survey, ballot)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        survey, ballot = self._named(request)
        name, _, given = (await request.content.read(CAP)).decode("ascii", "replace").partition("=")
        if name != "answer" or given not in self._desk.survey.answers:
            refuse(400)
        if not await self._desk.survey.is_open(survey):
            return self._shown("closed", survey, ballot)
        return self._shown("thanks" if await self._desk.survey.answer(survey, ballot, given) else "again", survey, ballot)

    def _named(self, request: web.Request) -> tuple[str, str]:
        survey, ballot = request.match_info["survey"], request.match_info["ballot"]
        if not (usable(survey) and usable(ballot) and self._desk.survey.genuine(survey, ballot)):
            refuse(404)
        return survey, ballot

    def _shown(self, state: str, survey: str, ballot: str) -> web.Response:
        response = self._pages.render("survey", {"state": state, "survey": survey, "ballot": ballot})
        response.headers["Content-Security-Policy"] = SCRIPTED
        return response
