"""Who is asking: the API token, or a person with a session."""

import hmac
from dataclasses import dataclass

from aiohttp import web

from adapters.web.desk import Desk
from adapters.web.problems import refuse
from adapters.web.signing import Signer
from bot.model import Person
from bot.store import people
from bot.store.reading_records import Scope
from bot.store.reading_view import scope_of

INTEGRATION = "api"  # stands for the token where a record notes who looked at it


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """`person` is None for the API token."""

    scope: Scope
    person: Person | None = None

    @property
    def name(self) -> str:
        return self.person.id if self.person else INTEGRATION


def cookie_name(desk: Desk) -> str:
    """`__Host-` pins the cookie to this host and to https; browsers refuse the prefix on plain http."""
    return "__Host-salestrace" if secure(desk) else "salestrace"


def secure(desk: Desk) -> bool:
    return desk.config().server.public_url.startswith("https://")


async def session_of(request: web.Request, desk: Desk) -> Viewer | None:
    """The person behind the session cookie, if he is still with the company."""
    cookie = request.cookies.get(cookie_name(desk), "")
    id_ = Signer(desk.secret).person(cookie, desk.clock.now())
    person = await people.by_id(id_) if id_ else None
    return Viewer(scope=scope_of(person), person=person) if person else None


async def caller_of(request: web.Request, desk: Desk) -> Viewer:
    """Token or session. Raises Problem 401; a wrong token is not made up for by a session."""
    header = request.headers.get("Authorization")
    if header is None:
        return await session_of(request, desk) or refuse(401)
    scheme, _, token = header.partition(" ")
    given = token.strip().encode(errors="replace")
    if scheme.lower() != "bearer" or not desk.api_token or not hmac.compare_digest(given, desk.api_token.encode()):
        refuse(401)
    return Viewer(scope=Scope())
