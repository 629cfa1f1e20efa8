"""Device and presence check."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config.schema import Config, Presence
from bot.evidence.check import covering, judge_check
from bot.evidence.device import DeviceMode, match
from bot.model import Check, CheckState, Customer, Datum, Device, Platform, Point
from tests.evidence.build import NOON, binding, check, customer, minutes, north, site

ACTIVE, PENDING, REJECTED, RETIRED = (binding(state=state) for state in ("active", "pending", "rejected", "retired"))


@pytest.mark.parametrize(
    ("device", "bindings", "mode", "state", "code"),
    [
        ("phone", [ACTIVE], "required", "ok", "device.match"),
        ("other", [ACTIVE], "required", "refused", "device.mismatch"),
        ("other", [ACTIVE], "when_carried", "refused", "device.mismatch"),
        ("other", [ACTIVE], "recorded", "ok", "device.recorded"),
        ("phone", [], "required", "waiting", "device.unknown"),
        ("phone", [], "when_carried", "waiting", "device.unknown"),
        ("phone", [PENDING], "required", "waiting", "device.unknown"),
        ("new", [ACTIVE, binding("new", "pending")], "required", "waiting", "device.unknown"),
        ("phone", [REJECTED], "required", "refused", "device.rejected"),
        ("phone", [RETIRED, binding("new")], "required", "refused", "device.mismatch"),
        ("phone", [binding(platform=Platform.FEISHU)], "required", "waiting", "device.unknown"),
        (None, [ACTIVE], "required", "absent", "device.absent"),
        ("", [ACTIVE], "required", "absent", "device.absent"),
        (None, [ACTIVE], "when_carried", "ok", "device.none"),
        (None, [], "recorded", "ok", "device.none"),
    ],
)
def test_device_is_matched_by_the_mode(device: str | None, bindings: list[Device], mode: DeviceMode, state: str, code: str) -> None:
    found = match(device, bindings, Platform.WECOM, mode)
    assert (found.state, [reason.code for reason in found.reasons]) == (state, [code])


def judged(
    point: Point,
    device: str | None = "phone",
    at_customer: Customer | None = None,
    mode: DeviceMode = "required",
    bound: Device | None = ACTIVE,
) -> Check:
    return judge_check(
        id="k1",
        rep="E001",
        customer=at_customer or customer(),
        point=point,
        at=NOON,
        device=device,
        platform=Platform.WECOM,
        bindings=[bound] if bound else [],
        config=Config(presence=Presence(device=mode)),
        place="科技园",
    )


def test_the_right_place_with_the_right_device_passes_and_opens_the_window() -> None:
    found = judged(north(48))
    assert (found.state, found.site, found.distance_m, found.device, found.place) == (CheckState.PASSED, "s1", 48.0, "phone", "科技园")
    assert found.until - found.at == timedelta(minutes=120)
    assert [reason.code for reason in found.reasons] == ["place.in", "device.match"]
    assert found.reasons[0].values == {"distance_m": 48.0, "radius_m": 500.0, "site": "地点s1", "accuracy_m": None}


@pytest.mark.parametrize(
    ("metres", "accuracy", "device", "bound", "state"),
    [
        (1200, None, "phone", ACTIVE, CheckState.REFUSED),
        (48, None, "other", ACTIVE, CheckState.REFUSED),
        (48, None, None, ACTIVE, CheckState.REFUSED),
        (48, None, "phone", None, CheckState.WAITING),
        (480, 100, "phone", ACTIVE, CheckState.WAITING),
        (480, 100, "other", ACTIVE, CheckState.REFUSED),
        (1200, None, "phone", None, CheckState.REFUSED),
    ],
)
def test_both_place_and_device_must_pass(
    metres: float, accuracy: float | None, device: str | None, bound: Device | None, state: CheckState
) -> None:
    assert judged(north(metres, accuracy=accuracy), device, bound=bound).state is state


def test_without_a_device_a_pin_passes_only_where_config_lets_it() -> None:
    pin = north(48, source="wecom.location")
    assert judged(pin, None).state is CheckState.REFUSED
    assert judged(pin, None, mode="when_carried").state is CheckState.PASSED


def test_a_customer_without_an_approved_site_is_refused_with_that_reason() -> None:
    found = judged(north(0), at_customer=customer(site(approved=False)))
    assert (found.state, found.site, found.reasons[0].code) == (CheckState.REFUSED, None, "place.no_site")


def test_a_swapped_pair_is_refused_with_that_reason() -> None:
    swapped = Point(lat=114.0579, lng=22.5431, datum=north(0).datum)
    found = judged(swapped)
    assert (found.state, found.reasons[0].code, found.reasons[0].values) == (CheckState.REFUSED, "place.problem", {"problem": "swapped"})


@pytest.mark.parametrize(("at", "covered"), [(-0.01, False), (0, True), (60, True), (120, True), (120.01, False)])
def test_a_check_covers_from_its_own_time_to_the_windows_end(at: float, covered: bool) -> None:
    assert (covering([check(0)], "C001", minutes(at)) is not None) is covered


def test_only_a_passed_check_of_the_same_customer_covers() -> None:
    others = [check(0, CheckState.WAITING), check(0, CheckState.REFUSED), check(0, customer="C002")]
    assert covering(others, "C001", minutes(1)) is None


ELSEWHERE = Point(lat=22.55, lng=113.95, datum=Datum.GCJ02, source="wecom.checkin")


def test_a_record_from_elsewhere_closes_what_an_earlier_one_opened() -> None:
    away = check(20, CheckState.REFUSED, "place.out", "device.match", point=ELSEWHERE)
    other_phone = check(20, CheckState.REFUSED, "place.in", "device.mismatch", point=ELSEWHERE)
    pin = check(20, CheckState.REFUSED, "place.out", "device.absent", point=replace(ELSEWHERE, source="wecom.location"))
    assert covering([check(0), away], "C001", minutes(10)) is not None
    assert covering([check(0), away], "C001", minutes(30)) is None
    assert covering([check(0), other_phone], "C001", minutes(30)) is None
    assert covering([check(0), pin], "C001", minutes(30)) is not None
    assert covering([check(0), away, check(40)], "C001", minutes(50)) is not None


def test_the_latest_of_several_covers() -> None:
    found = covering([check(30), check(0), check(90)], "C001", minutes(60))
    assert found is not None
    assert found.at == minutes(30)
