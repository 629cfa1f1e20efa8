"""Short ways to say a moment, a place, an item, an action."""

from datetime import UTC, datetime, timedelta

from bot.model import (
    Action,
    Check,
    CheckState,
    Customer,
    Datum,
    Device,
    Evidence,
    EvidenceState,
    Platform,
    Point,
    Reason,
    Site,
    Stamp,
    Verdict,
    VerdictState,
    Visit,
    VisitState,
)

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Monday
LAT, LNG = 22.5431, 114.0579
METRES_A_DEGREE = 6371008.8 * 3.141592653589793 / 180


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def north(metres: float, *, accuracy: float | None = None, source: str = "wecom.checkin") -> Point:
    """The point so many metres north of the customer."""
    return Point(lat=LAT + metres / METRES_A_DEGREE, lng=LNG, datum=Datum.GCJ02, accuracy_m=accuracy, source=source)


def site(id_: str = "s1", *, metres: float = 0, approved: bool = True, radius: int | None = None) -> Site:
    return Site(id=id_, customer="C001", name=f"地点{id_}", point=north(metres), radius_m=radius, approved=approved)


def customer(*sites: Site, id_: str = "C001") -> Customer:
    return Customer(id=id_, name="华强电子", owner="E001", region="south", sites=sites or (site(),))


def binding(device: str = "phone", state: str = "active", platform: Platform = Platform.WECOM) -> Device:
    return Device(id=f"d_{device}", person="E001", platform=platform, device=device, state=state, since=NOON)


def check(at: float = 0, state: CheckState = CheckState.PASSED, *codes: str, window: float = 120, **fields: object) -> Check:
    reasons = tuple(Reason(code=code) for code in codes or ("place.in", "device.match"))
    made = {"id": f"k{at}", "customer": "C001", "point": north(48), "distance_m": 48.0, "device": "phone", **fields}
    return Check(rep="E001", site="s1", at=minutes(at), until=minutes(at + window), state=state, reasons=reasons, **made)  # type: ignore[arg-type]


def item(
    kind: str = "photo", at: float = 1, state: EvidenceState = EvidenceState.COUNTED, *codes: str, seconds: float | None = None
) -> Evidence:
    return Evidence(
        id=f"e_{kind}_{at}_{seconds}",
        visit="v1",
        rep="E001",
        customer="C001",
        kind=kind,
        state=state,
        sent_at=minutes(at),
        sha256="0" * 64,
        seconds=seconds,
        reasons=tuple(Reason(code=code) for code in codes),
    )


def voice(seconds: float, at: float = 1, state: EvidenceState = EvidenceState.COUNTED, *codes: str) -> Evidence:
    return item("voice", at, state, *codes, seconds=seconds)


def action(
    *items: Evidence, stage: str = "demo", kind: str | None = None, state: VerdictState = VerdictState.INCOMPLETE, at: float = 0
) -> Action:
    return Action(
        id=f"a_{stage}",
        visit="v1",
        rep="E001",
        customer="C001",
        region="south",
        stage=stage,
        kind=kind,
        stamp=Stamp(at=minutes(at), received_at=minutes(at)),
        verdict=Verdict(state=state, tier="T0"),
        evidence=items,
    )


def visit(*actions: Action, loose: tuple[Evidence, ...] = ()) -> Visit:
    return Visit(
        id="v1",
        rep="E001",
        customer="C001",
        customer_name="华强电子",
        state=VisitState.OPEN,
        started_at=NOON,
        actions=actions,
        evidence=loose,
    )
