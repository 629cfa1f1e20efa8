"""出证 in chat: asked for by a director, made beside the chat, downloaded by whoever may."""

from pathlib import Path

import pytest

from bot.dossier import check
from tests.e2e.conftest import chen  # noqa: F401 - a fixture
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.pages import fetched, link
from tests.e2e.rep import Rep
from tests.e2e.seen import words


async def test_a_director_asks_and_downloads(visited: House, chen: Director, tmp_path: Path) -> None:  # noqa: F811 - a fixture
    await visited.feishu.say("ou_chen", "出证 华强")
    made = await visited.until("the dossier's card", lambda: next(iter(chen.cards("取证包", "下载")), None))
    assert "没有可信时间戳" in words(made)
    status, body, _ = await fetched(visited, link(made, "下载"), "ou_chen")
    assert status == 200
    (tmp_path / "F.zip").write_bytes(body)
    found = check.check(tmp_path / "F.zip")
    assert found.broken == [] and found.entries > 10
    views = await visited.sql("SELECT person, how FROM views WHERE record LIKE 'do_%'")
    assert views == [{"person": "D001", "how": "page"}]
    status, _, _ = await fetched(visited, link(made, "下载"), "ou_zhou")
    assert status == 404, "another region's director"


@pytest.mark.parametrize(
    ("text", "answer"), [("出证 云帆有限", "云帆"), ("出证", "请补全"), ("出证 没有这家", "没有"), ("出证 启明", "启明")]
)
async def test_what_cannot_be_made_is_told(visited: House, chen: Director, text: str, answer: str) -> None:  # noqa: F811 - a fixture
    await visited.feishu.say("ou_chen", text)
    await visited.settled()
    assert answer in words(visited.feishu.screen("ou_chen")[-1])
    assert await visited.sql("SELECT id FROM dossiers WHERE customer = 'C004'") == []


async def test_a_rep_may_not(visited: House) -> None:
    await Rep(visited).says("出证 华强", "只供主管使用")
