"""Questions, notes and contacts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case import Wants
from bot.config.schema import ActionKind
from bot.measures.coverage import CoverageReport, CoverageRow
from bot.model import Contact, Interaction, Kind, Person, Platform, VerdictState
from bot.ports import Card
from handlers import HANDLERS
from tests.handlers.build import ADMIN, CONFIG, DIRECTOR, HENGDA, HUAQIANG, NOON, OTHER_DIRECTOR, REP, Bot, customer, words

REPORT = CoverageReport(
    month="2026-11",
    region="south",
    rows=(
        CoverageRow(grade="A", customers=3, quota=12, done=9, surplus=2, explained=1, unexplained=2, notes=("客户CEO出差",)),
        CoverageRow(grade="B", customers=4, quota=8, done=8, surplus=0, explained=0, unexplained=0, notes=()),
        CoverageRow(grade="C", customers=5, quota=5, done=3, surplus=0, explained=2, unexplained=0, notes=("电话无人接听", "电话无人接听")),
    ),
)


def wanted(text: str) -> Wants:
    interaction = Interaction(platform=Platform.WECOM, key="k", sender="u", kind=Kind.TEXT, sent_at=NOON, received_at=NOON, text=text)
    return HANDLERS[Kind.TEXT].wants(interaction, CONFIG, None)


def test_coverage_tells_the_appendix_table() -> None:
    bot = Bot()
    bot.more = {"coverage": REPORT}
    said = words(bot.text("覆盖率 华南", by=DIRECTOR))
    assert "2026-11 华南 过程动作覆盖率 80%（20/25）" in said
    assert "A 类 3 家：9/12，75%；缺 3（有说明 1，无说明 2）；超额 2，不计入" in said
    assert "B 类 4 家：8/8，100%\n" in said
    assert "C 类 5 家：3/5，60%；缺 2（有说明 2，无说明 0）" in said
    assert "· 客户CEO出差" in said
    assert wanted("覆盖率 华南").coverage == "华南"


def test_coverage_over_nothing_has_no_rate() -> None:
    bot = Bot()
    bot.more = {"coverage": CoverageReport(month="2026-11", region=None, rows=())}
    assert "全部区域 过程动作覆盖率 —（0/0）" in words(bot.text("覆盖率", by=ADMIN))


@pytest.mark.parametrize(
    ("who", "text", "said"),
    [
        (REP, "覆盖率", "只供主管使用"),
        (OTHER_DIRECTOR, "覆盖率 华南", "不在您的区域"),
        (DIRECTOR, "覆盖率 火星", "没有区域「火星」。可选：华南、华东"),
        (ADMIN, "覆盖率 华东", "覆盖率 80%"),
    ],
)
def test_coverage_is_for_the_regions_director(who: Person, text: str, said: str) -> None:
    bot = Bot()
    bot.more = {"coverage": REPORT}
    assert said in words(bot.text(text, by=who))


def test_today_lists_actions_what_is_missing_and_whose_time_ends() -> None:
    bot = Bot()
    bot.checkin()
    bot.text("方案演示")
    bot.photo()
    bot.more = {"today": tuple(bot.actions), "due": ((HENGDA, NOON + timedelta(hours=5)), (HUAQIANG, NOON - timedelta(hours=1)))}
    said = words(bot.text("今日"))
    assert "正在拜访：深圳华强电子有限公司" in said
    assert "今日动作 1 个" in said
    assert "12:00 深圳华强电子有限公司 方案演示：缺一段不少于 30 秒的语音" in said
    assert "恒达机电：到期 11-23 17:00" in said
    assert "深圳华强电子有限公司：已到期 11-23 11:00" in said
    assert wanted("今日") == Wants(own=True, today=True)


def test_verify_tells_what_a_record_is_worth() -> None:
    bot = Bot()
    bot.checkin()
    bot.text("需求确认")
    bot.photo()
    [card] = bot.text(f"核验 {bot.actions[0].id}", by=DIRECTOR)
    said = words([card])
    assert "状态：完整，证据等级 T4" in said
    assert "距注册地址 48 米，在 500 米范围内；设备与备案一致；T4：已备案设备的打卡记录" in said
    assert "照片：SHA-256 0000000000000000…" in said
    assert isinstance(card, Card) and card.buttons[0].url.endswith(f"/record/{bot.actions[0].id}")
    assert "王强" in words(bot.text(f"核验 {bot.actions[0].id}"))
    assert "没有找到记录" in words(bot.text(f"核验 {bot.actions[0].id}", by=OTHER_DIRECTOR))
    assert "没有找到记录" in words(bot.text("核验 a_01JABCDEFGHJKMNPQRSTVWXYZ0", by=DIRECTOR))


@pytest.mark.parametrize(("who", "lines"), [(REP, ["开始拜访"]), (DIRECTOR, ["红灯"]), (ADMIN, ["红灯", "config.toml"])])
def test_help_speaks_to_the_role(who: Person, lines: list[str]) -> None:
    said = words(Bot().text("帮助", by=who))
    assert all(line in said for line in lines)
    assert ("结束拜访" in said) == (who is REP)


def test_what_is_not_understood_gets_short_help() -> None:
    said = words(Bot().text("随便说说"))
    assert "没有看懂" in said
    assert len(said) < 300


@pytest.mark.parametrize("text", ["加人", "说明 华强", "改 什么", "核验 x"])
def test_a_command_without_its_words_shows_an_example(text: str) -> None:
    assert "请补全，例如" in words(Bot().text(text))


def test_my_data_tells_what_is_held() -> None:
    bot = Bot()
    bot.checkin()
    said = words(bot.text("我的数据"))
    assert "名下客户 2 家" in said
    assert "近 24 小时定位核对 1 次" in said
    assert "设备尾号 phone：已备案" in said


# ---- notes and contacts --------------------------------------------------------------------------------------------------


def test_a_contact_is_added_to_the_customer_of_the_visit() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    said = words(bot.text("决策人 张总 采购总监 13800138000"))
    assert "已登记 深圳华强电子有限公司 的联系人：张总 采购总监（决策人）" in said
    (contact,) = bot.contacts.values()
    assert (contact.customer, contact.role, contact.phone) == ("C001", "decider", "13800138000")


def test_a_contact_said_again_keeps_what_was_known() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    bot.text("加人 张总 采购总监 13800138000")
    assert "已更新" in words(bot.text("决策人 张总"))
    (contact,) = bot.contacts.values()
    assert (contact.title, contact.role, contact.phone) == ("采购总监", "decider", "13800138000")


def test_a_registered_decider_completes_a_kind_that_asks_for_one() -> None:
    kinds = (ActionKind(id="executive_visit", name="高层拜访", stage="negotiate", met="decider"),)
    bot = Bot(config=CONFIG.model_copy(update={"action_kinds": kinds}))
    bot.checkin()
    bot.text("高层拜访")
    bot.voice(20)
    assert bot.worth() is VerdictState.INCOMPLETE
    bot.text("决策人 张总 总经理")
    assert bot.worth() is VerdictState.COMPLETE


def test_a_contact_without_a_visit_is_refused() -> None:
    assert "还没有进行中的拜访" in words(Bot().text("加人 张总"))


def test_the_decision_chain_names_what_is_missing() -> None:
    bot = Bot()
    bot.contacts = {
        "c1": Contact(id="c1", customer="C001", name="张总", title="采购总监", role="decider", phone="138"),
        "c2": Contact(id="c2", customer="C001", name="王工"),
        "c3": Contact(id="c3", customer="C002", name="别人", role="influencer"),
    }
    said = words(bot.text("决策链 华强"))
    assert "决策人：张总 采购总监 138" in said
    assert "发起人：尚未登记" in said
    assert "影响人：尚未登记" in said
    assert "其他：王工" in said
    assert "没有找到客户" in words(bot.text("决策链 谁谁"))


def test_an_exception_note_belongs_to_the_local_month() -> None:
    bot = Bot()
    bot.now = NOON.replace(month=11, day=30, hour=17)  # already December in Shanghai
    said = words(bot.text("说明 华强 高层拜访 CEO出差"))
    assert {name: value for name, value in bot.entries[0].body.items() if name != "note"} == {
        "customer": "C001",
        "kind": "executive_visit",
        "month": "2026-12",
        "text": "CEO出差",
        "by": "E001",
        "at": "2026-11-30T17:00:00.000Z",
    }
    assert "不计为完成" in said


def test_a_note_about_nobody_or_several_is_refused() -> None:
    assert "没有找到客户" in words(Bot().text("说明 谁谁 高层拜访 CEO出差"))
    twins = Bot(customer("C001", "华强一厂"), customer("C002", "华强二厂"))
    said = words(twins.text("说明 华强 高层拜访 CEO出差"))
    assert "请写得更完整些：华强一厂、华强二厂" in said
    assert "请写得更完整些" in words(twins.text("决策链 华强"))


def test_a_button_that_is_too_long_shows_the_alias() -> None:
    bot = Bot(replace(HUAQIANG, name="深圳市华强电子有限公司"), replace(HENGDA, name="恒达机电设备制造有限公司"))
    said = words(bot.text("开始拜访"))
    assert "[华强]" in said
    assert "[恒达机电设备制造有限公司]" in said
