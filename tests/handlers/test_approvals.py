"""What a director decides, and what becomes of what waited."""

import pytest

from bot.model import CheckState, EvidenceState, Person, VerdictState
from tests.handlers.build import ADMIN, DIRECTOR, OTHER_DIRECTOR, REP, Bot, buttons, north, words


def waiting(bot: Bot) -> str:
    """The one approval that is asked for."""
    (approval,) = bot.approvals
    return approval


def new_phone(bot: Bot) -> Bot:
    bot.checkin(device="new-phone")
    bot.text("需求确认")
    bot.photo()
    return bot


def far_away(bot: Bot) -> Bot:
    bot.text("开始拜访 华强")
    bot.text("需求确认")
    bot.checkin(metres=900)
    bot.photo()
    return bot


def test_an_approved_device_lets_what_waited_count_at_the_full_tier() -> None:
    bot = new_phone(Bot(devices=()))
    assert bot.items()[0].state is EvidenceState.QUARANTINED
    said = words(bot.tap("approve", waiting(bot), by=DIRECTOR))
    assert bot.devices["new-phone"].state == "active"
    assert bot.items()[0].state is EvidenceState.COUNTED
    assert (bot.actions[0].verdict.state, bot.actions[0].verdict.tier) == (VerdictState.COMPLETE, "T4")
    assert "李总同意了您的设备申请" in said
    assert "1 项材料计入" in said
    assert "需求确认（需求诊断）：完整" in said


def test_a_rejected_device_leaves_what_waited_aside() -> None:
    bot = new_phone(Bot(devices=()))
    said = words(bot.tap("reject", waiting(bot), by=DIRECTOR))
    assert bot.devices["new-phone"].state == "rejected"
    assert bot.items()[0].state is EvidenceState.QUARANTINED
    assert "没有同意" in said
    assert [reason.code for reason in bot.items()[0].reasons][-1] == "device.rejected"


def test_a_new_phone_is_asked_for_by_word_and_retires_the_old_one() -> None:
    bot = new_phone(Bot())
    assert bot.approvals == {}
    assert "已请主管确认新设备" in words(bot.text("换手机"))
    assert "已经提请过主管" in words(bot.text("换手机"))
    bot.tap("approve", waiting(bot), by=DIRECTOR)
    assert {name: device.state for name, device in bot.devices.items()} == {"phone": "retired", "new-phone": "active"}
    assert bot.items()[0].state is EvidenceState.COUNTED


def test_a_rejected_phone_may_be_asked_for_again() -> None:
    bot = new_phone(Bot(devices=()))
    bot.tap("reject", waiting(bot), by=DIRECTOR)
    bot.text("换手机")
    _, second = bot.approvals
    bot.tap("approve", second, by=DIRECTOR)
    assert bot.devices["new-phone"].state == "active"


def test_without_another_phone_the_word_tells_what_is_on_file() -> None:
    said = words(Bot().text("换手机"))
    assert "设备尾号 phone：已备案" in said
    assert "先用新手机做一次外出打卡" in said


def test_an_exception_lets_what_was_refused_count() -> None:
    bot = far_away(Bot())
    check = next(iter(bot.checks))
    assert "已请主管确认这次到场" in words(bot.tap("exception", check))
    assert "已经提请过" in words(bot.tap("exception", check))
    bot.tap("approve", waiting(bot), by=DIRECTOR)
    assert bot.checks[check].state is CheckState.PASSED
    assert bot.actions[0].verdict.state is VerdictState.COMPLETE
    assert "place.excepted" in {reason.code for reason in bot.actions[0].verdict.reasons}


def test_a_refused_exception_changes_nothing() -> None:
    bot = far_away(Bot())
    bot.tap("exception", next(iter(bot.checks)))
    bot.tap("reject", waiting(bot), by=DIRECTOR)
    assert bot.items()[0].state is EvidenceState.QUARANTINED


def test_an_uncertain_fix_counts_after_the_tap() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    bot.text("需求确认")
    bot.checkin(point=north(480, accuracy=60))
    bot.photo()
    assert bot.items()[0].state is EvidenceState.QUARANTINED
    assert "已经提请过" in words(bot.tap("exception", next(iter(bot.checks))))
    bot.tap("approve", waiting(bot), by=DIRECTOR)
    assert bot.items()[0].state is EvidenceState.COUNTED


def test_a_new_place_counts_once_the_director_approves_it() -> None:
    bot = far_away(Bot())
    check = next(iter(bot.checks))
    assert "已请主管确认新地点" in words(bot.tap("newsite", check))
    assert "已经提请过" in words(bot.tap("newsite", check))
    assert not bot.customers["C001"].sites[-1].approved
    bot.checkin(metres=900)
    assert bot.items()[0].state is EvidenceState.QUARANTINED
    bot.tap("approve", waiting(bot), by=DIRECTOR)
    assert bot.customers["C001"].sites[-1].approved
    assert (bot.actions[0].verdict.state, bot.actions[0].verdict.tier) == (VerdictState.COMPLETE, "T4")
    assert bot.actions[0].stamp.distance_m == 0


def test_a_rejected_place_opens_nothing() -> None:
    bot = far_away(Bot())
    bot.tap("newsite", next(iter(bot.checks)))
    bot.tap("reject", waiting(bot), by=DIRECTOR)
    assert bot.items()[0].state is EvidenceState.QUARANTINED
    assert "site.decided" in bot.types()


@pytest.mark.parametrize(
    ("who", "said"),
    [(REP, "自己的申请"), (OTHER_DIRECTOR, "不在您的区域"), (DIRECTOR, "同意了"), (ADMIN, "同意了")],
)
def test_only_the_regions_director_or_an_admin_decides(who: Person, said: str) -> None:
    bot = new_phone(Bot(devices=()))
    assert said in words(bot.tap("approve", waiting(bot), by=who))
    assert (bot.devices["new-phone"].state == "active") == (said == "同意了")


def test_the_second_tap_changes_nothing() -> None:
    bot = new_phone(Bot(devices=()))
    bot.tap("approve", waiting(bot), by=DIRECTOR)
    count = len(bot.entries)
    assert "已经同意过了" in words(bot.tap("reject", waiting(bot), by=DIRECTOR))
    assert len(bot.entries) == count


def test_every_directors_card_is_updated_and_the_tapped_one_with_its_token() -> None:
    bot = Bot(devices=())
    second = Person(id="D009", name="周总", roles=DIRECTOR.roles, region="south", accounts=DIRECTOR.accounts)
    bot.directors = (DIRECTOR, second)
    new_phone(bot)
    approval = waiting(bot)
    asked = [one for one in bot.sent if one.template == "card/approval"]
    assert [one.key for one in asked] == [f"approval:{approval}:D001", f"approval:{approval}:D009"]
    said = bot.tap("approve", approval, by=DIRECTOR)
    edits = {one.edits: one.token for one in bot.sent if one.edits}
    assert edits == {f"approval:{approval}:D001": "token", f"approval:{approval}:D009": ""}
    assert "已同意 · 李总" in words(said)
    assert buttons(said) == {}


def test_without_a_director_the_rep_is_told() -> None:
    bot = far_away(Bot())
    bot.directors = ()
    assert "请联系管理员" in words(bot.tap("exception", next(iter(bot.checks))))


def test_a_director_is_not_asked_about_himself() -> None:
    bot = Bot(who=DIRECTOR, devices=())
    bot.text("开始拜访 华强")
    bot.text("方案演示")
    bot.checkin(metres=900, device="his")
    assert not [one for one in bot.sent if one.template == "card/approval"]


def test_buttons_of_what_is_gone_are_refused() -> None:
    bot = Bot()
    for op in ("approve", "exception", "newsite"):
        assert "已经失效" in words(bot.tap(op, "ch_gone"))
