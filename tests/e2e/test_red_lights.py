"""The other two red lights: too many of one stage on one day, and a demo too short to have been one."""

from datetime import timedelta

import pytest

from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import CHAT, House
from tests.e2e.rep import Rep
from tests.e2e.seen import api, words


async def needs(rep: Rep, times: int) -> None:
    """Submit 需求确认 so many times: each ends where the next stage begins."""
    for _ in range(times):
        rep.house.clock.wind(minutes=5)
        await rep.says("需求确认", "已进入：需求确认")
        await rep.says("线索获取", "已进入：线索获取")
    await rep.house.settled()


async def test_the_sixth_of_a_day_fires_and_grows_in_place(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.arrives()
    await needs(li_na, 5)
    assert h.group() == []
    await needs(li_na, 1)
    card = await chen.alert("李娜", "需求确认", "6 次")
    assert "深圳华强" in words(card)
    await chen.taps(card, "我来跟进")
    assert "陈国栋 跟进中" in words(await chen.alert("6 次"))
    await needs(li_na, 1)
    grown = await chen.alert("7 次")
    assert grown["id"] == card["id"] and len(h.group()) == 1
    assert "陈国栋 跟进中" in words(grown) and "已跟进" in words(grown)
    (alert,) = await api(h, "alerts", "items")
    assert (alert["rule"], alert["subject"], alert["count"], alert["state"]) == ("excess-need", "rep:E001", 7, "acknowledged")
    assert not any("当日需求确认" in words(item) for item in li_na.screen)  # this rule tells the region alone


async def test_a_withdrawal_brings_the_day_below_the_limit(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.arrives()
    await needs(li_na, 6)
    assert (await chen.alert("6 次"))["card"]["header"]["template"] == "red"
    await li_na.says("撤回", "已撤回拜访")
    assert (await chen.alert("6 次"))["card"]["header"]["template"] == "green"
    await li_na.says("开始拜访 华强", "已开始拜访")
    await needs(li_na, 6)
    assert (await chen.alert("6 次"))["card"]["header"]["template"] == "red"
    assert len(h.group()) == 1


async def test_the_next_local_day_counts_anew(h: House, li_na: Rep, chen: Director) -> None:
    """15:59 and 16:01 UTC are two days in Shanghai."""
    await li_na.arrives()
    await needs(li_na, 5)
    h.clock.wind_to(h.clock.now().replace(hour=16, minute=1))
    await needs(li_na, 5)
    assert h.group() == []


@pytest.mark.parametrize(("seconds", "fires"), [(89, True), (90, False)])
async def test_a_demo_of_89_seconds_fires_and_one_of_90_does_not(
    h: House, li_na: Rep, chen: Director, *, seconds: int, fires: bool
) -> None:
    await li_na.arrives()
    h.clock.wind_to(h.clock.now().replace(microsecond=0) + timedelta(seconds=1, milliseconds=5))
    began = h.clock.now()
    await li_na.says("方案演示", "已进入")
    h.clock.wind_to(began + timedelta(seconds=seconds))
    await li_na.says("商务谈判", "已进入：商务谈判")
    await h.settled()
    shown = [words(line) for line in h.group()]
    assert len(shown) == fires
    if fires:
        assert "89 秒" in shown[0] and "李娜" in shown[0] and "深圳华强" in shown[0]
        url = Director.button(h.group()[0], "查看记录")
        (alert,) = await api(h, "alerts", "items")
        assert alert["subject"].startswith("action:a_") and url and url["default_url"].endswith(alert["subject"].removeprefix("action:"))


async def test_a_withdrawn_demo_takes_its_light_along(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    await li_na.says("商务谈判", "已进入")
    assert (await chen.alert("方案演示"))["card"]["header"]["template"] == "red"
    await li_na.says("撤回", "已撤回拜访")
    assert (await chen.alert("方案演示"))["card"]["header"]["template"] == "green"


async def test_a_restart_between_finding_and_telling_loses_and_doubles_nothing(h: House, li_na: Rep, chen: Director) -> None:
    h.feishu.outage = True
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    await li_na.says("商务谈判", "已进入")
    await h.down()
    h.feishu.outage = False
    await h.up()
    h.clock.wind(minutes=20)
    h.product.nudge()
    await chen.alert("方案演示")
    assert len(h.group()) == 1


@pytest.mark.parametrize("h", [Setting(east_live=True)], indirect=True)
async def test_the_light_of_an_event_goes_to_the_reps_region_alone(h: House) -> None:
    gu = Rep(h, "gu.lei", "device-of-gu-lei")
    await gu.arrives("已开始拜访 上海启明", 31.2050, 121.5900)
    await gu.says("方案演示", "已进入")
    await gu.says("商务谈判", "已进入")
    await h.settled()
    assert len(h.group("oc_east")) == 1 and h.group(CHAT) == []
