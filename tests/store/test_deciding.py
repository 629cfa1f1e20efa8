"""What handlers are told of the stored past, and what becomes of their decisions there."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot import corridor
from bot.config.schema import Config, Region
from bot.corridor import who
from bot.model import Checkin, Choice, Datum, Interaction, Kind, MediaFile, MediaRef, Platform, Point
from bot.store.database import Database
from bot.store.gather import gather, question_of
from bot.store.tables import Account, ActionRow, CheckRow, CustomerRow, DeviceRow, EvidenceRow, Outbox, PersonRow, SiteRow
from handlers import HANDLERS

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CONFIG = Config(regions=(Region(id="south", name="华南"),))
PHOTO = MediaFile(ref=MediaRef(id="m1", kind="photo"), sha256="0" * 64, size=9, mime="image/jpeg")
BOTH = frozenset({Platform.WECOM, Platform.FEISHU})


async def company() -> None:
    for id_, role, platform, user in (("E001", "rep", "wecom", "li.na"), ("D001", "director", "feishu", "ou_chen")):
        await PersonRow.create(id=id_, name=id_, roles=[role], region="south", updated_at=NOON, met_at=NOON)
        await Account.create(platform=platform, user=user, person=id_)
    await CustomerRow.create(id="C001", name="华强", aliases=[], owner="E001", region="south", annual_purchase_fen=0, imported_at=NOON)
    await SiteRow.create(id="S1", customer="C001", name="注册地址", lat=22.5431, lng=114.0579, datum="gcj02", state="approved")


class Chat:
    """Interactions, decided and recorded as the corridor does it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = 0

    async def act(self, kind: Kind, *, sender: str = "li.na", media: tuple[MediaFile, ...] = (), **fields: Any) -> None:
        self._turn += 1
        at = NOON + timedelta(minutes=self._turn)
        platform = Platform.FEISHU if sender.startswith("ou_") else Platform.WECOM
        refs = tuple(file.ref for file in media)
        given = {"platform": platform, "key": f"k{self._turn}", "sender": sender, "sent_at": at, "received_at": at, "media": refs, **fields}
        interaction = Interaction(kind=kind, **given)
        async with self._database.step() as tx:
            person = await who(interaction)
            wants = HANDLERS[kind].wants(interaction, CONFIG, await question_of(person))
            case = await gather(interaction, person, wants, CONFIG, at, media)
            await corridor.record(tx, HANDLERS[kind].decide(interaction, case), CONFIG, at, BOTH)


async def test_what_waited_for_a_new_phone_counts_in_every_visit_of_the_day(database: Database) -> None:
    await company()
    chat = Chat(database)
    point = Point(lat=22.5431, lng=114.0579, datum=Datum.GCJ02, source="wecom.checkin")
    await chat.act(Kind.CHECKIN, point=point, checkin=Checkin(device="new-phone"))
    await chat.act(Kind.TEXT, text="需求确认")
    await PersonRow.filter(id="E001").update(read_at=NOON + timedelta(hours=1))
    await chat.act(Kind.IMAGE, media=(PHOTO,))
    await chat.act(Kind.TEXT, text="开始拜访 华强")
    await chat.act(Kind.VOICE, media=(MediaFile(ref=MediaRef(id="m2", kind="voice"), sha256="1" * 64, mime="audio/amr", seconds=20.0),))
    await chat.act(Kind.TEXT, text="结束拜访")
    assert {row.state for row in await EvidenceRow.all()} == {"quarantined"}

    card = await Outbox.get(template="card/approval")
    assert (card.platform, card.recipient) == ("feishu", "user:ou_chen")
    await Outbox.filter(id=card.id).update(state="sent", first_tried_at=NOON)
    await chat.act(Kind.TAP, sender="ou_chen", choice=Choice(op="approve", arg=card.body["approval"], token="t"))

    action = await ActionRow.get()
    assert (action.state, action.tier) == ("complete", "T4")
    assert {row.state for row in await EvidenceRow.all()} == {"counted"}
    assert (await DeviceRow.get()).state == "active"
    assert sorted([row.state for row in await CheckRow.all()]) == ["passed", "waiting"]
    assert [row.recipient for row in await Outbox.filter(edits=card.key)] == ["user:ou_chen"]
    assert (await Outbox.get(template="reply/approval_decided")).body["counted"] == 2


async def test_a_director_corrects_a_stored_record(database: Database) -> None:
    await company()
    chat = Chat(database)
    await DeviceRow.create(id="d1", person="E001", platform="wecom", device="phone", state="active", since=NOON)
    point = Point(lat=22.5431, lng=114.0579, datum=Datum.GCJ02, source="wecom.checkin")
    await chat.act(Kind.CHECKIN, point=point, checkin=Checkin(device="phone"))
    await chat.act(Kind.TEXT, text="需求确认")
    await chat.act(Kind.IMAGE, media=(PHOTO,))
    action = await ActionRow.get()
    await chat.act(Kind.TEXT, sender="ou_chen", text=f"改 {action.id} 方案演示")
    after = await ActionRow.get()
    assert (after.stage, after.kind, after.corrected_from, after.state, after.tier) == ("demo", "solution_demo", "need", "incomplete", "T4")
    assert after.reasons[0]["code"] == "missing.voice"
