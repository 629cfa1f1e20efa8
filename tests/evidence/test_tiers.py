"""Tiers: what a source is worth, and every sign that lowers it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.codes import Code
from bot.evidence.tiers import CAPS, TIERS, at_least, brief, signs, tier_of
from bot.model import Check, CheckState, Datum, Point, Reason
from bot.render import Renderer

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HERE = (22.5431, 114.0579)
TOWN_AWAY = (23.1325, 113.3245)  # about 100 km
RENDERER = Renderer(Path(__file__).parents[2] / "templates")


def point(source: str = "wecom.checkin", at: tuple[float, float] = HERE, accuracy_m: float | None = None) -> Point:
    return Point(lat=at[0], lng=at[1], datum=Datum.GCJ02, accuracy_m=accuracy_m, source=source)


def before(minutes: float, where: tuple[float, float] = HERE, source: str = "wecom.checkin") -> Check:
    at = NOON - timedelta(minutes=minutes)
    return Check(
        id=f"ch_{minutes}", rep="E001", customer="C9", site=None, at=at, until=at, point=point(source, where), state=CheckState.REFUSED
    )


def found(one: Point, *earlier: Check, ahead_s: float = 0, **given: object) -> list[str]:
    made = signs(one, NOON, received_at=NOON - timedelta(seconds=ahead_s), before=earlier, max_kmh=300, **given)  # type: ignore[arg-type] # by name
    return [reason.code for reason in made]


DAYS = tuple(before(1440 * day) for day in (1, 2, 3))
CASES: list[tuple[list[str], list[str]]] = [
    (found(point()), []),
    (found(point(), exceptions=("非常用设备",)), ["sign.unusual_device"]),
    (found(point("dingtalk.attendance"), exceptions=("安全校验未通过",)), ["sign.security"]),
    (found(point(), exceptions=("地点异常", "wifi异常")), ["sign.unusual_place", "sign.wifi"]),
    (found(point(), exceptions=("时间异常", "没见过的词")), ["sign.time"]),
    (found(point(), by_api=True), ["sign.api"]),
    (found(point(), ahead_s=121), ["sign.skew"]),
    (found(point(), ahead_s=119), []),
    (found(point(), ahead_s=-7200), []),  # read late: nobody's fault
    (found(point(accuracy_m=201)), ["sign.coarse"]),
    (found(point(accuracy_m=200)), []),
    (found(point(), *DAYS), ["sign.frozen"]),
    (found(point(), *DAYS[:2]), []),
    (found(point(), *(before(minute) for minute in (5, 10, 15, 20))), []),  # one long stay
    (found(point(at=(22.54310001, 114.0579)), *DAYS), []),
    (found(point(), before(19, TOWN_AWAY)), ["sign.speed"]),  # 300 km/h and more
    (found(point(), before(60, TOWN_AWAY)), []),
    (found(point(), before(10, TOWN_AWAY, "wecom.location")), ["sign.contradiction"]),
    (found(point(), before(19, TOWN_AWAY, "wecom.location")), ["sign.speed"]),
    (found(point(), before(0.2, (22.5531, 114.0579))), []),  # a kilometre: the receiver's own doing
    (found(point(), before(20, (0.0, 0.0))), []),
    (found(point(), before(-5, TOWN_AWAY)), []),  # a later one is not held against an earlier one
    (found(point("web.page"), fixes=(point(), point(at=(22.5491, 114.0579)))), ["sign.jitter"]),
    (found(point("web.page"), fixes=(point(), point(at=(22.5441, 114.0579)))), []),
]


@pytest.mark.parametrize(("codes", "expected"), CASES, ids=range(len(CASES)))
def test_signs(codes: list[str], expected: list[str]) -> None:
    assert codes == expected


@pytest.mark.parametrize(
    ("source", "known", "sign", "expected"),
    [
        ("wecom.checkin", True, None, ("T4", ["tier.record"])),
        ("wecom.checkin", False, None, ("T2", ["tier.position"])),
        ("web.page", True, None, ("T3", ["tier.page"])),
        ("wecom.position", False, None, ("T2", ["tier.position"])),
        ("wecom.location", False, None, ("T1", ["tier.pin"])),
        ("something.new", True, None, ("T1", ["tier.pin"])),
        ("wecom.checkin", True, Code.SIGN_WIFI, ("T4", ["tier.record"])),
        ("wecom.checkin", True, Code.SIGN_BRIEF, ("T3", ["tier.record", "tier.capped"])),
        ("wecom.checkin", True, Code.SIGN_UNUSUAL_DEVICE, ("T2", ["tier.record", "tier.capped"])),
        ("wecom.checkin", True, Code.SIGN_SPEED, ("T1", ["tier.record", "tier.capped"])),
        ("wecom.checkin", True, Code.SIGN_API, ("T0", ["tier.record", "tier.capped"])),
        ("wecom.location", False, Code.SIGN_CONTRADICTION, ("T1", ["tier.pin"])),
    ],
)
def test_tiers(source: str, known: bool, sign: Code | None, expected: tuple[str, list[str]]) -> None:
    tier, why = tier_of(point(source), known_device=known, reasons=[Reason(code=sign)] if sign else [])
    assert (tier, [reason.code for reason in why]) == expected


def test_words_alone() -> None:
    assert tier_of(None, known_device=True, reasons=[]) == ("T0", (Reason(code=Code.TIER_WORDS),))


def test_half_a_minute_is_not_brief() -> None:
    assert brief(NOON, NOON + timedelta(seconds=30)) == () == brief(NOON, None)
    assert [reason.code for reason in brief(NOON, NOON + timedelta(seconds=29))] == ["sign.brief"]


codes = st.lists(st.sampled_from(sorted(CAPS)).map(lambda code: Reason(code=code)), max_size=6)
sources = st.sampled_from(["wecom.checkin", "web.page", "wecom.position", "wecom.location", "x"])


@given(sources, st.booleans(), codes, st.sampled_from(sorted(CAPS)), st.randoms())
def test_a_sign_never_raises_a_tier_and_their_order_does_not_matter(
    source: str, known: bool, some: list[Reason], more: str, random: object
) -> None:
    tier, _ = tier_of(point(source), known_device=known, reasons=some)
    lower, _ = tier_of(point(source), known_device=known, reasons=[*some, Reason(code=more)])
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis's Random
    assert lower <= tier and tier in TIERS
    assert tier_of(point(source), known_device=known, reasons=shuffled)[0] == tier


def test_every_sign_has_its_sentence_and_none_accuses() -> None:
    moments = dict.fromkeys(("at", "received_at"), "2026-11-23T06:05:09.000Z")
    values = {"distance_m": 1234.5, "minutes": 3, "days": 3, "accuracy_m": 300.0, "seconds": 12.0, "tier": "T2", "count": 1, **moments}
    for code in [code for code in Code if code.startswith("sign.")]:
        assert code in CAPS
        words = RENDERER.word(Reason(code=code, values=values))
        assert words and "作弊" not in words and "造假" not in words


def test_a_demand() -> None:
    assert at_least("T2", None) and at_least("T2", "T2") and not at_least("T1", "T2")
