"""Voices that are understood: marked words back in the chat, scenes with a countdown, corrections, titles that nobody has."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.sandbox.hearing import StandInRecogniser
from bot.erasing import erase
from bot.store.erasing import of_person
from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.pages import link, opened
from tests.e2e.rep import Rep
from tests.e2e.seen import api, button_of, words

HEARS = pytest.mark.parametrize("h", [Setting(hears=True, refold=True)], indirect=True)


async def negotiating(li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("商务谈判", "商务谈判")


@HEARS
async def test_the_words_come_back_marked(h: House, li_na: Rep) -> None:
    await negotiating(li_na)
    said = words(await li_na.plays("budget-tender", "语音转写"))
    assert "【预算】大概是五十万元" in said and "【招标时间】" in said and "【售后响应】" in said
    assert "1. 客户今年的预算大概是五十万元,招标时间定在下个月中旬。" in said
    assert "以录音为准" in said
    (action,) = await api(h, "actions", "items")
    (voice,) = action["evidence"]
    assert voice["transcript"].startswith("客户今年的预算")
    assert voice["keywords"] == ["预算", "招标时间", "售后响应"]


@HEARS
async def test_a_scene_is_drafted_edited_and_submitted(h: House, li_na: Rep) -> None:
    await negotiating(li_na)
    card = await li_na.says("场景", "场景录音")
    told = await li_na.taps(card, "报价异议处理", "60 秒倒计时开始")
    assert "之前说完发出" in words(told)
    draft = await li_na.plays("price-objection", "待提交")
    assert "【交付周期】" in words(draft)
    await li_na.says("好的", "没有当作更正")
    await li_na.says("客户觉得我们的报价比竞争对手高了百分之十，问能不能分期付款，交付周期控制在四十天以内。", "已更正")
    await li_na.says("提交", "已提交")
    await li_na.says("提交", "已经提交，文字不能再改")
    await h.settled()
    ((row),) = await h.sql("SELECT machine, edited, state, scene FROM transcripts")
    assert row["machine"].startswith("客户觉得我们的报价比竞争对手高了百分之十五") and "百分之十，" in row["edited"]
    assert (row["state"], row["scene"]) == ("submitted", "price_objection")


@HEARS
async def test_a_recording_longer_than_its_scene_is_refused_with_its_length(h: House, li_na: Rep) -> None:
    await negotiating(li_na)
    await li_na.says("报价异议处理", "倒计时开始")
    said = words(await li_na.speaks(61, "不符合要求"))
    assert "61 秒，超过场景的 60 秒" in said
    h.clock.wind(seconds=5)
    await li_na.says("报价异议处理", "倒计时开始")
    h.clock.wind(seconds=120)
    assert "按普通语音收下" in words(await li_na.speaks(20, "秒已过"))
    await h.settled()
    assert await h.sql("SELECT scene FROM evidence WHERE scene <> ''") == [{"scene": "price_objection"}]


@HEARS
async def test_an_unregistered_title_is_asked_about_once(h: House, li_na: Rep) -> None:
    await negotiating(li_na)
    card = await li_na.plays("tech-concern", "录音里提到了CTO")
    assert {button_of(card, label).partition(":")[0] for label in ("登记", "不是客户的人", "忽略")} == {
        "title.add",
        "title.not",
        "title.ignore",
    }
    assert "还没有登记：CTO" in words(await li_na.says("决策链 华强", "发起人：尚未登记"))
    await li_na.taps(card, "登记", "华强精密模具有限公司 的CTO是谁")
    await li_na.says("赵明 13800001111 影响人", "赵明 CTO（影响人）")
    chain = words(await li_na.says("决策链 华强", "影响人：赵明 CTO 13800001111"))
    assert "还没有登记" not in chain
    await h.settled()
    before = len(li_na.screen)
    await li_na.plays("tech-concern", "语音转写")
    await h.settled()
    assert not [one for one in li_na.screen[before:] if "录音里提到了" in words(one)]
    assert await h.sql("SELECT title, state FROM titles") == [{"title": "CTO", "state": "registered"}]


@HEARS
async def test_a_title_is_asked_about_in_its_stages_alone_and_registering_clears_it(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("需求确认", "需求确认")
    await li_na.plays("tech-concern", "语音转写")
    await h.settled()
    assert await h.sql("SELECT * FROM titles") == []
    await li_na.says("商务谈判", "商务谈判")
    await li_na.plays("budget-tender", "录音里提到了采购总监")
    await li_na.says("加人 孙丽 采购负责人 决策人", "孙丽 采购负责人（决策人）")
    await h.settled()
    assert await h.sql("SELECT title, state FROM titles") == [{"title": "采购总监", "state": "registered"}]


@HEARS
async def test_a_visit_that_names_a_contact_moves_his_last_interaction(h: House, li_na: Rep) -> None:
    await negotiating(li_na)
    await li_na.says("加人 王建 生产部经理 发起人", "已登记")
    h.clock.wind(hours=3)
    await li_na.plays("new-person", "语音转写")
    (contact,) = (await api(h, "customers/C001"))["contacts"]
    assert contact["last_at"].startswith("2026-11-23T17:0")
    await li_na.says("见了 王建", "见到了")
    await li_na.says("见了 李雷", "没有登记「李雷」")


@HEARS
async def test_what_a_customer_cares_about_in_the_reps_own_words(h: House, li_na: Rep) -> None:
    await li_na.says("华强 关心什么", "还没有听到关键词")
    await negotiating(li_na)
    await li_na.plays("budget-tender", "语音转写")
    await li_na.plays("demo-closing", "语音转写")
    said = words(await li_na.says("华强 关心什么", "关心的"))
    assert "【预算】2 次" in said and "第一是预算要等到第三季度才能批下来。" in said and "11-23 14:0" in said


@HEARS
async def test_a_misheard_voice_outside_a_scene_is_put_right(h: House, li_na: Rep) -> None:
    await negotiating(li_na)
    await li_na.plays("short-note", "语音转写")
    await li_na.says("改文字", "客户不在,明天再来。")
    await li_na.says("客户不在，明天上午再来。预算还没有批。", "【预算】还没有批")
    await h.settled()
    assert (await h.sql("SELECT state FROM transcripts")) == [{"state": "heard"}]


@HEARS
async def test_drafts_remind_once_and_expire_visibly(h: House, li_na: Rep) -> None:
    await negotiating(li_na)
    await li_na.says("报价异议处理", "倒计时开始")
    await li_na.plays("price-objection", "待提交")
    await h.settled()
    await h.time_passes(hours=2.1)
    await h.hears("还没有提交")
    before = len(li_na.screen)
    await h.time_passes(hours=1)
    assert not [one for one in li_na.screen[before:] if "还没有提交" in words(one)]
    await h.time_passes(hours=22)
    await h.hears("草稿没有提交，已过期")
    await li_na.says("提交", "已过期")


def _tried(engine: StandInRecogniser, before: int) -> Callable[[], bool]:
    return lambda: before == 3 or engine.asked > before


@HEARS
async def test_a_voice_that_cannot_be_heard_is_kept_and_said(h: House, li_na: Rep) -> None:
    assert h.recogniser is not None
    engine = h.recogniser
    await negotiating(li_na)
    engine.mood = "worker_died"
    await li_na.plays("budget-tender", "语音 1/1")
    for _ in range(3):
        await h.settled()
        h.clock.wind(seconds=60)
        await h.until("another try", _tried(engine, engine.asked))
    await h.hears("没有转成文字：识别程序中断")
    assert engine.asked == 3
    (action,) = await api(h, "actions", "items")
    assert action["evidence"][0]["state"] == "counted" and action["evidence"][0]["transcript"] is None
    engine.mood = "voice.undecodable"
    await li_na.plays("tech-concern", "没有转成文字：文件无法解码")
    assert engine.asked == 4


RULES = """
[keywords]
summary = ["预算", "竞品降价"]
synonyms = { "竞品降价" = ["突然降价"] }
[[rules]]
id = "price-cut"
kind = "followup"
when = { keyword = "竞品降价" }
name = "技术对比文档"
aliases = ["技术对比"]
hours = 48
[[rules]]
id = "script"
kind = "phrases"
stage = "demo"
points = { "报表功能" = [], "交付周期" = [], "分期付款" = [] }
share = 0.9
tell = ["owner", "region"]
"""


@pytest.mark.parametrize("h", [Setting(hears=True, refold=True, more=RULES)], indirect=True)
async def test_an_obligation_is_red_after_its_hours_and_ended_by_the_paper(h: House, li_na: Rep, chen: Director) -> None:
    await negotiating(li_na)
    await li_na.plays("competitor", "【突然降价】")
    await h.time_passes(hours=47.9)
    assert chen.alerts("技术对比文档") == []
    await h.time_passes(hours=0.2)
    card = await chen.alert("48 小时内未提供《技术对比文档》", "深圳华强")
    assert card["card"]["header"]["template"] == "red"
    await li_na.arrives()
    await li_na.says("方案演示", "方案演示")
    await li_na.shows("照片")
    await li_na.says("归档 技术对比", "已归档")
    assert (await chen.alert("《技术对比文档》"))["card"]["header"]["template"] == "green"


@pytest.mark.parametrize("h", [Setting(hears=True, refold=True, more=RULES)], indirect=True)
async def test_how_much_of_a_script_was_said(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "方案演示")
    assert "话术：说到 2/3，没听到：分期付款" in words(await li_na.plays("demo-closing", "语音转写"))
    await li_na.shows("照片")
    assert chen.alerts("话术") == []
    h.clock.wind(seconds=100)
    await li_na.says("结束拜访", "方案演示")
    assert "没听到：分期付款" in words(await chen.alert("话术说到 2/3"))


@HEARS
async def test_the_director_reads_what_was_said_and_what_was_changed(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "方案演示")
    await li_na.says("报价异议处理", "倒计时开始")
    await li_na.plays("price-objection", "待提交")
    await li_na.says("客户觉得我们的报价比竞争对手高了百分之十，问能不能分期付款，销付周期最好控制在四十五天以内。", "已更正")
    await li_na.says("提交", "已提交")
    await li_na.says("商务谈判", "商务谈判")
    status, page, _ = await opened(h, link(await chen.alert("方案演示")), "ou_chen")
    assert status == 200
    assert '<mark class="doubt" title="疑似：交付周期">销付周期</mark>' in page
    assert "<del>,交</del><ins>，销</ins>付周期" in page and "<del>五,</del>" in page
    assert "报价异议处理 · 已提交 · 本人更正过" in page


@HEARS
async def test_what_was_said_goes_with_the_person(h: House, li_na: Rep, tmp_path: Path) -> None:
    await negotiating(li_na)
    await li_na.plays("budget-tender", "语音转写")
    await li_na.says("场景", "场景录音")
    await li_na.says("报价异议处理", "倒计时开始")
    await h.settled()
    line = h.product.line
    doomed = await of_person("E001")
    await erase(
        line.database, line.vault, doomed, what="person", subject="E001", by="A001", reason="x", now=h.clock.now(), archives=tmp_path / "no"
    )
    for table in ("transcripts", "scenes", "voice_jobs"):
        assert await h.sql(f"SELECT * FROM {table}") == []
    bodies = await h.sql("SELECT body FROM ledger_bodies WHERE body LIKE '%五十万%'")
    assert bodies == []
