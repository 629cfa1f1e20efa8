"""What goes out, against the stand-in: every shape it takes, every no understood, and nothing that users wrote taken for markup."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.dingtalk import DingTalkAdapter
from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.sandbox.dingtalk.standin import buttons
from adapters.shared import MemoryTokens
from bot.clock import SystemClock
from bot.config.schema import DingTalk
from bot.errors import DeliveryError, FetchError, OutOfReach
from bot.model import MediaRef
from bot.ports import Button, Card, Parcel, Picture, Text

CLIENT, SECRET = "dingsend01", "send-secret"
HOSTILE = '<@all> [x](https://evil.example) **b** `c` @所有人 <font color="red">'


@pytest.fixture
async def ding() -> AsyncIterator[DingTalkStandIn]:
    made = DingTalkStandIn(SystemClock(), client_id=CLIENT, secret=SECRET)
    await made.start()
    made.add_user("rep007", "王浩")
    made.add_group("cid1", ["rep007"])
    yield made
    await made.close()


@pytest.fixture
async def adapter(ding: DingTalkStandIn) -> AsyncIterator[DingTalkAdapter]:
    config = DingTalk(client_id=CLIENT, api_base=ding.base_url, oapi_base=ding.base_url)
    made = DingTalkAdapter(config, secret=SECRET, clock=SystemClock(), tokens=MemoryTokens())
    yield made
    await made.close()


def parcel(message: Text | Card | Picture, user: str = "rep007", chat: str = "") -> Parcel:
    return Parcel(uuid="u", message=message, user="" if chat else user, chat=chat)


async def test_text_cards_and_pictures_arrive(adapter: DingTalkAdapter, ding: DingTalkStandIn, tmp_path: Path) -> None:
    await adapter.send(parcel(Text(text="好的")))
    await adapter.send(parcel(Card(title="已开始", text="请选阶段", facts=(("客户", "华强"),))))
    many = tuple(Button(label=f"阶段{n}", op="stage", arg=f"s{n}") for n in range(7))
    await adapter.send(parcel(Card(title="选阶段", buttons=many)))
    await adapter.send(parcel(Card(title="一个", buttons=(Button(label="查看", url="https://a.example/r"),))))
    (tmp_path / "p.jpg").write_bytes(b"\xff\xd8\xff")
    await adapter.send(parcel(Picture(path=tmp_path / "p.jpg")))
    kinds = [line["type"] for line in ding.screen("rep007")]
    assert kinds == ["sampleText", "sampleMarkdown", "sampleActionCard5", "sampleActionCard", "sampleImageMsg"]
    card = ding.screen("rep007")[2]
    assert len(buttons(card)) == 5 and "也可以直接发：阶段5、阶段6" in card["param"]["text"]


async def test_hostile_words_mean_nothing(adapter: DingTalkAdapter, ding: DingTalkStandIn) -> None:
    await adapter.send(parcel(Card(title=HOSTILE, text=HOSTILE, facts=((HOSTILE, HOSTILE),), footer=HOSTILE), chat="cid1"))
    text = ding.screen("cid1")[0]["param"]["text"]
    assert not set("<>[]()`@*") & set(text.replace("### ", "").replace("- ", ""))


async def test_a_card_that_is_too_long_is_shortened(adapter: DingTalkAdapter, ding: DingTalkStandIn) -> None:
    await adapter.send(parcel(Card(title="长", text="很" * 9000)))
    assert ding.screen("rep007")[0]["param"]["text"].endswith("…")


@pytest.mark.parametrize(
    ("status", "body", "reason", "permanent"),
    [
        (403, {"code": "Forbidden.AccessDenied.QpsLimitForApi"}, "rate", False),
        (403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg"}, "quota", False),
        (403, {"code": "Forbidden.AccessDenied.IpNotInWhiteList"}, "ip_not_allowed", True),
        (400, {"code": "staffId.notExisted"}, "invalid_user", True),
        (500, {"code": "system.error"}, "busy", False),
        (200, {"status": 1111, "wait": 5}, "rate", False),
        (400, {"code": "something.new"}, "refused", True),
        (502, {}, "unavailable", False),
    ],
)
async def test_every_no_is_understood(
    adapter: DingTalkAdapter, ding: DingTalkStandIn, status: int, body: dict[str, object], reason: str, permanent: bool
) -> None:
    ding.api.faults.append(("batchSend", status, body))
    with pytest.raises(DeliveryError) as failed:
        await adapter.send(parcel(Text(text="好的")))
    assert (failed.value.reason, failed.value.permanent) == (reason, permanent)
    assert SECRET not in str(failed.value)


async def test_a_withdrawn_token_is_renewed_once(adapter: DingTalkAdapter, ding: DingTalkStandIn) -> None:
    await adapter.send(parcel(Text(text="一")))
    ding.world.tokens.clear()
    await adapter.send(parcel(Text(text="二")))
    assert ding.world.calls["/v1.0/oauth2/accessToken"] == 2
    ding.api.faults += [("batchSend", 400, {"code": "InvalidAuthentication"})] * 2
    with pytest.raises(DeliveryError):
        await adapter.send(parcel(Text(text="三")))
    assert ding.world.calls["/v1.0/oauth2/accessToken"] == 2, "no storm when every token is refused"


async def test_people_listed_in_a_good_answer(adapter: DingTalkAdapter, ding: DingTalkStandIn) -> None:
    with pytest.raises(DeliveryError, match="invalid_user"):
        await adapter.send(parcel(Text(text="x"), user="nobody"))
    ding.world.flow_controlled.add("rep007")
    with pytest.raises(DeliveryError, match="rate") as slow:
        await adapter.send(parcel(Text(text="x")))
    assert not slow.value.permanent and slow.value.retry_after


async def test_what_was_sent_stands(adapter: DingTalkAdapter) -> None:
    with pytest.raises(OutOfReach):
        await adapter.update(parcel(Card(title="x")))


async def test_files_are_read_at_once_or_are_gone(adapter: DingTalkAdapter, ding: DingTalkStandIn, tmp_path: Path) -> None:
    code = ding.world.keep(b"voice", "audio/amr")
    await adapter.fetch(MediaRef(id=code, kind="voice"), tmp_path / "v")
    assert (tmp_path / "v").read_bytes() == b"voice"
    ding.world.files[code].until = 0
    with pytest.raises(FetchError) as gone:
        await adapter.fetch(MediaRef(id=code, kind="voice"), tmp_path / "w")
    assert (gone.value.reason, gone.value.permanent) == ("expired", True) and not (tmp_path / "w").exists()
    ding.api.faults.append(("messageFiles", 500, {"code": "system.error"}))
    with pytest.raises(FetchError) as busy:
        await adapter.fetch(MediaRef(id=code, kind="voice"), tmp_path / "w")
    assert not busy.value.permanent


async def test_doctor_explains(adapter: DingTalkAdapter, ding: DingTalkStandIn) -> None:
    assert [fine for fine, _ in await adapter.doctor(fix=False)] == [True, True, True]
    config = DingTalk(client_id=CLIENT, api_base=ding.base_url, oapi_base=ding.base_url)
    wrong = DingTalkAdapter(config, secret="wrong", clock=SystemClock(), tokens=MemoryTokens())
    ((fine, told),) = await wrong.doctor(fix=False)
    assert not fine and "DINGTALK_CLIENT_SECRET" in told
    await wrong.close()
