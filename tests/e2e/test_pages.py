"""What a director opens and asks for: the very record behind a link, his region's figures, the same everywhere."""

import asyncio
import os
import sys
from pathlib import Path

from scheduler.sweep import sweep
from tests.e2e.director import Director
from tests.e2e.house import ENVIRON, House
from tests.e2e.pages import link, opened
from tests.e2e.rep import Rep
from tests.e2e.seen import api, coverage, taken_in, words


async def test_the_link_opens_that_record_for_that_regions_director_only(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    await li_na.shows("照片 1/1")
    await li_na.says("商务谈判", "已进入")
    url = link(await chen.alert("方案演示"))
    status, page, passed = await opened(h, url, "ou_chen")
    assert status == 200 and "深圳华强精密模具有限公司" in page and "李娜" in page
    assert any("authorize" in step for step in passed) and "/auth/feishu" in passed
    status, page, _ = await opened(h, url, "ou_zhou")
    assert status == 404 and "华强" not in page
    status, page, _ = await opened(h, url, "ou_nobody")
    assert status != 200 and "华强" not in page
    (viewed,) = await h.sql("SELECT body FROM ledger_bodies WHERE type = 'record.viewed'")
    assert '"person":"D001"' in viewed["body"].replace(" ", "")


async def test_the_links_of_silence_and_excess_open_what_stands_behind_them(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.arrives()
    for _ in range(6):
        await li_na.says("需求确认", "已进入：需求确认")
        await li_na.says("线索获取", "已进入：线索获取")
        h.clock.wind(minutes=1)
    status, page, _ = await opened(h, link(await chen.alert("6 次")), "ou_chen")
    assert status == 200 and page.count("深圳华强精密模具有限公司") >= 6
    await h.time_passes(hours=73)
    url = link(await chen.alert("72 小时", "东莞恒达机电有限公司"))
    status, page, _ = await opened(h, url, "ou_chen")
    assert status == 200 and "东莞恒达机电有限公司" in page
    assert (await opened(h, url, "ou_zhou"))[0] == 404


async def test_the_chat_leads_to_ones_own_page(h: House, li_na: Rep) -> None:
    await li_na.visits()
    for question in ("今日", "我的数据"):
        assert "http://127.0.0.1:8080/me" in words(await li_na.says(question, "见「我的」"))
    status, page, _ = await opened(h, "http://127.0.0.1:8080/me", "ou_chen")
    assert status == 200 and "陈国栋" in page and "李娜" not in page
    assert (await opened(h, "http://127.0.0.1:8080/me", "ou_nobody"))[0] != 200


async def test_coverage_is_the_same_number_in_chat_api_and_report(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.visits()
    figures = (await coverage(h, "south"))["total"]
    assert (figures["done"], figures["quota"]) == (1, 7)  # A: 4, B: 2, C: 1
    await h.feishu.say("ou_chen", "覆盖率", chen.chat)
    told = await h.until("coverage", lambda: next((words(x) for x in h.feishu.screen(chen.chat) if "覆盖率 14.3%" in words(x)), None))
    assert "（1/7）" in told
    assert round(figures["rate"], 3) == 0.143
    assert (await reported(h.path, "--region", "华南")).split()[-4:] == ["合计", "7", "1", "14.3%"]


async def reported(config: Path, *more: str) -> str:
    """`report coverage` as an admin runs it beside the running product."""
    command = (sys.executable, "-m", "bot", "report", "coverage", "--config", str(config), "--month", "2026-11", *more)
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(*command, cwd=root, env={**os.environ, **ENVIRON}, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


async def test_red_lights_in_chat_are_those_of_the_api(h: House, li_na: Rep, chen: Director) -> None:
    await h.time_passes(hours=73)
    await chen.taps(await chen.alert("72 小时", "东莞恒达"), "我来跟进")
    await h.settled()
    await h.feishu.say("ou_chen", "红灯", chen.chat)
    told = await h.until("the list", lambda: next((words(x) for x in h.feishu.screen(chen.chat) if "红灯 3 条" in words(x)), None))
    mine = [one for one in await api(h, "alerts", "items") if one["region"] == "south" and one["state"] != "resolved"]
    assert len(mine) == 3 and all(one["url"] in told for one in mine)
    assert "上海启明" not in told
    await h.wecom.say("fang.ning", "红灯")
    assert "红灯 4 条" in words(await h.hears("红灯", "fang.ning"))  # an admin sees every region
    await li_na.says("红灯", "这项功能只供主管使用")
    before = len(h.feishu.screen("oc_east"))
    await h.feishu.say("ou_zhou", "覆盖率 华南", "oc_east")
    await h.until("refused", lambda: any("不在您的区域" in words(x) for x in h.feishu.screen("oc_east")[before:]))


async def test_more_lights_than_fit_are_counted_all_the_same(h: House, chen: Director) -> None:
    rows = "".join(f"X{number:03},第{number}客户,1000,E002\n" for number in range(60))
    await taken_in(h, "customers", f"id,name,annual_purchase,owner\n{rows}")
    h.feishu.outage = True  # the cards themselves are of no interest here
    h.clock.wind(hours=73)
    await sweep(h.product.line)
    h.feishu.outage = False
    await h.feishu.say("ou_chen", "红灯")
    await h.until("the list", lambda: any("红灯 63 条，最近 10 条" in words(line) for line in h.feishu.screen("ou_chen")))
