"""When and to whom red lights are told: quiet hours, days off, escalation, and one card for a flood."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import api, taken_in, words

SHORT = '\n[[rules]]\nid = "short-demo"\nkind = "short_dwell"\n'
OWNER = '\n[[rules]]\nid = "quiet"\nkind = "inactivity"\nhours = 1\ntell = ["owner"]\nescalate = { hours = 4 }\n'
FLOOD = '\n[[rules]]\nid = "quiet"\nkind = "inactivity"\nhours = 1\ntell = ["region"]\n[alerts]\ngroup_at = 5\n'
NATIONAL_DAY = datetime(2026, 10, 1, 6, 0, tzinfo=UTC)  # 14:00 on a Thursday; worked again from the 8th


async def short_demo(rep: Rep) -> None:
    await rep.arrives()
    await rep.says("方案演示", "已进入")
    await rep.says("商务谈判", "已进入")
    await rep.house.settled()


@pytest.mark.parametrize("h", [Setting(more=SHORT + 'quiet_hours = "13:00-15:30"\n')], indirect=True)
async def test_in_quiet_hours_nobody_is_told_and_afterwards_somebody_is(h: House, li_na: Rep, chen: Director) -> None:
    await short_demo(li_na)
    (alert,) = await api(h, "alerts", "items")
    assert alert["state"] == "firing" and h.group() == []
    h.clock.wind_to(datetime(2026, 11, 23, 7, 29, 50, tzinfo=UTC))
    await h.swept()
    assert h.group() == []
    h.clock.wind(seconds=15)
    await h.swept()
    assert len(chen.alerts("方案演示")) == 1


@pytest.mark.parametrize("h", [Setting(more=SHORT + 'tell_on = "workdays"\n', start=NATIONAL_DAY)], indirect=True)
async def test_on_a_holiday_it_waits_for_the_next_working_day(h: House, li_na: Rep, chen: Director) -> None:
    await short_demo(li_na)
    h.clock.wind_to(datetime(2026, 10, 7, 15, 59, 0, tzinfo=UTC))
    await h.swept()
    assert h.group() == []
    h.clock.wind(minutes=2)
    await h.swept()
    assert len(chen.alerts("方案演示")) == 1


@pytest.mark.parametrize("h", [Setting(more=SHORT, start=NATIONAL_DAY)], indirect=True)
async def test_without_such_a_rule_the_group_hears_at_once(h: House, li_na: Rep, chen: Director) -> None:
    await short_demo(li_na)
    assert len(chen.alerts("方案演示")) == 1


@pytest.mark.parametrize("h", [Setting(more=OWNER, refold=True)], indirect=True)
async def test_what_the_owner_leaves_lying_reaches_the_director_and_what_he_answers_does_not(h: House, li_na: Rep, chen: Director) -> None:
    await h.time_passes(hours=1, seconds=2)
    assert h.group() == []
    card = await h.hears("1 小时无新动作：东莞恒达", "li.na")
    await li_na.taps(card, "已离线沟通", "您好")  # the card changes in place; what is said is her welcome
    await h.time_passes(hours=3, minutes=58)
    assert h.group() == []
    await h.time_passes(minutes=3)
    shown = [words(line) for line in h.group()]
    assert len(shown) == 2 and all(
        "4 小时没有人处理" in one for one in shown
    )  # C001 and C003; the one that was answered stays with its owner
    assert not any("东莞恒达" in one for one in shown)
    await chen.taps(await chen.alert("深圳华强"), "我来跟进")
    assert "陈国栋 跟进中" in words(await chen.alert("深圳华强"))
    await h.time_passes(hours=12)
    assert len(h.group()) == 2
    entries = await h.sql("SELECT COUNT(*) AS n FROM ledger_bodies WHERE type = 'alert.escalated'")
    assert entries[0]["n"] == 2  # the east's own is not live: told nobody, escalated to nobody


@pytest.mark.parametrize("h", [Setting(more=FLOOD, refold=True)], indirect=True)
async def test_a_flood_is_one_card_and_every_light_has_its_row_and_link(h: House, chen: Director) -> None:
    await _flood(h, 17)
    h.clock.wind(seconds=4)
    await h.swept()
    cards = h.group()
    (card,) = [line for line in cards if "盏红灯" in words(line)]
    assert "20 盏红灯" in words(card) and "每一盏都有自己的记录" in words(card) and len(cards) == 1
    assert all(f"洪水{n:02}公司" in words(card) for n in range(17))
    items = await api(h, "alerts", "items")
    assert len({one["id"] for one in items if one["region"] == "south"}) == 20
    south = await h.sql("SELECT body FROM outbox WHERE template = 'card/alert'")
    links = [json.loads(row["body"])["url"] for row in south]
    assert len(links) == len(set(links)) == 20 and all(url in words(card) for url in links)
    states = await h.sql("SELECT state, COUNT(*) AS n FROM outbox WHERE template = 'card/alert' GROUP BY state")
    assert states == [{"state": "sent", "n": 20}]


@pytest.mark.parametrize("h", [Setting(more=FLOOD)], indirect=True)
@pytest.mark.parametrize("restart", [False, True])
async def test_a_flood_whose_outcome_is_unknown_is_seen_once(h: House, restart: bool) -> None:
    await _flood(h, 17)
    h.feishu.fail("POST /open-apis/im/v1/messages", "lost_reply")
    h.clock.wind(seconds=4)
    await h.swept()
    assert len(h.group()) == 1 and await _states(h) == {"new": 1, "claimed": 19}
    if restart:
        await h.down()
        await h.up()
    h.clock.wind(seconds=5)  # the first wait is 2 to 2.4 s
    await h.swept()
    assert await _states(h) == {"sent": 20} and len(h.group()) == 1


@pytest.mark.parametrize("h", [Setting(more=FLOOD)], indirect=True)
async def test_a_flood_that_is_refused_for_good_is_told_one_by_one(h: House) -> None:
    await _flood(h, 5)
    h.feishu.fail("POST /open-apis/im/v1/messages", "230099")
    h.clock.wind(seconds=4)
    await h.swept()
    h.clock.wind(seconds=4)
    await h.swept()
    assert await _states(h) == {"dead": 1, "sent": 7}
    await h.sql("DELETE FROM outbox WHERE state = 'dead'")  # the house itself checks that nothing was given up


async def _flood(h: House, customers: int) -> None:
    rows = "".join(f"F{n:02},洪水{n:02}公司,100000,E001\n" for n in range(customers))
    await taken_in(h, "customers", "id,name,annual_purchase,owner\n" + rows)
    await h.time_passes(hours=1, seconds=2)


async def _states(h: House) -> dict[str, int]:
    rows = await h.sql("SELECT state, COUNT(*) AS n FROM outbox WHERE template = 'card/alert' GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


@pytest.mark.parametrize("h", [Setting(more=FLOOD)], indirect=True)
async def test_a_few_are_told_one_by_one_and_at_once(h: House, chen: Director) -> None:
    await h.time_passes(hours=1, seconds=2)
    assert len(chen.alerts("1 小时无新动作")) == 3
    created = await h.sql("SELECT MAX(sent_at - created_at) AS ms FROM outbox WHERE template = 'card/alert'")
    assert created[0]["ms"] <= timedelta(seconds=5) / timedelta(milliseconds=1)
