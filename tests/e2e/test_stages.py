"""Stages and standard actions by chat: jumps, kinds, corrections, withdrawal, and what coverage makes of them."""

from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import Json, api, coverage, words


async def test_a_jump_to_contract_is_refused_or_overridden_with_a_reason(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    refused = await li_na.says("签约", "合同签署之前还缺商务谈判")
    assert await api(h, "actions", "items") == []
    await li_na.taps(refused, "写明原因", "请用一句话说明为什么现在进入「合同签署」")
    opened = await li_na.says("客户集团框架协议，直接签订单", "已进入：合同签署")
    assert "客户集团框架协议，直接签订单" in words(opened)
    await li_na.shows("完整")
    (row,) = await h.sql("SELECT stage, override, state FROM actions")
    assert row == {"stage": "sign", "override": "客户集团框架协议，直接签订单", "state": "complete"}


async def test_contract_after_a_complete_negotiation_is_no_jump(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("商务谈判", "已进入：商务谈判")
    await li_na.speaks(5, "完整")
    await li_na.says("合同签署", "已进入：合同签署")


async def test_negotiation_moves_the_funnel_and_an_executive_visit_the_coverage(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    stage = await li_na.says("谈判", "已进入：商务谈判")
    await li_na.speaks(5, "完整")
    assert (await coverage(h))["total"]["done"] == 0
    funnel = {step["stage"]: step["actions"] for step in await api(h, "funnel", "stages")}
    assert funnel["negotiate"] == 1
    await li_na.taps(stage, "高层拜访", "正在进行：商务谈判（高层拜访）")
    assert (await coverage(h))["total"]["done"] == 1


async def test_online_review_needs_neither_fence_nor_closing_photo(h: House, li_na: Rep) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    stage = await li_na.says("线上需求梳理", "已进入：需求确认（线上需求梳理）")
    assert "线上动作，不要求到场" in words(stage)
    await li_na.speaks(20, "完整")
    ended = await li_na.says("结束拜访", "已结束拜访")
    assert "需求确认（线上需求梳理）：完整" in words(ended)
    (action,) = await api(h, "actions", "items")
    assert action["intent"]["kind"] == "online_need_review" and action["stamp"]["lat"] is None


async def test_naming_a_kind_judges_again_what_was_sent(h: House, li_na: Rep) -> None:
    """Out of every fence, need on site holds the voice back; as an online review it counts."""
    await li_na.says("开始拜访 华强", "已开始拜访")
    await li_na.says("需求确认", "已进入：需求确认")
    await li_na.speaks(20, "暂不计入")
    await li_na.says("线上需求梳理", "正在进行：需求确认（线上需求梳理）")
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete" and action["evidence"][0]["state"] == "counted"


async def test_a_photo_before_the_stage_waits_for_it(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    waiting = await li_na.shows("请选择阶段")
    await li_na.taps(waiting, "方案演示", "照片 1/1，语音 0/1")


async def test_the_rep_corrects_within_half_an_hour_and_the_director_later(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("需求确认", "已进入")
    await li_na.shows("完整")
    await li_na.speaks(31, "已收：语音")
    await li_na.says("结束拜访", "需求确认（需求诊断）：完整")
    h.clock.wind(minutes=29)
    await li_na.says("改 方案演示", "已把 深圳华强精密模具有限公司 的「需求确认」改为「方案演示」")
    (action,) = await api(h, "actions", "items")
    assert action["intent"] == {"stage": "demo", "kind": "solution_demo", "corrected_from": "need"}
    assert action["verdict"]["state"] == "complete"
    h.clock.wind(minutes=3)
    late = await li_na.says("改 商务谈判", "已超过 30 分钟，请由主管更改")
    assert f"改 {action['id']} 阶段名" in words(late)
    await h.feishu.say("ou_zhou", f"改 {action['id']} 商务谈判")  # another region's director
    await h.until("refused", lambda: any("没有找到记录" in words(line) for line in h.feishu.screen("ou_zhou")))
    await h.feishu.say("ou_chen", f"改 {action['id']} 商务谈判")
    await h.until("corrected", lambda: any("改为「商务谈判」" in words(line) for line in h.feishu.screen("ou_chen")))
    (action,) = await api(h, "actions", "items")
    assert action["intent"]["stage"] == "negotiate" and action["intent"]["corrected_from"] == "need"


async def test_a_withdrawn_visit_counts_nowhere(h: House, li_na: Rep) -> None:
    await li_na.visits()
    assert (await coverage(h))["total"]["done"] == 1
    h.clock.wind(minutes=20)
    await li_na.says("撤回", "已撤回拜访 深圳华强精密模具有限公司，其中 1 个动作不再计入")
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "withdrawn"
    assert (await coverage(h))["total"]["done"] == 0
    assert all(step["actions"] == 0 for step in await api(h, "funnel", "stages"))
    await li_na.says("撤回", "没有可以撤回的拜访")


async def test_after_half_an_hour_nothing_is_withdrawn(h: House, li_na: Rep) -> None:
    await li_na.visits()
    h.clock.wind(minutes=31)
    await li_na.says("撤回", "结束超过 30 分钟的，请联系主管")
    assert (await coverage(h))["total"]["done"] == 1


async def test_a_note_explains_a_gap_and_never_raises_the_figure(h: House, li_na: Rep) -> None:
    before = await coverage(h)
    await li_na.says("说明 华强 高层拜访 CEO出差，下月补访", "说明会列在覆盖率旁边，不计为完成")
    after = await coverage(h)
    assert after["total"] == {**before["total"], "explained": 1, "unexplained": before["total"]["unexplained"] - 1}
    row: Json = next(one for one in after["rows"] if one["grade"] == "A")
    assert (row["explained"], row["unexplained"]) == (1, row["quota"] - row["done"] - 1)
    assert any("CEO出差，下月补访" in note for note in row["notes"])
    await h.feishu.say("ou_chen", "覆盖率", "oc_south")
    shown = await h.until("coverage", lambda: next((words(x) for x in h.feishu.screen("oc_south") if "覆盖率 0%" in words(x)), None))
    assert "有说明 1" in shown and "CEO出差，下月补访" in shown
