"""One item of evidence: is the file good, was the rep there, is it long enough."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.config.schema import Needs, PlaceMode
from bot.evidence.check import covering, holding
from bot.evidence.codes import Code
from bot.model import Check, CheckState, Evidence, EvidenceState, Reason

BROKEN = frozenset({"photo.", "voice.", "file.", "consent."})  # problems of the bytes that came; all others are of bytes that never came
ASKED = frozenset({Code.PLACE_UNCERTAIN, Code.DEVICE_UNKNOWN})  # a director was asked
FINE = frozenset({Code.PLACE_IN, Code.DEVICE_MATCH, Code.DEVICE_NONE, Code.DEVICE_RECORDED})


def judge_item(
    item: Evidence,
    *,
    place_mode: PlaceMode | None,
    checks: Iterable[Check],
    read_at: datetime | None,
    has_records: bool,
    needs: Needs | None = None,
    problem: str | None = None,
) -> Evidence:
    """Return the item with its state and reasons; judging again with more checks or another stage may change them.

    `place_mode`: of the action it belongs to; None while no stage is named. `read_at`: when the last completed read of the rep's
    native records began; `has_records`: his platform has such records. `needs`: of the action's stage, for the length of a voice.
    `problem`: of fetching or inspecting the file (MediaFile.problem); a file once lost or broken stays so.
    """
    if broken := _file(item, problem):
        return broken
    if place_mode is None:
        return _as(item, EvidenceState.PENDING, Reason(code=Code.STAGE_NONE))
    if place_mode == "onsite" and (away := _place(item, tuple(checks), read_at, has_records=has_records)):
        return away
    want = needs.voice_seconds if needs else 0
    if item.kind == "voice" and (item.seconds or 0) < want:
        return _as(item, EvidenceState.REFUSED, Reason(code=Code.VOICE_SHORT, values={"seconds": item.seconds, "want": want}))
    return _as(item, EvidenceState.COUNTED)


def too_short(item: Evidence) -> bool:
    """Refused for its stage by its length alone: a good recording, from the right place."""
    return item.state is EvidenceState.REFUSED and bool(item.reasons) and all(reason.code == Code.VOICE_SHORT for reason in item.reasons)


def waits(item: Evidence) -> bool:
    """Not counted yet, through no fault of the rep: a record is being read, or a director has to tap."""
    if item.state is EvidenceState.QUARANTINED:
        codes = {reason.code for reason in item.reasons}
        return bool(codes & ASKED) and codes <= ASKED | FINE
    return item.state is EvidenceState.PENDING


def _file(item: Evidence, problem: str | None) -> Evidence | None:
    if problem is None:
        if item.state is EvidenceState.LOST or (item.state is EvidenceState.REFUSED and not too_short(item)):
            return item
        problem = "voice.empty" if item.kind == "voice" and not item.seconds else None
    if problem is None:
        return None
    if problem.partition(".")[0] + "." in BROKEN:
        return _as(item, EvidenceState.REFUSED, Reason(code=problem))
    return _as(item, EvidenceState.LOST, Reason(code=Code.MEDIA_LOST, values={"problem": problem.removeprefix("media.")}))


def _place(item: Evidence, checks: tuple[Check, ...], read_at: datetime | None, *, has_records: bool) -> Evidence | None:
    """None when a passed check covers it. A record that is not read yet may still bring one: the item is pending till then."""
    if covering(checks, item.customer, item.sent_at):
        return None
    if has_records and (read_at is None or read_at < item.sent_at):
        return _as(item, EvidenceState.PENDING, Reason(code=Code.PLACE_READING))
    return _as(item, EvidenceState.QUARANTINED, *why_not(checks, item.customer, item.sent_at))


def why_not(checks: Iterable[Check], customer: str, at: datetime) -> tuple[Reason, ...]:
    """Reasons why no passed check covers the moment: what the nearest check says, or that there is none."""
    known = sorted((check for check in checks if check.customer == customer), key=lambda check: check.at)
    if then := holding(known, customer, at):
        return then[-1].reasons
    passed = [check for check in known if check.state is CheckState.PASSED]
    if before := [check for check in passed if check.until < at]:
        return (_minutes(Code.PLACE_WINDOW_OVER, before[-1].until, at),)
    if after := [check for check in passed if check.at > at]:
        return (_minutes(Code.PLACE_CHECK_LATER, at, after[0].at),)
    return (Reason(code=Code.PLACE_NO_CHECK),)


def _minutes(code: Code, start: datetime, end: datetime) -> Reason:
    """Whole minutes, a begun one counts."""
    return Reason(code=code, values={"minutes": -int(-(end - start).total_seconds() // 60)})


def _as(item: Evidence, state: EvidenceState, *reasons: Reason) -> Evidence:
    return replace(item, state=state, reasons=reasons)
