"""试点 <区域>: switched from the chat, written into the config file, in force within seconds."""

from bot.config.load import load
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import words


async def test_a_director_brings_his_region_on_line(h: House, li_na: Rep) -> None:
    zhou = Director(h, "ou_zhou", "oc_east")
    before = h.path.read_text()
    await h.feishu.say("ou_zhou", "试点 华东")
    card = await zhou.gets("华东：试点中", "上线")
    await zhou.taps(card, "上线")
    await h.until("it is in force", lambda: next(one for one in h.product.line.config().regions if one.id == "east").live, 15)
    await h.until("he is told", lambda: [line for line in h.feishu.screen("ou_zhou") if "华东已上线" in words(line)], 15)
    assert h.path.read_text() == before.replace("live = false", "live = true")
    assert load(h.path).config.region("south")
    [fact] = await h.sql("SELECT body FROM ledger_bodies WHERE type = 'pilot.asked'")
    assert '"by":"D002"' in fact["body"] and '"live":true' in fact["body"]
    assert await h.sql("SELECT name FROM settings WHERE name LIKE 'pilot.%'") == []
    await h.feishu.say("ou_zhou", "试点")
    assert await zhou.gets("华东：已上线", "停止提醒")
    await li_na.says("试点 华东", "只供主管使用")


async def test_another_regions_director_may_not(h: House, chen: Director) -> None:
    before = h.path.read_text()
    for text, answer in (("试点 华东", "区域"), ("试点 火星", "没有区域")):
        await h.feishu.say("ou_chen", text)
        await h.settled()
        assert answer in words(h.feishu.screen("ou_chen")[-1])
    assert chen.cards("试点中") == [] and h.path.read_text() == before


async def test_a_broken_file_is_told_and_left(h: House) -> None:
    admin = Rep(h, "fang.ning")
    card = await admin.says("试点 华东", "试点中")
    h.path.write_text(h.path.read_text() + "\noops")
    await admin.taps(card, "上线", "正在把华东改为上线")
    await h.hears("现在有错误", "fang.ning")
    assert h.path.read_text().endswith("oops")
