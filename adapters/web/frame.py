"""The frame around every answer: errors as JSON or as a page, and the headers that keep a page to itself."""

import logging
import traceback

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web.pages import Pages
from adapters.web.problems import Problem, answer, problem
from bot.errors import StoreError

log = logging.getLogger("salestrace.web")

# No script at all, nothing from elsewhere, nothing inline: what a customer's name contains can do nothing here.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer a form's own Origin is `null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
# Where a page has a script: one of our own files, which may talk to us.
SCRIPTED = f"{POLICY}; script-src 'self'; connect-src 'self'"
CLIENT_GONE = 499  # nginx's number for it
PAGES = ("/record", "/auth", "/style", "/deck", "/visit", "/sign", "/receipt", "/material", "/me", "/board", "/export", "/survey")
PUBLIC = ("/sign/", "/material/", "/survey/")  # whoever holds the link, without an account


def is_page(path: str) -> bool:
    """Whether people look at it."""
    return any(path == page or path.startswith(f"{page}/") for page in PAGES)


def is_guarded(path: str) -> bool:
    """Whether what changes something there needs a token: on a customer's link the secret in it is one, and no cookie is set."""
    return is_page(path) and not path.startswith(PUBLIC)


def frame(pages: Pages) -> Middleware:
    @web.middleware
    async def framed(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except Problem as found:
            response = _told(request, pages, found)
        except web.HTTPException as found:
            response = found if found.status < 400 else _told(request, pages, problem(found.status), allow=found.headers.get("Allow"))
        except StoreError:
            response = _told(request, pages, problem(503))
        except ConnectionResetError:
            # The client went away in the middle of what it sent (a page that is closed): nobody is there to be told, and nothing is wrong.
            return web.Response(status=CLIENT_GONE)
        except Exception as error:  # noqa: BLE001 - the outside must not see a traceback, whatever it is
            log.error("failed: %s %s: %s", request.method, _route(request), _where(error))
            response = _told(request, pages, problem(500))
        if is_page(request.path) or request.path.startswith(("/api/", "/hook/")):
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
        return response

    return framed


def _told(request: web.Request, pages: Pages, found: Problem, allow: str | None = None) -> web.Response:
    headers = {"Allow": allow} if allow else {}
    if is_page(request.path) and "application/json" in (request.content_type, request.headers.get("Accept")):
        return answer({"error": {"code": found.code, "message": found.message}}, status=found.status, headers=headers)
    if is_page(request.path):
        code = "link_unknown" if found.status == 404 and request.path.startswith(PUBLIC) else found.code
        return pages.notice(code, found.status, headers)
    if request.path.startswith(("/api/", "/hook/")):
        body = {"error": {"code": found.code, "message": found.message}}
        if found.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="salestrace"'
        return answer(body, status=found.status, headers=headers)
    return web.Response(status=found.status, headers=headers)


def _route(request: web.Request) -> str:
    """The route's pattern: ids and codes stay out of the log."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "?"


def _where(error: Exception) -> str:
    """Type and place; never the text, which may quote what was sent."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}"
