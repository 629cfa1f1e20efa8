"""Strangers, first words, groups, kinds that nobody knows, and ids that a repeated step makes again."""

from dataclasses import replace

import pytest

from bot.case import Case
from bot.model import Choice, Interaction, Kind, Platform, VisitState
from handlers import HANDLERS
from tests.handlers.build import CONFIG, DIRECTOR, NOON, RENDERER, REP, Bot, words


def interaction(kind: Kind = Kind.TEXT, **fields: object) -> Interaction:
    given = {"platform": Platform.WECOM, "key": "k1", "sender": "nobody", "sent_at": NOON, "received_at": NOON, **fields}
    return Interaction(kind=kind, **given)  # type: ignore[arg-type] # test shorthand


def test_every_kind_has_a_handler() -> None:
    assert set(HANDLERS) == set(Kind)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.LEAVE])
def test_a_stranger_gets_one_polite_answer_a_day(kind: Kind) -> None:
    choice = Choice(op="start") if kind in {Kind.TAP, Kind.MENU} else None
    draft = HANDLERS[kind].decide(interaction(kind, choice=choice), Case(now=NOON, config=CONFIG))
    (answer,) = draft.messages
    assert draft.entries == ()
    assert (answer.key, answer.to.user) == ("stranger:wecom:nobody:2026-11-23", "nobody")
    assert "联系管理员" in words([RENDERER.render(answer.template, answer.values)])


def test_a_group_is_not_disturbed_for_a_stranger_but_his_tap_is_answered_in_private() -> None:
    case = Case(now=NOON, config=CONFIG)
    assert HANDLERS[Kind.TEXT].decide(interaction(text="红灯", chat="oc_1"), case).messages == ()
    tap = interaction(Kind.TAP, chat="oc_1", choice=Choice(op="alert.follow", arg="al_1"))
    (answer,) = HANDLERS[Kind.TAP].decide(tap, case).messages
    assert (answer.to.user, answer.to.chat) == ("nobody", "")


def test_the_first_word_is_preceded_by_what_is_recorded() -> None:
    bot = Bot()
    bot.known = False
    said = words(bot.act(Kind.ENTER))
    assert "保存的是" in said
    assert bot.sent[0].key == "welcome:E001"
    bot.known = True
    assert bot.act(Kind.ENTER) == []


def test_the_first_word_is_greeted_even_when_it_is_refused() -> None:
    bot = Bot()
    bot.known = False
    said = words(bot.text("开始拜访 谁谁谁"))
    assert "保存的是" in said
    assert "没有找到客户" in said


def test_a_director_is_not_told_that_his_photos_are_evidence() -> None:
    bot = Bot()
    bot.known = False
    said = words(bot.text("帮助", by=DIRECTOR))
    assert "李总，您好" in said
    assert "保存的是" not in said


def test_the_bot_that_joins_a_group_tells_the_groups_id() -> None:
    said = words(Bot().act(Kind.ENTER, by=DIRECTOR, chat="oc_south"))
    assert "feishu:oc_south" in said


def test_in_a_group_only_commands_of_the_group_are_answered() -> None:
    bot = Bot()
    assert bot.text("大家辛苦了", chat="oc_1") == []
    assert bot.photo(chat="oc_1") == []
    assert bot.location(chat="oc_1") == []
    assert "请在与机器人的单聊中" in words(bot.text("我的数据", chat="oc_1"))
    assert "没有看懂" in words(bot.text("在吗在吗", by=DIRECTOR, chat="oc_1"))
    assert bot.entries == []


@pytest.mark.parametrize("kind", [Kind.UNKNOWN, Kind.TEXT])
def test_what_nobody_knows_is_answered_with_help(kind: Kind) -> None:
    assert "没有看懂" in words(Bot().act(kind))


def test_leaving_is_answered_with_nothing() -> None:
    assert Bot().act(Kind.LEAVE) == []


def test_a_spent_button_does_nothing_and_an_unknown_one_helps() -> None:
    bot = Bot()
    assert bot.tap("done") == []
    assert "没有看懂" in words(bot.tap("no.such.op"))
    assert "没有看懂" in words(bot.tap("answer.jump", "x"))


def test_a_step_that_is_repeated_makes_the_same_records() -> None:
    bot = Bot()
    said = interaction(sender="e001", text="开始拜访 华强")
    first, again = (bot.decide(said, REP) for _ in range(2))
    assert first == again
    other = bot.decide(replace(said, key="k2"), REP)
    assert first.entries[0].body["visit"] != other.entries[0].body["visit"]


def test_answers_have_keys_of_their_own() -> None:
    bot = Bot()
    bot.checkin(metres=20)
    bot.text("方案演示")
    bot.photo()
    bot.text("开始拜访 恒达")
    keys = [one.key for one in bot.sent]
    assert len(keys) == len(set(keys))
    assert keys[-2:] == ["reply:k4:0", "reply:k4:1"]
    assert bot.visit.state is VisitState.OPEN


def test_an_answer_goes_where_the_question_came_from() -> None:
    bot = Bot()
    bot.text("帮助")
    assert (bot.sent[-1].to.platform, bot.sent[-1].to.user) == (Platform.WECOM, "e001")
    bot.text("帮助", by=DIRECTOR, chat="oc_south")
    assert (bot.sent[-1].to.platform, bot.sent[-1].to.chat) == (Platform.FEISHU, "oc_south")
