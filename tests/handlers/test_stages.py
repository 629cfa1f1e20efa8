"""Naming stages and kinds, jumping with a reason, correcting."""

from dataclasses import replace

import pytest

from bot.model import VerdictState
from tests.handlers.build import ADMIN, DIRECTOR, HUAQIANG, OTHER_DIRECTOR, Bot, buttons, words


def visiting(bot: Bot) -> Bot:
    bot.checkin()
    return bot


def test_a_stage_submits_the_one_before_at_the_messages_time() -> None:
    bot = visiting(Bot())
    bot.text("方案演示")
    bot.wait(seconds=44)
    bot.text("商务谈判")
    first, second = bot.actions
    assert first.submitted_at is not None
    assert (first.submitted_at - first.stamp.at).total_seconds() == 45
    assert second.submitted_at is None
    assert bot.types().count("action.judged") == 2


def test_the_same_stage_again_goes_on_with_the_open_action() -> None:
    bot = visiting(Bot())
    bot.text("方案演示")
    said = words(bot.text("演示"))
    assert "正在进行：方案演示" in said
    assert len(bot.actions) == 1


@pytest.mark.parametrize(
    ("word", "kind"), [("需求确认", "need_diagnosis"), ("方案演示", "solution_demo"), ("商务谈判", None), ("线索获取", None)]
)
def test_a_stage_brings_the_kind_that_bears_its_name(word: str, kind: str | None) -> None:
    bot = visiting(Bot())
    bot.text(word)
    assert bot.actions[0].kind == kind


def test_naming_a_kind_instead_of_a_stage_opens_both() -> None:
    bot = visiting(Bot())
    bot.text("高层拜访")
    assert (bot.actions[0].stage, bot.actions[0].kind) == ("negotiate", "executive_visit")


def test_naming_a_kind_after_its_stage_sets_it_and_a_button_offers_it() -> None:
    bot = visiting(Bot())
    offered = buttons(bot.text("商务谈判"))
    assert offered["高层拜访"] == ("kind", "executive_visit")
    bot.tap("kind", "executive_visit")
    assert len(bot.actions) == 1
    assert bot.actions[0].kind == "executive_visit"


def test_an_online_kind_rejudges_what_was_sent_and_needs_no_fence() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    bot.text("需求确认")
    assert "暂不计入" in words(bot.photo())
    assert bot.worth() is VerdictState.QUARANTINED
    said = words(bot.text("线上需求梳理"))
    assert bot.worth() is VerdictState.COMPLETE
    assert "照片或语音 1/1" in said
    assert "线上动作，不要求到场" in said


def test_a_stage_takes_in_what_waited_for_one() -> None:
    bot = visiting(Bot())
    said = bot.photo()
    assert "请选择阶段" in words(said)
    assert len(buttons(said)) == 6
    bot.text("需求确认")
    assert bot.worth() is VerdictState.COMPLETE
    assert bot.visit.evidence == ()


def test_a_stage_without_a_visit_offers_the_own_customers() -> None:
    said = Bot().text("方案演示")
    assert "还没有进行中的拜访" in words(said)
    assert buttons(said)["恒达机电"] == ("start", "C002")


def test_a_jump_is_refused_until_its_reason_is_written() -> None:
    """M15: 合同签署 without a complete 商务谈判."""
    bot = visiting(Bot())
    said = bot.text("已签约")
    assert "合同签署之前还缺商务谈判" in words(said)
    assert bot.actions == []
    op, arg = buttons(said)["写明原因"]
    assert "请用一句话" in words(bot.tap(op, arg))
    said = bot.text("客户总部已统一谈判完成")
    assert bot.actions[0].stage == "sign"
    assert bot.actions[0].override == "客户总部已统一谈判完成"
    assert "原因：客户总部已统一谈判完成" in words(said)
    assert bot.question is None


def test_a_reason_belongs_to_the_visit_it_was_asked_in() -> None:
    bot = visiting(Bot())
    op, arg = buttons(bot.text("签约"))["写明原因"]
    bot.tap(op, arg)
    question = bot.question
    bot.text("开始拜访 恒达")
    assert bot.question is None
    bot.question = question
    assert "还没有进行中的拜访" in words(bot.text("总部谈好了"))
    assert bot.actions == []


def test_a_question_is_forgotten_after_half_an_hour() -> None:
    bot = visiting(Bot())
    op, arg = buttons(bot.text("签约"))["写明原因"]
    bot.tap(op, arg)
    bot.wait(minutes=31)
    assert "没有看懂" in words(bot.text("总部谈好了"))
    assert bot.actions == []


def test_a_guarded_stage_opens_once_the_one_before_is_complete() -> None:
    bot = visiting(Bot(replace(HUAQIANG, furthest="negotiate")))
    bot.text("合同签署")
    assert bot.actions[0].stage == "sign"
    assert bot.actions[0].override is None


def test_a_stage_asks_for_a_check_in_first() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    assert "外出打卡" in words(bot.text("方案演示"))
    assert "外出打卡" not in words(bot.text("线索获取"))


def test_a_button_of_a_stage_that_the_config_no_longer_has_is_refused() -> None:
    bot = visiting(Bot())
    assert "已经失效" in words(bot.tap("stage", "gone"))
    assert "已经失效" in words(bot.tap("kind", "gone"))


# ---- 改 --------------------------------------------------------------------------------------------------------------


def test_a_correction_keeps_what_was_there_and_judges_anew() -> None:
    bot = visiting(Bot())
    bot.text("需求确认")
    bot.voice(12)
    assert bot.worth() is VerdictState.COMPLETE
    said = words(bot.text("改 方案演示"))
    action = bot.actions[0]
    assert (action.stage, action.kind, action.corrected_from) == ("demo", "solution_demo", "need")
    assert action.verdict.state is VerdictState.INCOMPLETE
    assert "缺照片 0/1" in said
    bot.text("改 需求确认")
    assert bot.worth() is VerdictState.COMPLETE


@pytest.mark.parametrize(("minutes", "stage"), [(29, "demo"), (31, "need")])
def test_a_rep_corrects_for_half_an_hour_after_submitting(minutes: int, stage: str) -> None:
    bot = visiting(Bot())
    bot.text("需求确认")
    bot.photo()
    bot.voice(5)
    bot.text("结束拜访")
    bot.wait(minutes=minutes)
    bot.text("改 方案演示")
    assert bot.actions[0].stage == stage


def test_a_correction_to_a_guarded_stage_is_refused() -> None:
    bot = visiting(Bot())
    bot.text("需求确认")
    assert "之前需要有完整的「商务谈判」" in words(bot.text("改 合同签署"))
    assert bot.actions[0].stage == "need"


def test_nothing_to_correct_is_said() -> None:
    assert "没有可以更改的动作" in words(Bot().text("改 方案演示"))
    bot = visiting(Bot())
    bot.text("方案演示")
    assert "已经是「方案演示」" in words(bot.text("改 演示"))


@pytest.mark.parametrize(("who", "stage"), [(DIRECTOR, "negotiate"), (ADMIN, "negotiate"), (OTHER_DIRECTOR, "need")])
def test_a_director_corrects_any_record_of_his_region(who: object, stage: str) -> None:
    bot = visiting(Bot())
    bot.text("需求确认")
    bot.photo()
    bot.voice(5)
    bot.text("结束拜访")
    bot.wait(hours=3)
    action = bot.actions[0]
    bot.text(f"改 {action.id} 商务谈判", by=who)
    assert bot.action(action.id).stage == stage
    assert bot.action(action.id).verdict.state is VerdictState.COMPLETE


def test_a_rep_cannot_correct_by_record_number() -> None:
    bot = visiting(Bot())
    bot.text("需求确认")
    assert "只供主管使用" in words(bot.text(f"改 {bot.actions[0].id} 商务谈判"))
