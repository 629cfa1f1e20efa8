"""《主机厂技术对接纪要》: asked for after a stage, red before it is due, filed by name or by a word."""

import pytest

from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import api, words

RULE = """
[[rules]]
id = "minutes"
kind = "document"
name = "主机厂技术对接纪要"
aliases = ["对接纪要"]
stage = "demo"
days = 7
warn_days = 2
[[rules]]
id = "other"
kind = "document"
name = "保密协议"
industry = ["军工"]
"""
ASKED = pytest.mark.parametrize("h", [Setting(more=RULE, refold=True)], indirect=True)


async def standing(h: House) -> tuple[str, str | None]:
    (paper,) = (await api(h, "customers/C001"))["documents"]
    return paper["state"], paper["due"]


@ASKED
async def test_red_before_it_is_due_and_cleared_by_filing(h: House, li_na: Rep, chen: Director) -> None:
    assert await standing(h) == ("open", None)
    await li_na.visits()
    state, due = await standing(h)
    assert state == "due" and due and due.startswith("2026-11-30T14:0")
    await h.time_passes(hours=24 * 4 + 23)
    assert chen.alerts("缺《") == []
    await h.time_passes(hours=1.1)
    card = await chen.alert("缺《主机厂技术对接纪要》", "深圳华强", "之前要归档")
    (light,) = await h.sql("SELECT id, subject FROM alerts WHERE rule = 'minutes'")
    await h.feishu.say("ou_chen", f"核验 {light['id']}")
    assert f"/record/{light['id']}" in words(await chen.gets("红灯 ", "查看依据"))
    await li_na.says("归档 对接纪要", "没有可以归档的")
    assert card["card"]["header"]["template"] == "red"
    assert (await standing(h))[0] == "red"
    assert "快到期" in words(await li_na.says("文件 华强", "必备文件"))
    await h.time_passes(hours=72)
    assert (await standing(h))[0] == "overdue" and len(chen.alerts("缺《主机厂")) == 1

    await li_na.arrives()
    await li_na.says("方案演示", "方案演示")
    await li_na.shows("照片")
    await li_na.says("归档 合同", "没有叫「合同」的必备文件")
    await li_na.says("归档 对接 纪要", "已归档")
    assert (await standing(h))[0] == "filed"
    assert (await chen.alert("缺《主机厂技术对接纪要》"))["card"]["header"]["template"] == "green"


@ASKED
async def test_a_customer_of_another_industry_is_not_asked(h: House, li_na: Rep) -> None:
    said = words(await li_na.says("文件 恒达", "必备文件"))
    assert "保密协议" not in said and "还不需要" in said
    await li_na.says("归档 保密协议", "没有")
