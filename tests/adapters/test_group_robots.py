"""Custom group robots against their stand-ins: signed, sized, paced; what calls back is left out with its way round; every no is read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.dingtalk.robot import DingTalkRobot
from adapters.dingtalk.robot import body as ding_body
from adapters.dingtalk.robot import sign as ding_sign
from adapters.feishu.robot import FeishuRobot
from adapters.feishu.robot import body as feishu_body
from adapters.feishu.robot import sign as feishu_sign
from adapters.robot import Robot, Wire, notice
from adapters.sandbox.dingtalk.group import DingTalkGroup
from adapters.sandbox.feishu.group import FeishuGroup
from adapters.sandbox.group import Group
from adapters.sandbox.wecom.group import WeComGroup
from adapters.shared import MemoryLimit
from adapters.wecom.robot import WeComRobot
from adapters.wecom.robot import body as wecom_body
from bot.errors import DeliveryError, OutOfReach
from bot.ports import Button, Card, Message, Parcel, Picture, Text
from bot.render import Renderer
from tests.render.samples import SAMPLES

PLATFORMS = ("wecom", "dingtalk", "feishu")
LINK = Button(label="查看记录", url="https://bot.example.cn/record/al_1", style="primary")
TAP = Button(label="误报", op="alert.false", arg="al_1")
HOSTILE = '<at id=all></at><@all> @所有人 [x](https://evil.example) **b** <font color="red"> {"tag":"at"}'
RENDERER = Renderer(Path(__file__).parents[2] / "templates")


class Still:
    """A clock that is wound by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Room:
    clock: Still
    group: Any
    robot: Robot

    async def tell(self, message: Message | Picture, uuid: str = "u1", *, maybe_sent: bool = False) -> None:
        await self.robot.send(Parcel(uuid=uuid, message=message, chat="robot", maybe_sent=maybe_sent))

    @property
    def shown(self) -> str:
        return str(self.group.shown[-1])


@asynccontextmanager
async def room(platform: str, **wrong: str) -> AsyncIterator[Room]:
    clock = Still()
    group: Group = {"wecom": WeComGroup, "dingtalk": DingTalkGroup, "feishu": FeishuGroup}[platform](clock)
    app = web.Application()
    app.add_routes(group.routes())  # type: ignore[attr-defined] # each kind of group has its own
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    wires: dict[str, Wire] = {
        "wecom": WeComRobot(wrong.get("key", WeComGroup.key), base),
        "dingtalk": DingTalkRobot(wrong.get("key", DingTalkGroup.token), wrong.get("secret", DingTalkGroup.secret), base),
        "feishu": FeishuRobot(wrong.get("key", FeishuGroup.key), wrong.get("secret", FeishuGroup.secret), base),
    }
    robot = Robot(wires[platform], clock=clock, limits=MemoryLimit(clock))
    try:
        yield Room(clock, group, robot)
    finally:
        await robot.close()
        await runner.cleanup()


def test_signatures_are_the_documented_ones() -> None:
    assert feishu_sign("1795000000", "demoSecret") == "7zwoyOL9uGpxkt/mfPyL0PjmLFWuJTl84OjzCdce/RE="
    assert ding_sign("1766000000000", "demo-app-secret") == "X+r4tzNkT+sN+XT2n0xq9M4PCVSJdIGCwRS4BFNrLsQ="  # a "+" must be sent as %2B


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_text_and_cards_arrive_with_their_links_alone(platform: str) -> None:
    async with room(platform) as here:
        await here.tell(Text(text="红灯已解除"), "u1")
        assert "红灯已解除" in here.shown
        await here.tell(
            Card(title="72 小时无新动作", text="请安排跟进。", facts=(("客户", "华强"),), buttons=(LINK, TAP), aside="要处理：发红灯"), "u2"
        )
        assert all(words in here.shown for words in ("72 小时无新动作", "华强", "查看记录", LINK.url, "要处理：发红灯"))
        assert "误报" not in here.shown and "alert.false" not in here.shown
        await here.tell(Card(title="两个", buttons=(LINK, Button(label="下载", url="https://bot.example.cn/d"))), "u3")
        assert "https://bot.example.cn/d" in here.shown and LINK.url in here.shown
        await here.tell(Card(title="检查点", text="一行\n\n又一行"), "u4")
        assert "检查点" in here.shown
        assert [line["type"] for line in here.group.shown] == {
            "wecom": ["text", "markdown", "markdown", "markdown"],
            "dingtalk": ["text", "actionCard", "actionCard", "markdown"],
            "feishu": ["text", "interactive", "interactive", "interactive"],
        }[platform]


def test_what_cannot_be_tapped_is_said_with_its_way_round() -> None:
    assert notice(Card(title="t", buttons=(LINK, TAP))).text == "要处理：打开下面的链接。"
    assert notice(Card(title="t", text="x", buttons=(TAP,))).text == "x\n要处理：与应用机器人单聊。"
    assert notice(Card(title="t", text="x", buttons=(LINK,), aside="y", mention=("ou_1",))) == Card(title="t", text="x", buttons=(LINK,))


@pytest.mark.parametrize("template", ["card/alert", "card/checkpoint"])
def test_every_card_of_a_group_keeps_its_page(template: str) -> None:
    for sample in SAMPLES[template]:
        card = RENDERER.render(template, sample)
        assert isinstance(card, Card)
        left = notice(card)
        assert left.buttons or not card.buttons
        assert not any(button.op for button in left.buttons)


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_the_longest_message_fits_and_keeps_its_link(platform: str) -> None:
    async with room(platform) as here:
        await here.tell(Text(text="长" * 30_000), "u1")
        long = "长" * 9_000
        await here.tell(Card(title=long, text=long, facts=((long, long),) * 40, footer=long, buttons=(LINK,)), "u2")
        assert LINK.url in here.shown


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_hostile_names_mean_nothing(platform: str) -> None:
    async with room(platform) as here:
        await here.tell(Text(text=HOSTILE), "u1")
        mention = {"wecom": "<@", "dingtalk": "@", "feishu": "<at"}[platform]
        assert mention not in here.shown
        await here.tell(Card(title=HOSTILE, text=HOSTILE, facts=((HOSTILE, HOSTILE),), footer=HOSTILE, buttons=(LINK,)), "u2")
        if platform == "feishu":
            bodies = str(here.group.shown[-1]["card"]["body"])
            assert "<at" not in bodies and "](http" not in bodies
        else:
            assert not any(sign in here.shown for sign in ("<at", "<@", "](https://evil"))


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_message_that_got_no_answer_is_told_apart_or_said_to_be_one(platform: str) -> None:
    async with room(platform) as here:
        here.group.lose = 1
        with pytest.raises(DeliveryError) as lost:
            await here.tell(Card(title="红灯", buttons=(LINK,)))
        assert lost.value.unknown and not lost.value.permanent
        await here.tell(Card(title="红灯", buttons=(LINK,)), maybe_sent=True)
        if platform == "dingtalk":
            assert len(here.group.shown) == 1 and here.group.calls == 2
        else:
            assert "可能重复" in here.shown and "可能重复" not in str(here.group.shown[0])


@pytest.mark.parametrize(
    ("platform", "code", "reason", "waits"),
    [
        ("wecom", 93000, "bad_key", 300),
        ("wecom", 45009, "rate", 60),
        ("wecom", 44004, "empty", None),
        ("wecom", 12345, "refused", None),
        ("dingtalk", 310000, "robot_security", 300),
        ("dingtalk", 410100, "rate", 600),
        ("dingtalk", 400102, "robot_off", 300),
        ("dingtalk", 430101, "refused", None),
        ("feishu", 19021, "bad_sign", 300),
        ("feishu", 19024, "keyword", 300),
        ("feishu", 11232, "rate", 30),
        ("feishu", 9499, "bad_request", None),
    ],
)
async def test_a_no_with_http_200_is_a_no(platform: str, code: int, reason: str, waits: float | None) -> None:
    async with room(platform) as here:
        here.group.fail = [code]
        with pytest.raises(DeliveryError) as no:
            await here.tell(Text(text="x"))
        assert (no.value.reason, no.value.retry_after, no.value.permanent) == (reason, waits, waits is None)
        assert here.group.shown == []


@pytest.mark.parametrize(
    ("platform", "wrong"), [("wecom", "key"), ("dingtalk", "key"), ("dingtalk", "secret"), ("feishu", "key"), ("feishu", "secret")]
)
async def test_a_wrong_secret_waits_for_the_admin_and_is_not_told(platform: str, wrong: str) -> None:
    async with room(platform, **{wrong: "s3cr3t-of-another"}) as here:
        with pytest.raises(DeliveryError) as no:
            await here.tell(Text(text="x"))
        assert no.value.retry_after == 300 and "s3cr3t" not in str(no.value) + repr(here.robot)


@pytest.mark.parametrize(("platform", "amount", "seconds"), [("wecom", 20, 60), ("dingtalk", 20, 60), ("feishu", 5, 1)])
async def test_the_pace_is_kept_before_the_platform_must_say_so(platform: str, amount: int, seconds: int) -> None:
    async with room(platform) as here:
        for n in range(amount):
            await here.tell(Text(text="x"), f"u{n}")
        with pytest.raises(DeliveryError) as no:
            await here.tell(Text(text="x"), "more")
        assert no.value.retry_after and no.value.retry_after <= seconds
        assert here.group.calls == amount
        here.clock.at += timedelta(seconds=seconds)
        await here.tell(Text(text="x"), "more")


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_what_was_sent_stands_and_pictures_do_not_go(platform: str, tmp_path: Path) -> None:
    async with room(platform) as here:
        with pytest.raises(OutOfReach):
            await here.robot.update(Parcel(uuid="u", message=Card(title="t"), chat="robot"))
        with pytest.raises(DeliveryError) as no:
            await here.tell(Picture(path=tmp_path / "p.jpg"))
        assert no.value.permanent and here.group.calls == 0


def test_bodies_hold_neither_mention_nor_callback() -> None:
    card = notice(Card(title="t", buttons=(LINK, TAP), mention=("u1",)))
    for made in (wecom_body(card), ding_body(card), feishu_body(card, "u")):
        assert "callback" not in str(made) and "u1" not in str(made)
