"""Requests that change something must come from our own pages: a token in every form and script, and the browser's own word for it.

Forms carry a hidden field `csrf`; scripts send the header `X-CSRF-Token`, read from `<meta name="csrf">`. Both hold `token(request)`,
which belongs to the person in session, or to the browser where nobody is signed in.
"""

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web.desk import Desk
from adapters.web.problems import Problem
from adapters.web.signing import TOKEN, Signer
from adapters.web.viewer import cookie_name, secure

FIELD, HEADER = "csrf", "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_TOKEN = web.RequestKey("csrf.token", str)
_ASKED = web.RequestKey("csrf.asked", list[bool])
LENGTH = 256


def token(request: web.Request) -> str:
    """The token for a page that is made for this request: its value as `csrf` in a form, or in `<meta name="csrf">`."""
    request[_ASKED].append(True)
    return request[_TOKEN]


def csrf(desk: Desk, guarded: Callable[[str], bool]) -> Middleware:
    """Check every request to a page that is not a mere reading; 403 with a word of its own where it does not hold."""
    signer = Signer(desk.secret)

    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not guarded(request.path):
            return await handler(request)
        name, now = f"{cookie_name(desk)}-visitor", desk.clock.now()
        person = signer.person(request.cookies.get(cookie_name(desk), ""), now)
        known = request.cookies.get(name, "")[:LENGTH]
        visitor = known or secrets.token_urlsafe(16)
        who = f"person {person}" if person else f"visitor {visitor}"
        request[_TOKEN], request[_ASKED] = signer.token(who, now), []
        if request.method not in SAFE:
            given = await _given(request)
            if not _ours(request, desk) or not signer.holds(who, given, now):
                raise Problem(403, "csrf", "页面已过期，请刷新后再试")
        response = await handler(request)
        if request[_ASKED] and not person and not known:
            seconds = int(TOKEN.total_seconds())
            response.set_cookie(name, visitor, max_age=seconds, path="/", httponly=True, samesite="Strict", secure=secure(desk))
        return response

    return checked


async def _given(request: web.Request) -> str:
    """The header, or the form's field; a body that is no form is not read."""
    found: object = request.headers.get(HEADER)
    if found is None and request.content_type in FORMS:
        found = (await request.post()).get(FIELD)
    return found[:LENGTH] if isinstance(found, str) else ""


def _ours(request: web.Request, desk: Desk) -> bool:
    """What the browser says of where the request began. Old ones say nothing: then the token stands alone."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc in {request.host, urlsplit(desk.config().server.public_url).netloc} and "://" in origin
