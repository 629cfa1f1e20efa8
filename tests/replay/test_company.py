"""The sample company's month, lived through the real path on both databases, and replayed; and what a change of its rules comes to."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sandbox.company import import_files, sample_company
from adapters.sandbox.history import history
from bot.config.load import compile_bytes
from bot.config.saying import said
from bot.effect import told
from bot.ports import Text
from bot.render import Renderer
from bot.replay import replay
from tests import databases
from tests.replay.live import TICK, keys, lived, shown

UNTIL = datetime.fromisoformat("2026-11-24T14:20:00+08:00")
FOUNDED = datetime(2026, 10, 15, tzinfo=UTC)
FIRST = datetime(2026, 11, 1, tzinfo=UTC)  # three weeks are enough: each of their moments is swept and judged by the database
REGIONS = "".join(f'[[regions]]\nid = "{id_}"\nname = "{name}"\n' for id_, name in (("south", "华南"), ("east", "华东"), ("west", "西南")))
RULES = """
[[rules]]
id = "inactive-72h"
kind = "inactivity"
hours = 72
[[rules]]
id = "excess-need"
kind = "excess"
stage = "need"
per_day = 1
[[rules]]
id = "short-demo"
kind = "short_dwell"
stage = "demo"
seconds = 1500
"""
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "life.sqlite3")
        yield "sqlite://life.sqlite3"
        return
    async with databases.postgres(request.getfixturevalue("postgres_template")) as made:
        yield made


@pytest.mark.timeout(600)
async def test_the_sample_companys_month(url: str, tmp_path: Path) -> None:
    company = sample_company()
    present = REGIONS + RULES
    async with lived(tmp_path, url, present, FOUNDED) as life:
        await life.takes_in(**{kind: data.decode() for kind, data in import_files(company).items()})
        for batch in (one for one in history(company, UNTIL) if one.at >= FIRST):
            await life.at(batch.at, *(entry for entry in batch.entries if not entry.type.startswith("alert.")))
        await life.passes(UNTIL)
        life.clock.at = max(UNTIL, life.clock.at)
        config, other = (compile_bytes(text.encode(), "c").config for text in (present, present.replace("hours = 72", "hours = 48")))
        fired = await life.fired()
        assert len({rule for rule, *_ in fired}) == 3 and len(fired) > 50
        assert shown(await life.replayed(config)) == keys(fired)
        month = UNTIL - timedelta(days=30)
        late = {one for one in fired if one[0] == "inactive-72h" and one[3] >= month}
        assert {key for key in shown(await life.replayed(config, month)) if key[0] == "inactive-72h"} == keys(late)
        effect = await replay(config, other, month, life.clock.now() + TICK)
        assert effect.more and not effect.fewer and {one.rule for one in effect.more} == {"inactive-72h"}
        assert not {one.key for one in effect.more} & keys(fired)
        assert said(config, other) == ["不活跃提醒 72 小时 → 48 小时"]
        message = Renderer(TEMPLATES).render("reply/config_effect", await told(effect, config, other, 3))
        assert isinstance(message, Text)
        first = message.text.splitlines()[0]
        assert first.startswith(f"若改为 48 小时：近 30 天多报 {len(effect.more)} 条，涉及 {len(effect.people)} 人")
        back = await replay(other, config, month, life.clock.now() + TICK)
        assert {one.key for one in back.fewer} == {one.key for one in effect.more} and not back.more
        same = await replay(config, config, month, life.clock.now() + TICK)
        assert not same.more and not same.fewer and same.turns == 0  # what both have is not run at all
