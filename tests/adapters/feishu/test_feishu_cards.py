"""Cards that the strict platform takes, in which nothing that users wrote comes alive."""

import html
import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.feishu.cards import DOUBT, MAX_CARD, card_content, mark, marks, masked, shorten, text_content
from adapters.feishu.markup import escape, mask, plain
from adapters.sandbox.feishu.cards import buttons, check
from bot.ids import new_id
from bot.ports import Button, Card, Text

ALERT = Card(
    title="72 小时无动作：南方精工",
    tone="red",
    tag="待处理",
    text="最近一次完整动作在 3 天 2 小时前。",
    facts=(("负责人", "张三"), ("区域", "华南"), ("本月覆盖", "1/4")),
    mention=("ou_dir1",),
    buttons=(
        Button(label="查看记录", url="https://bot.example.cn/record/al_1"),
        Button(label="我来跟进", op="ack", arg="al_1", style="primary"),
        Button(label="误报", op="false", arg="al_1", style="danger"),
    ),
    footer="规则 inactive-72h · al_01KAR3XQ7M2S9D4F6G8H0J1K2N",
)
NASTY = (
    "<at id=all></at>",
    "<AT id='all'>",
    "</font><at id=ou_dir1></at>",
    "<font color='red'>红</font>",
    "[点这里](https://evil.example)",
    "![图](img_v3_x)",
    "https://evil.example",
    "**粗** _斜_ ~~删~~ `码`",
    "# 标题\n- 列表\n> 引用\n---\n+ 加\n=====",
    "```\n代码\n```",
    '"},{"tag":"at","id":"all"}',
    "{{7*7}} ${7*7} {%x%}",
    "&lt;at id=all&gt; &#60;at id=all&#62;",
    "<link url='https://evil.example'>x</link><person id='ou_dir1'></person>",
    "<text_tag color='red'>伪标签</text_tag><hr><br/>",
    ":DONE: |表|格|",
    "反斜杠 \\<at id=all>",
    "\u202e<at id=all>\u2066",
)


def built(card: Card, *, private: bool = False, doubtful: bool = False) -> dict[str, Any]:
    content = card_content(card, "uuid-1", private=private, doubtful=doubtful)
    assert len(content.encode()) <= MAX_CARD
    value: dict[str, Any] = json.loads(content)
    check(value, lambda user: user == "ou_dir1")
    return value


def markdowns(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["content"]] if node.get("tag") == "markdown" else []
        return own + [text for value in node.values() for text in markdowns(value)]
    return [text for value in node for text in markdowns(value)] if isinstance(node, list) else []


def rendered(markdown: str) -> str:
    """What a reader sees: our own frame off, entities as characters."""
    return html.unescape(markdown.replace("<font color='grey'>", "").replace("</font>", ""))


def test_the_alert_card_is_as_the_platform_wants_it() -> None:
    card = built(ALERT)
    assert card["config"]["update_multi"] is True
    assert card["config"]["summary"] == {"content": "72 小时无动作：南方精工 待处理"}
    assert card["header"]["template"] == "red"
    assert card["header"]["text_tag_list"][0]["text"]["content"] == "待处理"
    assert [button["text"]["content"] for button in buttons(card)] == ["查看记录", "我来跟进", "误报"]
    assert buttons(card)[1]["behaviors"] == [{"type": "callback", "value": {"op": "ack", "arg": "al_1"}}]
    assert buttons(card)[0]["behaviors"] == [{"type": "open_url", "default_url": "https://bot.example.cn/record/al_1"}]
    assert "<at id=ou_dir1></at>" in markdowns(card)
    assert [rendered(text) for text in markdowns(card)][-1] == ALERT.footer


def test_facts_stand_two_in_a_row() -> None:
    rows = [element for element in built(ALERT)["body"]["elements"] if element.get("flex_mode") == "bisect"]
    assert [len(row["columns"]) for row in rows] == [2, 1]


def test_spent_buttons_give_way_to_what_was_chosen_and_links_stay() -> None:
    card = built(replace(ALERT, done="李总 14:05 跟进", tone="yellow"))
    assert [button["text"]["content"] for button in buttons(card)] == ["查看记录"]
    assert "李总 14:05 跟进" in [rendered(text) for text in markdowns(card)]


def test_a_private_card_says_so_in_its_buttons() -> None:
    assert buttons(built(ALERT, private=True))[1]["behaviors"][0]["value"] == {"op": "ack", "arg": "al_1", "private": True}


def test_a_doubtful_card_says_so() -> None:
    assert any(DOUBT in rendered(text) for text in markdowns(built(ALERT, doubtful=True)))


@pytest.mark.parametrize("nasty", NASTY)
def test_what_users_wrote_is_shown_and_does_nothing(nasty: str) -> None:
    card = built(replace(ALERT, title=nasty, tag=nasty, text=nasty, facts=((nasty, nasty),), footer=nasty, mention=()))
    for text in markdowns(card):
        inner = text.replace("<font color='grey'>", "").replace("</font>", "")
        assert not set("<>*_~`[]()!\\$\"'{}|:") & set(inner)
        assert all(line[:1] not in {"-", "+", "=", "#"} or line.startswith("&#") for line in inner.split("\n"))
    assert any(rendered(text) == nasty for text in markdowns(card))
    assert len(buttons(card)) == 3


@pytest.mark.parametrize("nasty", NASTY)
def test_what_users_wrote_keeps_in_its_button(nasty: str) -> None:
    card = built(replace(ALERT, buttons=(Button(label=nasty, op="pick", arg=nasty),), done=""))
    assert buttons(card)[0]["behaviors"] == [{"type": "callback", "value": {"op": "pick", "arg": nasty}}]


@pytest.mark.parametrize("who", ["all", "ALL></at><at id=all", "ou_dir1,all", "ou_dir1 x", "", "a@b.cn"])
def test_a_mention_is_one_member_and_never_everybody(who: str) -> None:
    card = json.loads(card_content(replace(ALERT, mention=(who,)), "u", private=False))
    assert not any("<at" in text for text in markdowns(card) if "all" in text.lower() or who in text)


@given(st.text(max_size=200))
def test_escaping_loses_nothing(text: str) -> None:
    assert "<" not in escape(text)
    assert html.unescape(escape(text.replace("\x00", ""))).replace("\r", "\n") == text.replace("\x00", "").replace("\r", "\n") or _odd(text)


def _odd(text: str) -> bool:
    """Code points that HTML itself replaces."""
    return any(ord(char) < 32 or 127 <= ord(char) < 160 for char in text)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='字*<\n"a', min_size=0, max_size=20), st.integers(1, 3000), st.integers(0, 60), st.integers(0, 30))
def test_a_card_of_any_size_fits(text: str, times: int, facts: int, count: int) -> None:
    long = text * times
    row = tuple(Button(label=long, op="pick", arg="x" * 64) for _ in range(count))
    built(Card(title=long, tag=long, text=long, facts=((long, long),) * facts, buttons=row, footer=long, done=""))


def test_a_card_with_nothing_but_a_title_has_a_body() -> None:
    assert markdowns(built(Card(title="好"))) == ["好"]


def test_every_card_carries_a_mark_of_its_uuid() -> None:
    for card in (ALERT, Card(title="好"), Card(title="好", facts=(("a", "b"),)), replace(ALERT, footer="")):
        assert f'"element_id":"{mark("uuid-1")}"' in card_content(card, "uuid-1", private=False)
    assert mark("uuid-1") != mark("uuid-2")
    assert len(mark("x")) <= 20


def test_the_record_id_in_a_footer_identifies_a_card_too() -> None:
    record = new_id("al_", datetime(2026, 11, 23, tzinfo=UTC), "seed")
    card = replace(ALERT, footer=f"规则 · {record}")
    found = marks(card, "u")
    assert record[3:] in found
    assert all(any(each in content for each in found) for content in [card_content(card, "another uuid", private=False)])
    assert marks(replace(card, footer="数据截至今天"), "u") == {mark("u")}


def test_shortening_and_masking_touch_only_what_is_read() -> None:
    card = replace(ALERT, text="电话 13812345678，" + "长" * 5000, facts=(("联系", "0755-12345678 li@example.cn"),))
    short, hidden = shorten(card), masked(card)
    assert isinstance(short, Card)
    assert isinstance(hidden, Card)
    assert len(short.text) == 600
    assert short.buttons == hidden.buttons == card.buttons
    assert "138****5678" in hidden.text
    assert "12345678" not in hidden.facts[0][1]
    assert "li@" not in hidden.facts[0][1]
    assert {field.name for field in fields(Card)} == {
        "title",
        "tone",
        "tag",
        "text",
        "facts",
        "links",
        "mention",
        "buttons",
        "footer",
        "done",
        "aside",
        "live",
        "image",
    }


def test_a_fact_opens_its_page_and_what_users_wrote_in_it_stays_inert() -> None:
    card = Card(
        title="2 盏红灯",
        facts=(("时刻一", "甲](https://evil.example)"), ("时刻二", "乙")),
        links=("https://bot.example.cn/record/al_1", ""),
    )
    first, second = (text for text in markdowns(json.loads(card_content(card, "u", private=False))) if "时刻" in text)
    assert first.endswith("](https://bot.example.cn/record/al_1)") and "](https://evil.example)" not in first
    assert second.endswith("乙")


def test_a_picture_stands_above_the_words() -> None:
    content = json.loads(card_content(ALERT, "uuid-1", private=False, image="img_v3_x"))
    check(content, lambda user: user == "ou_dir1")
    first = content["body"]["elements"][0]
    assert (first["tag"], first["img_key"], first["alt"]["content"]) == ("img", "img_v3_x", ALERT.title)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("覆盖率 75%，9/12，2026-11-23 14:05", "覆盖率 75%，9/12，2026-11-23 14:05"),
        ("a.b+c@mail.example.cn", "***@***"),
    ],
)
def test_numbers_are_masked(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize("nasty", NASTY)
def test_a_text_message_mentions_nobody(nasty: str) -> None:
    text = json.loads(text_content(Text(text=nasty)))["text"]
    assert "<at" not in text.lower()
    assert "](" not in text


def test_a_text_keeps_its_comparison_signs() -> None:
    assert plain("演示 < 90 秒，覆盖 > 50%") == "演示 < 90 秒，覆盖 > 50%"
