"""Red lights on bad days: delayed, never lost, not seen twice; and nobody waits for another's trouble."""

import asyncio
from typing import Any

import pytest

from scheduler.sweep import sweep
from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import CHAT, House
from tests.e2e.rep import Rep
from tests.e2e.seen import words

CREATE = "POST /open-apis/im/v1/messages"


async def later(h: House, **step: float) -> None:
    h.clock.wind(**step)
    h.product.nudge()
    await h.settled()


async def test_an_hour_without_feishu_delays_and_loses_nothing(h: House, li_na: Rep) -> None:
    h.feishu.outage = True
    await h.time_passes(hours=73)
    assert h.group() == []
    await h.hears("72 小时无新动作")  # WeCom goes on
    await li_na.says("帮助", "可以这样发")
    for _ in range(12):
        await later(h, minutes=5)
    assert h.group() == []
    h.feishu.outage = False
    for _ in range(3):
        await later(h, minutes=12)
    assert sorted("华强" in words(line) for line in h.group()) == [False, False, True]
    assert not any("可能重复" in words(line) for line in h.group())


@pytest.mark.parametrize("h", [Setting(east_live=True, sound=False)], indirect=True)
async def test_a_group_that_cannot_be_reached_holds_up_no_other(h: House) -> None:
    h.feishu.board.chats[CHAT].bot = False  # somebody threw the bot out of the group
    await h.time_passes(hours=73)
    assert len(h.group("oc_east")) == 1 and h.group(CHAT) == []
    await h.hears("72 小时无新动作")
    rows = await h.sql("SELECT state, reason FROM outbox WHERE recipient = 'chat:oc_south'")
    assert len(rows) == 3 and all("not_in_group" in row["reason"] for row in rows)  # kept, with the reason


@pytest.mark.parametrize("h", [Setting(east_live=True)], indirect=True)
async def test_a_group_that_hangs_holds_up_no_other(h: House) -> None:
    h.feishu.fail(CREATE, "timeout")
    await h.sql("DELETE FROM deadlines WHERE subject NOT IN ('customer:C001', 'customer:C004')")
    h.clock.wind(hours=73)
    await sweep(h.product.line)
    h.product.nudge()
    seen = await h.until("one region hears", lambda: h.group("oc_east") or h.group(CHAT), seconds=5)
    assert len(seen) == 1
    h.feishu.faults.closing.set()
    await h.settled()
    for _ in range(3):
        await later(h, seconds=20)
    assert len(h.group("oc_east")) == len(h.group(CHAT)) == 1


@pytest.fixture
async def lost(h: House) -> House:
    """The first alert of C001 arrived, but its answer was lost on the way back."""
    await h.sql("DELETE FROM deadlines WHERE subject <> 'customer:C001'")
    h.feishu.fail(CREATE, "lost_reply")
    await h.time_passes(hours=73)
    await h.until("the card", h.group)
    (row,) = await h.sql("SELECT state, maybe_sent FROM outbox WHERE template = 'card/alert'")
    assert row["state"] == "new" and row["maybe_sent"]
    return h


async def test_an_unknown_outcome_is_repeated_within_the_hour_and_seen_once(lost: House, chen: Director) -> None:
    await later(lost, minutes=5)
    assert [row["state"] for row in await lost.sql("SELECT state FROM outbox WHERE template = 'card/alert'")] == ["sent"]
    assert len(lost.group()) == 1
    await chen.taps(await chen.alert("72 小时"), "我来跟进")
    await lost.settled()
    assert "陈国栋 跟进中" in words(await chen.alert("72 小时"))


async def test_after_the_hour_the_chat_is_read_first(lost: House, chen: Director) -> None:
    reads = lost.feishu.faults.calls["GET /open-apis/im/v1/messages"]
    await later(lost, hours=2)
    assert lost.feishu.faults.calls["GET /open-apis/im/v1/messages"] > reads
    assert len(lost.group()) == 1
    await chen.taps(await chen.alert("72 小时"), "我来跟进")  # the found message is the one that is updated
    assert "陈国栋 跟进中" in words(await chen.alert("72 小时"))


async def test_where_the_chat_cannot_be_read_the_card_says_so(lost: House) -> None:
    lost.feishu.messages.history = False
    await later(lost, hours=2)
    first, second = lost.group()
    assert "可能重复" not in words(first) and "可能重复" in words(second)


async def test_a_card_that_nobody_can_change_any_more_is_left_as_it_is(h: House, li_na: Rep) -> None:
    """After 14 days Feishu edits no card, after 72 hours WeCom none that was not tapped: no failure, nothing to repair."""
    await h.time_passes(hours=73)
    await h.time_passes(days=15)
    await li_na.arrives()
    await li_na.demonstrates(seconds=0)  # the clock stands still while the cards are being changed: a lease must not run out over it
    await h.settled()
    (row,) = await h.sql("SELECT state FROM alerts WHERE subject = 'customer:C001'")
    assert row["state"] == "resolved"
    void: list[dict[str, Any]] = []
    for _ in range(100):
        void = await h.sql("SELECT reason FROM outbox WHERE state = 'void'")
        if len(void) == 2:
            break
        await asyncio.sleep(0.1)
    assert len(void) == 2
