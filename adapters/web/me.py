"""我的: whoever signs in sees his own day, what is missing, his customers' words, and what is held of him; nobody else's."""

from aiohttp import web

from adapters.web.desk import Told
from adapters.web.problems import refuse
from adapters.web.showing import Showing, names
from adapters.web.viewer import Viewer
from bot import consent
from bot.model import Person, Role
from bot.store import reading_me

# Reasons that say what is in order; the rest is what stands in an action's way.
FINE = ("place.in", "place.none", "place.online", "place.excepted", "device.match", "device.none", "device.recorded", "tier.", "sign.")
CONSENT = {"give": "同意", "withdraw": "撤回同意"}


class MePage:
    """`/me`: it takes no id, so there is none to guess."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing
        self._desk = showing.desk

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/me", self.page), web.post("/me/consent", self.consent)]

    async def page(self, request: web.Request) -> web.StreamResponse:
        viewer = await self._showing.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        return await self._shown(request, viewer, viewer.person or refuse(404))

    async def consent(self, request: web.Request) -> web.StreamResponse:
        """One purpose given or withdrawn, as by 同意 or 撤回同意 in the chat."""
        viewer = await self._showing.viewer(request)
        if isinstance(viewer, web.Response):
            return viewer
        person, form = viewer.person or refuse(404), await request.post()
        word, purpose = CONSENT.get(str(form.get("what"))), consent.PURPOSES.get(str(form.get("purpose")))
        if not (word and purpose):
            refuse(422)
        told = await self._desk.records.ask(person, f"{word} {purpose}")
        if told.done:  # shown by a GET: going back or reloading does not send it again
            return web.Response(status=303, headers={"Location": "/me?done=1#consent"})
        return await self._shown(request, viewer, person, told)

    async def _shown(self, request: web.Request, viewer: Viewer, person: Person, said: Told | None = None) -> web.Response:
        config, now = self._desk.config(), self._desk.clock.now()
        rep = Role.REP in person.roles
        outings = await reading_me.today(person.id, config, now)
        lacking = await reading_me.lacking(person.id, now)
        slots = await reading_me.own_slots(person.id, config, now)
        due = await reading_me.due({slot.customer for slot in slots}, now)
        snippets = await reading_me.snippets(person.id)
        data = await reading_me.own_data(person, now)
        theirs = {one.customer for some in (outings, lacking, slots, due, data.looks) for one in some} | snippets.keys()
        open_ = [slot for slot in slots if slot.state != "done"]
        return self._showing.render(
            request,
            "me/page",
            viewer,
            422 if said else 200,
            rep=rep,
            outings=outings,
            lacking=[(one, [reason for reason in one.verdict.reasons if not reason.code.startswith(FINE)]) for one in lacking],
            slots=slots,
            open_slots={
                customer: [one for one in open_ if one.customer == customer] for customer in dict.fromkeys(s.customer for s in open_)
            },
            due=due,
            snippets=snippets,
            data=data,
            names=await reading_me.customer_names(theirs) | await names(one.person for one in data.looks),
            purposes=consent.PURPOSES,
            told=consent.TEXT.splitlines(),
            said=said,
            done="done" in request.query,
        )
