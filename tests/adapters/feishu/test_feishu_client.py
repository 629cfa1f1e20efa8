"""Sending and editing against a strict tenant: once each, whatever goes wrong."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.feishu import FeishuAdapter
from adapters.feishu.cards import DOUBT
from adapters.feishu.errors import CODES, Outcome
from adapters.sandbox.feishu import FeishuStandIn
from adapters.shared import MemoryLimit, MemoryTokens
from bot.errors import DeliveryError
from bot.ports import Button, Card, Parcel, Text

SEND, READ = "POST /open-apis/im/v1/messages", "GET /open-apis/im/v1/messages"
BUTTONS = (Button(label="方案演示", op="stage", arg="demo"),)
EDIT = "PATCH /open-apis/im/v1/messages"


async def failed(sending: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await sending
    return caught.value


def cards(tenant: FeishuStandIn, chat: str = "oc_south") -> list[dict[str, Any]]:
    return [line["card"] for line in tenant.screen(chat) if line["type"] == "interactive"]


def shown(card: Any) -> str:
    return json.dumps(card, ensure_ascii=False)


# ---- the straight path ------------------------------------------------------------------------------------------------


async def test_a_card_reaches_its_group(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    receipt = await adapter.send(alert)
    assert receipt == {"message_id": tenant.screen("oc_south")[0]["id"], "chat_id": "oc_south"}
    assert cards(tenant)[0]["header"]["title"]["content"] == "72 小时无动作：南方精工"


@pytest.mark.parametrize("user", ["ou_rep01", "u1"])
async def test_a_text_reaches_a_person_by_either_id(adapter: FeishuAdapter, tenant: FeishuStandIn, user: str) -> None:
    receipt = await adapter.send(Parcel(uuid="r1", message=Text(text="已开始拜访 <at id=all>"), user=user))
    assert [line["text"] for line in tenant.screen("ou_rep01")] == ["已开始拜访 ＜at id=all>"]
    assert receipt["private"] is True


async def test_a_card_is_edited_in_place(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    receipt = await adapter.send(alert)
    done = replace(alert, uuid="al_1/2", message=Card(title="72 小时无动作：南方精工", tone="yellow", done="李总 跟进中"), receipt=receipt)
    assert await adapter.update(done) == receipt
    assert len(cards(tenant)) == 1
    assert "李总 跟进中" in shown(cards(tenant)[0])
    assert cards(tenant)[0]["header"]["template"] == "yellow"


async def test_a_tap_on_a_private_card_is_read_as_private(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    receipt = await adapter.send(replace(alert, chat="", user="ou_dir1", message=Card(title="选阶段", buttons=BUTTONS)))
    edited = await adapter.update(replace(alert, chat="", message=Card(title="选阶段", text="请选", buttons=BUTTONS), receipt=receipt))
    assert '"private": true' in shown(cards(tenant, "ou_dir1")[0])
    assert edited == receipt


async def test_what_cannot_be_addressed_or_edited_is_dead_at_once(adapter: FeishuAdapter, alert: Parcel) -> None:
    assert (await failed(adapter.send(replace(alert, chat="")))).permanent
    assert (await failed(adapter.update(alert))).permanent
    assert (await failed(adapter.update(replace(alert, message=Text(text="x"), receipt={"message_id": "om_1"})))).permanent


# ---- error classes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(code for code, (outcome, _) in CODES.items() if outcome is Outcome.PERMANENT))
async def test_permanent_codes_end_a_message(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, code: int) -> None:
    tenant.fail(SEND, str(code), 5)
    error = await failed(adapter.send(alert))
    assert error.permanent
    assert str(code) in error.reason
    assert tenant.calls[SEND] == 1


@pytest.mark.parametrize("code", [*sorted(code for code, (outcome, _) in CODES.items() if outcome is Outcome.RETRY), 230777])
async def test_passing_codes_are_tried_again_later(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, code: int) -> None:
    tenant.fail(SEND, str(code))
    error = await failed(adapter.send(alert))
    assert not error.permanent
    assert tenant.calls[SEND] == 1
    await adapter.send(alert)
    assert len(cards(tenant)) == 1


async def test_an_error_may_come_with_http_200(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    tenant.fail(SEND, "200:230013")
    assert (await failed(adapter.send(alert))).permanent
    tenant.fail(SEND, "200:0")  # success, but no message id: it may be there
    error = await failed(adapter.send(alert))
    assert (error.permanent, error.unknown) == (False, True)


async def test_the_gateway_says_how_long_to_wait(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    tenant.fail(SEND, "rate")
    error = await failed(adapter.send(alert))
    assert (error.retry_after, error.permanent, error.unknown) == (7.0, False, False)


async def test_a_used_up_month_is_not_asked_every_second(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    tenant.fail(SEND, "99991403")
    assert (await failed(adapter.send(alert))).retry_after == 3600


async def test_too_long_is_shortened_and_sent_once_more(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    tenant.fail(SEND, "230025")
    await adapter.send(replace(alert, message=Card(title="长", text="长" * 3000)))
    assert "长" * 598 in shown(cards(tenant)[0])
    assert "长" * 600 not in shown(cards(tenant)[0])
    tenant.fail(SEND, "230025", 2)
    assert (await failed(adapter.send(replace(alert, uuid="2")))).permanent


async def test_numbers_are_masked_when_the_tenant_forbids_them(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    tenant.messages.audit = True
    await adapter.send(replace(alert, message=Card(title="新联系人", facts=(("电话", "13812345678"),))))
    assert "138&#42;&#42;&#42;&#42;5678" in shown(cards(tenant)[0])
    receipt = await adapter.send(replace(alert, uuid="2", message=Text(text="电话 13812345678")))
    assert tenant.screen("oc_south")[1]["text"] == "电话 138****5678"
    assert receipt["chat_id"] == "oc_south"


async def test_a_wrong_mention_costs_the_mention_only(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    await adapter.send(replace(alert, message=Card(title="红灯", text="x", mention=("ou_gone",))))
    assert "ou_gone" not in shown(cards(tenant)[0])


async def test_long_with_a_number_and_a_wrong_mention_still_arrives(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    tenant.messages.audit = True
    tenant.fail(SEND, "230025")
    await adapter.send(replace(alert, message=Card(title="红灯", text="13812345678", mention=("ou_gone",))))
    assert len(cards(tenant)) == 1


async def test_receivers_that_are_none(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    tenant.add_chat("oc_without", "没有机器人", ["ou_rep01"], bot=False)
    tenant.add_user("ou_far", "u7", "外地", available=False)
    for chat, user in (("oc_unknown", ""), ("oc_without", ""), ("", "ou_far"), ("", "nobody")):
        assert (await failed(adapter.send(replace(alert, chat=chat, user=user)))).permanent


async def test_a_card_older_than_fourteen_days_is_not_edited(
    adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any
) -> None:
    receipt = await adapter.send(alert)
    clock.move(days=14)
    await adapter.update(replace(alert, receipt=receipt))
    clock.move(seconds=1)
    error = await failed(adapter.update(replace(alert, receipt=receipt)))
    assert error.permanent
    assert "too_old" in error.reason
    tenant.recall(str(receipt["message_id"]))
    assert "recalled" in (await failed(adapter.update(replace(alert, receipt=receipt)))).reason


# ---- unknown outcomes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["late_reply", "lost_reply"])
async def test_inside_the_hour_the_uuid_keeps_it_single(
    adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any, kind: str
) -> None:
    tenant.fail(SEND, kind)
    error = await failed(adapter.send(alert))
    assert (error.unknown, error.permanent) == (True, False)
    clock.move(minutes=54)
    receipt = await adapter.send(replace(alert, maybe_sent=True))
    assert [line["id"] for line in tenant.screen("oc_south")] == [receipt["message_id"]]
    assert tenant.calls.get(READ, 0) == 0


@pytest.mark.parametrize(("kind", "unknown"), [("http500", True), ("timeout", True), ("reset", True), ("outage", False)])
async def test_only_what_may_have_arrived_is_unknown(
    adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, kind: str, unknown: bool
) -> None:
    await adapter.doctor(fix=False)  # the token is there already
    tenant.fail(SEND, kind)
    error = await failed(adapter.send(alert))
    assert (error.unknown, error.permanent) == (unknown, False)
    assert cards(tenant) == []
    await adapter.send(replace(alert, maybe_sent=True))
    assert len(cards(tenant)) == 1


async def test_nobody_listening_is_not_unknown(make: Callable[..., FeishuAdapter], tenant: FeishuStandIn, alert: Parcel) -> None:
    tokens = MemoryTokens()
    await make(tokens=tokens).send(alert)
    await tenant.close()
    error = await failed(make(tokens=tokens).send(replace(alert, uuid="2")))
    assert (error.unknown, error.permanent) == (False, False)


@pytest.mark.parametrize("message", ["card", "text"])
async def test_after_the_hour_a_message_found_in_the_chat_is_adopted(
    adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any, message: str
) -> None:
    parcel = alert if message == "card" else replace(alert, message=Text(text="红灯 3 条 <看板>"))
    tenant.fail(SEND, "lost_reply")
    await failed(adapter.send(parcel))
    tenant.messages.meter.taken.clear()
    for number in range(120):  # the chat went on: more than one page
        tenant.board.add("oc_south", "ou_dir1", "text", {"text": f"群聊 {number}"})
    clock.move(minutes=70)
    receipt = await adapter.send(replace(parcel, maybe_sent=True))
    own = [line["id"] for line in tenant.screen("oc_south") if line["from"] == "cli_demo"]
    assert own == [receipt["message_id"]]
    assert tenant.calls[SEND] == 1
    if message == "card":
        await adapter.update(replace(alert, receipt=receipt))


async def test_after_the_hour_what_is_not_there_is_sent_plainly(
    adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any
) -> None:
    tenant.fail(SEND, "timeout")
    await failed(adapter.send(alert))
    await adapter.send(replace(alert, uuid="al_2/1"))  # another card of the same words
    clock.move(minutes=70)
    await adapter.send(replace(alert, maybe_sent=True))
    assert len(cards(tenant)) == 2
    assert DOUBT not in shown(cards(tenant))


async def test_a_recalled_message_is_not_adopted(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any) -> None:
    tenant.fail(SEND, "lost_reply")
    await failed(adapter.send(alert))
    tenant.recall(tenant.screen("oc_south")[0]["id"])
    clock.move(minutes=70)
    await adapter.send(replace(alert, maybe_sent=True))
    assert len(cards(tenant)) == 1


async def test_a_user_repeating_our_words_is_not_us(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any) -> None:
    parcel = replace(alert, message=Text(text="红灯 3 条"))
    tenant.fail(SEND, "timeout")
    await failed(adapter.send(parcel))
    tenant.board.add("oc_south", "ou_dir1", "text", {"text": "红灯 3 条"})
    clock.move(minutes=70)
    await adapter.send(replace(parcel, maybe_sent=True))
    assert [line["from"] for line in tenant.screen("oc_south")] == ["ou_dir1", "cli_demo"]


async def test_where_the_chat_cannot_be_read_the_card_says_so(
    adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any
) -> None:
    tenant.messages.history = False
    tenant.fail(SEND, "lost_reply")
    await failed(adapter.send(alert))
    clock.move(minutes=70)
    await adapter.send(replace(alert, maybe_sent=True))
    assert [DOUBT in shown(card) for card in cards(tenant)] == [False, True]


async def test_a_private_chat_cannot_be_looked_up(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any) -> None:
    clock.move(minutes=70)
    await adapter.send(replace(alert, chat="", user="ou_rep01", message=Text(text="红灯"), maybe_sent=True))
    assert tenant.screen("ou_rep01")[0]["text"] == f"红灯\n（{DOUBT}）"


async def test_while_the_history_does_not_answer_nothing_is_sent(
    adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any
) -> None:
    clock.move(minutes=70)
    tenant.fail(READ, "http500")
    error = await failed(adapter.send(replace(alert, maybe_sent=True)))
    assert (error.permanent, error.unknown) == (False, False)
    assert cards(tenant) == []


@pytest.mark.parametrize("kind", ["late_reply", "lost_reply", "timeout", "http500"])
async def test_an_edit_is_simply_repeated(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, kind: str) -> None:
    receipt = await adapter.send(alert)
    tenant.fail(EDIT, kind)
    error = await failed(adapter.update(replace(alert, receipt=receipt)))
    assert (error.unknown, error.permanent) == (False, False)
    assert await adapter.update(replace(alert, receipt=receipt)) == receipt


# ---- limits -----------------------------------------------------------------------------------------------------------


async def test_the_sixth_message_of_a_second_waits(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any) -> None:
    for number in range(5):
        await adapter.send(replace(alert, uuid=str(number)))
    error = await failed(adapter.send(replace(alert, uuid="5")))
    assert error.retry_after == pytest.approx(1.0)
    assert not error.unknown
    assert tenant.calls[SEND] == 5
    await adapter.send(replace(alert, uuid="6", chat="", user="ou_rep01", message=Text(text="别的会话不等")))
    clock.move(seconds=1.1)
    tenant.messages.meter.taken.clear()
    await adapter.send(replace(alert, uuid="5"))
    assert len(cards(tenant)) == 6


async def test_the_sixth_edit_of_a_second_waits(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    receipt = await adapter.send(alert)
    for _ in range(5):
        await adapter.update(replace(alert, receipt=receipt))
    assert (await failed(adapter.update(replace(alert, receipt=receipt)))).retry_after is not None


async def test_the_platforms_own_limit_is_honoured(tenant: FeishuStandIn, adapter: FeishuAdapter, alert: Parcel) -> None:
    for _ in range(5):  # another robot spoke in the group
        tenant.messages.meter.take("to oc_south", 5)
    error = await failed(adapter.send(alert))
    assert (error.retry_after, error.permanent) == (1.0, False)


async def test_limits_may_be_shared_between_processes(make: Callable[..., FeishuAdapter], clock: Any, alert: Parcel) -> None:
    shared = MemoryLimit(clock)
    first, second = make(limits=shared), make(limits=shared)
    for number in range(5):
        await (first if number % 2 else second).send(replace(alert, uuid=str(number)))
    assert (await failed(first.send(replace(alert, uuid="5")))).retry_after
