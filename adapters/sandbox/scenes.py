"""The scenes of the story, in order. Each one checks what it says."""

from functools import partial
from typing import Any

from adapters.sandbox.company import alert_chat
from adapters.sandbox.planning import BUSY, NEAR
from adapters.sandbox.play import Missed, Player, button_url
from adapters.sandbox.stage.theatre import Theatre

VISITOR, HASTY = "E001", "E004"
READING_PACE = 1.1  # seconds between the steps on the page


async def prologue(player: Player) -> None:
    """What stands on the screens when the curtain opens: two greetings, and the director's question."""
    theatre, company = player.theatre, player.theatre.company
    for rep in (company.member(VISITOR), company.member(NEAR)):
        await player.answered(rep, partial(theatre.wecom.enter, rep.wecom), rep.name)
    director, chat = company.director("south"), alert_chat("south")
    await theatre.feishu.say(director.feishu, "覆盖率", chat)
    await player.wait("主管群应收到覆盖率", lambda: _answered(theatre.feishu.screen(chat), director.feishu))


def _answered(lines: list[dict[str, Any]], asker: str) -> bool:
    return any(line["from"] != asker for line in lines)


async def visit(player: Player) -> None:
    """A whole visit by chat alone: check-in, stage, photo, voice, group photo, end."""
    company = player.theatre.company
    rep, client = company.member(VISITOR), company.clients_of(VISITOR)[0]
    await player.step(f"{rep.name}到了{client.alias}，外出打卡")
    await player.check_in(rep, client, client.alias)
    await player.step("开始拜访，说出阶段：方案演示")
    await player.say(rep, f"开始拜访 {client.alias}", client.alias)
    await player.say(rep, "方案演示", "方案演示")
    player.wind(minutes=9)
    await player.step("发一张现场照片")
    await player.shoot(rep, "meeting", "照片 1/1")
    player.wind(minutes=26)
    await player.step("发一段 32 秒的语音")
    await player.speak(rep, "demo-closing", "语音 1/1")
    await player.step("结束拜访：合影、语音")
    await player.shoot(rep, "group")
    player.wind(minutes=3)
    await player.say(rep, "结束拜访", "结束")
    await _complete(player, rep.id, client.id)


async def _complete(player: Player, rep: str, client: str) -> None:
    found = (await player.api("actions", rep=rep, customer=client))["items"]
    latest = max(found, key=lambda action: action["stamp"]["at"], default=None)
    if latest is None or latest["verdict"]["state"] != "complete" or latest["verdict"]["tier"] != "T4":
        raise Missed("方案演示应当完整，证据等级 T4")
    await player.step(f"已入账：{latest['id']} 完整，证据等级 {latest['verdict']['tier']}，账本第 {latest['ledger']['index']} 条")


async def understood(player: Player) -> None:
    """A scene recorded, put right and submitted; a title that nobody has; and the director who reads it all."""
    company = player.theatre.company
    rep, client = company.member(VISITOR), company.clients_of(VISITOR)[0]
    await player.step(f"{rep.name}再到{client.alias}谈价格，点「报价异议处理」录一小段")
    await player.check_in(rep, client, client.alias)
    await player.say(rep, f"开始拜访 {client.alias}", client.alias)
    await player.say(rep, "商务谈判", "商务谈判")
    await player.say(rep, "报价异议处理", "倒计时")
    await player.speak(rep, "price-objection", "待提交")
    await player.step("机器转写回来了，改一个数再提交")
    await player.say(rep, "客户觉得我们的报价比竞争对手高了百分之十，问能不能分期付款，交付周期最好控制在四十五天以内。", "已更正")
    await player.say(rep, "提交", "已提交")
    await player.step("又录一段：客户的技术总监担心数据接口")
    await player.speak(rep, "tech-concern", "录音里提到了CTO", "登记")
    await player.say(rep, "加人 赵明 技术总监 影响人", "赵明")
    await player.say(rep, "决策链 " + client.alias, "赵明")
    await player.say(rep, client.alias + " 关心什么", "交付周期")
    found = (await player.api("actions", rep=rep.id, customer=client.id))["items"]
    latest = max(found, key=lambda action: action["stamp"]["at"])
    director = company.director(client.region)
    page = await player.opened(director, f"{player.theatre.product}/record/{latest['id']}")
    if "<ins>" not in page or "已提交" not in page:
        raise Missed("记录页应有转写、更正和提交")
    await player.step(f"{director.name}打开记录，看到了文字和更正")
    await player.say(rep, "撤回", "撤回")


async def short_demo(player: Player) -> None:
    """A demo of forty seconds is a formality."""
    company = player.theatre.company
    rep, client = company.member(HASTY), company.clients_of(HASTY)[0]
    await player.step(f"{rep.name}在{client.alias}讲方案，40 秒就结束了")
    await player.check_in(rep, client, client.alias)
    await player.say(rep, f"开始拜访 {client.alias}", client.alias)
    await player.say(rep, "方案演示", "方案演示")
    player.wind(seconds=40)
    await player.say(rep, "商务谈判", "商务谈判")
    await player.red_light(client.region, client.alias, rep.name, "方案演示")
    await player.say(rep, "撤回", "撤回")


async def sixth(player: Player) -> None:
    """The sixth 需求确认 of one day."""
    company = player.theatre.company
    rep, client, other = company.member(BUSY), *company.clients_of(BUSY)[5:7]
    await player.step(f"{rep.name}今天已提交 5 次需求确认，再来第 6 次")
    await player.check_in(rep, client, client.alias)
    await player.say(rep, f"开始拜访 {client.alias}", client.alias)
    await player.say(rep, "需求确认", "需求确认")
    player.wind(minutes=6)
    await player.say(rep, f"开始拜访 {other.alias}", other.alias)
    await player.red_light(client.region, rep.name, "6 次")


async def silence(player: Player) -> None:
    """Three days without an action: the owner and the region's group are told, the director takes over, the link opens the record."""
    company = player.theatre.company
    owner, client = company.member(VISITOR), company.clients_of(VISITOR)[0]
    director = company.director(client.region)
    await player.step(f"三天没有人再联系{client.alias}")
    player.wind(days=3)
    card = await player.red_light(client.region, client.alias, "72")
    screen = player.theatre.wecom.screen
    await player.wait(
        f"{owner.name} 应收到红灯",
        lambda: next((line for line in screen(owner.wecom) if line["type"] == "card" and "已离线沟通" in str(line["card"])), None),
    )
    await player.step(f"{director.name}点「我来跟进」")
    await player.follow(director, card, client.region)
    page = await player.opened(director, button_url(card["card"], "查看记录"))
    if client.alias not in page:
        raise Missed("「查看记录」应打开这个客户的记录")
    await player.step(f"{director.name}打开了{client.alias}的记录")


async def whole_story(player: Player) -> None:
    """All of it."""
    for scene in (visit, understood, short_demo, sixth, silence):
        await scene(player)


async def on_stage(theatre: Theatre) -> None:
    """The page's button: one visit, slowly enough to read along. What goes wrong is said on the stage."""
    player = Player(theatre, theatre.set_playing, pace=READING_PACE)
    try:
        await visit(player)
    except Missed as missed:
        theatre.narrate(f"自动演示停下了：{missed}")
    finally:
        theatre.set_playing("")
