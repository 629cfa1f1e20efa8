"""An admin sends config.toml to the bot: every problem with its line, what differs, what it would have told, 生效 and 撤回."""

import asyncio
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import api, taken_in, words
from tests.e2e.test_config_change import HOURS

RULE = HOURS.format(hours=72)
RULED = Setting(more=RULE, refold=True)
ADMINS = "id,name,role,region,wecom,feishu,dingtalk\nA002,许诺,admin,,,ou_xu,\nA003,何进,admin,,,,ding-he\n"
MOVES = "SELECT state, by, decided_by FROM config_proposals ORDER BY at, id"


@pytest.fixture
async def xu(h: House) -> Director:
    """An admin with Feishu; another with DingTalk, where there is one."""
    h.feishu.add_user("ou_xu", "u_xu", "许诺")
    if h.dingtalk:
        h.dingtalk.add_user("ding-he", "何进")
    await taken_in(h, "people", ADMINS)
    return Director(h, "ou_xu")


def other(h: House, hours: float) -> bytes:
    return h.path.read_text().replace("hours = 72\n", f"hours = {hours}\n").encode()


async def seen(h: House, who: str, *texts: str) -> dict[str, Any]:
    """The latest message in a private chat on Feishu that shows all of these."""

    def look() -> dict[str, Any] | None:
        lines = [line for line in h.feishu.screen(who) if line["from"] != who]
        return next((one for one in reversed(lines) if all(text in json.dumps(one, ensure_ascii=False) for text in texts)), None)

    found: dict[str, Any] = await h.until(f"{who} sees {texts}: {h.feishu.screen(who)[-3:]}", look, 12)
    return found


async def holds(what: str, look: Callable[[], bool]) -> None:
    for _ in range(100):
        if look():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(what)


@pytest.mark.parametrize("h", [RULED], indirect=True)
async def test_sent_compared_tried_put_in_force_and_taken_back(h: House, xu: Director, li_na: Rep, chen: Director) -> None:
    await h.time_passes(hours=60)
    first, data = h.path.read_bytes(), other(h, 48)
    await h.feishu.send_file("ou_xu", "config.toml", data)
    await seen(h, "ou_xu", "检查通过", "不活跃提醒 72 小时 → 48 小时")
    effect = await seen(h, "ou_xu", "若改为 48 小时：近 30 天多报 3 条，涉及 2 人")
    assert "深圳华强" in words(effect) and "客户经理、大区群" in words(effect)
    assert h.path.read_bytes() == first and chen.alerts("小时无新动作") == []
    card = await seen(h, "ou_xu", "配置待生效", "多报 3 条")
    await xu.taps(card, "生效")
    applied = await seen(h, "ou_xu", "新配置已生效", "许诺")
    assert h.path.read_bytes() == data and h.product.line.config().version == sha256(data).hexdigest()
    await h.hears("新配置已生效", "fang.ning")
    await h.swept()
    assert len(chen.alerts("48 小时无新动作")) == 3
    assert {one["version"] for one in await api(h, "alerts", "items")} == {sha256(data).hexdigest()}
    await xu.taps(applied, "撤回")
    await seen(h, "ou_xu", "已恢复上一版配置", "48 小时 → 72 小时")
    assert h.path.read_bytes() == first
    versions = await h.sql("SELECT sha256 FROM config_versions ORDER BY id")
    assert [row["sha256"] for row in versions] == [sha256(one).hexdigest() for one in (first, data, first)]
    assert await h.sql(MOVES) == [{"state": "undone", "by": "A002", "decided_by": "A002"}]
    for one in (first, data):
        assert await h.product.line.vault.verify(sha256(one).hexdigest())


@pytest.mark.parametrize("h", [RULED], indirect=True)
async def test_every_problem_with_its_line_and_nothing_changes(h: House, xu: Director) -> None:
    first = h.path.read_bytes()
    broken = first + b'[presence]\nradius_m = "weit"\n[nonsense]\nx = 1\n'
    await h.feishu.send_file("ou_xu", "neu.toml", broken)
    told = await seen(h, "ou_xu", "这份配置有 2 处问题")
    line = broken.decode().split("\n").index('radius_m = "weit"') + 1
    assert f"config.toml:{line}:" in words(told) and "nonsense" in words(told)
    await h.feishu.send_file("ou_xu", "config.toml", b"\xff\xfe\x00")
    await seen(h, "ou_xu", "不是 UTF-8")
    await h.feishu.send_file("ou_xu", "config.toml", first)
    await seen(h, "ou_xu", "内容相同")
    assert h.path.read_bytes() == first and len(await h.sql("SELECT id FROM config_versions")) == 1


@pytest.mark.parametrize("h", [Setting(more=RULE, sound=False)], indirect=True)  # a file that became of nothing lies in the vault
async def test_who_is_no_admin_is_refused(h: House, xu: Director, chen: Director) -> None:
    await h.feishu.send_file("ou_chen", "config.toml", other(h, 1))
    await seen(h, "ou_chen", "只供管理员使用")
    await h.feishu.say("ou_chen", "改规则 inactive-72h hours 1")
    await h.settled()
    assert await h.sql("SELECT id FROM config_proposals") == []


@pytest.mark.parametrize("h", [RULED], indirect=True)
async def test_a_proposal_of_another_time_is_refused_with_a_word(h: House, xu: Director) -> None:
    await h.feishu.send_file("ou_xu", "config.toml", other(h, 48))
    card = await seen(h, "ou_xu", "配置待生效")
    edited = h.path.read_bytes() + b"# edited\n"
    h.path.write_bytes(edited)
    await holds("the file's own change is in force", lambda: h.product.line.config().version == sha256(edited).hexdigest())
    await xu.taps(card, "生效")
    await seen(h, "ou_xu", "配置在此期间已经改过")
    assert h.path.read_bytes() == edited


@pytest.mark.parametrize("h", [RULED], indirect=True)
async def test_a_file_edited_in_the_very_moment_is_not_overwritten(h: House, xu: Director) -> None:
    """The file on disk is another one, though nobody has looked at it yet."""
    await h.feishu.send_file("ou_xu", "config.toml", other(h, 48))
    card = await seen(h, "ou_xu", "配置待生效")
    edited = h.path.read_bytes() + b"[nonsense]\n"  # broken: it never comes into force
    h.path.write_bytes(edited)
    await xu.taps(card, "生效")
    await seen(h, "ou_xu", "配置在此期间已经改过")
    assert h.path.read_bytes() == edited and h.product.line.config().rules[0].id == "inactive-72h"


@pytest.mark.parametrize("h", [Setting(more=RULE + "[changes]\napprovals = 2\n", refold=True)], indirect=True)
async def test_two_people_where_the_config_wants_two(h: House, xu: Director) -> None:
    data = other(h, 48)
    await h.feishu.send_file("ou_xu", "config.toml", data)
    await seen(h, "ou_xu", "需要另一位管理员点「生效」", "方宁")
    assert not [line for line in h.feishu.screen("ou_xu") if "配置待生效" in json.dumps(line, ensure_ascii=False)]
    card = await h.hears("配置待生效", "fang.ning")
    fang = Rep(h, "fang.ning")
    await fang.taps(card, "生效", "新配置已生效")
    assert h.path.read_bytes() == data
    assert await h.sql(MOVES) == [{"state": "applied", "by": "A002", "decided_by": "A001"}]


@pytest.mark.parametrize("h", [RULED], indirect=True)
async def test_one_value_by_a_line_where_no_file_can_be_sent(h: House, xu: Director) -> None:
    """WeCom's apps hear of no files."""
    fang = Rep(h, "fang.ning")
    await fang.says("改规则 inactive-72h 小时 24", "不活跃提醒 72 小时 → 24 小时")
    card = await h.hears("配置待生效", "fang.ning")
    await fang.taps(card, "生效", "新配置已生效")
    assert h.path.read_text().count("hours = 24\n") == 1
    await fang.says("改规则 nothing hours 24", "没有编号为 nothing 的规则")
    await fang.says("改规则 inactive-72h", "请补全")


@pytest.mark.parametrize("h", [Setting(more=RULE, dingtalk=True, refold=True)], indirect=True)
async def test_an_admin_on_dingtalk(h: House, xu: Director) -> None:
    assert h.dingtalk is not None
    data = other(h, 96)
    await h.dingtalk.send_file("ding-he", data, "config.toml")
    ding = h.dingtalk

    def card(words_: str) -> dict[str, Any] | None:
        return next((line for line in reversed(ding.screen("ding-he")) if words_ in json.dumps(line, ensure_ascii=False)), None)

    shown = await h.until("the card", lambda: card("配置待生效"), 12)
    assert card("72 小时 → 96 小时")
    await ding.tap("ding-he", shown, "生效")
    applied = await h.until("in force", lambda: card("新配置已生效"), 12)
    assert h.path.read_bytes() == data
    await ding.tap("ding-he", applied, "撤回")
    await h.until("back", lambda: card("已恢复上一版配置"), 12)
    assert h.path.read_bytes() != data


GRADES = '[[grades]]\nid = "A"\nannual_purchase = ">= 0"\nquota = {{ solution_demo = {quota} }}\n'


@pytest.mark.parametrize("h", [RULED], indirect=True)
async def test_last_months_figures_do_not_move_with_todays_edit(h: House, xu: Director, li_na: Rep) -> None:
    await li_na.visits()
    h.clock.wind(days=10)
    await h.swept()
    before, funnel = await api(h, "coverage?month=2026-11"), await api(h, "funnel?month=2026-11")
    old = h.path.read_bytes()
    assert before["version"] == sha256(old).hexdigest() and before["total"]["done"] == 1
    stages = '[[stages]]\nid = "demo"\nname = "讲解"\n[[action_kinds]]\nid = "solution_demo"\nname = "讲解"\nstage = "demo"\n'
    data = old.replace(b"[[rules]]", (stages + GRADES.format(quota=9)).encode() + b'[[rules]]\nid = "s"\nkind = "short_dwell"\n[[rules]]')
    data = data.replace(b'timezone = "Asia/Shanghai"', b'timezone = "Asia/Tokyo"') + b'[keywords]\ntitles_in = ["demo"]\n'
    await h.feishu.send_file("ou_xu", "config.toml", data)
    await xu.taps(await seen(h, "ou_xu", "配置待生效"), "生效")
    await seen(h, "ou_xu", "新配置已生效")
    assert await api(h, "coverage?month=2026-11") == before
    assert await api(h, "funnel?month=2026-11") == funnel
    now = await api(h, "coverage")
    assert (now["version"], now["total"]["quota"]) == (sha256(data).hexdigest(), 9 * 4)
