"""What people type, and what is made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.schema import DEFAULT_STAGES, Config, Stage
from handlers.words import Command, understand

CONFIG = Config()
RECORD = "a_01JABCDEFGHJKMNPQRSTVWXYZ0"

SAID = [
    ("开始拜访 华强", "start", "华强"),
    ("开始拜访华强。", "start", "华强"),
    ("开始拜访：华强", "start", "华强"),
    ("開始拜訪　华强", "start", "华强"),
    ("拜访 华强", "start", "华强"),
    ("去拜访华强", "start", "华强"),
    ("開始拜訪 華強電子", "start", "華強電子"),  # a name is looked up as it is written
    ("开始拜访", "start", ""),
    ("  开始  ", "start", ""),
    ("开始 方案演示", "stage", "demo"),
    ("方案演示", "stage", "demo"),
    ("方案演示！", "stage", "demo"),
    ("演示", "stage", "demo"),
    ("讲方案", "stage", "demo"),
    ("需求诊断", "stage", "need"),
    ("已签约", "stage", "sign"),
    ("高层拜访", "kind", "executive_visit"),
    ("线上需求梳理", "kind", "online_need_review"),
    ("结束拜访", "end", ""),
    ("结束 拜访", "end", ""),
    ("結束拜訪", "end", ""),
    ("结束", "end", ""),
    ("撤回", "withdraw", ""),
    ("改 方案演示", "correct", "demo"),
    ("改为签约", "correct", "sign"),
    ("今日", "today", ""),
    ("今天", "today", ""),
    ("帮助", "help", ""),
    ("HELP", "help", ""),
    ("我的数据", "mydata", ""),
    ("换手机", "device", ""),
    ("红灯", "alerts", ""),
    ("紅燈", "alerts", ""),
    ("@SalesTrace 红灯", "alerts", ""),
    ("＠过程助手　红灯", "alerts", ""),
    ("红灯 华南", "alerts", ""),
    ("覆盖率", "coverage", ""),
    ("覆盖率 华南", "coverage", "华南"),
    ("覆蓋率华南", "coverage", "华南"),
    (f"核验 {RECORD}", "verify", RECORD),
    ("决策链 华强", "chain", "华强"),
    ("演示 产品册", "deck", "产品册"),
    ("报价异议处理", "scene", "price_objection"),
    ("场景", "scenes", ""),
    ("提交", "submit", ""),
    ("见了 王工", "met", "王工"),
    ("华强 关心什么", "cares", "华强"),
    ("华强最关心什么？", "cares", "华强"),
    ("关心什么", "usage", "关心什么"),
    ("预测 华强 30万 6月", "forecast", "华强"),
    ("试点 华南", "pilot", "华南"),
    ("试点", "pilot", ""),
    ("出证 华强", "dossier", "华强"),
    ("出证", "usage", "出证"),
    ("出证 华强 2026Q9", "usage", "出证"),
    ("出证 华强 隐去", "usage", "出证"),
    ("漏斗", "funnel", ""),
    ("看板 华南 上月", "board", "华南"),
    ("健康报告 华南 十月", "report", "华南"),
    ("过程健康度报告", "report", ""),
    ("覆盖率 华南 13月", "nomonth", "13月"),
    ("覆盖率 华南 2026-13", "nomonth", "2026-13"),
    ("看不到", "nosign", ""),
    ("静默 24 小时", "alert.mute", ""),
    ("申请例外", "on_card", "申请例外"),
    ("异常商机", "deals", ""),
    ("沉默客户", "silent", ""),
    ("撤回同意", "consent.withdraw", ""),
    ("导出全部", "export", ""),
    ("加人", "usage", "加人"),
    ("决策人", "usage", "加人"),
    ("说明 华强", "usage", "说明"),
    ("改到周五", "usage", "改"),
    ("核验 什么", "usage", "核验"),
    ("拜访改到周五", "unknown", "拜访改到周五"),
    ("今天天气不错", "unknown", "今天天气不错"),
    ("", "unknown", ""),
]


@pytest.mark.parametrize(("text", "op", "arg"), SAID)
def test_understand_reads_what_is_typed(text: str, op: str, arg: str) -> None:
    command = understand(text, CONFIG)
    assert (command.op, command.arg) == (op, arg)


@pytest.mark.parametrize(
    ("text", "name", "more"),
    [
        ("加人 王工 技术总监", "王工", ("技术总监", "", "")),
        ("加人 王工", "王工", ("", "", "")),
        ("加人 王工 技术总监 影响人 13800138000", "王工", ("技术总监", "influencer", "13800138000")),
        ("加人 王工，技术 总监，发起人", "王工", ("技术 总监", "initiator", "")),
        ("决策人 张总 采购总监 138-0013-8000", "张总", ("采购总监", "decider", "138-0013-8000")),
        ("决策人 张总 １３８００１３８０００", "张总", ("", "decider", "13800138000")),
    ],
)
def test_understand_reads_a_contact_in_any_order(text: str, name: str, more: tuple[str, ...]) -> None:
    assert understand(text, CONFIG) == Command(op="contact", arg=name, more=more)


@pytest.mark.parametrize("text", ["说明 华强 高层拜访 CEO出差", "说明华强高层拜访CEO出差", "说明 华强，高层拜访：CEO出差。"])
def test_understand_parts_a_note_at_the_name_of_its_action(text: str) -> None:
    assert understand(text, CONFIG) == Command(op="note", arg="华强", more=("executive_visit", "CEO出差"))


def test_understand_reads_a_directors_correction_of_a_record() -> None:
    assert understand(f"改 {RECORD} 商务谈判", CONFIG) == Command(op="correct", arg="negotiate", more=(RECORD,))
    assert understand(f"改 {RECORD} 什么", CONFIG).op == "usage"


def test_understand_follows_the_configured_stages() -> None:
    config = Config(stages=(*DEFAULT_STAGES, Stage(id="trial", name="试用", aliases=("试产",))))
    assert understand("试产", config) == Command(op="stage", arg="trial")
    assert understand("试产", CONFIG).op == "unknown"


@given(st.text(max_size=600))
def test_understand_takes_any_text(text: str) -> None:
    command = understand(text, CONFIG)
    assert len(command.arg) <= 500
    assert "\n" not in command.arg
