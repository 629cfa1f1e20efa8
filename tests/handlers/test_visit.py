"""A visit from its first word to its last."""

import pytest

from bot.config.schema import Closing, Config, VisitRules
from bot.model import Kind, VerdictState, VisitState
from tests.handlers.build import DIRECTOR, HENGDA, HUAQIANG, Bot, buttons, customer, words


def test_a_full_visit_takes_at_most_six_taps_or_lines() -> None:
    """M35, M59: besides the camera, the microphone and the native check-in."""
    bot, taps = Bot(), 0
    seen = buttons(bot.checkin())
    op, arg = seen["方案演示"]
    bot.tap(op, arg)
    taps += 1
    bot.wait(minutes=9)
    bot.photo()
    bot.wait(minutes=20)
    last = bot.voice(35)
    op, arg = buttons(last)["结束拜访"]
    said = words(bot.tap(op, arg))
    taps += 1
    assert taps <= 6
    assert "方案演示：完整（T4）" in said
    assert bot.visit.state is VisitState.CLOSED
    assert [one.verdict.state for one in bot.actions] == [VerdictState.COMPLETE]


def test_two_stages_typed_by_hand_stay_within_six() -> None:
    bot = Bot()
    typed = ["开始拜访 华强", "需求确认", "方案演示", "结束拜访"]
    bot.text(typed[0])
    bot.checkin()
    bot.text(typed[1])
    bot.photo()
    bot.wait(minutes=5)
    bot.text(typed[2])
    bot.photo()
    bot.voice(30)
    said = words(bot.text(typed[3]))
    assert len(typed) <= 6
    assert "需求确认（需求诊断）：完整（T4）" in said
    assert "方案演示：完整（T4）" in said


def test_start_tells_time_place_battery_and_offers_the_stages() -> None:
    bot = Bot()
    said = bot.text("开始拜访 华强")
    assert "已开始拜访 深圳华强电子有限公司" in words(said)
    assert "时间：12:00" in words(said)
    assert "尚无定位" in words(said)
    assert "电量：平台不提供" in words(said)
    assert "外出打卡" in words(said)
    assert [op for op, _ in buttons(said).values()] == ["stage"] * 6


def test_start_without_a_customer_offers_the_nearest_own_ones() -> None:
    bot = Bot(*(customer(f"C{n:03}", f"客户{n}", metres=1000 * n) for n in range(9)))
    bot.checkin(metres=8000)
    bot.text("撤回")
    offered = buttons(bot.act(Kind.MENU, choice=None, text="开始拜访"))
    assert list(offered) == ["客户8", "客户7", "客户6", "客户5", "客户4", "客户3"]
    assert offered["客户7"] == ("start", "C007")


def test_start_by_button_opens_exactly_that_customer() -> None:
    bot = Bot()
    bot.tap("start", "C002")
    assert bot.visit.customer == "C002"


def test_start_with_words_that_several_names_hold_asks_which() -> None:
    asked = buttons(Bot(customer("C001", "华强一厂"), customer("C002", "华强二厂")).text("开始拜访 华强"))
    assert set(asked.values()) == {("start", "C001"), ("start", "C002")}


def test_start_prefers_the_name_that_holds_the_words_to_one_that_they_hold() -> None:
    bot = Bot(HUAQIANG, customer("C003", "华强北商行", metres=900))
    bot.text("开始拜访 华强北")
    assert bot.visit.customer == "C003"


def test_start_with_an_unknown_name_is_refused_with_the_nearest_spelling() -> None:
    bot = Bot()
    said = words(bot.text("开始拜访 恒大机电"))
    assert "没有找到客户「恒大机电」" in said
    assert "恒达机电" in said
    assert bot.types() == []


def test_start_of_the_same_customer_goes_on_with_the_open_visit() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    said = words(bot.text("开始拜访 华强"))
    assert "正在拜访" in said
    assert len(bot.visits) == 1


def test_start_of_another_customer_times_the_first_out_and_says_so() -> None:
    bot = Bot()
    bot.checkin()
    bot.text("需求确认")
    bot.photo()
    said = words(bot.text("开始拜访 恒达"))
    first, second = bot.visits.values()
    assert first.state is VisitState.TIMED_OUT
    assert first.actions[0].submitted_at is not None
    assert first.actions[0].verdict.state is VerdictState.COMPLETE
    assert second.customer == HENGDA.id
    assert "上一个拜访（深圳华强电子有限公司）没有结束" in said


def test_end_asks_for_the_missing_piece_and_leaves_the_visit_open() -> None:
    bot = Bot()
    bot.checkin()
    bot.text("需求确认")
    bot.photo()
    said = words(bot.text("结束拜访"))
    assert "还差：语音 0/1" in said
    assert bot.visit.state is VisitState.OPEN
    assert buttons(bot.voice(12))["结束拜访"] == ("end", "")
    assert "已结束拜访" in words(bot.text("结束拜访"))


@pytest.mark.parametrize(("seconds", "state"), [(60.0, VisitState.CLOSED), (60.5, VisitState.OPEN), (61.0, VisitState.OPEN)])
def test_end_takes_a_voice_of_up_to_sixty_seconds(seconds: float, state: VisitState) -> None:
    bot = Bot()
    bot.checkin()
    bot.text("需求确认")
    bot.photo()
    bot.voice(seconds)
    said = words(bot.text("结束拜访"))
    assert bot.visit.state is state
    assert ("不超过 60 秒" in said) == (state is VisitState.OPEN)


def test_end_names_the_action_that_is_not_complete() -> None:
    bot = Bot()
    bot.checkin()
    bot.text("方案演示")
    bot.photo()
    bot.voice(29)
    said = words(bot.text("结束拜访"))
    assert bot.visit.state is VisitState.CLOSED
    assert "方案演示：不完整，缺一段不少于 30 秒的语音" in said


def test_end_of_a_visit_without_a_stage_asks_for_nothing_and_records_no_action() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    said = words(bot.text("结束拜访"))
    assert bot.types() == ["visit.opened", "visit.ended"]
    assert "没有记录动作" in said


def test_end_of_an_online_visit_asks_for_no_photo() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    bot.text("线上需求梳理")
    bot.voice(20)
    bot.text("结束拜访")
    assert bot.visit.state is VisitState.CLOSED
    assert bot.actions[0].verdict.state is VerdictState.COMPLETE


def test_end_follows_the_configured_closing() -> None:
    bot = Bot(config=Config(visit=VisitRules(closing=Closing(photo=2, voice_max_seconds=20))))
    bot.checkin()
    bot.text("需求确认")
    bot.photo()
    bot.voice(30)
    said = words(bot.text("结束拜访"))
    assert "照片 1/2" in said
    assert "语音不超过 20 秒" in said


def test_end_without_a_visit_is_refused() -> None:
    assert "没有进行中的拜访" in words(Bot().text("结束拜访"))


def test_withdraw_takes_the_open_visit_back() -> None:
    bot = Bot()
    bot.checkin()
    bot.text("需求确认")
    bot.photo()
    said = words(bot.text("撤回"))
    assert bot.visit.state is VisitState.WITHDRAWN
    assert bot.actions[0].verdict.state is VerdictState.WITHDRAWN
    assert "1 个动作不再计入" in said


@pytest.mark.parametrize(("minutes", "state"), [(29, VisitState.WITHDRAWN), (31, VisitState.CLOSED)])
def test_withdraw_reaches_a_closed_visit_for_half_an_hour(minutes: int, state: VisitState) -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    bot.text("结束拜访")
    bot.wait(minutes=minutes)
    bot.text("撤回")
    assert bot.visit.state is state


def test_a_director_without_customers_is_told_that_he_has_none() -> None:
    bot = Bot(customer(owner="E009"), who=DIRECTOR)
    assert "名下还没有客户" in words(bot.text("开始拜访"))


def test_the_menu_knows_the_same_commands() -> None:
    bot = Bot()
    assert "要拜访哪位客户" in words(bot.tap("start"))
    assert "还没有进行中的拜访" in words(bot.tap("stages"))
    bot.tap("start", "C001")
    assert len(buttons(bot.tap("stages"))) == 6
    assert "已结束拜访" in words(bot.tap("end"))
