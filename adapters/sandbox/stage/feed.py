"""The live feed: server-sent events, the whole picture each time something changed."""

import asyncio
import json

from aiohttp import web

from adapters.sandbox.stage.picture import Look, by_handle, chats, picture
from adapters.sandbox.stage.theatre import Theatre

PATIENCE = 15.0  # seconds; a picture without news keeps the connection alive
SETTLE = 0.06  # seconds in which several changes become one picture


def look_of(theatre: Theatre, request: web.Request) -> Look:
    """Raises ValueError for a chat that does not exist."""
    query = request.query
    look = Look(query.get("rep", ""), query.get("owner", ""), query.get("chat", ""), query.get("as", ""))
    if not {look.rep, look.owner} <= set(by_handle(theatre)) or look.chat not in chats(theatre):
        raise ValueError("没有这个对话")
    return look


def feed(theatre: Theatre, closing: asyncio.Event) -> web.RouteDef:
    """Ends when the page goes away or the stage closes."""

    async def handle(request: web.Request) -> web.StreamResponse:
        look = look_of(theatre, request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        since = theatre.versions
        try:
            while not closing.is_set():
                text = json.dumps(picture(theatre, look), ensure_ascii=False)
                await response.write(f"data: {text}\n\n".encode())
                since = await theatre.changed(since, PATIENCE)
                await asyncio.sleep(SETTLE)
        except ConnectionResetError:
            pass
        return response

    return web.get("/feed", handle)
