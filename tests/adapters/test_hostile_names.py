"""What people call themselves and their customers, in every template, on every platform: it shows, and does nothing."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.dingtalk.cards import card_content as ding_card
from adapters.feishu.cards import card_content as feishu_card
from adapters.feishu.cards import text_content as feishu_text
from adapters.wecom.cards import card_body, text_body
from bot.ports import Card, Message, Text
from bot.render import Renderer
from tests.render.samples import SAMPLES

RENDERER = Renderer(Path(__file__).parents[2] / "templates")
HOSTILE = {
    "at_all": '<at id=all></at><at user_id="all">所有人</at>',
    "at_ids": "<at ids=ou_1,ou_2></at> @所有人 @all <@all> <@li.na>",
    "link": '<a href="https://evil.example">点我</a>[点我](https://evil.example)',
    "picture": "![x](https://evil.example/x.png)<img src=x onerror=alert(1)>",
    "markup": "**粗** __线__ `码` ~~删~~ # 题\n> 引\n- 列\n***\n| 表 | 格 |",
    "font": "<font color='red'>红</font><text_tag color='blue'>标</text_tag><person id='ou_1'></person>",
    "json": '","buttons":[{"label":"x","op":"approve","arg":"1"}],"x":"',
    "xml": "]]><MsgType>event</MsgType><![CDATA[<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
    "template": "{{ 7*7 }}{% raw %}{{ config }}{% endraw %}${7*7}#{7*7}",
    "unseen": "甲\u202e乙\u200b丙\x00丁\u2028戊\ufeff己\r\n庚",
    "entity": "&#60;at id=all&#62;&lt;at id=all&gt;",
    "long": "长" * 3000,
    "emoji": "👩‍👩‍👧‍👦🇨🇳\ud83d",
    "command": "dtmd://dingtalkclient/sendMessage?content=同意 javascript:alert(1)",
}
CHINESE = re.compile("[\u4e00-\u9fff]")
TAGS = re.compile(r"<[^>]{0,80}>")
OURS = {"<font color='grey'>", "</font>", '<font color="info">', '<font color="warning">', '<font color="comment">'}


def poisoned(value: Any, poison: str) -> Any:
    """Every text that people may have written, replaced; codes, times and ids stay."""
    if isinstance(value, str):
        return poison if CHINESE.search(value) else value
    if isinstance(value, dict):
        return {name: poisoned(one, poison) for name, one in value.items()}
    return [poisoned(one, poison) for one in value] if isinstance(value, list | tuple) else value


def messages(poison: str | None) -> Iterator[tuple[str, Message]]:
    for name, samples in SAMPLES.items():
        for sample in samples:
            if name.partition("/")[2] not in {"reason", "missing", "noun", "problem"}:  # parts of other templates
                yield name, RENDERER.render(name, sample if poison is None else poisoned(sample, poison))


def feishu(message: Message) -> str:
    if isinstance(message, Text):
        return feishu_text(message)
    return feishu_card(message, "0" * 32, private=True)


def wecom(message: Message) -> str:
    body = text_body(message.text) if isinstance(message, Text) else card_body(message, "0" * 32)
    return json.dumps(body, ensure_ascii=False)


def dingtalk(message: Message) -> str:
    if isinstance(message, Text):
        return json.dumps({"content": message.text}, ensure_ascii=False)
    return json.dumps(dict(ding_card(message, group=False)[1]), ensure_ascii=False)


PLATFORMS: dict[str, Callable[[Message], str]] = {"wecom": wecom, "feishu": feishu, "dingtalk": dingtalk}


def texts(node: Any) -> Iterator[tuple[str, str]]:
    """Every text of a message with the key it stands under."""
    for name, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if isinstance(value, str):
            yield str(name), value
        else:
            yield from texts(value)


def deeds(node: Any) -> list[str]:
    """What can be tapped or opened: our own, whatever people are called."""
    return sorted(value for name, value in texts(node) if name in {"op", "key", "url", "default_url", "task_id"} or name.endswith("URL"))


@pytest.mark.parametrize("poison", HOSTILE)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_names_show_and_do_nothing(platform: str, poison: str) -> None:
    made = PLATFORMS[platform]
    plain = [(name, deeds(json.loads(made(message)))) for name, message in messages(None)]
    for (name, before), (_, message) in zip(plain, messages(HOSTILE[poison]), strict=True):
        out = json.loads(made(message))
        assert len(deeds(out)) == len(before), name
        for key, shown in texts(out):
            text = _without_ours(shown, message)
            assert not any(sign in text for sign in "\x00\u202e\u2028\ufeff"), name
            if platform == "feishu" and key in {"content", "text"} and not _plain_text(out, text):
                assert not re.search(r"<\s*/?at\b", text.replace("<at id=ou_", "")), (name, text)
            if platform == "feishu" and key == "content" and isinstance(message, Card):
                # Plain-text elements render nothing; what is left must hold no tag of theirs.
                assert _plain_text(out, text) or set(TAGS.findall(text)) <= OURS, (name, text)
            if platform == "wecom":
                assert not re.search(r"<\s*a\b", text), (name, text)
                assert isinstance(message, Text) or out["msgtype"] == "template_card" or "<@" not in text, (name, text)
                assert key != "content" or isinstance(message, Text) or set(TAGS.findall(text)) <= OURS, (name, text)
                assert isinstance(message, Text) or "](" not in text or out["msgtype"] == "template_card", (name, text)
            if platform == "dingtalk" and isinstance(message, Card) and not key.endswith(("URL", "Title")):
                assert not any(sign in text for sign in ("<", "](", "@", "`", "|")), (name, text)


def _without_ours(text: str, message: Message) -> str:
    """What is left when the pages behind a card's facts are taken away."""
    for url in message.links if isinstance(message, Card) else ():
        text = text.replace(f"]({url})", "")
    return text


def _plain_text(node: Any, text: str) -> bool:
    if isinstance(node, dict):
        summary = node.get("summary")  # a line in the list of chats
        bare = node.get("tag") == "plain_text" or (isinstance(summary, dict) and summary.get("content") == text)
        return (bare and text in {node.get("content"), summary and summary.get("content")}) or any(
            _plain_text(one, text) for one in node.values()
        )
    return any(_plain_text(one, text) for one in node) if isinstance(node, list) else False


@pytest.mark.parametrize("platform", PLATFORMS)
def test_template_code_of_theirs_is_text(platform: str) -> None:
    """The name is said as it was written, not computed."""
    said = [PLATFORMS[platform](message) for name, message in messages("{{ 7*7 }}") if name == "card/alert"]
    assert said
    for one in said:
        shown = one.replace("&#123;", "{").replace("&#125;", "}").replace("&#42;", "*").replace("＊", "*")
        assert "7*7" in shown and "49" not in re.sub(r"[0-9A-Z]{26}|\d{4,}", "", shown)
