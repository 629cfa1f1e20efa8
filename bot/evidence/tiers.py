"""How strong the proof of place is: what the source gives (T0–T4), lowered by signs that speak against it. Pure.

T0 words only · T1 a pin that the rep placed · T2 a position that the client reported · T3 a page with the bound device key ·
T4 a native check-in record from the device on file. A sign is a reason with a code `sign.*`, noted with the check when it is made, so
that the tier can be recomputed from the ledger. Signs never raise a tier, and their order does not matter. Sources that contradict each
other are both shown, and the action keeps the lower tier; nothing is averaged.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.evidence.codes import Code
from bot.evidence.place import distance_m, problem_of
from bot.model import Check, Evidence, EvidenceState, Point, Reason

TIERS = ("T0", "T1", "T2", "T3", "T4")
PLAIN: Mapping[str, tuple[str, Code]] = {
    "location": ("T1", Code.TIER_PIN),
    "position": ("T2", Code.TIER_POSITION),
    "page": ("T2", Code.TIER_POSITION),
    "checkin": ("T2", Code.TIER_POSITION),
    "attendance": ("T2", Code.TIER_POSITION),
}
KNOWN_DEVICE: Mapping[str, tuple[str, Code]] = {
    "page": ("T3", Code.TIER_PAGE),
    "checkin": ("T4", Code.TIER_RECORD),
    "attendance": ("T4", Code.TIER_RECORD),
}
# The highest tier that is left with a sign; None: shown, but it says nothing about the place.
CAPS: Mapping[str, str | None] = {
    Code.SIGN_API: "T0",
    Code.SIGN_SECURITY: "T0",
    Code.SIGN_SPEED: "T1",
    Code.SIGN_CONTRADICTION: "T2",
    Code.SIGN_FROZEN: "T2",
    Code.SIGN_JITTER: "T2",
    Code.SIGN_COARSE: "T2",
    Code.SIGN_UNUSUAL_DEVICE: "T2",
    Code.SIGN_UNUSUAL_PLACE: "T2",
    Code.SIGN_SKEW: "T2",
    Code.SIGN_FEW: "T2",
    Code.SIGN_NO_CAMERA: "T2",
    Code.SIGN_BRIEF: "T3",
    Code.SIGN_WIFI: None,
    Code.SIGN_TIME: None,
    Code.SIGN_LATE: None,
}
EXCEPTIONS: Mapping[str, Code] = {
    "非常用设备": Code.SIGN_UNUSUAL_DEVICE,
    "地点异常": Code.SIGN_UNUSUAL_PLACE,
    "wifi异常": Code.SIGN_WIFI,
    "时间异常": Code.SIGN_TIME,
    "安全校验未通过": Code.SIGN_SECURITY,
}
COARSE_M = 200.0  # an accuracy circle wider than this no longer tells one works from the next
STILL_DAYS = 3  # as many earlier days with the same coordinates to the last digit: a hand on a mock-location app is this steady
FEWEST = 3  # different positions of one minute: a hand on a mock-location app gives the same one again and again
SCATTER_M = 500.0  # fixes of one minute that lie this far apart
FAR_M = 2_000.0  # nearer than this, a jump is reckoned to the receivers
TOGETHER = timedelta(minutes=15)
AHEAD = timedelta(minutes=2)  # a platform's time this far after our receipt: one of the two clocks is wrong
BRIEF = timedelta(seconds=30)


def signs(
    point: Point,
    at: datetime,
    *,
    received_at: datetime,
    before: Iterable[Check],
    max_kmh: float,
    exceptions: Iterable[str] = (),
    by_api: bool = False,
    fixes: Sequence[Point] = (),
) -> tuple[Reason, ...]:
    """What speaks against a position.

    `before`: earlier checks of the same rep at whatever customer; `exceptions`: the platform's own words; `by_api`: the record was
    written by a program, not by a phone; `fixes`: positions of the same minute, where the source gives several.
    """
    earlier = [check for check in before if check.at < at]
    return (
        *([Reason(code=Code.SIGN_API)] if by_api else []),
        *(Reason(code=EXCEPTIONS[word]) for word in exceptions if word in EXCEPTIONS),
        *_ahead(at, received_at),
        *_coarse(point),
        *_frozen(point, at, earlier),
        *_jitter(fixes),
        *_moved(point, at, earlier, max_kmh),
    )


def fixes_of(fixes: Sequence[Point]) -> tuple[Reason, ...]:
    """What a page measured, and whether that is little."""
    usable = [fix for fix in fixes if _sound(fix)]
    count = len({(fix.lat, fix.lng) for fix in usable})
    told = Reason(code=Code.PLACE_FIXES, values={"count": len(fixes), "distance_m": round(_widest(usable), 1)})
    return (told, *([Reason(code=Code.SIGN_FEW, values={"count": count})] if count < FEWEST else []))


def camera(point: Point | None, items: Iterable[Evidence]) -> tuple[Reason, ...]:
    """A page's position is held up by a photo of the same page's camera."""
    if point is None or point.source != "page" or any(item.live and item.state is EvidenceState.COUNTED for item in items):
        return ()
    return (Reason(code=Code.SIGN_NO_CAMERA),)


def brief(began: datetime, ended: datetime | None) -> tuple[Reason, ...]:
    """An action on site that was over in less than half a minute."""
    if ended is None or ended - began >= BRIEF:
        return ()
    return (Reason(code=Code.SIGN_BRIEF, values={"seconds": max((ended - began).total_seconds(), 0.0)}),)


def tier_of(point: Point | None, *, known_device: bool, reasons: Iterable[Reason]) -> tuple[str, tuple[Reason, ...]]:
    """The tier, and why: what the source is worth, and what the signs left of it."""
    if point is None:
        return "T0", (Reason(code=Code.TIER_WORDS),)
    source = point.source.rpartition(".")[2]
    plain = PLAIN.get(source, ("T1", Code.TIER_PIN))
    best, code = KNOWN_DEVICE.get(source, plain) if known_device else plain
    cap = min((CAPS[reason.code] or best for reason in reasons if reason.code in CAPS), default=best)
    if cap >= best:
        return best, (Reason(code=code),)
    return cap, (Reason(code=code), Reason(code=Code.TIER_CAPPED, values={"tier": cap}))


def at_least(tier: str, wanted: str | None) -> bool:
    """Whether a tier satisfies a demand; none is always satisfied."""
    return not wanted or tier >= wanted


def _ahead(at: datetime, received_at: datetime) -> list[Reason]:
    skew = at - received_at
    return [Reason(code=Code.SIGN_SKEW, values={"minutes": round(skew.total_seconds() / 60)})] if skew > AHEAD else []


def _coarse(point: Point) -> list[Reason]:
    accuracy = point.accuracy_m
    return [Reason(code=Code.SIGN_COARSE, values={"accuracy_m": accuracy})] if accuracy is not None and accuracy > COARSE_M else []


def _frozen(point: Point, at: datetime, earlier: Sequence[Check]) -> list[Reason]:
    same = {check.at.date() for check in earlier if (check.point.lat, check.point.lng) == (point.lat, point.lng)} - {at.date()}
    return [Reason(code=Code.SIGN_FROZEN, values={"days": len(same)})] if len(same) >= STILL_DAYS else []


def _jitter(fixes: Sequence[Point]) -> list[Reason]:
    widest = _widest([fix for fix in fixes if _sound(fix)])
    return [Reason(code=Code.SIGN_JITTER, values={"distance_m": round(widest, 1)})] if widest > SCATTER_M else []


def _widest(fixes: Sequence[Point]) -> float:
    return max((distance_m(a, b) for a in fixes for b in fixes), default=0.0)


def _moved(point: Point, at: datetime, earlier: Sequence[Check], max_kmh: float) -> list[Reason]:
    """Against the latest earlier position: another source that says otherwise, or a journey that nobody can make."""
    usable = [check for check in earlier if _sound(check.point)]
    if not usable or not _sound(point):
        return []
    last = max(usable, key=lambda check: (check.at, check.id))
    metres, took = distance_m(point, last.point), at - last.at
    values: dict[str, Any] = {"distance_m": round(metres, 1), "minutes": round(took.total_seconds() / 60, 1)}
    if metres <= FAR_M or metres / 1000 / max(took.total_seconds() / 3600, 1 / 60) <= max_kmh:
        return []
    contrary = last.point.source != point.source and took <= TOGETHER
    return [Reason(code=Code.SIGN_CONTRADICTION if contrary else Code.SIGN_SPEED, values=values)]


def _sound(point: Point) -> bool:
    return problem_of(point.lat, point.lng) is None
