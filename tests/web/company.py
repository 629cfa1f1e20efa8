"""Two regions, three reps, their directors and an admin; actions and alerts recorded as the corridor records them."""

import struct
import zlib
from datetime import UTC, datetime, timedelta

from bot import entries
from bot.model import (
    Alert,
    AlertState,
    Check,
    CheckState,
    Datum,
    Entry,
    Evidence,
    EvidenceState,
    Json,
    Point,
    Reason,
    Stamp,
    Verdict,
    VerdictState,
)
from bot.store import ledger_rows, projections
from bot.store.database import Database
from bot.store.tables import Account, ContactRow, CustomerRow, PersonRow, PurchaseRow, SiteRow

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
PLACE = Point(lat=22.5431, lng=114.0579, datum=Datum.GCJ02, accuracy_m=35, source="wecom.checkin")
DEMO, NEED, EAST = "a_01DEMO", "a_01NEED", "a_01EAST"
SHORT, SILENT, EXCESS = "al_01SHORT", "al_01SILENT", "al_01EXCESS"
PEOPLE = (
    ("E001", "李娜", ["rep"], "south"),
    ("E002", "王强", ["rep"], "south"),
    ("E003", "周敏", ["rep"], "east"),
    ("D001", "陈静", ["director"], "south"),
    ("D002", "赵磊", ["director"], "east"),
    ("X001", "管理员", ["admin"], ""),
)


def png() -> bytes:
    """A real photo of one grey pixel."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(b"\x00\x80")), (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data)) for tag, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


async def record(database: Database, *facts: Entry, now: datetime = NOW) -> None:
    """Ledger and projections in one step, as the corridor does it."""
    async with database.step():
        indexes = await ledger_rows.append(facts, now)
        for index, fact in zip(indexes, facts, strict=True):
            await projections.apply(index, fact, now)


async def settle(database: Database) -> None:
    """People, customers and sites."""
    await ledger_rows.ensure_head()
    for id_, name, roles, region in PEOPLE:
        await PersonRow.create(id=id_, name=name, roles=roles, region=region, updated_at=NOW)
        await Account.create(platform="wecom", user=f"wx-{id_}", person=id_)
        await Account.create(platform="feishu", user=f"ou_{id_}", person=id_)
    for id_, name, owner, region in (("C001", "华强电子", "E001", "south"), ("C002", "东方机电", "E003", "east")):
        await CustomerRow.create(
            id=id_, name=name, aliases=[], owner=owner, region=region, annual_purchase_fen=60_000_000, imported_at=NOW - timedelta(90)
        )
        await PurchaseRow.create(customer=id_, since=NOW - timedelta(90), fen=60_000_000)
        site = SiteRow(id=f"s_{id_}", customer=id_, name="总部", lat=22.5435, lng=114.0579, datum="gcj02", state="approved")
        await site.save()
        await ContactRow.create(id=f"k_{id_}", customer=id_, name="张总", title="采购总监", role="decider", phone="13800000000")


def opened(action: str, customer: str, rep: str, region: str, stage: str, kind: str, at: datetime) -> list[Entry]:
    """A stage of a visit, judged complete at PLACE."""
    stamp = Stamp(at=at, received_at=at + timedelta(seconds=1.2), point=PLACE, device="wx-device-7", distance_m=48.0)
    reason = Reason(code="place.in", values={"distance_m": 48.0, "radius_m": 500, "site": "总部", "accuracy_m": 35})
    verdict = Verdict(state=VerdictState.COMPLETE, tier="T4", reasons=(reason, Reason(code="tier.record")))
    visit = f"v_{action}"
    return [
        entries.visit_opened(visit, rep, customer, at, "text"),
        entries.action_opened(action, visit, rep, customer, region, stage, kind, stamp, source="wecom:1"),
        entries.action_judged(action, verdict, stamp, kind),
    ]


def evidence(id_: str, action: str, kind: str, sha256: str | None, mime: str, at: datetime, *, seconds: float | None = None) -> Entry:
    item = Evidence(
        id=id_,
        visit=f"v_{action}",
        rep="E001",
        customer="C001",
        kind=kind,
        state=EvidenceState.COUNTED if sha256 else EvidenceState.LOST,
        sent_at=at,
        action=action,
        sha256=sha256,
        seconds=seconds,
        reasons=() if sha256 else (Reason(code="media.lost", values={"problem": "expired"}),),
    )
    return entries.evidence_added(item, mime=mime, source="wecom:2", received_at=at)


def checked(rep: str, customer: str, at: datetime) -> Entry:
    check = Check(
        id=f"c_{rep}_{customer}",
        rep=rep,
        customer=customer,
        site=f"s_{customer}",
        at=at,
        until=at + timedelta(hours=2),
        point=PLACE,
        state=CheckState.PASSED,
        distance_m=48.0,
        device="wx-device-7",
        place="华强北路 1 号",
    )
    return entries.check_made(check, source="wecom:0")


async def history(database: Database, photo: str, voice: str) -> None:
    """One demo of E001 with photo and voice, one need of his, one of another region, and the three red lights."""
    at = NOW - timedelta(minutes=25)
    await record(database, checked("E001", "C001", at - timedelta(minutes=5)))
    await record(database, *opened(DEMO, "C001", "E001", "south", "demo", "solution_demo", at))
    await record(
        database,
        evidence("e_01PHOTO", DEMO, "photo", photo, "image/png", at),
        evidence("e_02VOICE", DEMO, "voice", voice, "audio/amr", at + timedelta(seconds=40), seconds=30.4),
        evidence("e_03LOST", DEMO, "photo", None, "", at + timedelta(seconds=50)),
        entries.action_submitted(DEMO, at + timedelta(seconds=62)),
    )
    await record(database, *opened(NEED, "C001", "E001", "south", "need", "need_diagnosis", at + timedelta(minutes=4)))
    await record(database, *opened(EAST, "C002", "E003", "east", "need", "need_diagnosis", at))
    await record(database, *red_lights(at))


def red_lights(at: datetime) -> list[Entry]:
    short = {"action": DEMO, "rep": "E001", "customer": "C001", "stage": "demo", "seconds": 62.0, "limit": 90.0, "measure": "session"}
    silent = {"customer": "C001", "name": "华强电子", "owner": "E001", "last": entries.instant(at), "hours": 72.0}
    listed = [{"action": NEED, "at": entries.instant(at), "customer": "华强电子"}]
    excess = {"rep": "E001", "stage": "need", "day": "2026-11-23", "per_day": 5, "actions": listed}
    return [
        raised(SHORT, "short-demo", f"action:{DEMO}", "once", at, 1, short),
        raised(SILENT, "inactive-72h", "customer:C001", entries.instant(at), at, 1, silent),
        raised(EXCESS, "excess-need", "rep:E001", "2026-11-23", at, 6, excess),
    ]


def raised(id_: str, rule: str, subject: str, period: str, since: datetime, count: int, values: Json) -> Entry:
    """An alert of region south about E001."""
    alert = Alert(
        id=id_,
        rule=rule,
        subject=subject,
        period=period,
        region="south",
        state=AlertState.FIRING,
        count=count,
        since=since,
        told=True,
        values=values,
    )
    return entries.alert_raised(alert, "E001")
