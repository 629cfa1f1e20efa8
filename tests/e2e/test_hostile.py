"""Names that try to be markup, templates or mentions stay names, on every card and page."""

import json
import re
from typing import Any

import pytest
from markupsafe import escape

from tests.e2e.house import House
from tests.e2e.pages import link, opened
from tests.e2e.rep import Rep
from tests.e2e.seen import api, taken_in, words

NAMES = {
    "mention": "<at id=all></at>贸易",
    "template": "{{7*7}}{% raw %}公司",
    "quotes": "引号\"\\n'&amp;</script><b>公司",
    "cdata": "尾]]>公司<x>",
    "markdown": "**[点我](https://evil.example)**`x`_公司",
    "emoji": "😀公司\u202e反转",
}


@pytest.mark.parametrize("kind", NAMES)
async def test_a_hostile_name_stays_a_name_everywhere(h: House, li_na: Rep, kind: str) -> None:
    name = NAMES[kind]
    row = {"id": "C077", "name": name, "annual_purchase": "600000", "owner": "E001", "address": name}
    place = {"lat": "22.6000", "lng": "114.1000", "datum": "gcj02", "aliases": ""}
    await taken_in(h, "customers", json.dumps({"items": [row | place]}))
    await li_na.says("开始拜访 C077", "已开始拜访")
    await li_na.arrives("正在拜访", 22.6000, 114.1000)
    await li_na.says("方案演示", "已进入")
    await li_na.shows("照片 1/1")
    await li_na.speaks(31, "完整")
    await li_na.says(f"加人 {name[:12]} 技术总监 决策人", "登记")
    await li_na.says("商务谈判", "已进入")
    await li_na.says("说明 C077 高层拜访 " + name, "已记录")
    await li_na.says("今日", "今日动作 2 个")
    await h.time_passes(hours=85)
    assert len(h.group()) >= 4  # the short demo and three silences
    for line in (*h.group(), *h.feishu.screen("ou_chen")):
        rendered = " ".join(markdown(line.get("card", {})))
        assert "<at" not in rendered and "](http" not in rendered and "**" not in rendered and "<b>" not in rendered
        assert "49" not in line["card"]["header"]["title"]["content"]
    light = next(line for line in h.group() if line["card"]["header"]["title"]["content"].endswith(f"72 小时无新动作：{shown(name)}"))
    status, page, _ = await opened(h, link(light), "ou_chen")
    assert status == 200 and str(escape(shown(name))) in page and (shown(name) not in page or escape(name) == name)
    assert (await api(h, "customers/C077"))["name"] == shown(name)
    await h.feishu.say("ou_chen", "红灯")
    listed = await h.until("the list", lambda: next((words(x) for x in h.feishu.screen("ou_chen") if "红灯 " in words(x)), None))
    assert "<at" not in listed


def shown(name: str) -> str:
    """As it was taken in: what turns the direction of a line round is no part of a name."""
    return name.replace("\u202e", "")


def markdown(node: Any) -> list[str]:
    """What the client renders as markup."""
    if isinstance(node, list):
        return [text for item in node for text in markdown(item)]
    if not isinstance(node, dict):
        return []
    if node.get("tag") == "markdown":
        return [re.sub(r"</?font[^>]*>", "", node["content"])]
    return [text for item in node.values() for text in markdown(item)]
