"""Photos on the wire: the copy that comes back, the photo that was sent before, what its camera noted."""

import io
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import HQ, House
from tests.e2e.pages import opened
from tests.e2e.rep import Rep
from tests.e2e.seen import api, words

MARKED = pytest.mark.parametrize("h", [Setting(more="[photos]\nwatermark = true\n", refold=True)], indirect=True)


def scene(seed: int, size: tuple[int, int] = (640, 480), *, aside: int = 0) -> Image.Image:
    """Something with the texture of a photograph. `aside`: seen from so many steps aside, what is nearer moves further."""
    chance = random.Random(seed)
    small = Image.new("RGB", (12, 9))
    small.putdata([(chance.randrange(256), chance.randrange(256), chance.randrange(256)) for _ in range(108)])
    picture = small.resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for near in range(14):
        x, y = chance.randrange(size[0]) + aside * near, chance.randrange(size[1])
        draw.rectangle(
            (x, y, x + chance.randrange(20, 200), y + chance.randrange(20, 160)), fill=tuple(chance.randrange(256) for _ in range(3))
        )
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def jpeg(picture: Image.Image, quality: int = 90, exif: Image.Exif | None = None) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, **({"exif": exif} if exif else {}))
    return out.getvalue()


def cropped(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """With these shares cut off."""
    width, height = picture.size
    return picture.crop((round(width * left), round(height * top), round(width * (1 - right)), round(height * (1 - bottom))))


def worked_over(picture: Image.Image) -> Image.Image:
    """Cropped a little everywhere, smaller, brighter, flatter."""
    small = cropped(picture, 0.03, 0.07, 0.06, 0.02).resize((420, 300))
    return ImageEnhance.Contrast(ImageEnhance.Brightness(small).enhance(1.2)).enhance(0.9)


COPIES = {
    "recompressed": lambda picture: jpeg(picture, 35),
    "smaller": lambda picture: jpeg(picture.resize((320, 240))),
    "cropped": lambda picture: jpeg(cropped(picture, 0.1, 0.1, 0, 0), 80),
    "cropped elsewhere": lambda picture: jpeg(cropped(picture, 0.02, 0, 0.08, 0), 80),
    "brighter": lambda picture: jpeg(ImageEnhance.Brightness(picture).enhance(1.25)),
    "all of it": lambda picture: jpeg(worked_over(picture), 50),
    "another format": lambda picture: png(picture.resize((500, 375))),
}


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


async def reasons(h: House) -> list[tuple[str, list[str]]]:
    """State and reason codes of every photo, in order."""
    rows = await h.sql("SELECT state, reasons FROM evidence WHERE kind = 'photo' ORDER BY ledger_index")
    return [(row["state"], [reason["code"] for reason in json.loads(row["reasons"])]) for row in rows]


async def begun(rep: Rep, lat: float = HQ[0], lng: float = HQ[1]) -> None:
    await rep.arrives(lat=lat, lng=lng)
    await rep.says("方案演示", "方案演示")


@MARKED
async def test_the_copy_comes_back_with_time_place_and_device(h: House, li_na: Rep, tmp_path: Path) -> None:
    await begun(li_na)
    original = jpeg(scene(1))
    await li_na.shows("照片", original)
    shown = await h.until("the copy", lambda: next((one for one in h.rep_screen() if one["type"] == "image"), None), seconds=15)
    async with aiohttp.ClientSession() as session, session.get(shown["media"]) as answer:
        copy = await answer.read()
    with Image.open(io.BytesIO(copy)) as picture:
        assert picture.size == (640, 480)
        band = picture.convert("L").crop((0, 400, 640, 480))
        assert band.histogram()[241:] != [0] * 15, "white letters"
    (action,) = await api(h, "actions", "items")
    (item,) = [one for one in action["evidence"] if one["kind"] == "photo"]
    assert h.product.line.vault.path(item["sha256"]).read_bytes() == original
    (derived,) = await h.sql("SELECT sha256, kind FROM derived")
    assert h.product.line.vault.path(derived["sha256"]).read_bytes() == copy
    assert item["watermarked"] == derived["sha256"]


@pytest.mark.parametrize("change", COPIES)
async def test_a_copy_of_a_colleagues_photo_is_found(h: House, li_na: Rep, change: str) -> None:
    picture = scene(7)
    await begun(li_na)
    await li_na.shows("照片", jpeg(picture))
    h.clock.wind(days=40)
    other = Rep(h, user="gu.lei", device="device-of-gu-lei")
    await begun(other, 31.2050, 121.5900)
    said = await other.shows("几乎相同", COPIES[change](picture))
    assert "李娜" in words(said) and "华强" in words(said)
    assert await reasons(h) == [("counted", []), ("refused", ["photo.alike"])]


async def test_the_very_same_bytes(h: House, li_na: Rep) -> None:
    data = jpeg(scene(7))
    await begun(li_na)
    await li_na.shows("照片", data)
    await li_na.shows("本次拜访已经收到过", data)
    await li_na.speaks(31, "语音")
    await li_na.says("结束拜访", "已结束拜访")
    h.clock.wind(days=3)
    await begun(li_na)
    await li_na.shows("照片相同", data)
    assert await reasons(h) == [("counted", []), ("refused", ["photo.again"]), ("refused", ["photo.reused"])]


async def test_the_original_of_a_crop_that_was_sent_before(h: House, li_na: Rep) -> None:
    picture = scene(9)
    await begun(li_na)
    await li_na.shows("照片", jpeg(cropped(picture, 0.06, 0.04, 0.02, 0.08), 70))
    other = Rep(h, user="gu.lei", device="device-of-gu-lei")
    await begun(other, 31.2050, 121.5900)
    await other.shows("几乎相同", jpeg(picture))


async def test_sent_before_the_check_in_and_again_after_it(h: House, li_na: Rep) -> None:
    """The first one counts for nothing, so nothing was sent twice."""
    data = jpeg(scene(7))
    await li_na.says("开始拜访 华强", "已开始拜访")
    await li_na.says("方案演示", "方案演示")
    await li_na.shows("暂不计入", data)
    h.clock.wind(minutes=2)
    await li_na.checks_in()
    h.clock.wind(seconds=5)
    await li_na.shows("照片 1/1", data)
    assert [state for state, _ in await reasons(h)] == ["quarantined", "counted"]


async def test_what_a_rep_took_back_binds_him_no_more(h: House, li_na: Rep) -> None:
    data, copy = jpeg(scene(7)), jpeg(scene(7), 40)
    await begun(li_na)
    await li_na.shows("照片 1/1", data)
    await li_na.says("撤回", "已撤回")
    h.clock.wind(minutes=2)
    await begun(li_na)
    await li_na.shows("照片 1/1", copy)
    other = Rep(h, user="gu.lei", device="device-of-gu-lei")
    await begun(other, 31.2050, 121.5900)
    await other.shows("相同", data)
    assert [state for state, _ in await reasons(h)] == ["counted", "counted", "refused"]


async def test_two_shots_of_one_scene(h: House, li_na: Rep) -> None:
    """A step aside: near enough by their hashes to be looked at, and seen to be two photos, in this visit and in another one."""
    await begun(li_na)
    await li_na.shows("照片 1/1", jpeg(scene(7)))
    await li_na.shows("照片", jpeg(scene(7, aside=5)))
    await li_na.says("结束拜访", "还不能")
    h.clock.wind(days=20)
    other = Rep(h, user="gu.lei", device="device-of-gu-lei")
    await begun(other, 31.2050, 121.5900)
    await other.shows("照片 1/1", jpeg(scene(7, aside=-5)))
    assert [state for state, _ in await reasons(h)] == ["counted", "counted", "counted"]


async def test_other_pictures_are_others(h: House, li_na: Rep) -> None:
    await begun(li_na)
    for seed in range(12):
        await li_na.shows("照片", jpeg(scene(100 + seed)))
    assert {state for state, _ in await reasons(h)} == {"counted"}


def noted(taken: datetime, lat: float = 0, lng: float = 0) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0110] = "Phone 9"
    exif.get_ifd(0x8769)[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    if lat:
        exif.get_ifd(0x8825).update({1: "N", 2: (lat, 0.0, 0.0), 3: "E", 4: (lng, 0.0, 0.0)})
    return exif


async def test_what_the_camera_noted_is_a_hint(h: House, li_na: Rep) -> None:
    """It counts all the same; most chat tools strip these notes, and their absence says nothing."""
    await begun(li_na)
    local = h.clock.now().astimezone(UTC) + timedelta(hours=8)
    await li_na.shows("照片", jpeg(scene(1), exif=noted(local, 22.53, 113.95)))
    await li_na.shows("照片", jpeg(scene(2), exif=noted(local - timedelta(days=9), 39.9, 116.4)))
    await li_na.shows("照片", jpeg(scene(3)))
    assert await reasons(h) == [("counted", []), ("counted", ["photo.taken", "photo.elsewhere"]), ("counted", [])]


async def test_an_appeal_is_decided_by_the_director(h: House, li_na: Rep, chen: Director) -> None:
    data = jpeg(scene(7))
    await begun(li_na)
    await li_na.shows("照片", data)
    await li_na.speaks(31, "语音")
    await li_na.says("结束拜访", "已结束拜访")
    h.clock.wind(days=1)
    await begun(li_na)
    await li_na.speaks(31, "语音")
    said = await li_na.shows("照片相同", data)
    await li_na.taps(said, "申诉", "已请主管确认这份材料")
    card = await chen.gets("申诉", "照片相同")
    await chen.taps(card, "同意")
    await h.hears("同意了您的申诉")
    last = (await reasons(h))[-1]
    assert last == ("counted", ["photo.reused", "appeal.accepted"])
    assert {action["verdict"]["state"] for action in await api(h, "actions", "items")} == {"complete"}


async def test_every_way_of_looking_at_a_record_is_noted(h: House, li_na: Rep, chen: Director) -> None:
    await begun(li_na)
    await li_na.shows("照片", jpeg(scene(3)))
    (action,) = await api(h, "actions", "items")
    page = f"http://127.0.0.1:8080/record/{action['id']}"
    assert (await opened(h, page, "ou_chen"))[0] == 200
    await h.feishu.say("ou_chen", f"核验 {action['id']}")
    await h.settled()
    await api(h, f"actions/{action['id']}")
    seen = await h.sql("SELECT record, person, how FROM views ORDER BY id")
    ways = {(row["record"], row["person"], row["how"]) for row in seen}
    assert {(action["id"], "D001", "page"), (action["id"], "D001", "chat")} <= ways
    assert any(record == action["id"] and how == "api" for record, _, how in ways)
