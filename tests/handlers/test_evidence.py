"""Photos, voices and files: where they belong, what they are worth, what the rep is told."""

import pytest

from bot.model import EvidenceState, Kind, VerdictState
from tests.handlers.build import Bot, buttons, words


def demo(bot: Bot) -> Bot:
    bot.checkin()
    bot.text("方案演示")
    return bot


def test_after_each_item_the_rep_hears_what_has_come_and_what_is_missing() -> None:
    bot = demo(Bot())
    assert "照片 1/1，语音 0/1" in words(bot.photo())
    said = bot.voice(30)
    assert "照片 1/1，语音 1/1" in words(said)
    assert "完整" in words(said)


@pytest.mark.parametrize(("seconds", "state"), [(29.0, "incomplete"), (29.98, "incomplete"), (30.0, "complete"), (600.0, "complete")])
def test_a_demo_asks_for_thirty_seconds_in_one_clip(seconds: float, state: str) -> None:
    bot = demo(Bot())
    bot.photo()
    said = words(bot.voice(seconds))
    assert bot.actions[0].verdict.state == state
    assert ("还差 1 秒以上" in said) == (state == "incomplete")


def test_two_short_clips_are_not_added_up() -> None:
    bot = demo(Bot())
    bot.photo()
    bot.voice(20)
    said = words(bot.voice(15))
    assert bot.actions[0].verdict.state is VerdictState.INCOMPLETE
    assert "还差 15 秒以上" in said


def test_the_end_is_offered_once_nothing_is_missing() -> None:
    bot = demo(Bot())
    assert "结束拜访" not in buttons(bot.photo())
    assert buttons(bot.voice(40))["结束拜访"] == ("end", "")


def test_a_complete_stage_says_what_closing_still_wants() -> None:
    bot = Bot()
    bot.checkin()
    bot.text("需求确认")
    assert "结束拜访还需：语音 0/1" in words(bot.photo())


def test_several_files_of_one_message_are_several_items() -> None:
    bot = demo(Bot())
    said = words(bot.act(Kind.IMAGE, media=(bot.file("photo"), bot.file("photo"))))
    assert len({item.id for item in bot.items()}) == 2
    assert "照片、照片" in said


def test_a_video_counts_as_a_file() -> None:
    bot = Bot()
    bot.checkin()
    bot.text("线索获取")
    bot.act(Kind.VIDEO, media=(bot.file("video"),))
    assert [item.kind for item in bot.items()] == ["file"]
    assert bot.actions[0].verdict.state is VerdictState.COMPLETE


def test_without_a_visit_the_original_is_kept_and_the_rep_is_asked_to_start_one() -> None:
    bot = Bot()
    said = bot.photo()
    assert "原件已保留" in words(said)
    assert ("start", "C001") in buttons(said).values()
    assert bot.entries == []


def test_evidence_outside_the_window_is_quarantined_with_the_reason() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    bot.text("方案演示")
    said = bot.photo()
    assert "暂不计入" in words(said)
    assert "在此之前没有到场打卡" in words(said)
    assert buttons(said) == {"重新定位": ("relocate", "")}
    assert bot.items()[0].state is EvidenceState.QUARANTINED
    assert bot.actions[0].verdict.state is not VerdictState.COMPLETE


def test_evidence_far_away_tells_the_distance_and_what_can_be_done() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    bot.text("方案演示")
    bot.checkin(metres=1234)
    said = bot.photo()
    assert "1.2 公里，超出 500 米范围" in words(said)
    assert {op for op, _ in buttons(said).values()} == {"exception", "relocate", "newsite"}


@pytest.mark.parametrize(("minutes", "state"), [(119, EvidenceState.COUNTED), (121, EvidenceState.QUARANTINED)])
def test_a_passed_check_opens_two_hours(minutes: int, state: EvidenceState) -> None:
    bot = demo(Bot())
    bot.wait(minutes=minutes)
    bot.photo()
    assert bot.items()[0].state is state


@pytest.mark.parametrize(
    ("problem", "state", "words_"),
    [
        ("photo.undecodable", EvidenceState.REFUSED, "照片无法打开"),
        ("photo.bomb", EvidenceState.REFUSED, "超出正常范围"),
        ("media.expired", EvidenceState.LOST, "已过期"),
    ],
)
def test_a_broken_or_lost_file_is_told(problem: str, state: EvidenceState, words_: str) -> None:
    bot = demo(Bot())
    assert words_ in words(bot.photo(problem))
    assert bot.items()[0].state is state


def test_a_message_without_its_file_is_told() -> None:
    assert "没有收到文件" in words(demo(Bot()).act(Kind.IMAGE))


def test_what_arrives_late_belongs_to_the_stage_it_was_sent_in() -> None:
    bot = demo(Bot())
    sent = bot.now
    bot.wait(minutes=5)
    bot.text("商务谈判")
    bot.photo(at=sent)
    first, second = bot.actions
    assert [item.sent_at for item in first.evidence] == [sent]
    assert second.evidence == ()


def test_what_arrives_late_reaches_a_visit_that_was_closed_meanwhile() -> None:
    bot = demo(Bot())
    bot.photo()
    sent = bot.now
    bot.wait(minutes=1)
    bot.text("开始拜访 恒达")
    said = words(bot.voice(40, at=sent))
    first = next(iter(bot.visits.values()))
    assert first.actions[0].verdict.state is VerdictState.COMPLETE
    assert "已归入当时的拜访" in said
    assert "[结束拜访]" not in said


def test_what_is_sent_before_the_first_stage_but_arrives_after_it_belongs_to_it() -> None:
    bot = Bot()
    bot.checkin()
    sent = bot.now
    bot.wait(minutes=1)
    bot.text("需求确认")
    bot.photo(at=sent)
    assert bot.actions[0].verdict.state is VerdictState.COMPLETE


def test_evidence_is_pending_until_the_record_read_is_done_and_then_told() -> None:
    bot = Bot()
    bot.text("开始拜访 华强")
    bot.text("需求确认")
    bot.reads = False
    said = words(bot.photo())
    assert "正在读取打卡记录" in said
    assert bot.items()[0].state is EvidenceState.PENDING
    bot.reads = True
    said = words(bot.act(Kind.RECHECK))
    assert bot.items()[0].state is EvidenceState.QUARANTINED
    assert "照片暂不计入：在此之前没有到场打卡" in said


def test_a_recheck_that_changes_nothing_says_nothing() -> None:
    bot = demo(Bot())
    bot.photo()
    count = len(bot.entries)
    assert bot.act(Kind.RECHECK) == []
    assert len(bot.entries) == count


def test_a_text_with_pictures_is_both() -> None:
    bot = Bot()
    bot.checkin()
    said = words(bot.text("需求确认", media=(bot.file("photo"),)))
    assert "已进入：需求确认" in said
    assert bot.actions[0].verdict.state is VerdictState.COMPLETE
    said = words(bot.text("会议现场", media=(bot.file("photo"),)))
    assert "没有看懂" not in said
    assert len(bot.items()) == 2
