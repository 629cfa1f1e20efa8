"""The web application: callbacks, health, JSON API, pages."""

from aiohttp import web

from adapters.web import api, callbacks, health
from adapters.web.board import BoardPages
from adapters.web.csrf import csrf
from adapters.web.deck import DeckPages
from adapters.web.desk import Desk
from adapters.web.dossier import DossierDownload
from adapters.web.export import ExportDownload
from adapters.web.facts import CAP
from adapters.web.frame import frame, is_guarded
from adapters.web.hook import hook_route
from adapters.web.material import MaterialPages
from adapters.web.me import MePage
from adapters.web.metrics import Metrics
from adapters.web.pages import Pages
from adapters.web.proof import ProofPages
from adapters.web.receipt import ReceiptPage
from adapters.web.record import RecordPages
from adapters.web.records import RecordsPage
from adapters.web.showing import Showing
from adapters.web.sign import SignPages
from adapters.web.signin import SignIn
from adapters.web.survey import SurveyPages
from adapters.web.visit import VisitPages


def build(desk: Desk) -> web.Application:
    """Put the edge together. It keeps no state of its own but counters."""
    pages, metrics = Pages(), Metrics()
    sign_in = SignIn(desk, pages)
    app = web.Application(middlewares=[frame(pages), csrf(desk, is_guarded)], client_max_size=CAP)
    app.add_routes(callbacks.routes(desk, metrics))
    app.add_routes(health.routes(desk, metrics))
    app.add_routes([*api.routes(desk), hook_route(desk)])
    app.add_routes([pages.route(), *sign_in.routes()])
    showing = Showing(desk, pages, sign_in)
    records = RecordPages(showing)
    app.add_routes([*records.routes(), *ProofPages(showing, records).routes(), *RecordsPage(showing).routes(), *MePage(showing).routes()])
    app.add_routes(DossierDownload(desk, sign_in).routes())
    app.add_routes(ExportDownload(desk, sign_in).routes())
    app.add_routes(SurveyPages(desk, pages).routes())
    app.add_routes(DeckPages(desk, pages, sign_in).routes())
    app.add_routes(VisitPages(desk, pages, sign_in).routes())
    app.add_routes([*SignPages(desk, pages).routes(), *ReceiptPage(desk, sign_in).routes(), *MaterialPages(desk, pages, sign_in).routes()])
    app.add_routes(BoardPages(desk, pages, sign_in).routes())
    return app
