"""Deals that nobody touches and payments that nobody makes: told to the directors' group at their moment, cleared when they move."""

from datetime import datetime, timedelta

import pytest

from bot.entries import parse_instant
from tests.e2e.conftest import MONDAY, Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.pages import PUBLIC, link, opened
from tests.e2e.seen import api, words
from tests.e2e.test_feeds import posted

RULES = """
[[rules]]
id = "signed-and-silent"
kind = "stale_stage"

[[rules]]
id = "unpaid"
kind = "overdue"
tell = ["region"]
"""
WATCHED = pytest.mark.parametrize("h", [Setting(more=RULES, refold=True)], indirect=True)
STALE, LATE = "14 天未更新", "回款逾期超过 90 天"


def at(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


@WATCHED
async def test_a_signed_deal_lights_up_after_fourteen_days_and_goes_out_when_it_is_touched(h: House, chen: Director) -> None:
    touched = MONDAY - timedelta(days=13, hours=23)
    await posted(h, "deals", [{"id": "D1", "customer": "C001", "stage": "已签约", "amount": 1200, "updated_at": at(touched)}])
    h.clock.wind_to(touched + timedelta(days=14) - timedelta(seconds=1))
    await h.swept()
    assert chen.alerts(STALE) == []
    h.clock.wind_to(touched + timedelta(days=14))
    await h.swept()
    card = await chen.alert(STALE)
    assert "1,200.00 元" in words(card) and card["card"]["header"]["template"] == "red"
    (alert,) = [one for one in await api(h, "alerts?state=firing", "items") if one["rule"] == "signed-and-silent"]
    assert (alert["subject"], parse_instant(alert["since"])) == ("customer:C001", touched + timedelta(days=14))
    status, page, _ = await opened(h, link(card).replace(h.product.url, PUBLIC), "ou_chen")
    assert status == 200 and "商机久未更新" in page and "1,200.00 元" in page
    await posted(h, "deals", [{"id": "D1", "customer": "C001", "stage": "已签约", "amount": 1200, "updated_at": at(h.clock.now())}])
    await h.until("cleared", lambda: any("已解除" in words(one) for one in chen.alerts(STALE)))


@WATCHED
async def test_what_is_late_already_is_told_at_once_each_by_itself_and_paid_it_is_cleared(h: House, chen: Director) -> None:
    due = {f"P{days}": at(MONDAY - timedelta(days=days)) for days in (90, 91, 120)}
    await posted(h, "payments", [{"id": id_, "customer": "C001", "amount": 5000, "due_at": day} for id_, day in due.items()])
    await h.settled()
    await h.until("two red lights", lambda: len(chen.alerts(LATE)) == 2)
    h.clock.wind(days=1)
    await h.swept()
    await h.until("three red lights", lambda: len(chen.alerts(LATE)) == 3)
    await posted(h, "payments", [{"id": "P91", "customer": "C001", "amount": 5000, "due_at": due["P91"], "paid_at": at(MONDAY)}])
    await h.until("one is cleared", lambda: len([one for one in chen.alerts(LATE) if "已解除" in words(one)]) == 1)


async def test_a_rule_that_is_new_finds_what_was_there_before_it(h: House, chen: Director) -> None:
    await posted(
        h, "deals", [{"id": "D1", "customer": "C001", "stage": "sign", "amount": 1, "updated_at": at(MONDAY - timedelta(days=30))}]
    )
    await h.settled()
    assert chen.alerts(STALE) == []
    h.path.write_text(h.path.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    await h.until("the rules", lambda: len(h.product.line.config().rules) == 2)
    await h.until("armed and told", lambda: chen.alerts(STALE), seconds=20)
