"""申诉: said about a record, recorded beside it, told to the other side, and changing nothing else."""

import pytest

from bot.model import Kind
from tests.handlers.build import ADMIN, DIRECTOR, OTHER_DIRECTOR, Bot, words


def shown() -> tuple[Bot, str]:
    """A rep with one action."""
    bot = Bot()
    bot.checkin()
    bot.text("开始拜访 华强")
    bot.text("方案演示")
    bot.photo()
    (visit,) = bot.visits.values()
    return bot, visit.actions[0].id


def said(bot: Bot) -> list[tuple[str, str]]:
    return [(one.body["by"], one.body["text"]) for one in bot.entries if one.type == "statement.made"]


def test_the_reps_words_are_recorded_and_his_director_is_told() -> None:
    bot, id_ = shown()
    before = [one for one in bot.entries if one.type == "action.judged"]
    assert "已记入账本" in words(bot.text(f"申诉 {id_} 定位不准，我在二号厂房"))
    assert said(bot) == [("E001", "定位不准，我在二号厂房")]
    told = [one for one in bot.sent if one.template == "reply/statement"]
    assert [one.to.person for one in told] == [DIRECTOR.id] and told[0].values["text"] == "定位不准，我在二号厂房"
    assert [one for one in bot.entries if one.type == "action.judged"] == before


@pytest.mark.parametrize("who", [DIRECTOR, ADMIN])
def test_the_directors_words_go_to_the_rep(who: object) -> None:
    bot, id_ = shown()
    bot.text(f"申诉 {id_} 请补一张门牌照片", by=who)
    assert [one.to.person for one in bot.sent if one.template == "reply/statement"] == ["E001"]


def test_another_regions_director_hears_of_no_record() -> None:
    bot, id_ = shown()
    assert "没有找到" in words(bot.text(f"申诉 {id_} 看看", by=OTHER_DIRECTOR))
    assert said(bot) == []


def test_too_long_a_line_is_not_cut_but_refused() -> None:
    bot, id_ = shown()
    assert "最多 300 个字" in words(bot.text(f"申诉 {id_} {'长' * 301}"))
    assert "最多 300 个字" in words(bot.text(f"申诉 {id_} {'长' * 600}"))
    assert said(bot) == []


def test_without_words_an_example_is_shown() -> None:
    bot, id_ = shown()
    for text in ("申诉", f"申诉 {id_}", "申诉 华强 不对"):
        assert "请补全，例如" in words(bot.text(text))


def test_a_form_is_no_answer_to_what_the_chat_asked() -> None:
    """The bot waits for a line; what is written on a page meanwhile is not that line."""
    bot, id_ = shown()
    bot.text("改文字")
    waiting = bot.question
    bot.act(Kind.FORM, text=f"申诉 {id_} 这句话很长，长到可以被当成改过的录音文字，但它不是")
    assert [text for _, text in said(bot)] == ["这句话很长，长到可以被当成改过的录音文字，但它不是"]
    assert bot.question == waiting
