"""config.toml is edited while the product runs: a good file applies within seconds, a broken one changes nothing."""

import asyncio
from datetime import timedelta

import pytest

from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import words
from tests.e2e.test_silence import due

HOURS = '\n[[rules]]\nid = "inactive-72h"\nkind = "inactivity"\nhours = {hours}\n'
VOICE = """
[[stages]]
id = "demo"
name = "方案演示"
evidence = {{ photo = 1, voice_seconds = {seconds} }}
[[action_kinds]]
id = "solution_demo"
name = "方案演示"
stage = "demo"
[[grades]]
id = "A"
annual_purchase = ">= 0"
quota = {{ solution_demo = 1 }}
[[rules]]
id = "short-demo"
kind = "short_dwell"
"""


async def in_force(h: House, times: int) -> None:
    """Wait for the watcher's own rounds; it must not take longer than the five seconds that are promised, and some for the test's."""
    for _ in range(70):
        if len(await h.sql("SELECT id FROM config_versions")) == times:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the new config is not in force after 7 s")


async def test_a_good_file_applies_without_a_restart(h: House, li_na: Rep, chen: Director) -> None:
    """A shorter voice from the next message on, and a shorter silence that is due at once."""
    await h.time_passes(hours=2)
    await li_na.arrives()
    await li_na.says("方案演示", "一段不少于 30 秒")
    assert h.group() == []
    h.path.write_text(h.path.read_text() + VOICE.format(seconds=10) + HOURS.format(hours=1), encoding="utf-8")
    await in_force(h, 2)
    await h.swept()
    assert len(chen.alerts("1 小时无新动作")) == 3
    (row,) = await h.sql("SELECT due_at FROM deadlines WHERE subject = 'customer:C004'")
    assert row["due_at"] is None
    await li_na.shows("一段不少于 10 秒")
    await li_na.speaks(10, "完整")
    assert (await chen.alert("1 小时无新动作", "深圳华强"))["card"]["header"]["template"] == "green"


@pytest.mark.parametrize("h", [Setting(more=HOURS.format(hours=1))], indirect=True)
async def test_what_was_changed_while_it_was_down_is_in_force_when_it_is_up(h: House, chen: Director) -> None:
    await h.down()
    h.path.write_text(h.path.read_text().replace("hours = 1\n", "hours = 72\n"), encoding="utf-8")
    await h.up()
    assert len(await h.sql("SELECT id FROM config_versions")) == 2
    await h.time_passes(hours=3)
    assert h.group() == []
    h.clock.wind_to(await due(h) + timedelta(seconds=1))
    await h.swept()
    assert len(chen.alerts("72 小时无新动作")) == 3


async def test_a_broken_file_changes_nothing_and_the_admin_hears_of_it_once(h: House, li_na: Rep) -> None:
    good = h.path.read_text()
    h.path.write_text(good + '\n[presence]\nradius_m = "weit"\n[nonsense]\nx = 1\n', encoding="utf-8")
    told = await h.hears("没有生效", "fang.ning")
    line = good.count("\n") + 3
    assert f"config.toml:{line}:" in words(told) and "nonsense" in words(told)
    h.clock.wind(minutes=10)
    h.path.touch()
    await li_na.visits()
    await asyncio.sleep(2)  # another round of the watcher
    assert len([item for item in h.rep_screen("fang.ning") if "没有生效" in words(item)]) == 1
    assert h.product.line.config().presence.radius_m == 500
    assert len(await h.sql("SELECT id FROM config_versions")) == 1
