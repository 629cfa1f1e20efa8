"""One story on every mix of platforms: a rep visits and is too quick, his director sees the red light, and does something about it."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import pytest

from adapters.sandbox.dingtalk.standin import buttons as ding_buttons
from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import CHAT, HQ, House
from tests.e2e.material import AUDIO, photo, voice
from tests.e2e.rep import Rep
from tests.e2e.seen import api, taken_in

MORE = '[presence]\ndevice = "when_carried"\n'
PEOPLE = """id,name,role,region,wecom,feishu,dingtalk
E001,李娜,rep,south,{wecom},{feishu},{dingtalk}
D001,陈国栋,director,south,{d_wecom},{d_feishu},{d_dingtalk}
"""
ACCOUNTS = {"wecom": "li.na", "feishu": "ou_lina", "dingtalk": "ding-na"}
CHIEFS = {"wecom": "chen.gd", "feishu": "ou_chen", "dingtalk": "ding-chen"}
GROUPS = {"wecom": "wecom:@chen.gd", "feishu": f"feishu:{CHAT}", "dingtalk": "dingtalk:cid-south"}


class Phone(Protocol):
    """What a rep does, whatever the platform calls it."""

    async def arrive(self) -> object: ...
    async def say(self, words: str) -> object: ...
    async def photo(self) -> object: ...
    async def voice(self) -> object: ...
    def screen(self) -> list[Any]: ...


class WeComPhone:
    def __init__(self, h: House) -> None:
        self.h, self.rep = h, Rep(h)

    async def arrive(self) -> object:
        await self.rep.checks_in()
        return await self.h.wecom.enter("li.na")

    async def say(self, words: str) -> object:
        return await self.h.wecom.say("li.na", words)

    async def photo(self) -> object:
        return await self.h.wecom.send_image("li.na", photo(9))

    async def voice(self) -> object:
        return await self.h.wecom.send_voice("li.na", voice(31))

    def screen(self) -> list[Any]:
        return self.h.rep_screen("li.na")


class FeishuPhone:
    def __init__(self, h: House) -> None:
        self.h = h
        h.feishu.add_user("ou_lina", "u_lina", "李娜")

    async def arrive(self) -> object:
        return await self.h.feishu.send_location("ou_lina", "科苑南路", *HQ)

    async def say(self, words: str) -> object:
        return await self.h.feishu.say("ou_lina", words)

    async def photo(self) -> object:
        return await self.h.feishu.send_image("ou_lina", photo(9))

    async def voice(self) -> object:
        return await self.h.feishu.send_audio("ou_lina", (AUDIO / "demo-closing.ogg").read_bytes(), 32_400)

    def screen(self) -> list[Any]:
        return [line for line in self.h.feishu.screen("ou_lina") if line["from"] != "ou_lina"]


class DingPhone:
    def __init__(self, h: House) -> None:
        assert h.dingtalk is not None
        self.ding = h.dingtalk

    async def arrive(self) -> object:
        await self.ding.checkin("ding-na", *HQ, place="科苑南路")
        return None

    async def say(self, words: str) -> object:
        return await self.ding.say("ding-na", words)

    async def photo(self) -> object:
        return await self.ding.send_image("ding-na", photo(9))

    async def voice(self) -> object:
        return await self.ding.send_voice("ding-na", voice(31), 31.0)

    def screen(self) -> list[Any]:
        return [line for line in self.ding.screen("ding-na") if line["from"] == "robot"]


PHONES: dict[str, Callable[[House], Phone]] = {"wecom": WeComPhone, "feishu": FeishuPhone, "dingtalk": DingPhone}


def spoken(shown: object) -> str:
    return json.dumps(shown, ensure_ascii=False, default=str)


async def answered(h: House, phone: Phone, act: Awaitable[object], words: str) -> None:
    before = len(phone.screen())
    await act
    await h.until(words, lambda: words in spoken(phone.screen()[before:]))


async def followed(h: House, platform: str) -> None:
    """The director takes the red light over, in the way that his platform has."""
    if platform == "feishu":
        chen = Director(h)
        await chen.taps(await chen.alert("方案演示", "深圳华强"), "我来跟进")
    elif platform == "wecom":
        card = await h.hears("方案演示", "chen.gd")
        await h.wecom.tap("chen.gd", card["id"], Rep.button(card, "我来跟进"))
        await h.until("the same card, taken over", lambda: "已跟进" in spoken(h.rep_screen("chen.gd")))
    else:
        ding = h.dingtalk
        assert ding is not None
        card = await h.until("the red light", lambda: next((one for one in ding.screen("cid-south") if one["from"] == "robot"), None))
        assert list(ding_buttons(card)) == ["查看记录"] and "与应用机器人单聊，发「红灯」" in card["param"]["text"]
        await ding.say("ding-chen", "红灯")
        mine = await h.until("a card to act on", lambda: next((one for one in ding.screen("ding-chen") if _offers(one)), None))
        await ding.tap("ding-chen", mine, "我来跟进")
        await h.until("what became of it", lambda: "跟进" in spoken(ding.screen("ding-chen")[-1]))


def _offers(line: dict[str, Any]) -> bool:
    return line["from"] == "robot" and "我来跟进" in ding_buttons(line)


@pytest.mark.parametrize("h", [Setting(dingtalk=True, more=MORE)], indirect=True)
async def test_directors_on_dingtalk_one_by_one(h: House) -> None:
    """Without a group each has a card of his own, with buttons that work."""
    text = h.path.read_text(encoding="utf-8").replace(f'alert_chat = "feishu:{CHAT}"', 'alert_chat = "dingtalk:@ding-chen|ding-zhou"')
    h.path.write_text(text, encoding="utf-8")
    ding = h.dingtalk
    assert ding is not None
    ding.add_user("ding-zhou", "周敏")
    people = PEOPLE.format(wecom="li.na", feishu="", dingtalk="", d_wecom="", d_feishu="", d_dingtalk="ding-chen")
    await taken_in(h, "people", people + "D009,周敏,director,south,,,ding-zhou\n")
    await h.until("the config", lambda: "@" in h.product.line.config().regions[0].alert_chat)
    rep = Rep(h)
    await rep.arrives()
    await rep.says("方案演示", "已进入")
    await rep.says("商务谈判", "已进入")
    hers = await h.until("her card", lambda: next(filter(_offers, ding.screen("ding-zhou")), None))
    assert any(map(_offers, ding.screen("ding-chen")))
    await ding.tap("ding-zhou", hers, "静默 24 小时")
    await h.until("muted", lambda: "静默" in spoken(ding.screen("ding-zhou")[-1]))
    await h.settled()
    (light,) = await api(h, "alerts", "items")
    assert light["state"] == "muted"


@pytest.mark.parametrize("director", ["wecom", "feishu", "dingtalk"])
@pytest.mark.parametrize("rep", ["wecom", "feishu", "dingtalk"])
@pytest.mark.parametrize("h", [Setting(dingtalk=True, more=MORE)], indirect=True)
async def test_the_same_story_on_every_mix(h: House, rep: str, director: str) -> None:
    await story(h, rep, director)


@pytest.mark.parametrize("h", [Setting(dingtalk=True, long=True, more=MORE)], indirect=True)
async def test_the_same_story_over_long_connections_alone(h: House) -> None:
    await story(h, "feishu", "feishu")
    assert h.feishu.long.answers
    assert {status for _, status in h.feishu.courier.log} == {200}


async def story(h: House, rep: str, director: str) -> None:
    group = GROUPS[director]
    text = h.path.read_text(encoding="utf-8").replace(f'alert_chat = "feishu:{CHAT}"', f'alert_chat = "{group}"')
    h.path.write_text(text, encoding="utf-8")
    phone = PHONES[rep](h)
    columns = {name: ACCOUNTS[name] if name == rep else "" for name in ACCOUNTS}
    columns |= {f"d_{name}": CHIEFS[name] if name == director else "" for name in CHIEFS}
    await h.wecom.add_member("chen.gd", "陈国栋")
    await taken_in(h, "people", PEOPLE.format(**columns))
    await h.until("the config", lambda: h.product.line.config().regions[0].alert_chat == group)
    await answered(h, phone, phone.arrive(), "已开始拜访")
    await answered(h, phone, phone.say("需求确认"), "已进入")
    await answered(h, phone, phone.photo(), "完整")
    await answered(h, phone, phone.say("方案演示"), "已进入")
    await answered(h, phone, phone.voice(), "语音 1/1")
    await answered(h, phone, phone.say("商务谈判"), "已进入")
    await followed(h, director)
    await h.settled()
    actions = await api(h, "actions", "items")
    states = {action["intent"]["stage"]: action["verdict"]["state"] for action in actions}
    assert states["need"] == "complete" and states["demo"] == "incomplete"
    (light,) = await api(h, "alerts", "items")
    assert (light["rule"], light["state"]) == ("short-demo", "acknowledged")
