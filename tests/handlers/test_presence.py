"""Check-ins, pins and reported positions."""

from datetime import timedelta

import pytest

from bot.config.schema import Config, Presence
from bot.model import CheckState, Datum, EvidenceState, Kind, Point, VerdictState, VisitState
from tests.handlers.build import CONFIG, DIRECTOR, HENGDA, HUAQIANG, Bot, buttons, customer, north, words


def with_device(mode: str) -> Config:
    return CONFIG.model_copy(update={"presence": Presence(device=mode)})  # type: ignore[arg-type] # a literal in each test


def test_a_check_in_near_one_own_customer_begins_the_visit() -> None:
    bot = Bot()
    said = words(bot.checkin())
    assert bot.visit.customer == "C001"
    assert "地点：华强北路 1 号 · 距客户 48 米" in said
    assert bot.types() == ["check.made", "visit.opened"]


@pytest.mark.parametrize(("metres", "state"), [(499.9, CheckState.PASSED), (500.0, CheckState.PASSED), (500.2, CheckState.REFUSED)])
def test_the_fence_is_five_hundred_metres(metres: float, state: CheckState) -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    bot.checkin(metres=metres)
    assert [check.state for check in bot.checks.values()] == [state]


def test_a_check_in_too_far_away_tells_the_distance_and_what_can_be_done() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    said = bot.checkin(metres=1234)
    assert "到场未通过核对：深圳华强电子有限公司" in words(said)
    assert "距注册地址 1.2 公里，超出 500 米范围" in words(said)
    assert {op for op, _ in buttons(said).values()} == {"exception", "relocate", "newsite"}
    assert "外出打卡" in words(bot.tap("relocate"))


def test_a_check_in_near_nobody_begins_nothing_and_names_the_nearest() -> None:
    bot = Bot()
    said = words(bot.checkin(metres=2000))
    assert bot.visits == {}
    assert "深圳华强电子有限公司" in said
    assert "2.0 公里" in said


def test_a_check_in_in_another_part_of_the_country_is_held_against_nobody() -> None:
    bot = Bot()
    assert "附近没有您的客户" in words(bot.checkin(metres=200_000))
    assert bot.entries == []


def test_a_check_in_near_several_customers_asks_which_and_counts_for_the_chosen() -> None:
    bot = Bot(HUAQIANG, customer("C003", "隔壁工厂", metres=200))
    said = bot.checkin(metres=100)
    assert bot.visits == {}
    assert {arg for _, arg in buttons(said).values()} == {"C001", "C003"}
    assert {check.customer for check in bot.checks.values()} == {"C001", "C003"}
    bot.tap("start", "C003")
    bot.text("需求确认")
    bot.photo()
    assert bot.actions[0].verdict.state is VerdictState.COMPLETE
    assert bot.actions[0].stamp.distance_m == pytest.approx(100, abs=0.2)


def test_a_check_in_at_another_customer_moves_the_visit_there() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    said = words(bot.checkin(metres=5000))
    assert [visit.state for visit in bot.visits.values()] == [VisitState.TIMED_OUT, VisitState.OPEN]
    assert bot.visit.customer == HENGDA.id
    assert "没有结束" in said


def test_the_photos_of_a_record_are_evidence() -> None:
    bot = Bot()
    said = words(bot.checkin(media=(bot.file("photo"),)))
    assert "已收：照片" in said
    bot.text("需求确认")
    assert bot.actions[0].verdict.state is VerdictState.COMPLETE


def test_a_record_that_is_read_late_counts_from_its_own_time() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    checked = bot.now
    bot.wait(minutes=1)
    bot.text("需求确认")
    bot.reads = False
    bot.photo()
    bot.reads = True
    bot.wait(minutes=2)
    said = words(bot.checkin(at=checked))
    assert bot.items()[0].state is EvidenceState.COUNTED
    assert bot.actions[0].verdict.tier == "T4"
    assert "1 项计入" in said
    assert "需求确认（需求诊断）：完整" in said


def test_a_record_read_after_its_visit_was_closed_begins_no_second_one() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    checked = bot.now
    bot.wait(minutes=1)
    bot.text("需求确认")
    bot.photo()
    bot.voice(20)
    bot.text("结束拜访")
    bot.wait(minutes=5)
    said = words(bot.checkin(at=checked))
    assert len(bot.visits) == 1
    assert bot.actions[0].verdict.state is VerdictState.COMPLETE
    assert "到场已核对" in said


def test_a_record_from_before_the_present_visit_does_not_end_it() -> None:
    bot = Bot()
    checked = bot.now - timedelta(minutes=30)
    bot.text("开始拜访 恒达")
    bot.checkin(at=checked)
    assert bot.visit.customer == HENGDA.id
    assert bot.visit.state is VisitState.OPEN


@pytest.mark.parametrize(
    ("point", "said"),
    [
        (None, "没有定位信息"),
        (Point(lat=0, lng=0, datum=Datum.GCJ02), "坐标是 0,0"),
        (Point(lat=114.0579, lng=22.5431, datum=Datum.GCJ02), "经纬度颠倒"),
    ],
)
def test_a_position_that_cannot_be_is_told_and_not_recorded(point: Point | None, said: str) -> None:
    bot = Bot()
    assert said in words(bot.checkin(point=point))
    assert bot.entries == []


# ---- pins and reported positions -----------------------------------------------------------------------------------------


def test_a_pin_begins_the_visit_but_does_not_open_the_window() -> None:
    bot = Bot()
    said = words(bot.location())
    assert bot.visit.customer == "C001"
    assert "请用外出打卡" in said
    bot.text("需求确认")
    bot.photo()
    assert bot.items()[0].state is EvidenceState.QUARANTINED


def test_a_pin_opens_the_window_at_a_lower_tier_where_devices_count_only_when_carried() -> None:
    bot = Bot(config=with_device("when_carried"))
    bot.location()
    bot.text("需求确认")
    bot.photo()
    assert (bot.actions[0].verdict.state, bot.actions[0].verdict.tier) == (VerdictState.COMPLETE, "T1")


def test_a_reported_position_offers_a_visit_and_never_begins_one() -> None:
    bot = Bot()
    said = bot.location(kind=Kind.POSITION)
    assert bot.entries == []
    assert ("start", "C001") in buttons(said).values()
    assert bot.sent[-1].key.startswith("near:E001:C001:2026-11-23")


def test_a_reported_position_elsewhere_leaves_the_open_visit_alone() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    count = len(bot.entries)
    assert bot.location(metres=5000, kind=Kind.POSITION) == []
    assert bot.location(metres=900, kind=Kind.POSITION) == []
    assert len(bot.entries) == count


def test_a_reported_position_helps_an_open_visit_where_it_may() -> None:
    bot = Bot(config=with_device("when_carried"))
    bot.text("开始拜访 华强")
    bot.text("需求确认")
    assert bot.location(kind=Kind.POSITION) == []
    bot.photo()
    assert (bot.actions[0].verdict.state, bot.actions[0].verdict.tier) == (VerdictState.COMPLETE, "T2")
    assert bot.location(kind=Kind.POSITION) == []
    assert bot.types().count("check.made") == 1


# ---- devices -------------------------------------------------------------------------------------------------------------


def test_the_first_device_waits_for_the_director_who_is_asked_at_once() -> None:
    bot = Bot(devices=())
    said = words(bot.checkin(device="phone-abcdef"))
    assert "到场待主管确认" in said
    asked = bot.sent[1]
    assert asked.to.person == DIRECTOR.id
    assert asked.template == "card/approval"
    assert bot.devices["phone-abcdef"].state == "pending"
    bot.checkin(device="phone-abcdef")
    assert bot.types().count("approval.asked") == 1


def test_another_device_is_refused_and_the_change_is_offered() -> None:
    bot = Bot()
    said = bot.checkin(device="other")
    assert "设备与备案不一致" in words(said)
    assert buttons(said)["换手机"][0] == "rebind"
    assert "approval.asked" not in bot.types()


def test_a_device_is_only_noted_where_the_config_says_so() -> None:
    bot = Bot(config=with_device("recorded"), devices=())
    bot.checkin(device="whatever")
    assert next(iter(bot.checks.values())).state is CheckState.PASSED
    assert bot.devices["whatever"].state == "recorded"
    assert "approval.asked" not in bot.types()


def test_an_uncertain_fix_waits_for_the_director_who_is_asked_at_once() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    said = words(bot.checkin(point=north(480, accuracy=60)))
    assert "无法确定" in said
    assert "approval.asked" in bot.types()
