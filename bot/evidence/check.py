"""The presence check: place and device together, and which passed check covers a moment."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.config.schema import Config
from bot.evidence import device as devices
from bot.evidence import place as places
from bot.evidence.codes import Code
from bot.model import Check, CheckState, Customer, Device, Platform, Point, Reason, Site

PLACE_STATES = {"in": CheckState.PASSED, "uncertain": CheckState.WAITING, "out": CheckState.REFUSED}
DEVICE_STATES = {"ok": CheckState.PASSED, "waiting": CheckState.WAITING, "refused": CheckState.REFUSED, "absent": CheckState.REFUSED}
FENCE_CODES = {"in": Code.PLACE_IN, "uncertain": Code.PLACE_UNCERTAIN, "out": Code.PLACE_OUT}


def judge_check(
    *,
    id: str,
    rep: str,
    customer: Customer,
    point: Point,
    at: datetime,
    device: str | None,
    platform: Platform,
    bindings: Iterable[Device],
    config: Config,
    place: str = "",
    signs: Iterable[Reason] = (),
    battery: float | None = None,
) -> Check:
    """Judge a position of a rep at a customer. Both place and device must pass; the window runs from the check's own time.

    `signs`: what speaks against the position (bot/evidence/tiers.py); they lower its worth, never its verdict.
    """
    presence = config.presence
    found = places.best(point, customer, presence.radius_m)
    matched = devices.match(device, bindings, platform, presence.device)
    where = PLACE_STATES[found[1].verdict] if found else CheckState.REFUSED
    return Check(
        id=id,
        rep=rep,
        customer=customer.id,
        site=found[0].id if found else None,
        at=at,
        until=at + timedelta(minutes=presence.window_min),
        point=point,
        state=_worse(where, DEVICE_STATES[matched.state]),
        distance_m=found[1].distance_m if found else None,
        device=device or None,
        reasons=(_place_reason(point, found), *matched.reasons, *signs),
        place=place,
        battery=battery,
    )


def covering(checks: Iterable[Check], customer: str, at: datetime) -> Check | None:
    """Find the passed check of this customer whose window holds the moment; the latest, should several do.

    A native record from elsewhere, or from another phone, closes what an earlier one had opened: the rep has left, or it was not he.
    """
    held = [check for check in holding(checks, customer, at) if check.state is CheckState.PASSED or _contradicts(check)]
    return held[-1] if held and held[-1].state is CheckState.PASSED else None


def _contradicts(check: Check) -> bool:
    native = check.point.source.endswith((".checkin", ".attendance"))
    failed = {reason.code for reason in check.reasons} & {Code.PLACE_OUT, Code.DEVICE_MISMATCH}
    return native and check.state is CheckState.REFUSED and bool(failed)


def holding(checks: Iterable[Check], customer: str, at: datetime) -> list[Check]:
    """Checks of this customer, passed or not, whose window holds the moment, from the check's own time on; the latest last."""
    held = (check for check in checks if check.customer == customer and check.at <= at <= check.until)
    return sorted(held, key=lambda check: (check.at, check.id))


def _worse(a: CheckState, b: CheckState) -> CheckState:
    return max(a, b, key=(CheckState.PASSED, CheckState.WAITING, CheckState.REFUSED).index)


def _place_reason(point: Point, found: tuple[Site, places.Fence] | None) -> Reason:
    if problem := places.problem_of(point.lat, point.lng):
        return Reason(code=Code.PLACE_PROBLEM, values={"problem": problem})
    if found is None:
        return Reason(code=Code.PLACE_NO_SITE)
    site, fence = found
    values = {"distance_m": fence.distance_m, "radius_m": fence.radius_m, "site": site.name, "accuracy_m": point.accuracy_m}
    return Reason(code=FENCE_CODES[fence.verdict], values=values)
