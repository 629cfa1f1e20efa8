"""Cards: what the stand-in refuses as too long or incomplete must never be made."""

import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.wecom.cards import TASK, check_card
from adapters.wecom import cards
from bot.ports import Button, Card

WORDS = st.text(max_size=300)
BUTTONS = st.builds(
    Button,
    label=st.text(min_size=1, max_size=40),
    op=st.sampled_from(["ack", "mute", "stage"]),
    arg=st.text(string.ascii_letters, min_size=4, max_size=12),
    url=st.sampled_from(["", "", "https://bot.example.cn/record/a_1"]),
    style=st.sampled_from(["default", "primary", "danger"]),
)
CARDS = st.builds(
    Card,
    title=WORDS,
    tag=WORDS,
    tone=st.sampled_from(["blue", "red", "yellow", "green", "grey"]),
    text=WORDS,
    facts=st.lists(st.tuples(st.text(max_size=12), st.text(max_size=60)), max_size=12).map(tuple),
    buttons=st.lists(BUTTONS, max_size=9, unique_by=lambda button: button.arg).map(tuple),
    footer=WORDS,
    done=st.sampled_from(["", "", "已选择", "由李娜于 14:05 选择了方案演示"]),
)


@given(card=CARDS)
def test_every_card_is_acceptable(card: Card) -> None:
    assert check_card(cards.template_card(card))


def card(**more: Any) -> Card:
    return Card(title="恒达机电 72 小时未跟进", **more)


CALL, PAGE = Button(label="我来跟进", op="ack", arg="al_1", style="primary"), Button(label="查看记录", url="https://b.cn/r")


@pytest.mark.parametrize(
    ("buttons", "done", "type_"),
    [
        ((CALL,), "", "button_interaction"),
        ((CALL, PAGE), "", "button_interaction"),
        ((PAGE,), "", "text_notice"),
        ((CALL, PAGE), "李娜跟进中", "text_notice"),
        ((CALL,), "李娜跟进中", "button_interaction"),
        ((), "李娜跟进中", "button_interaction"),
        ((), "", "button_interaction"),
    ],
)
def test_card_type_follows_the_buttons(buttons: tuple[Button, ...], done: str, type_: str) -> None:
    assert cards.template_card(card(buttons=buttons, done=done))["card_type"] == type_


def test_buttons_call_back_or_open() -> None:
    made = cards.template_card(card(buttons=(CALL, PAGE)))["button_list"]
    assert made == [
        {"text": "我来跟进", "style": 1, "type": 0, "key": "ack:al_1"},
        {"text": "查看记录", "style": 2, "type": 1, "url": "https://b.cn/r"},
    ]


def test_spent_card_keeps_its_page_and_says_what_was_chosen() -> None:
    made = cards.template_card(card(buttons=(CALL, PAGE), done="李娜跟进中"))
    assert made["main_title"]["desc"] == "李娜跟进中"
    assert made["card_action"]["url"] == "https://b.cn/r"


def test_long_facts_are_quoted_not_lost() -> None:
    made = cards.template_card(card(facts=(("负责人", "李娜"), ("最近一次完整动作", "方案演示"), ("客户", "很" * 30)), buttons=(CALL,)))
    assert made["horizontal_content_list"] == [{"keyname": "负责人", "value": "李娜"}]
    assert made["quote_area"]["quote_text"] == "最近一次完整动作：方案演示\n客户：" + "很" * 30


def test_a_fact_opens_its_page_with_buttons_and_without() -> None:
    card = Card(
        title="2 盏红灯", facts=(("一", "甲](https://evil.example)"), ("二", "乙")), links=("https://bot.example.cn/record/al_1", "")
    )
    told = cards.template_card(replace(card, buttons=(Button(label="好", op="pick"),)))["horizontal_content_list"]
    assert [(one.get("type"), one.get("url")) for one in told] == [(1, "https://bot.example.cn/record/al_1"), (None, None)]
    first, second = (line for line in cards.as_markdown(card).splitlines() if line.startswith(">"))
    assert first.endswith("](https://bot.example.cn/record/al_1)") and "](https://evil" not in first
    assert second == "> 二：乙"


def test_a_link_is_whole_or_not_there() -> None:
    url = "https://bot.example.cn/record/al_1"
    for length in range(20, 200):
        shown = cards.cut_markdown(cards.as_markdown(Card(title="红灯", facts=(("一", "甲" * 9), ("二", "乙")), links=(url, url))), length)
        assert len(shown.encode()) <= length
        assert shown.count("[") == shown.count(f"]({url})")


def test_card_without_anything_to_tap_is_markdown() -> None:
    body = cards.card_body(card(tag="红灯", text="请跟进", facts=(("客户", "恒达"),)), "o_1")
    content = '<font color="comment">红灯</font> **恒达机电 72 小时未跟进**\n请跟进\n> 客户：恒达'
    assert body == {"msgtype": "markdown", "markdown": {"content": content}}


@given(words=st.text(max_size=60))
def test_what_users_wrote_never_becomes_markup(words: str) -> None:
    content = cards.card_body(Card(title="好", facts=(("客户", words),)), "o_1")["markdown"]["content"]
    assert not set("<>[]*`#@") & set(content.split("> 客户：", 1)[1])


def test_hostile_links_are_inert() -> None:
    content = cards.card_body(Card(title="[点我](https://e.cn) <a href=x>", facts=()), "o_1")["markdown"]["content"]
    assert content == "**［点我］(https://e.cn) ＜a href=x＞**"


@given(uuid=st.text(min_size=1, max_size=200))
def test_task_ids_are_acceptable(uuid: str) -> None:
    assert TASK.match(cards.task_id(uuid.encode(errors="replace").decode()))


@given(text=st.text(max_size=100), length=st.integers(3, 60))
def test_cut_bytes_keeps_whole_characters(text: str, length: int) -> None:
    cut = cards.cut_bytes(text, length)
    assert len(cut.encode()) <= length
    assert cut == text or text.startswith(cut[:-1])
