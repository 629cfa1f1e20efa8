"""Every cell of platform × what comes in, and platform × what goes out. What a platform lacks is named with its way round."""

from pathlib import Path
from typing import Any

import pytest

from bot.errors import DeliveryError, OutOfReach
from bot.model import Can, Kind
from bot.ports import Attachment, Button, Card, Parcel, Picture, Text
from tests.adapters.matrix import MEDIA, OPEN, REP, Phone, last, spoken

PLATFORMS = tuple(OPEN)
IN = {
    "text": Kind.TEXT,
    "rich": Kind.TEXT,
    "image": Kind.IMAGE,
    "voice": Kind.VOICE,
    "video": Kind.VIDEO,
    "file": Kind.FILE,
    "location": Kind.LOCATION,
    "checkin": Kind.CHECKIN,
    "menu": Kind.MENU,
    "tap": Kind.TAP,
    "unknown": Kind.UNKNOWN,
}
# What a platform does not have, and what it would have to say that it can.
MISSING = {
    ("wecom", "rich"): None,  # nobody can write one there
    ("wecom", "file"): Can.FILES,  # photographed instead: the usage of 归档 says so
    ("feishu", "checkin"): Can.RECORDS,  # a location instead
    ("dingtalk", "location"): Can.LOCATION,  # 签到 instead
    ("dingtalk", "menu"): Can.MENU,  # typed, or buttons of cards
}
CARD = Card(
    title="已开始拜访 华强",
    text="请选阶段",
    facts=(("客户", "华强"),),
    buttons=(
        Button(label="方案演示", op="stage", arg="demo", style="primary"),
        Button(label="查看记录", url="https://bot.example.cn/record/1"),
    ),
)
HELD = {"image", "voice", "video", "file"}


def parcel(message: Text | Card | Picture | Attachment, uuid: str = "a" * 32, receipt: Any = None) -> Parcel:
    return Parcel(uuid=uuid, message=message, user=REP, receipt=receipt or {})


@pytest.mark.parametrize("what", IN)
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_what_comes_in(platform: str, what: str, tmp_path: Path) -> None:
    phone: Phone
    async with OPEN[platform]() as phone:
        if what not in phone.acts:
            lacking = MISSING[platform, what]
            assert lacking is None or lacking not in phone.adapter.can
            return
        if what == "tap":
            await phone.adapter.send(parcel(CARD))
        await phone.acts[what]()
        told = last(phone)
        assert (told.kind, told.sender, told.chat) == (IN[what], REP, "")
        if what in {"text", "rich"}:
            assert ("今日" if what == "text" else "方案演示") in told.text
        if what in HELD | {"rich"}:
            (ref,) = told.media
            await phone.adapter.fetch(ref, tmp_path / "file")
            assert (tmp_path / "file").read_bytes() == MEDIA
        if what in {"location", "checkin"}:
            assert told.point and (told.point.lat, told.point.lng, told.point.datum) == (22.5, 114.0, "gcj02")
        if what in {"tap", "menu"}:
            assert told.choice and told.choice.op == ("stage" if what == "tap" else "today")


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_text_goes_out(platform: str) -> None:
    async with OPEN[platform]() as phone:
        await phone.adapter.send(parcel(Text(text="已记录")))
        assert "已记录" in spoken(phone.shown())


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_card_goes_out_and_is_changed_or_said_to_stand(platform: str) -> None:
    async with OPEN[platform]() as phone:
        receipt = await phone.adapter.send(parcel(CARD))
        assert all(words in spoken(phone.shown()) for words in ("已开始拜访 华强", "方案演示", "https://bot.example.cn/record/1"))
        after = parcel(Card(title="已结束", done="已选：方案演示"), receipt=receipt)
        if Can.UPDATES in phone.adapter.can:
            await phone.adapter.update(after)
            assert "已选：方案演示" in spoken(phone.shown())
        else:
            with pytest.raises(OutOfReach):
                await phone.adapter.update(after)


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_picture_goes_out(platform: str, tmp_path: Path) -> None:
    (tmp_path / "copy.jpg").write_bytes(MEDIA)
    async with OPEN[platform]() as phone:
        await phone.adapter.send(parcel(Picture(path=tmp_path / "copy.jpg")))
        assert phone.shown()["type"] in {"image", "sampleImageMsg"}


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_file_goes_out_under_its_name(platform: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbf1,2\r\n")
    async with OPEN[platform]() as phone:
        await phone.adapter.send(parcel(Attachment(path=tmp_path / "x", name="订单.拒绝.csv")))
        assert phone.shown()["type"] in {"file", "sampleFile"}
        with pytest.raises(DeliveryError) as gone:
            await phone.adapter.send(parcel(Attachment(path=tmp_path / "none", name="y.csv"), "c" * 32))
        assert gone.value.permanent


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_what_is_too_long_is_cut_and_arrives(platform: str) -> None:
    async with OPEN[platform]() as phone:
        await phone.adapter.send(parcel(Text(text="长" * 60_000)))
        assert "长长长" in spoken(phone.shown())
        many = tuple(Button(label="很长的按钮名字" * 9, op="stage", arg=f"s{n}") for n in range(20))
        facts = tuple(("标签" * 30, "内容" * 900) for _ in range(60))
        await phone.adapter.send(parcel(Card(title="题" * 900, text="文" * 20_000, facts=facts, buttons=many, footer="脚" * 900), "b" * 32))
        assert "题题题" in spoken(phone.shown())


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_mentions_of_theirs_and_characters_that_nobody_sends(platform: str) -> None:
    odd = "<at id=all></at>@所有人 \x00 ]]> \u202e {{x}}"
    async with OPEN[platform]() as phone:
        await phone.adapter.send(parcel(Card(title=f"题{odd}", text=odd, facts=((odd, odd),), buttons=CARD.buttons)))
        shown = phone.shown()
        body = shown["param"]["text"] if platform == "dingtalk" else spoken(shown.get("card", {}).get("body", ""))
        assert "<at" not in body and (platform != "dingtalk" or "@" not in body)


async def test_a_mention_of_ours_is_one_on_feishu() -> None:
    """The others mention nobody: WeCom writes to members themselves, DingTalk's robot cards know no @."""
    async with OPEN["feishu"]() as phone:
        await phone.adapter.send(parcel(Card(title="红灯", text="请跟进", mention=(REP, "all"))))
        assert f"<at id={REP}></at>" in spoken(phone.shown()) and "<at id=all>" not in spoken(phone.shown())
