"""Sending and updating against the strict stand-in: every error class, limits, tokens, and no secret in anything raised."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from adapters.http import Http
from adapters.sandbox.wecom import WeComStandIn
from adapters.sandbox.wecom.faults import FaultKind
from adapters.shared import MemoryLimit, MemoryTokens
from adapters.wecom import WeComAdapter
from adapters.wecom.client import Client
from adapters.wecom.send import Sender
from bot.config.schema import WeCom
from bot.errors import DeliveryError
from bot.ports import Button, Card, Clock, Message, Parcel, Text

STAGES = Card(
    title="选择阶段",
    text="恒达机电",
    buttons=(Button(label="方案演示", op="stage", arg="demo"), Button(label="需求确认", op="stage", arg="need")),
)


@pytest.fixture
async def impatient(standin: WeComStandIn, clock: Clock) -> AsyncIterator[Sender]:
    """Waits a fifth of a second where the product waits ten."""
    config = WeCom(corp_id="wwDEMO01", agent_id=1000007, api_base=standin.base_url)
    http = Http(limits=aiohttp.ClientTimeout(total=0.2))
    yield Sender(Client(config, "s3cr3t-of-the-app", clock, MemoryTokens(), http), 1000007, MemoryLimit(clock))
    await http.close()


def parcel(message: Message, uuid: str = "o_1", user: str = "li.na", **more: Any) -> Parcel:
    return Parcel(uuid=uuid, message=message, user=user, **more)


async def fails(adapter: WeComAdapter, what: Parcel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await adapter.send(what)
    return caught.value


async def test_text_arrives(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    receipt = await adapter.send(parcel(Text(text="已开始拜访 恒达机电")))
    assert receipt["msgid"]
    assert [line["text"] for line in standin.screen("li.na")] == ["已开始拜访 恒达机电"]


async def test_same_words_twice_are_two_messages_and_one_message_twice_is_one(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    for uuid in ("o_1", "o_2", "o_1"):
        await adapter.send(parcel(Text(text="没有进行中的拜访"), uuid))
    assert [line["text"] for line in standin.screen("li.na")] == ["没有进行中的拜访"] * 2


async def test_long_text_is_cut_at_2048_bytes(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    await adapter.send(parcel(Text(text="长" * 3000)))
    text = standin.screen("li.na")[0]["text"]
    assert text.endswith("长…")
    assert 1990 < len(text.encode()) <= 2000  # and 48 bytes that nobody sees


async def test_markup_of_users_is_no_link(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    await adapter.send(parcel(Text(text='<a href="http://evil">点我</a> < A HREF=x> 3<5')))
    assert standin.screen("li.na")[0]["text"] == '＜a href="http://evil">点我＜/a> ＜ A HREF=x> 3<5'


async def test_tapped_card_is_updated_with_the_taps_token(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    receipt = await adapter.send(parcel(STAGES))
    card = standin.screen("li.na")[0]
    await standin.tap("li.na", card["id"], "stage:demo")
    code = next(reversed(standin.world.codes))
    kept = await adapter.update(parcel(Card(title="选择阶段", done="方案演示"), receipt=receipt, token=code))
    assert standin.screen("li.na")[0]["spent"] == "方案演示"
    assert kept["response_code"] == receipt["response_code"]  # the tap's was used, this one still updates once
    await adapter.update(parcel(Card(title="已改为需求确认", text="x"), receipt=kept))
    assert standin.screen("li.na")[0]["card"]["main_title"]["title"] == "已改为需求确认"


async def test_card_is_updated_in_place_with_the_receipt(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    receipt = await adapter.send(parcel(STAGES))
    more = Card(title="第 7 次", facts=(("客户", "恒达"),), buttons=STAGES.buttons)
    kept = await adapter.update(parcel(more, receipt=receipt))
    assert len(standin.screen("li.na")) == 1
    assert standin.screen("li.na")[0]["card"]["main_title"]["title"] == "第 7 次"
    with pytest.raises(DeliveryError) as caught:
        await adapter.update(parcel(more, receipt=kept))
    assert (caught.value.reason, caught.value.permanent) == ("response_code", True)


@pytest.mark.parametrize("spoil", ["used", "expired", "foreign", "none"])
async def test_useless_response_code_is_permanent(adapter: WeComAdapter, standin: WeComStandIn, clock: Any, spoil: str) -> None:
    receipt = await adapter.send(parcel(STAGES))
    done = Card(title="x", done="好")
    if spoil == "used":
        await adapter.update(parcel(done, receipt=receipt))
    elif spoil == "expired":
        clock.wind(hours=72)
    receipt = {**receipt, "response_code": {"foreign": "RC", "none": ""}.get(spoil, receipt["response_code"])}
    with pytest.raises(DeliveryError) as caught:
        await adapter.update(parcel(done, receipt=receipt))
    assert (caught.value.reason, caught.value.permanent) == ("response_code", True)


async def test_update_that_was_applied_without_an_answer_is_done(
    make_adapter: Callable[..., WeComAdapter], adapter: WeComAdapter, standin: WeComStandIn
) -> None:
    receipt = await adapter.send(parcel(STAGES))
    done = Card(title="x", done="好")
    standin.fail("update_template_card", "late_reset")
    with pytest.raises(DeliveryError) as caught:
        await adapter.update(parcel(done, receipt=receipt))
    assert caught.value.unknown
    await adapter.update(parcel(done, receipt=receipt, maybe_sent=True))
    assert standin.screen("li.na")[0]["spent"] == "好"


async def test_repeated_parcel_is_seen_once(adapter: WeComAdapter, standin: WeComStandIn, clock: Any) -> None:
    for _ in range(2):
        await adapter.send(parcel(STAGES))
        await adapter.send(parcel(Text(text="你好")))
    assert len(standin.screen("li.na")) == 2
    clock.wind(seconds=1801)
    await adapter.send(parcel(Text(text="你好")))
    assert len(standin.screen("li.na")) == 3


async def test_answer_that_never_came_leaves_it_unknown_and_a_repeat_is_seen_once(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    standin.fail("message/send", "late_reset")
    error = await fails(adapter, parcel(STAGES))
    assert (error.unknown, error.permanent) == (True, False)
    await adapter.send(parcel(STAGES, maybe_sent=True))
    assert len(standin.screen("li.na")) == 1


@pytest.mark.parametrize("kind", ["late_reply", "timeout"])
async def test_timeout_is_unknown(impatient: Sender, standin: WeComStandIn, kind: FaultKind) -> None:
    standin.fail("message/send", kind)
    with pytest.raises(DeliveryError) as caught:
        await impatient.send(parcel(Text(text="x")))
    assert (caught.value.unknown, caught.value.permanent) == (True, False)
    assert len(standin.screen("li.na")) == (kind == "late_reply")


async def test_timeout_of_the_token_is_not_unknown(impatient: Sender, standin: WeComStandIn) -> None:
    standin.fail("gettoken", "timeout")
    with pytest.raises(DeliveryError) as caught:
        await impatient.send(parcel(Text(text="x")))
    assert not caught.value.unknown


async def test_refused_connection_is_not_unknown(make_adapter: Callable[..., WeComAdapter], unused_tcp_port: int) -> None:
    adapter = make_adapter(api_base=f"http://127.0.0.1:{unused_tcp_port}")
    error = await fails(adapter, parcel(Text(text="x")))
    assert (error.reason, error.unknown, error.permanent) == ("unavailable", False, False)
    await adapter.close()


async def test_failure_to_get_a_token_is_not_unknown(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    standin.fail("gettoken", "reset", times=2)  # aiohttp repeats a GET whose connection broke
    error = await fails(adapter, parcel(Text(text="x")))
    assert (error.unknown, error.permanent) == (False, False)


async def test_outage_is_tried_again_later(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    standin.outage = True
    error = await fails(adapter, parcel(Text(text="x")))
    assert (error.unknown, error.permanent) == (False, False)
    standin.outage = False
    await adapter.send(parcel(Text(text="x")))
    assert len(standin.screen("li.na")) == 1


@pytest.mark.parametrize(
    ("kind", "reason", "retry_after"),
    [("rate", "rate", 60), ("busy", "busy", 5), ("http500", "unavailable", None), ("reset", "unavailable", None)],
)
async def test_passing_errors_are_not_permanent(
    adapter: WeComAdapter, standin: WeComStandIn, kind: FaultKind, reason: str, retry_after: float | None
) -> None:
    standin.fail("message/send", kind)
    error = await fails(adapter, parcel(Text(text="x")))
    assert (error.reason, error.permanent, error.retry_after) == (reason, False, retry_after)


async def test_who_cannot_be_reached_is_permanent(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    error = await fails(adapter, parcel(Text(text="x"), user="nobody"))
    assert (error.reason, error.permanent) == ("invalid_user", True)
    partly = await adapter.send(parcel(Text(text="x"), user="li.na|nobody"))  # errcode 0, invaliduser named: the other one has it
    assert partly["user"] == "li.na|nobody"
    standin.world.unlicensed.add("li.na")
    unlicensed = await fails(adapter, parcel(Text(text="y")))
    assert (unlicensed.reason, unlicensed.permanent) == ("unlicensed_user", True)


async def test_groups_are_not_reachable(adapter: WeComAdapter) -> None:
    error = await fails(adapter, Parcel(uuid="o", message=Text(text="x"), chat="wrOg"))
    assert (error.reason, error.permanent) == ("no_chat", True)


async def test_installation_mistakes_are_permanent_with_their_reason(make_adapter: Callable[..., WeComAdapter]) -> None:
    for given, reason in (({"secret": "wrong"}, "bad_secret"), ({"corp_id": "wwOTHER"}, "bad_corp"), ({"agent_id": 2}, "bad_agent")):
        adapter = make_adapter(**given)
        error = await fails(adapter, parcel(Text(text="x")))
        assert (error.reason, error.permanent) == (reason, True)
        await adapter.close()


async def test_an_address_that_is_not_trusted_yet_is_tried_again(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    standin.world.ip_allowed = False
    error = await fails(adapter, parcel(Text(text="x")))
    assert (error.reason, error.permanent, error.retry_after) == ("ip_not_allowed", False, 300)


async def test_own_limit_keeps_messages_from_being_dropped(adapter: WeComAdapter, standin: WeComStandIn, clock: Any) -> None:
    for number in range(30):
        await adapter.send(parcel(Text(text=str(number)), uuid=f"o_{number}"))
    clock.wind(seconds=20)
    error = await fails(adapter, parcel(Text(text="31")))
    assert (error.reason, error.retry_after, error.permanent) == ("rate", 40, False)
    clock.wind(seconds=40)
    await adapter.send(parcel(Text(text="31")))
    assert (len(standin.screen("li.na")), standin.world.dropped) == (31, [])


async def test_cold_start_storm_asks_for_one_token(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    for number in range(40):
        await standin.add_member(f"u{number}", "某人")
    await asyncio.gather(*(adapter.send(parcel(Text(text="x"), user=f"u{number}")) for number in range(40)))
    assert standin.world.calls["/cgi-bin/gettoken"] == 1


async def test_revoked_token_storm_asks_for_one_more(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    await test_cold_start_storm_asks_for_one_token(adapter, standin)
    standin.revoke_tokens()
    await asyncio.gather(*(adapter.send(parcel(Text(text="y"), user=f"u{number}")) for number in range(40)))
    assert standin.world.calls["/cgi-bin/gettoken"] == 2


async def test_failing_storm_asks_once(make_adapter: Callable[..., WeComAdapter], standin: WeComStandIn) -> None:
    adapter = make_adapter(secret="wrong")
    await asyncio.gather(*(adapter.send(parcel(Text(text="x"))) for _ in range(20)), return_exceptions=True)
    assert standin.world.calls["/cgi-bin/gettoken"] == 1
    await adapter.close()


async def test_token_is_renewed_before_it_ends(adapter: WeComAdapter, standin: WeComStandIn, clock: Any) -> None:
    await adapter.send(parcel(Text(text="1")))
    clock.wind(seconds=7200 - 301)
    await adapter.send(parcel(Text(text="2")))
    assert standin.world.calls["/cgi-bin/gettoken"] == 1
    clock.wind(seconds=1)
    await adapter.send(parcel(Text(text="3")))
    assert standin.world.calls["/cgi-bin/gettoken"] == 2


async def test_refused_token_is_renewed_once_only(adapter: WeComAdapter, standin: WeComStandIn) -> None:
    standin.fail("message/send", "invalid_token", times=100)
    error = await fails(adapter, parcel(Text(text="x")))
    assert (error.reason, error.permanent) == ("token", False)
    assert (standin.world.calls["/cgi-bin/gettoken"], standin.world.calls["/cgi-bin/message/send"]) == (2, 2)


@pytest.mark.parametrize("kind", ["http500", "reset", "invalid_token", "rate", "busy"])
@pytest.mark.parametrize("path", ["gettoken", "message/send"])
async def test_nothing_secret_is_raised_or_logged(
    adapter: WeComAdapter, standin: WeComStandIn, caplog: pytest.LogCaptureFixture, path: str, kind: FaultKind
) -> None:
    caplog.set_level(logging.DEBUG)
    standin.fail(path, kind, times=3)
    error = await fails(adapter, parcel(Text(text="x")))
    told = "".join(traceback.format_exception(error)) + repr(error) + caplog.text
    hidden = ["s3cr3t", "token-of-the-app", "access_token=", "corpsecret", *standin.world.tokens]
    assert [secret for secret in hidden if secret in told] == []
