"""Interactive cards: made of the template, changed in place, tapped over the stream; a template that is wrong silences nothing."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alibabacloud_dingtalk.card_1_0 import models
from alibabacloud_dingtalk.card_1_0.client import Client as Cards
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions

from adapters.dingtalk import DingTalkAdapter, live
from adapters.dingtalk.cards import markdown
from adapters.dingtalk.codec import frame_envelope
from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.sandbox.dingtalk.cards import buttons
from adapters.shared import MemoryTokens
from bot.clock import SystemClock
from bot.config.schema import DingTalk
from bot.errors import DeliveryError, OutOfReach
from bot.model import Interaction, Kind
from bot.ports import Button, Card, Parcel

CLIENT, SECRET, TEMPLATE = "dingsend01", "send-secret", "0a1b2c3d.schema"
HOSTILE = '<@all> [x](https://evil.example) **b** `c` @所有人 <font color="red">'
LINK = Button(label="查看记录", url="https://bot.example.cn/record/al_1")
FOLLOW, FALSE = Button(label="我来跟进", op="alert.follow", arg="al_1"), Button(label="误报", op="alert.false", arg="al_1")
RED = Card(
    title="72 小时无新动作",
    tone="red",
    tag="待处理",
    text="请安排跟进。",
    facts=(("客户", "华强"),),
    buttons=(LINK, FOLLOW, FALSE),
    live=True,
)
GREEN = Card(title="72 小时无新动作", tone="green", tag="已解除", buttons=(LINK,), live=True)


@pytest.fixture
async def ding() -> AsyncIterator[DingTalkStandIn]:
    made = DingTalkStandIn(SystemClock(), client_id=CLIENT, secret=SECRET)
    await made.start()
    made.world.templates.add(TEMPLATE)
    for user in ("rep007", "dir1", "dir2"):
        made.add_user(user, user)
    made.add_group("cid1", ["dir1"])
    yield made
    await made.close()


@pytest.fixture
async def adapter(ding: DingTalkStandIn) -> AsyncIterator[DingTalkAdapter]:
    config = DingTalk(client_id=CLIENT, card_template=TEMPLATE, api_base=ding.base_url, oapi_base=ding.base_url)
    made = DingTalkAdapter(config, secret=SECRET, clock=SystemClock(), tokens=MemoryTokens())
    yield made
    await made.close()


def parcel(card: Card, *, user: str = "", chat: str = "", receipt: Any = None) -> Parcel:
    return Parcel(uuid="u" * 32, message=card, user=user, chat=chat, receipt=receipt or {})


async def test_a_card_is_made_once_and_changed_in_place(adapter: DingTalkAdapter, ding: DingTalkStandIn) -> None:
    for to in ({"user": "rep007"}, {"chat": "cid1"}):
        ding.world.cards.clear()
        where = next(iter(to.values()))
        receipt = await adapter.send(parcel(RED, **to))
        await adapter.send(parcel(RED, **to))  # the answer to the first was lost
        (line,) = ding.screen(where)
        assert (line["type"], line["track"], receipt) == ("card", "u" * 32, {"cards": ["u" * 32]})
        assert buttons(line) == {"我来跟进": "alert.follow:al_1", "误报": "alert.false:al_1", "查看记录": LINK.url}
        assert "华强" in line["card"]["text"] and line["card"]["tone"] == "red"
        assert await adapter.update(parcel(GREEN, **to, receipt=receipt)) == receipt
        assert (line["card"]["tag"], buttons(line)) == ("已解除", {"查看记录": LINK.url})


async def test_directors_one_by_one_have_a_card_each(adapter: DingTalkAdapter, ding: DingTalkStandIn) -> None:
    receipt = await adapter.send(parcel(RED, chat="@dir1|dir2|gone"))
    assert len(receipt["cards"]) == 2
    await adapter.update(parcel(GREEN, chat="@dir1|dir2|gone", receipt=receipt))
    assert [ding.screen(user)[0]["card"]["tone"] for user in ("dir1", "dir2")] == ["green", "green"]


async def test_what_will_not_change_goes_as_before(adapter: DingTalkAdapter, ding: DingTalkStandIn) -> None:
    receipt = await adapter.send(parcel(Card(title="选阶段", buttons=(Button(label="演示", op="stage", arg="demo"),)), user="rep007"))
    assert ding.screen("rep007")[0]["type"] == "sampleActionCard" and "cards" not in receipt
    with pytest.raises(OutOfReach):
        await adapter.update(parcel(GREEN, user="rep007", receipt=receipt))


async def test_a_wrong_template_silences_no_red_light(adapter: DingTalkAdapter, ding: DingTalkStandIn) -> None:
    ding.world.templates.clear()
    receipt = await adapter.send(parcel(RED, chat="cid1"))
    assert ding.screen("cid1")[0]["type"] == "sampleActionCard"
    with pytest.raises(OutOfReach):
        await adapter.update(parcel(GREEN, chat="cid1", receipt=receipt))


async def test_a_busy_platform_is_asked_again(adapter: DingTalkAdapter, ding: DingTalkStandIn) -> None:
    ding.api.faults.append(("createAndDeliver", 500, {"code": "system.error"}))
    with pytest.raises(DeliveryError) as busy:
        await adapter.send(parcel(RED, chat="cid1"))
    assert not busy.value.permanent and ding.screen("cid1") == []
    receipt = await adapter.send(parcel(RED, chat="cid1"))
    ding.api.faults.append(("card/instances", 403, {"code": "Forbidden.AccessDenied.QpsLimitForApi"}))
    with pytest.raises(DeliveryError) as slow:
        await adapter.update(parcel(GREEN, chat="cid1", receipt=receipt))
    assert slow.value.retry_after == 5
    ding.world.cards.clear()
    with pytest.raises(OutOfReach):
        await adapter.update(parcel(GREEN, chat="cid1", receipt=receipt))


def test_hostile_words_mean_nothing_and_every_variable_is_there() -> None:
    card = Card(title=HOSTILE, tag=HOSTILE, text=HOSTILE, facts=((HOSTILE, HOSTILE),), footer=HOSTILE, done=HOSTILE, buttons=(FOLLOW,))
    made = live.params(card)
    assert not any(sign in "".join(made.values()) for sign in ("<", "](", "@", "`"))
    assert made["label1"] == made["op1"] == ""  # done: nothing to tap
    assert set(made) == set(live.params(RED)) and all(isinstance(value, str) for value in made.values())
    long = live.params(Card(title="长" * 999, text="长" * 9999, facts=(("长" * 999,) * 2,) * 9, footer="长" * 999, live=True))
    assert len(json.dumps(long).encode()) < 30_000


def tap(adapter: DingTalkAdapter, content: object, **more: object) -> Interaction:
    told = {"type": "actionCallback", "outTrackId": "t1", "userId": "dir1", "content": content, **more}
    headers = {"topic": "/v1.0/card/instances/callback", "messageId": "m1", "time": "1766000002000"}
    frame = {"type": "CALLBACK", "headers": headers, "data": json.dumps(told)}
    return adapter.read(frame_envelope(frame, SystemClock().now()))


def test_a_fact_opens_its_page() -> None:
    card = Card(
        title="2 盏红灯", facts=(("一", "甲](https://evil.example)"), ("二", "乙")), links=("https://bot.example.cn/record/al_1", "")
    )
    first, second = (line for line in markdown(card).splitlines() if line.startswith("- "))
    assert first.endswith("](https://bot.example.cn/record/al_1)") and "](https://evil" not in first
    assert second == "- 二：乙"


async def test_a_tap_is_read(adapter: DingTalkAdapter) -> None:
    found = tap(adapter, json.dumps({"cardPrivateData": {"actionIds": ["b1"], "params": {"op": "alert.follow:al_1"}}}))
    assert (
        (found.kind, found.sender) == (Kind.TAP, "dir1")
        and found.choice
        and (found.choice.op, found.choice.arg) == ("alert.follow", "al_1")
    )
    assert int(found.sent_at.timestamp()) == 1766000002 and found.choice.card == "t1"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"cardPrivateData": 5}', '{"cardPrivateData":{"params":{"op":"DROP TABLE"}}}', 7]
)
async def test_garbage_is_no_tap(adapter: DingTalkAdapter, content: object) -> None:
    assert tap(adapter, content).kind is Kind.UNKNOWN


async def test_the_generated_client_finds_our_stand_in_near_enough(ding: DingTalkStandIn) -> None:
    """Its fields are the platform's own; our bodies hold no other."""
    cards = Cards(Config(protocol="http", region_id="central", endpoint=ding.base_url.removeprefix("http://")))
    token, _ = ding.world.grant()
    ours = dict(live.delivery(RED, TEMPLATE, "t9", CLIENT, user="rep007"))
    asked = models.CreateAndDeliverRequest().from_map(ours)
    assert asked.to_map() == {**ours, "privateData": {}}
    headers = models.CreateAndDeliverHeaders(x_acs_dingtalk_access_token=token)
    answer = (await cards.create_and_deliver_with_options_async(asked, headers, RuntimeOptions(autoretry=False))).body
    assert answer.success and answer.result.out_track_id == "t9" and answer.result.deliver_results[0].success
    change = dict(live.change(GREEN, "t9"))
    update = models.UpdateCardRequest().from_map(change)
    assert update.to_map() == {**change, "privateData": {}}
    told = models.UpdateCardHeaders(x_acs_dingtalk_access_token=token)
    await cards.update_card_with_options_async(update, told, RuntimeOptions(autoretry=False))
    assert ding.screen("rep007")[0]["card"]["tag"] == "已解除"
