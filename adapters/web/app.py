"""The web application: callbacks, health, JSON API, pages."""

from aiohttp import web

from adapters.web import api, callbacks, health
from adapters.web.board import BoardPages
from adapters.web.deck import DeckPages
from adapters.web.desk import Desk
from adapters.web.dossier import DossierDownload
from adapters.web.facts import CAP
from adapters.web.frame import frame
from adapters.web.metrics import Metrics
from adapters.web.pages import Pages
from adapters.web.record import RecordPages
from adapters.web.signin import SignIn


def build(desk: Desk) -> web.Application:
    """Put the edge together. It keeps no state of its own but counters."""
    pages, metrics = Pages(), Metrics()
    sign_in = SignIn(desk, pages)
    app = web.Application(middlewares=[frame(pages)], client_max_size=CAP)
    app.add_routes(callbacks.routes(desk, metrics))
    app.add_routes(health.routes(desk, metrics))
    app.add_routes(api.routes(desk))
    app.add_routes([pages.route(), *sign_in.routes(), *RecordPages(desk, pages, sign_in).routes()])
    app.add_routes(DossierDownload(desk, sign_in).routes())
    app.add_routes(DeckPages(desk, pages, sign_in).routes())
    app.add_routes(BoardPages(desk, pages, sign_in).routes())
    return app
