"""Keywords by spelling and by sound; how often plain talk is taken for one."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.schema import Config
from bot.hearing.lexicons import Lexicons
from bot.hearing.marks import Lexicon, Mark, marked, unmarked

WORDS = {
    "预算": (),
    "招标时间": (),
    "技术顾虑": (),
    "交付周期": ("交期",),
    "售后响应": (),
    "采购总监": ("采购负责人",),
    "CTO": ("技术总监", "首席技术官"),
}
LEXICON = Lexicon(WORDS)
PLAIN = (Path(__file__).parent / "plain_talk.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("今年的预算没有批", "今年的【预算】没有批"),
        ("销付周期能不能短一点", "【疑似交付周期：销付周期】能不能短一点"),
        ("胶附周期太长", "【疑似交付周期：胶附周期】太长"),
        ("交期太长", "【交期】太长"),
        ("予算还没有批", "【疑似预算：予算】还没有批"),
        ("受后响应不够及时", "【疑似售后响应：受后响应】不够及时"),
        ("主要的技术功率是接口", "主要的【疑似技术顾虑：技术功率】是接口"),
        ("他们CTO担心", "他们【CTO】担心"),
        ("他们c t o担心", "他们【c t o】担心"),
        ("首席技术官来了", "【首席技术官】来了"),
        ("采购种监说", "【疑似采购总监：采购种监】说"),
        ("FACTORS 和 SECTOR", "FACTORS 和 SECTOR"),
        ("财务总监说", "财务总监说"),
        ("", ""),
    ],
)
def test_words_are_found_as_written_and_as_they_sound(text: str, shown: str) -> None:
    assert marked(text, LEXICON.marks(text)) == shown


def test_what_is_written_wins_over_what_only_sounds_alike() -> None:
    assert LEXICON.marks("预算") == (Mark(0, 2, "预算", sure=True),)
    assert [mark.word for mark in LEXICON.marks("交付周期和招标时间")] == ["交付周期", "招标时间"]


def test_plain_talk_is_left_alone() -> None:
    """Fifty sentences of a salesman's day that speak of none of these: measured, no false alarm; more than one would be too many."""
    lexicons = Lexicons(Config())
    alarms = [(line, mark) for line in PLAIN for kind in (LEXICON, lexicons.keywords, lexicons.titles) for mark in kind.marks(line)]
    assert len(PLAIN) == 50
    assert len(alarms) <= 1, alarms


@given(
    st.lists(st.sampled_from(["预算", "交期", "CTO", "我们", "他说，", "予算", "销付周期", "。", "x", " ", "技术总监"]), max_size=12).map(
        "".join
    )
)
def test_marks_never_overlap_and_can_be_taken_off_again(text: str) -> None:
    marks = LEXICON.marks(text)
    assert all(one.end <= other.start for one, other in pairwise(marks))
    assert all(0 <= mark.start < mark.end <= len(text) and mark.word in WORDS for mark in marks)
    assert unmarked(marked(text, marks)) == text


@given(st.text(max_size=80))
def test_any_text_is_taken(text: str) -> None:
    assert all(text[mark.start : mark.end] for mark in LEXICON.marks(text))
