"""What can be done on a record's page: 核验, the platform's own bytes, 申诉, and a director's correction."""

import json
import re
from dataclasses import replace
from hashlib import sha256

from aiohttp import web

from adapters.web.desk import Told
from adapters.web.problems import refuse
from adapters.web.record import RecordPages
from adapters.web.showing import Showing, ident
from bot.store import trail

SHOWN = 65_536  # characters of a message that the page shows; the download has all of it
ELEMENTS = re.compile("><(?=[A-Za-z])")  # before an element's own tag; not before its end, nor inside CDATA's brackets


class ProofPages:
    """Routes below `/record/{id}` under the very authorisation of the record."""

    def __init__(self, showing: Showing, records: RecordPages) -> None:
        self._showing = showing
        self._records = records
        self._desk = showing.desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/record/{id}/verify", self.verify),
            web.post("/record/{id}/statement", self.state),
            web.post("/record/{id}/correction", self.correct),
            web.get("/record/{id}/raw", self.raw),
            web.get("/record/{id}/raw/{number}", self.bytes),
        ]

    async def verify(self, request: web.Request) -> web.StreamResponse:
        found = await self._showing.action(request)
        if isinstance(found, web.Response):
            return found
        proven = await self._desk.records.prove(found[1].action.id) or refuse(404)
        return await self._records.shown(request, *found, proven=proven)

    async def state(self, request: web.Request) -> web.StreamResponse:
        """申诉."""
        return await self._form(request, "申诉 {id} {text}", keep=True)

    async def correct(self, request: web.Request) -> web.StreamResponse:
        """改 by a director; the command itself says no to anybody else."""
        return await self._form(request, "改 {id} {text}")

    async def raw(self, request: web.Request) -> web.StreamResponse:
        """The platform's messages as they came, with the digest that the ledger holds of each."""
        found = await self._showing.action(request)
        if isinstance(found, web.Response):
            return found
        viewer, view = found
        await self._desk.record_viewed(view.action.id, viewer.name, "page")
        messages = [(one, sha256(one.payload).hexdigest(), _text(one.payload)) for one in await trail.messages(view.sources)]
        return self._showing.render(request, "record/raw", viewer, view=view, names=view.names, messages=messages, shown=SHOWN)

    async def bytes(self, request: web.Request) -> web.StreamResponse:
        found = await self._showing.action(request)
        if isinstance(found, web.Response):
            return found
        viewer, view = found
        number = ident(request, "number")
        messages = {str(place): one for place, one in enumerate(await trail.messages(view.sources))}
        message = messages.get(number) or refuse(404)
        await self._desk.record_viewed(view.action.id, viewer.name, "page")
        name = f'attachment; filename="{view.action.id}-{number}.bin"'
        return web.Response(body=message.payload, content_type="application/octet-stream", headers={"Content-Disposition": name})

    async def _form(self, request: web.Request, command: str, *, keep: bool = False) -> web.StreamResponse:
        found = await self._showing.action(request)
        if isinstance(found, web.Response):
            return found
        viewer, view = found
        person = viewer.person or refuse(403)
        text = " ".join(str((await request.post()).get("text", "")).split())
        if not text:
            told = Told(done=False, words="请先写一句话。")
        else:
            told = await self._desk.records.ask(person, command.format(id=view.action.id, text=text))
        if told.done:  # shown by a GET: going back or reloading does not send it again
            return web.Response(status=303, headers={"Location": f"/record/{view.action.id}?done=1#done"})
        return await self._records.shown(request, viewer, view, said=replace(told, kept=text if keep else ""), status=422)


def _text(payload: bytes) -> str:
    """Readable where it can be: JSON with its indentation, XML an element a line, everything else as it is."""
    text = payload.decode("utf-8", errors="replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)[:SHOWN]
    except (ValueError, RecursionError):
        return ELEMENTS.sub(">\n<", text)[:SHOWN]
