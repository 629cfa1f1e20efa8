"""Nouns → the contract's JSON."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.config.schema import Config
from bot.entries import parse_instant
from bot.measures.coverage import CoverageReport, CoverageRow
from bot.measures.health import Vital, tally
from bot.model import Action, Alert, Evidence, Reason, Stamp, Transcript, TranscriptState
from bot.store.reading_records import Fact, Profile, Recorded

MARKS = {"silent": "高价值沉默客户", "repurchase": "高复购潜力"}
VITALS = {"action": "最近动作", "order": "最近订单", "payments": "回款", "tickets": "工单", "site": "官网停留", "inquiry": "最近咨询"}


def _vital(one: Vital) -> dict[str, Any]:
    same = {"id": one.id, "name": VITALS[one.id], "state": one.state, "value": one.value, "rule": one.rule}
    return same | {"sources": list(one.sources)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """`word` puts a reason into Chinese."""

    config: Config
    word: Callable[[Reason], str]

    def action(self, recorded: Recorded) -> dict[str, Any]:
        action = recorded.action
        return {
            "id": action.id,
            "rep": action.rep,
            "customer": action.customer,
            "region": action.region,
            "visit": action.visit,
            "intent": {"stage": action.stage, "kind": action.kind, "corrected_from": action.corrected_from},
            "stamp": self._stamp(action.stamp),
            "submitted_at": self._time(action.submitted_at),
            "evidence": [self._evidence(item) for item in action.evidence],
            "verdict": self._verdict(action),
            "ledger": {"index": recorded.index, "leaf": recorded.leaf},
        }

    def alert(self, alert: Alert) -> dict[str, Any]:
        return {
            "id": alert.id,
            "rule": alert.rule,
            "subject": alert.subject,
            "region": alert.region,
            "state": alert.state.value,
            "count": alert.count,
            "since": self._time(alert.since),
            "until": self._time(alert.until),
            "version": alert.version,
            "url": f"{self.config.server.public_url.rstrip('/')}/record/{alert.id}",
        }

    def customer(self, profile: Profile) -> dict[str, Any]:
        customer = profile.customer
        grade = self.config.grade_of(customer.annual_purchase_fen)
        return {
            "id": customer.id,
            "name": customer.name,
            "region": customer.region,
            "owner": customer.owner,
            "grade": grade.id if grade else None,
            "industry": customer.industry,
            "aliases": list(customer.aliases),
            "sites": [
                {"id": site.id, "name": site.name, "lat": site.point.lat, "lng": site.point.lng}
                | {"datum": site.point.datum.value, "radius_m": site.radius_m}
                for site in customer.sites
            ],
            "contacts": [
                {"id": one.id, "name": one.name, "title": one.title, "role": one.role, "phone": one.phone}
                | {"last_at": self._time(profile.last_at.get(one.id))}
                for one in profile.contacts
            ],
            "documents": [{"rule": one.rule, "name": one.name, "state": one.state, "due": self._time(one.due)} for one in profile.papers],
            "tags": [one.mark for one in profile.marks],
            "marks": [
                {"mark": one.mark, "name": MARKS[one.mark], "since": self._time(one.since), "parts": list(one.why)} for one in profile.marks
            ],
            "health": {**tally(profile.health), "parts": [_vital(one) for one in profile.health]},
        }

    def fact(self, found: Fact) -> dict[str, Any]:
        row = found.row
        said = {name: getattr(row, name) for name in ("customer", "amount", "word", "rep", "month", "by")}
        times = {name: self._time(getattr(row, name)) for name in ("at", "done_at", "recorded_at")}
        return {"kind": row.kind, "id": row.id.partition(":")[2], **said, **times, "ledger": row.ledger_index} | {
            "before": [
                {**one.body, "at": self._spelled(one.body["at"]), "done_at": self._spelled(one.body["done_at"])}
                | {"recorded_at": self._time(one.recorded_at), "ledger": one.ledger_index}
                for one in found.before
            ]
        }

    def _spelled(self, at: str | None) -> str | None:
        return self._time(parse_instant(at)) if at else None

    def _stamp(self, stamp: Stamp) -> dict[str, Any]:
        point = stamp.point
        return {
            "at": self._time(stamp.at),
            "received_at": self._time(stamp.received_at),
            "lat": point.lat if point else None,
            "lng": point.lng if point else None,
            "datum": point.datum.value if point else None,
            "accuracy_m": point.accuracy_m if point else None,
            "source": point.source if point else None,
            "device": stamp.device,
            "distance_m": stamp.distance_m,
            "battery": stamp.battery,
        }

    def _evidence(self, item: Evidence) -> dict[str, Any]:
        words = item.transcript
        return {
            "id": item.id,
            "kind": item.kind,
            "sha256": item.sha256,
            "sm3": item.sm3,
            "watermarked": item.copy,
            "sign": asdict(item.sign) if item.sign else None,
            "seconds": item.seconds,
            "state": item.state.value,
            "reasons": [self.word(reason) for reason in item.reasons],
            "transcript": words.text if words and words.state is not TranscriptState.UNHEARD else None,
            "keywords": list(dict.fromkeys(mark["word"] for mark in words.marks if mark["sure"])) if words else [],
            "speech": self._speech(item.scene, words) if words else None,
            "platform_transcript": item.told or None,
            "user_agent": item.agent or None,
        }

    @staticmethod
    def _speech(scene: str, words: Transcript) -> dict[str, Any]:
        return {
            "state": words.state.value,
            "scene": scene or None,
            "engine": words.engine,
            "machine": words.machine,
            "edited": words.edited is not None,
            "problem": words.problem or None,
        }

    def _verdict(self, action: Action) -> dict[str, Any]:
        verdict = action.verdict
        return {"state": verdict.state.value, "tier": verdict.tier, "reasons": [self.word(reason) for reason in verdict.reasons]}

    def _time(self, at: datetime | None) -> str | None:
        return rfc3339(at, self.config.zone) if at else None


def rfc3339(at: datetime, zone: ZoneInfo) -> str:
    """In the company's own time; whole seconds where there is no more."""
    return at.astimezone(zone).isoformat(timespec="milliseconds" if at.microsecond else "seconds")


def coverage(report: CoverageReport) -> dict[str, Any]:
    return {
        "month": report.month,
        "region": report.region,
        "rows": [_coverage_row(row) for row in report.rows],
        "total": {"quota": report.quota, "done": report.done, "rate": report.rate},
        "version": report.version,
    }


def _coverage_row(row: CoverageRow) -> Mapping[str, Any]:
    names = ("grade", "customers", "quota", "done", "rate", "surplus", "explained", "unexplained", "weak")
    return {name: getattr(row, name) for name in names} | {"notes": list(row.notes)}
