"""Figures in chat as a picture: the board's and the health report's, on every platform, in the asker's region, kept nowhere."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import coverage, words

MOST = 2_000_000  # bytes that cards and messages take


def images(node: Any) -> Iterator[str]:
    """Keys of the pictures inside a card."""
    if isinstance(node, dict):
        if node.get("tag") == "img":
            yield str(node["img_key"])
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from images(one)


def seen(h: House, card: dict[str, Any]) -> Image.Image:
    [key] = images(card["card"])
    data = h.feishu.board.files[key].data
    assert len(data) < MOST
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("word", ["看板", "健康报告", "健康报告 11月"])
async def test_a_directors_answer_has_a_picture_with_the_same_figures(h: House, li_na: Rep, chen: Director, word: str) -> None:
    await li_na.visits()
    kept = await h.sql("SELECT sha256 FROM originals")
    await h.feishu.say("ou_chen", word)
    card = await chen.gets("覆盖率")
    figures = (await coverage(h, "south"))["total"]
    assert f"{figures['done']}/{figures['quota']}" in words(card) and "华南" in words(card)
    picture = seen(h, card)
    assert picture.format == "PNG" and picture.width == 1080 and picture.height > 1000
    assert len(set(picture.convert("RGB").resize((54, 54)).get_flattened_data())) > 20, "something is drawn on it"
    assert await h.sql("SELECT sha256 FROM originals") == kept, "it is drawn for the sending, and not kept"
    assert [row for row in await h.sql("SELECT body FROM outbox WHERE template = 'card/report'") if "李娜" in str(row["body"])] == []


@pytest.mark.parametrize("word", ["看板", "健康报告"])
async def test_where_cards_show_no_pictures_it_comes_first(h: House, li_na: Rep, word: str) -> None:
    await li_na.visits()
    before = len(h.rep_screen("fang.ning"))
    await h.wecom.say("fang.ning", word)
    await h.settled()
    told = h.rep_screen("fang.ning")[before:][-2:]
    assert told[0]["type"] == "image" and "覆盖率" in str(told[1]), told


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_it_is_the_directors_and_of_his_region_alone(h: House, li_na: Rep, chen: Director) -> None:
    assert "主管" in str(await li_na.says("健康报告", "主管"))
    await h.feishu.say("ou_chen", "健康报告 华东")
    await h.feishu.say("ou_chen", "健康报告 华南 13月")
    await h.feishu.say("ou_chen", "健康报告 华南 2027-05")
    await h.settled()
    said = [line.get("text", "") for line in h.feishu.screen("ou_chen")]
    assert any("不在您的区域" in one or "本区域" in one for one in said), said
    assert any("13月" in one for one in said) and any("2027-05 还没有开始" in one for one in said), said
