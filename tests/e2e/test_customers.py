"""Customers that speak up by their behaviour: the pool of silent ones, who is likely to buy again, and what of it was right."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.taking_in import store
from tests import databases
from tests.e2e.conftest import MONDAY, Setting, sound
from tests.e2e.house import CHAT, House, house
from tests.e2e.rep import Rep
from tests.e2e.seen import api, words
from tests.e2e.test_decks import imported, opened, shows

WHOLE = pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)
PRESALES = "工号,姓名,角色,区域,企业微信\nP001,苏晴,售前,,su.qing\n"


async def fed(h: House, kind: str, text: str) -> None:
    taken = await store(h.product.line, kind, text.encode(), f"{kind}.csv", "import")
    assert not taken.rejected


async def asks(h: House, text: str, holds: str) -> str:
    """A director's question in his group, and the answer."""
    before = len(h.feishu.screen(CHAT))
    await h.feishu.say("ou_chen", text, CHAT)
    return str(await h.until(text, lambda: next((words(x) for x in h.feishu.screen(CHAT)[before:] if holds in words(x)), None)))


async def marks(h: House) -> list[dict[str, Any]]:
    return await h.sql('SELECT mark, customer, until, why, "left" FROM marks ORDER BY since')


async def _pool(h: House, rep: Rep) -> None:
    await h.wecom.add_member("su.qing", "苏晴")
    await fed(h, "people", PRESALES)
    for _ in range(3):
        await rep.visits()
        h.clock.wind(hours=20)
    await fed(h, "inquiries", "id,customer,at,topic\nI1,C001,2026-11-20 10:00,想了解定制化API对接\n")
    await fed(h, "web_visits", "customer,date,seconds\nC001,2026-11-20,276\n")
    await h.time_passes(seconds=15)
    assert await marks(h) == []  # 276 s is 2.30 times 120 s exactly
    await fed(h, "web_visits", "customer,date,seconds\nC001,2026-11-21,276.001\n")
    await h.time_passes(seconds=15)
    (mark,) = await marks(h)
    assert (mark["mark"], mark["customer"], mark["until"]) == ("silent", "C001", None)
    card = await h.hears("高价值沉默客户", "su.qing")
    shown = words(card)
    assert "同行的 2.3 倍" in shown and "3 次完整演示" in shown and "想了解定制化API对接" in shown and "没有订单" in shown
    keys = {button["text"]: button["key"] for button in card["card"]["button_list"]}
    assert set(keys) == {"发白皮书", "开沙箱"} and ":C001" in keys["发白皮书"] and "C001" in keys["开沙箱"]


@WHOLE
async def test_four_conditions_make_a_silent_customer_and_an_order_ends_it(h: House, li_na: Rep) -> None:
    await _pool(h, li_na)
    told = await asks(h, "沉默客户", "沉默客户 1 位")
    assert "深圳华强精密模具有限公司（李娜）" in told and "2 次访问平均 276 秒" in told and "还没有人满 " in told
    profile = await api(h, "customers/C001")
    assert profile["tags"] == ["silent"] and [part["id"] for part in profile["marks"][0]["parts"]] == ["demos", "orders", "site", "inquiry"]
    assert {part["id"]: part["state"] for part in profile["health"]["parts"]} == {
        "action": "good",
        "order": "unknown",
        "payments": "unknown",
        "tickets": "unknown",
        "site": "good",
        "inquiry": "good",
    }
    await fed(h, "orders", "id,customer,amount,signed_at\nO1,C001,30万,2026-11-26\n")
    await h.time_passes(seconds=15)
    (mark,) = await marks(h)
    assert mark["until"] and [(part["id"], part["have"]) for part in json.loads(mark["left"])["parts"]] == [("orders", "1")]
    assert (await api(h, "customers/C001", "tags")) == []
    await h.time_passes(hours=24 * 100)
    assert "沉默池 100%（1/1）" in await asks(h, "沉默客户", "沉默客户 0 位")


@pytest.mark.postgres
async def test_the_same_on_postgresql(postgres_template: str, tmp_path: Path) -> None:
    async with databases.postgres(postgres_template) as url, house(tmp_path, MONDAY, database=url) as found:
        await _pool(found, Rep(found))
        await found.settled()
        await sound(found, Setting(refold=True))


@pytest.mark.parametrize(
    "h", [Setting(more='[materials]\nsandbox_url = "https://try.example.cn"\ntags = ["产品"]\n', refold=True)], indirect=True
)
async def test_presales_tap_the_card_and_paper_and_sandbox_go_out(h: House, li_na: Rep) -> None:
    await imported(h, "白皮书", 1)
    await _pool(h, li_na)
    card = await h.hears("高价值沉默客户", "su.qing")
    keys = {button["text"]: button["key"] for button in card["card"]["button_list"]}
    granted = await h.does(h.wecom.tap("su.qing", card["id"], keys["开沙箱"]), "https://try.example.cn", "su.qing")
    assert "华强" in words(granted)
    await h.does(h.wecom.tap("su.qing", card["id"], keys["发白皮书"]), "/material/", "su.qing")


@WHOLE
async def test_the_day_on_which_a_demo_is_too_old_ends_it_by_itself(h: House, li_na: Rep) -> None:
    await _pool(h, li_na)
    await h.time_passes(hours=24 * 85)
    assert (await marks(h))[0]["until"] is None
    await h.time_passes(hours=24 * 4)
    (mark,) = await marks(h)
    assert mark["until"] and "demos" in {part["id"] for part in json.loads(mark["left"])["parts"]}


async def shown_case(h: House, name: str) -> None:
    async with opened(h, await shows(h, name)) as page:
        h.clock.wind(seconds=5)
        await page.beats(5)
    await h.time_passes(seconds=95)
    await h.swept()


@WHOLE
async def test_three_success_stories_and_a_closed_ticket_pin_a_customer(h: House, li_na: Rep) -> None:
    await imported(h, "老客户成功案例-华东", 1)
    await li_na.arrives()
    for _ in range(2):
        await shown_case(h, "老客户成功案例-华东")
    await fed(h, "tickets", "id,customer,closed_at\nT1,C001,2026-11-20\n")
    await h.time_passes(seconds=15)
    assert await marks(h) == []
    await shown_case(h, "老客户成功案例-华东")
    (mark,) = await marks(h)
    assert (mark["mark"], mark["until"]) == ("repurchase", None)
    await li_na.says("结束拜访", "还差")
    await li_na.says("撤回", "撤回")
    assert "📌" in words(await li_na.says("开始拜访", "华强"))
    await fed(h, "tickets", "id,customer,closed_at\nT1,C001,\n")  # reopened
    await h.time_passes(seconds=15)
    (mark,) = await marks(h)
    assert mark["until"] and json.loads(mark["left"])["parts"][0]["id"] == "ticket"
    await fed(h, "tickets", "id,customer,closed_at\nT1,C001,2026-11-20\n")
    await h.time_passes(seconds=15)
    assert len(await marks(h)) == 2
    h.clock.wind_to(MONDAY.replace(year=2027, month=2, day=18, hour=15, minute=59))  # 23:59 of day 90
    await h.swept()
    assert (await marks(h))[1]["until"] is None
    await h.time_passes(minutes=2)
    assert (await marks(h))[1]["until"]


@WHOLE
async def test_forecasts_by_one_line_and_what_became_of_them(h: House, li_na: Rep) -> None:
    await li_na.says("预测 华强 30万 12月", "2026-12 预测 30万")
    await li_na.says("预测 华强 20万 2026-12", "2026-12 预测 20万")
    await li_na.says("预测 华强 很多 12月", "金额不是金额")
    await li_na.says("预测 华强 3万 13月", "看不懂")
    await li_na.says("预测 云帆 3万 12月", "没有")
    await li_na.says("预测 华强", "请补全")
    (fact,) = await h.sql("SELECT id, amount, corrections FROM facts")
    assert (fact["amount"], fact["corrections"]) == (20_000_000, 1)
    assert "未结束" in await asks(h, "预测偏差", "预测偏差 =")
    h.clock.wind_to(MONDAY.replace(month=12, day=20))
    await li_na.says("预测 华强 15万 本月", "预测 15万")  # too late to look wise
    await fed(h, "orders", "id,customer,amount,signed_at\nO1,C001,16万,2026-12-24\nO2,C003,1万,2026-12-24\n")
    h.clock.wind_to(MONDAY.replace(year=2027, month=1, day=5))
    told = await asks(h, "预测偏差", "预测偏差 =")
    assert "2026-12 预测 20万，实际 17万" in told and "+17.6%" in told
    assert "李娜 20万 → 16万：+25%" in told and "王浩 0 元 → 1万：-100%" in told
    assert "没有实际订单，无法计算" in told


async def test_reps_see_no_region_and_other_regions_are_closed(h: House, li_na: Rep) -> None:
    await li_na.says("沉默客户", "只供主管")
    await li_na.says("预测偏差", "只供主管")
    await asks(h, "沉默客户 华东", "区域")
