"""Rows → nouns."""

from collections.abc import Iterable, Mapping, Sequence

from bot.case import Approval
from bot.model import (
    Action,
    Alert,
    AlertState,
    Check,
    CheckState,
    Contact,
    Customer,
    Datum,
    Device,
    Evidence,
    EvidenceState,
    HeardTitle,
    Json,
    Person,
    Platform,
    Point,
    Reason,
    Role,
    SentCard,
    Sign,
    Site,
    Stamp,
    Transcript,
    TranscriptState,
    Verdict,
    VerdictState,
    Visit,
    VisitState,
)
from bot.store.tables import (
    ActionRow,
    AlertRow,
    ApprovalRow,
    CardRow,
    CheckRow,
    ContactRow,
    CustomerRow,
    DeviceRow,
    EvidenceRow,
    PersonRow,
    SiteRow,
    TitleRow,
    TranscriptRow,
    VisitRow,
)


def point(body: Json | None) -> Point | None:
    return None if body is None else _point(body)


def _point(body: Json) -> Point:
    return Point(lat=body["lat"], lng=body["lng"], datum=Datum(body["datum"]), accuracy_m=body["accuracy_m"], source=body["source"])


def reasons(items: Sequence[Json]) -> tuple[Reason, ...]:
    return tuple(Reason(code=item["code"], values=item["values"]) for item in items)


def person(row: PersonRow, accounts: Mapping[Platform, str]) -> Person:
    roles = frozenset(Role(role) for role in row.roles)
    return Person(id=row.id, name=row.name, roles=roles, region=row.region, accounts=accounts, active=row.active)


def site(row: SiteRow) -> Site:
    place = Point(lat=row.lat, lng=row.lng, datum=Datum(row.datum), source="site")
    return Site(id=row.id, customer=row.customer, name=row.name, point=place, radius_m=row.radius_m, approved=row.state == "approved")


def customer(row: CustomerRow, sites: Iterable[SiteRow], furthest: str | None) -> Customer:
    return Customer(
        id=row.id,
        name=row.name,
        owner=row.owner,
        region=row.region,
        aliases=tuple(row.aliases),
        sites=tuple(site(item) for item in sites),
        annual_purchase_fen=row.annual_purchase_fen,
        furthest=furthest,
        industry=row.industry,
    )


def evidence(row: EvidenceRow) -> Evidence:
    return Evidence(
        id=row.id,
        visit=row.visit,
        rep=row.rep,
        customer=row.customer,
        kind=row.kind,
        state=EvidenceState(row.state),
        sent_at=row.sent_at,
        action=row.action,
        sha256=row.sha256,
        seconds=row.seconds,
        reasons=reasons(row.reasons),
        sign=Sign(**row.sign) if row.sign else None,
        scene=row.scene,
        told=row.told,
        agent=row.agent,
        live=row.live,
        name=row.name,
    )


def transcript(row: TranscriptRow) -> Transcript:
    return Transcript(
        evidence=row.evidence,
        visit=row.visit,
        rep=row.rep,
        customer=row.customer,
        state=TranscriptState(row.state),
        at=row.sent_at,
        machine=row.machine,
        edited=row.edited,
        engine=row.engine,
        scene=row.scene,
        marks=tuple(row.marks),
        problem=row.problem,
    )


def card(row: CardRow) -> SentCard:
    names = ("evidence", "visit", "customer", "rep", "state", "name", "title", "phone")
    return SentCard(**{name: getattr(row, name) for name in names})


def title(row: TitleRow) -> HeardTitle:
    return HeardTitle(id=row.id, customer=row.customer, title=row.title, evidence=row.evidence, rep=row.rep, state=row.state, at=row.at)


def action(row: ActionRow, items: Iterable[EvidenceRow]) -> Action:
    stamp = Stamp(
        at=row.at,
        received_at=row.received_at,
        point=point(row.point),
        device=row.device,
        distance_m=row.distance_m,
        battery=row.battery,
    )
    return Action(
        id=row.id,
        visit=row.visit,
        rep=row.rep,
        customer=row.customer,
        region=row.region,
        stage=row.stage,
        kind=row.kind,
        stamp=stamp,
        verdict=Verdict(state=VerdictState(row.state), tier=row.tier, reasons=reasons(row.reasons)),
        submitted_at=row.submitted_at,
        corrected_from=row.corrected_from,
        override=row.override or None,
        evidence=tuple(evidence(item) for item in items),
    )


def visit(row: VisitRow, name: str, actions: Sequence[ActionRow], items: Sequence[EvidenceRow]) -> Visit:
    return Visit(
        id=row.id,
        rep=row.rep,
        customer=row.customer,
        customer_name=name,
        state=VisitState(row.state),
        started_at=row.started_at,
        ended_at=row.ended_at,
        actions=tuple(action(one, [item for item in items if item.action == one.id]) for one in actions),
        evidence=tuple(evidence(item) for item in items if item.action is None),
    )


def check(row: CheckRow) -> Check:
    return Check(
        id=row.id,
        rep=row.rep,
        customer=row.customer,
        site=row.site,
        at=row.at,
        until=row.until,
        point=_point(row.point),
        state=CheckState(row.state),
        distance_m=row.distance_m,
        device=row.device,
        reasons=reasons(row.reasons),
        place=row.place,
        battery=row.battery,
    )


def device(row: DeviceRow) -> Device:
    return Device(id=row.id, person=row.person, platform=Platform(row.platform), device=row.device, state=row.state, since=row.since)


def contact(row: ContactRow) -> Contact:
    return Contact(id=row.id, customer=row.customer, name=row.name, title=row.title, role=row.role, phone=row.phone, last_at=row.last_at)


def alert(row: AlertRow) -> Alert:
    return Alert(
        id=row.id,
        rule=row.rule,
        subject=row.subject,
        period=row.period,
        region=row.region,
        state=AlertState(row.state),
        count=row.count,
        since=row.since,
        until=row.until,
        told=row.told,
        version=row.version,
        values=row.body,
    )


def approval(row: ApprovalRow) -> Approval:
    return Approval(
        id=row.id,
        what=row.what,
        subject=row.subject,
        rep=row.rep,
        region=row.region,
        decided=row.decided,
        by=row.by,
        values=row.body,
    )
