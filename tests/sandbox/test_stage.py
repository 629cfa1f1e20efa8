"""The demo page's server over real HTTP: what it gives out, what it refuses, and that acts reach the platforms."""

import asyncio
import io
import json
import wave
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.sandbox.company import AGENT_ID, CORP_ID, DINGTALK_ID, FEISHU_APP_ID, alert_chat, environment, sample_company
from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.play import Missed, Player
from adapters.sandbox.stage.app import PAGE, Stage
from adapters.sandbox.stage.clock import DemoClock
from adapters.sandbox.stage.picture import members_of
from adapters.sandbox.stage.sound import to_amr, to_wav
from adapters.sandbox.stage.theatre import Theatre
from adapters.sandbox.wecom import WeComStandIn
from bot.evidence.amr import amr_seconds

AUDIO = Path(__file__).parent.parent / "audio"
START = datetime.fromisoformat("2026-11-24T14:20:00+08:00")
LOOK = {"rep": "li.na", "owner": "wang.hao", "chat": alert_chat("south"), "as": "ou_demo_chen_guodong"}


class House:
    """A stage without a product: what is said stays on the screens."""

    def __init__(self, theatre: Theatre, stage: Stage, session: aiohttp.ClientSession) -> None:
        self.theatre = theatre
        self.stage = stage
        self.session = session

    async def post(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        async with self.session.post(self.stage.address + path, json=body) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str, **options: Any) -> tuple[int, str, Mapping[str, str]]:
        async with self.session.get(self.stage.address + path, allow_redirects=False, **options) as answer:
            return answer.status, await answer.text(), answer.headers

    def said(self, user: str = "li.na") -> list[dict[str, Any]]:
        return self.theatre.wecom.screen(user)


async def _no_play(theatre: Theatre) -> None:
    theatre.set_playing("正在演示")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    company, secrets, clock = sample_company(), environment(), DemoClock(START)
    keys = {"secret": secrets["WECOM_SECRET"], "token": secrets["WECOM_TOKEN"], "aes_key": secrets["WECOM_AES_KEY"]}
    wecom = WeComStandIn(clock, corp_id=CORP_ID, agent_id=AGENT_ID, **keys)
    feishu = FeishuStandIn(clock, app_id=FEISHU_APP_ID, app_secret="s", encrypt_key="k", verification_token="v")
    dingtalk = DingTalkStandIn(clock, client_id=DINGTALK_ID, secret="s")
    for one in company.members:
        await wecom.add_member(one.handles["wecom"], one.name)
        feishu.add_user(one.handles["feishu"], one.id, one.name)
        dingtalk.add_user(one.handles["dingtalk"], one.name)
    product = "http://127.0.0.1:9"
    theatre = Theatre(company=company, clock=clock, wecom=wecom, feishu=feishu, dingtalk=dingtalk, product=product, api_token="t")
    feishu.add_chat(alert_chat("south"), "华南", members_of(theatre, "south"))
    stage = Stage(theatre, _no_play)
    await stage.start()
    async with aiohttp.ClientSession() as session:
        yield House(theatre, stage, session)
    await stage.close()
    await wecom.close()
    await feishu.close()


async def test_page_and_all_its_parts_come_from_here_and_nowhere_else(house: House) -> None:
    status, page, headers = await house.get("")
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "<script>" not in page
    assert " style=" not in page
    for file in PAGE.iterdir():
        text = file.read_text(encoding="utf-8")
        assert not [word for word in text.split('"') if word.startswith(("http://", "https://")) and "w3.org" not in word]
        if file.suffix != ".html":
            assert (await house.get(f"static/{file.name}"))[0] == 200


@pytest.mark.parametrize("name", ["nothing.js", "index.html", "..%2f..%2fbase.html.j2", "%2e%2e/base.html.j2"])
async def test_no_other_file_is_given_out(house: House, name: str) -> None:
    assert (await house.get(f"static/{name}"))[0] == 404


async def test_cast_names_everybody_and_everything_to_choose(house: House) -> None:
    cast = json.loads((await house.get("cast"))[1])
    assert len(cast["people"]) == 17
    assert [chat["name"] for chat in cast["chats"][:3]] == ["华南区 · 过程告警群", "华东区 · 过程告警群", "西南区 · 过程告警群"]
    assert max(clip["seconds"] for clip in cast["clips"]) > 30
    assert min(clip["seconds"] for clip in cast["clips"]) < 5
    for photo in cast["photos"]:
        async with house.session.get(f"{house.stage.address}sample/{photo['id']}.jpg") as answer:
            assert (await answer.read()).startswith(b"\xff\xd8\xff")


async def test_what_is_typed_while_somebody_moves_is_said_where_he_arrives(house: House) -> None:
    arrived = asyncio.Event()

    async def slowly(*_: object) -> None:
        await arrived.wait()

    house.theatre.moved = slowly
    moving = asyncio.create_task(house.post("act/seat", user="li.na", platform="feishu"))
    await asyncio.sleep(0.05)
    typed = asyncio.create_task(house.post("act/say", user="li.na", text="今日"))
    await asyncio.sleep(0.05)
    arrived.set()
    assert [answer for answer, _ in await asyncio.gather(moving, typed)] == [200, 200]
    assert house.said() == []
    assert house.theatre.feishu.screen(house.theatre.company.member("E001").handles["feishu"])[-1]["from"] != "bot"


async def test_what_is_typed_and_sent_stands_on_the_phone(house: House) -> None:
    client = house.theatre.company.clients[0]
    assert await house.post("act/say", user="li.na", text="开始拜访 华强") == (200, {})
    await house.post("act/place", user="li.na", lat=client.lat, lng=client.lng, how="pin", label="门口")
    await house.post("act/sample", user="li.na", kind="photo", sample="meeting")
    await house.post("act/sample", user="li.na", kind="photo", sample="meeting")
    await house.post("act/sample", user="li.na", kind="voice", sample="demo-closing")
    assert [line["type"] for line in house.said()] == ["text", "location", "image", "image", "voice"]
    photos = [media.data for media in house.theatre.wecom.world.media.values() if media.kind == "image"]
    assert photos[0] != photos[1]


async def test_check_in_leaves_a_record_and_opens_the_chat(house: House) -> None:
    client, rep = house.theatre.company.clients[0], house.theatre.company.member("E001")
    await house.post("act/checkin", user="li.na", lat=client.lat, lng=client.lng, device="own", place="华强")
    await house.post("act/checkin", user="li.na", lat=client.lat, lng=client.lng, device="other", place="华强")
    own, other = house.theatre.wecom.world.checkins
    assert own["deviceid"] == rep.device != other["deviceid"]
    assert [delivery.what for delivery in house.theatre.wecom.world.deliveries] == ["enter_agent"] * 2


async def test_feed_shows_the_change_at_once(house: House) -> None:
    async with house.session.get(house.stage.address + "feed", params=LOOK) as feed:
        first = await _picture(feed)
        assert first["rep"] == []
        await house.post("act/say", user="li.na", text="你好")
        assert [line["text"] for line in (await _picture(feed))["rep"]] == ["你好"]
        await house.post("act/wind", seconds=3600)
        wound = datetime.fromisoformat((await _picture(feed))["clock"])
        assert wound - datetime.fromisoformat(first["clock"]) > timedelta(minutes=59)


async def _picture(feed: aiohttp.ClientResponse) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while not (line := await feed.content.readline()).startswith(b"data: "):
            pass
    picture: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
    return picture


async def test_wind_goes_by_the_hour_or_three_days_only(house: House) -> None:
    assert (await house.post("act/wind", seconds=60))[0] == 400
    before = house.theatre.clock.now()
    assert (await house.post("act/wind", seconds=259_200))[0] == 200
    assert house.theatre.clock.now() - before >= timedelta(days=3)


async def test_outage_ends_when_its_hour_has_passed(house: House) -> None:
    await house.post("act/outage")
    assert house.theatre.feishu.outage
    await house.post("act/wind", seconds=3600)
    assert not house.theatre.feishu.outage


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("act/say", {"user": "nobody", "text": "x"}),
        ("act/say", {"text": "x"}),
        ("act/place", {"user": "li.na", "lat": "north", "lng": 1}),
        ("act/sample", {"user": "li.na", "kind": "voice", "sample": "../../etc/passwd"}),
        ("act/tap", {"user": "li.na", "message": "1", "key": "x"}),
        ("act/press", {"user": "ou_demo_chen_guodong", "message": "om_1", "value": {}}),
    ],
)
async def test_bad_acts_get_one_line_and_change_nothing(house: House, path: str, body: dict[str, Any]) -> None:
    status, said = await house.post(path, **body)
    assert status == 400
    assert said["error"]
    assert house.said() == []


async def test_acts_are_refused_to_other_sites(house: House) -> None:
    async with house.session.post(
        house.stage.address + "act/wind", json={"seconds": 3600}, headers={"Sec-Fetch-Site": "cross-site"}
    ) as answer:
        assert answer.status == 403
    status, _, headers = await house.get("", headers={"Host": "evil.example.com"})
    assert status == 302
    assert headers["Location"] == house.stage.address
    async with house.session.post(
        house.stage.address + "act/wind", data='{"seconds": 3600}', headers={"Content-Type": "text/plain"}
    ) as answer:
        assert answer.status == 400


async def test_door_signs_in_as_who_is_looking_and_leads_to_the_product_only(house: House) -> None:
    status, _, headers = await house.get("open", params={"url": "http://127.0.0.1:9/record/a_1", "platform": "feishu", "person": "ou_x"})
    assert status == 302
    assert headers["Location"] == "http://127.0.0.1:9/auth/feishu/go?to=%2Frecord%2Fa_1"
    assert "feishu_user=ou_x" in headers["Set-Cookie"]
    for url in ("http://evil.example.com/", "http://127.0.0.1:9.evil.example.com/", "javascript:alert(1)"):
        assert (await house.get("open", params={"url": url, "platform": "feishu", "person": "ou_x"}))[0] == 400


async def test_own_recording_becomes_what_a_phone_sends_and_can_be_played(house: House) -> None:
    opus = (AUDIO / "demo-closing.ogg").read_bytes()
    async with house.session.post(house.stage.address + "act/voice?user=li.na", data=opus) as answer:
        assert answer.status == 200
    sent = next(media for media in house.theatre.wecom.world.media.values() if media.kind == "voice")
    assert amr_seconds(sent.data).seconds == pytest.approx(32.38, abs=0.1)
    async with house.session.get(house.stage.address + f"media/wecom/{sent.id}") as answer:
        with wave.open(io.BytesIO(await answer.read())) as heard:
            assert heard.getnframes() / heard.getframerate() == pytest.approx(32.4, abs=0.2)


async def test_recording_without_sound_is_refused_in_words(house: House) -> None:
    async with house.session.post(house.stage.address + "act/voice?user=li.na", data=b"not a sound") as answer:
        assert answer.status == 400
        assert (await answer.json())["error"] == "这个文件里没有声音"


def test_sound_survives_both_ways() -> None:
    original = (AUDIO / "short-note.amr").read_bytes()
    assert to_amr(original) == original
    assert amr_seconds(to_amr(to_wav(original))).seconds == pytest.approx(amr_seconds(original).seconds, abs=0.05)
    with pytest.raises(ValueError, match="no sound"):
        to_wav(b"#!AMR\n")


async def test_a_step_that_does_not_come_is_missed_with_its_name(house: House) -> None:
    player = Player(house.theatre, lambda _: None)
    with pytest.raises(Missed, match="主管群应收到"):
        await player.wait("主管群应收到红灯", lambda: None, patience=0.2)


async def test_a_file_goes_into_the_chats_that_take_one(house: House) -> None:
    async def drops(user: str, name: str) -> tuple[int, dict[str, Any]]:
        url = f"{house.stage.address}act/file"
        async with house.session.post(
            url, params={"user": user, "name": name}, data=b"a,b\n", headers={"content-type": "text/csv"}
        ) as answer:
            return answer.status, await answer.json()

    assert (await drops("ou_demo_chen_guodong", "订单.csv"))[0] == 200
    line = house.theatre.feishu.screen("ou_demo_chen_guodong")[-1]
    assert line["type"] == "file" and line["content"]["file_name"] == "订单.csv"
    assert house.theatre.feishu.board.files[line["content"]["file_key"]].data == b"a,b\n"
    status, told = await drops("li.na", "订单.csv")
    assert status == 400 and "企业微信的应用收不到文件" in told["error"]
    assert (await drops("ou_demo_chen_guodong", ""))[0] == 400
