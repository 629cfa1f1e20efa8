"""Figures → the API's JSON."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.web.shapes import coverage, rfc3339
from bot.config.schema import Config
from bot.measures.alarms import RuleRecord
from bot.measures.board import CompletenessMonth, FunnelMonth, StageCount, TrendPoint
from bot.measures.completeness import Completeness
from bot.measures.coverage import CoverageReport, Slot
from bot.measures.deals import Anomaly, Collection, Honesty, Payment
from bot.measures.effort import Effort
from bot.measures.funnel import Claim
from bot.store.reading import CoverageMonth

Json = Mapping[str, Any]


class FigureShapes:
    """In the company's own time; money in yuan."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def coverage(self, month: CoverageMonth, region: str | None, rep: str, grade: str) -> Json:
        parts = {name: month.by(part, region, rep, grade) for name, part in (("regions", "region"), ("reps", "owner"))}
        told = coverage(month.report(region, rep, grade))
        whole = month.report(region, rep, grade)
        return {
            **told,
            "rep": rep or None,
            "grade": grade or None,
            "total": {**told["total"], "explained": whole.explained, "unexplained": whole.unexplained},
            **{name: [self._part(id_, report) for id_, report in reports.items()] for name, reports in parts.items()},
        }

    @staticmethod
    def _part(id_: str, report: CoverageReport) -> Json:
        names = ("quota", "done", "rate", "explained", "unexplained")
        return {"id": id_, **{name: getattr(report, name) for name in names}}

    def slot(self, one: Slot) -> Json:
        names = ("customer", "grade", "region", "kind", "number", "state")
        more = {"rep": one.owner, "action": one.action or None, "note": one.note or None}
        return {**{name: getattr(one, name) for name in names}, **more, "at": self._time(one.at), "until": self._time(one.until)}

    @staticmethod
    def point(one: TrendPoint) -> Json:
        return {"month": one.month, "quota": one.quota, "done": one.done, "rate": one.rate}

    def completeness(self, month: str, region: str | None, found: CompletenessMonth) -> Json:
        reps = [{"id": rep, **_completeness(one)} for rep, one in found.by_rep.items()]
        return {"month": month, "region": region, "total": _completeness(found.total), "reps": reps}

    def funnel(self, month: str, region: str | None, counts: Sequence[StageCount], found: FunnelMonth) -> Json:
        steps = {step.stage: step for step in found.steps}
        names = ("standing", "reached", "moved", "conversion", "days", "waiting_days")
        stages = [
            {
                "stage": one.stage,
                "name": one.name,
                "actions": one.actions,
                "customers": one.customers,
                **{name: getattr(steps[one.stage], name) for name in names},
            }
            for one in counts
        ]
        return {"month": month, "region": region, "stages": stages, "claims": found.claims}

    @staticmethod
    def claim(one: Claim) -> Json:
        told = {"customer": one.customer, "rep": one.owner, "region": one.region}
        return {**told, "stage": one.stage, "proved": one.proved or None, "source": one.source, "id": one.id}

    @staticmethod
    def alarm(one: RuleRecord) -> Json:
        names = ("rule", "raised", "open", "answered", "false", "rate")
        return {name: getattr(one, name) for name in names}

    @staticmethod
    def effort(one: Effort) -> Json:
        return {"rep": one.rep, "days": one.days, "seconds": one.seconds, "minutes_a_day": one.minutes_a_day}

    def honesty(self, region: str | None, found: Honesty) -> Json:
        counts = {"signed": found.signed, "stale": found.stale, "stale_share": found.stale_share, "overdue": found.overdue}
        return {"region": region, **counts, "items": [self._anomaly(one) for one in found.anomalies]}

    def collection(self, month: str, region: str | None, found: Collection) -> Json:
        money = {"due": found.due_fen / 100, "paid": found.paid_fen / 100, "open": found.open_fen / 100}
        counts = {"payments": found.payments, "payments_paid": found.paid, "payments_open": found.open}
        return {"month": month, "region": region, **money, **counts, "rate": found.rate}

    def _anomaly(self, one: Anomaly) -> Json:
        deal = one.deal
        told = {"deal": deal.id, "customer": deal.customer, "stage": deal.stage, "amount": deal.fen / 100}
        days = {"updated_at": self._time(deal.updated_at), "untouched_days": one.untouched_days, "overdue_days": one.overdue_days}
        return {**told, **days, "overdue": one.overdue_fen / 100, "payments": [self._payment(payment) for payment in one.payments]}

    def _payment(self, one: Payment) -> Json:
        return {"id": one.id, "amount": one.fen / 100, "due_at": self._time(one.due_at)}

    def _time(self, at: datetime | None) -> str | None:
        return rfc3339(at, self._config.zone) if at else None


def _completeness(one: Completeness) -> Json:
    names = ("actions", "onsite", "no_photo", "no_place", "no_summary", "lacking")
    shares = ("photo_share", "place_share", "summary_share", "lacking_share")
    return {name: getattr(one, name) for name in (*names, *shares)}
