"""The visit page over the wire: signed once, stored before the ack, judged like everything else; what is not genuine counts nothing."""

import argparse
import asyncio
import base64
import json
from hashlib import sha256

from adapters.jsapi import signature
from bot.commands import erase
from tests.e2e.director import Director
from tests.e2e.house import DEVICE, HQ, House
from tests.e2e.material import photo, voice
from tests.e2e.phone import Phone, key, page_in, phone
from tests.e2e.rep import Rep
from tests.e2e.seen import Json, api, words


async def begun(li_na: Rep) -> str:
    return page_in(await li_na.says("开始拜访 华强", "已开始拜访"))


async def enrolled(h: House, li_na: Rep, chen: Director, page: Phone) -> None:
    """The first start waits for the director, who says yes."""
    assert (await page.starts())[0] == 200
    await h.hears("到场待主管确认")
    card = await chen.gets("设备确认：李娜")
    await h.does(chen.taps(card, "同意"), "陈国栋同意了您的")


async def test_the_whole_way_to_t3(h: House, li_na: Rep, chen: Director) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        assert page.status == 200 and "深圳华强" in page.text and "还没有定位" in page.text
        await enrolled(h, li_na, chen, page)
        h.clock.wind(seconds=30)
        assert (await page.starts())[0] == 200
        said = words(await h.hears("已开始拜访：深圳华强"))
        assert "83%" in said and "距客户" in said
        await li_na.says("方案演示", "已进入")
        assert (await page.sends("photo", photo(1), live=True))[0] == 200
        await h.hears("照片 1/1")
        assert (await page.sends("voice", voice(31)))[0] == 200
        await h.hears("语音 1/1")
        shown = await page.state()
        assert "到场已核对" in shown and "已备案" in shown and "照片 1/1" in shown.replace("\n", "")
    (action,) = await api(h, "actions", "items")
    assert (action["verdict"]["state"], action["verdict"]["tier"]) == ("complete", "T3")
    stamp = action["stamp"]
    assert (stamp["source"], stamp["datum"], stamp["battery"], stamp["device"]) == ("page", "wgs84", 83.0, page.device)
    assert stamp["distance_m"] < 10
    assert any("页面定位 4 次" in reason for reason in action["verdict"]["reasons"])
    sources = await h.sql("SELECT source FROM evidence ORDER BY sent_at")
    assert all(row["source"].startswith("page:") for row in sources)
    (seen,) = await h.sql("SELECT person, how FROM views")
    assert seen == {"person": "E001", "how": "page"}


async def test_what_holds_t3_up_is_asked_for_one_by_one(h: House, li_na: Rep, chen: Director) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        await enrolled(h, li_na, chen, page)
        await page.starts()
        await h.hears("已开始拜访：深圳华强")
        await li_na.says("需求确认", "已进入")
        await page.sends("photo", photo(1), live=False)  # from the phone's own camera app: nobody knows how it came there
        await h.hears("照片")
        await h.settled()
        (action,) = await api(h, "actions", "items")
        assert (action["verdict"]["state"], action["verdict"]["tier"]) == ("complete", "T2")
        assert any("没有用拜访页面的相机" in reason for reason in action["verdict"]["reasons"])
    await li_na.says("撤回", "撤回")
    await li_na.says("开始拜访 华强", "已开始拜访")
    ((visit,),) = [row.values() for row in await h.sql("SELECT id FROM visits WHERE state = 'open'")]
    async with phone(h, visit, own=page.key) as page:
        h.clock.wind(hours=3)
        page.nonces = []
        await fresh(page)
        await page.starts(fixes=[[*here, 5.0, 0] for here in [(22.53952, 113.940627)] * 6])
        await h.hears("已开始拜访：深圳华强")
        await li_na.says("需求确认", "已进入")
        await page.sends("photo", photo(2), live=True)
        await h.settled()
    action = (await api(h, "actions", "items"))[0]
    assert action["verdict"]["tier"] == "T2" and any("只测到 1 个" in reason for reason in action["verdict"]["reasons"])


async def fresh(page: Phone) -> None:
    async with page.session.get(f"{page.house.product.url}/visit/{page.visit}/nonces") as answer:
        page.nonces = (await answer.json())["nonces"]


async def test_replayed_forged_and_foreign_count_nothing(h: House, li_na: Rep, chen: Director) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        await enrolled(h, li_na, chen, page)
        entries = len(await h.sql("SELECT * FROM ledger_bodies"))
        used = page.signed({"what": "start", **page.fixes()})
        assert (await page.starts(used))[0] == 200
        await h.settled()
        checks = len(await h.sql("SELECT id FROM checks"))
        status, told = await page.starts(used)  # the very same again: as if the answer had been lost
        assert (status, told["again"]) == (200, True)
        nonce = json.loads(used["statement"])["nonce"]
        status, told = await page.starts(page.signed({"what": "start", "nonce": nonce, **page.fixes((31.0, 121.0))}))
        assert (status, told["error"]["code"]) == (409, "replayed") and "已经用过" in told["error"]["message"]

        forged = page.signed({"what": "start", **page.fixes()})
        for bad in (
            {**forged, "statement": forged["statement"].replace("12.0", "11.0")},
            {**forged, "signature": base64.b64encode(bytes(64)).decode()},
            {**forged, "signature": base64.b64encode(b"x").decode()},
            {**forged, "key": base64.b64encode(b"no key").decode()},
        ):
            status, told = await page.starts(bad)
            assert (status, told["error"]["code"]) == (403, "signature") and "换手机" in told["error"]["message"]
        shapes: list[object] = [{}, [], "x", {"statement": 1, "signature": "", "key": ""}]
        shapes += [{**forged, "statement": "{}"}, {**forged, "signature": "é"}]
        for shape in shapes:
            status, told = await page.posts("start", json=shape)
            assert status == 400, shape
        for nonce in ("", "x", "A" * 43, page.nonces[0][:-2] + "AA"):
            status, told = await page.starts(page.signed({"what": "start", "nonce": nonce, **page.fixes()}))
            assert (status, told["error"]["code"]) == (403, "nonce")
        await h.settled()
        assert len(await h.sql("SELECT id FROM checks")) == checks
        assert len(await h.sql("SELECT * FROM ledger_bodies")) > entries


async def test_a_nonce_is_good_for_minutes(h: House, li_na: Rep) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        h.clock.wind(minutes=16)
        status, told = await page.starts()
        assert (status, told["error"]["code"]) == (410, "expired") and "离线太久" in told["error"]["message"]
        assert await h.sql("SELECT id FROM checks") == []


async def test_another_phone_is_another_device(h: House, li_na: Rep, chen: Director) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        await enrolled(h, li_na, chen, page)
    await li_na.says("方案演示", "已进入")
    async with phone(h, visit, own=key()) as other:
        await other.sends("photo", photo(1), live=True)
        refused = words(await h.hears("不符合要求：照片"))
        assert "设备与备案不一致" in refused
        await other.starts()
        card = await h.hears("到场未通过核对")
        assert "设备与备案不一致" in words(card)
        await li_na.taps(card, "换手机", "已请主管确认")
        await h.does(chen.taps(await chen.gets("设备确认：李娜"), "同意"), "陈国栋同意了您的")
        h.clock.wind(seconds=5)
        await other.starts()
        await h.hears("已开始拜访：深圳华强")
    rows = await h.sql("SELECT state FROM devices WHERE platform = 'page' ORDER BY since")
    assert sorted(row["state"] for row in rows) == ["active", "retired"]
    kept = await h.sql(f"SELECT state FROM devices WHERE device = '{DEVICE}'")
    assert kept == [] or kept[0]["state"] == "active"  # the phone on file for check-ins is another matter


async def test_what_was_made_without_network_comes_late_with_both_times(h: House, li_na: Rep, chen: Director) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        await enrolled(h, li_na, chen, page)
        await li_na.says("方案演示", "已进入")
        await fresh(page)
        made = [page.signed({"what": "start", "elapsed_ms": 60_000, **page.fixes()})]
        data = photo(7)
        made.append(page.signed({"what": "photo", "sha256": sha256(data).hexdigest(), "live": True, "elapsed_ms": 90_000}))
        h.clock.wind(minutes=6)
        await page.starts(made[0])
        said = words(await h.hears("迟到"))
        assert "14:01" in said and "14:06" in said
        assert (await page.sends("photo", data, made[1]))[0] == 200
        await h.hears("照片 1/1")
        assert (await page.sends("photo", data, made[1]))[1]["again"] is True
        assert (await page.starts(made[0]))[1]["again"] is True
        await h.settled()
        (item,) = await h.sql("SELECT sent_at, received_at, state FROM evidence")
        assert item["state"] == "counted" and item["received_at"] - item["sent_at"] > 4 * 60_000
        reasons = [json.loads(row["reasons"]) for row in await h.sql("SELECT reasons FROM checks ORDER BY at")]
        assert "sign.late" in {one["code"] for one in reasons[-1]}


async def test_nobody_signs_ahead_of_now(h: House, li_na: Rep) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        before = h.clock.now()
        await page.starts(elapsed_ms=80_000_000, clock="2030-01-01T00:00:00Z")
        await h.hears("到场待主管确认")
        (check,) = await h.sql("SELECT at FROM checks")
        assert abs(check["at"] / 1000 - before.timestamp()) < 5


async def test_a_bare_position_opens_nothing_and_the_page_is_offered(h: House, li_na: Rep) -> None:
    visit = await begun(li_na)
    card = await li_na.pins(*HQ, "到场未通过核对")
    assert "拜访页面" in words(card) and page_in(card) == visit


async def test_out_of_the_fence_and_no_place_at_all(h: House, li_na: Rep, chen: Director) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        await enrolled(h, li_na, chen, page)
        h.clock.wind(seconds=5)
        await page.starts(**page.fixes((22.5600, 113.940627)))
        assert "公里" in words(await h.hears("到场未通过核对"))
        await page.starts(fixes=[])
        await h.hears("请打开定位后再试一次")
        await page.starts(fixes=[[0, 0, 1, 0]] * 3)
        await h.hears("坐标是 0,0")


async def test_a_page_is_for_its_rep_alone(h: House, li_na: Rep) -> None:
    visit = await begun(li_na)
    async with phone(h, visit, "wang.hao") as other:
        assert other.status == 404 and "华强" not in other.text
        own = page_in(await h.does(h.wecom.say("wang.hao", "开始拜访 云帆"), "已开始拜访", "wang.hao"))
    async with phone(h, own, "wang.hao") as other:
        assert other.status == 200
        signed = other.signed({"what": "start", "page": visit, **other.fixes()})
        other.visit = visit
        assert (await other.starts(signed))[0] == 404
        assert (await other.sends("photo", photo(1)))[0] == 404
        other.visit = own
        assert (await other.starts(other.signed({"what": "start", "page": visit, **other.fixes()})))[0] == 403
    assert await h.sql("SELECT id FROM checks") == []


async def test_a_page_whose_visit_is_over(h: House, li_na: Rep) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        await li_na.says("开始拜访 恒达", "已开始拜访")
        status, told = await page.starts()
        assert (status, told["error"]["code"]) == (409, "over") and "开始拜访" in told["error"]["message"]
    async with phone(h, visit) as page:
        assert "这次拜访已经结束" in page.text and 'id="start"' not in page.text


async def test_files_that_are_none(h: House, li_na: Rep, chen: Director) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        await enrolled(h, li_na, chen, page)
        await li_na.says("方案演示", "已进入")
        status, told = await page.sends("photo", photo(1), page.signed({"what": "photo", "sha256": "0" * 64}))
        assert (status, told["error"]["code"]) == (400, "digest")
        assert (await page.sends("photo", bytes(21 << 20)))[0] == 413
        assert (await page.sends("start", b"x"))[0] == 400
        assert await h.sql("SELECT id FROM evidence") == []
        await page.sends("photo", b"GIF89a nonsense", live=True)
        await h.hears("照片无法打开")
        await page.sends("voice", b"no sound")
        await h.hears("语音无法播放")
        assert list(h.product.line.vault.incoming.glob("page-*")) == []


async def test_what_was_not_agreed_to_is_not_kept(h: House, li_na: Rep) -> None:
    visit = await begun(li_na)
    await li_na.says("撤回同意 照片", "照片")
    before = list(h.product.line.vault.names())
    async with phone(h, visit) as page:
        assert "未同意使用：照片" in page.text
        status, told = await page.sends("photo", photo(1), live=True)
        assert (status, told["error"]["code"]) == (403, "withheld")
    assert list(h.product.line.vault.names()) == before


async def test_what_a_page_said_of_him_goes_when_he_wants_it(h: House, li_na: Rep) -> None:
    async with phone(h, await begun(li_na)) as page:
        await page.starts()
        await h.hears("到场待主管确认")
        await h.settled()
    await h.down()
    arguments = argparse.Namespace(config=h.path, what="E001", reason="本人要求", yes=True)
    assert await asyncio.to_thread(erase.run, arguments) == 0
    await h.up()
    (kept,) = await h.sql("SELECT payload FROM inbox WHERE platform = 'page'")
    assert not kept["payload"]
    assert await h.sql("SELECT id FROM checks") == [] and await h.sql("SELECT id FROM devices WHERE platform = 'page'") == []


async def test_a_killed_answer_and_two_at_once_are_one(h: House, li_na: Rep) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        signed = page.signed({"what": "start", **page.fixes()})
        answers = await asyncio.gather(*(page.starts(signed) for _ in range(4)))
        assert [status for status, _ in answers] == [200] * 4
        assert sum(not told["again"] for _, told in answers) == 1
        await h.settled()
        assert len(await h.sql("SELECT id FROM checks")) == 1


async def test_an_approval_keeps_what_spoke_against_the_place(h: House, li_na: Rep, chen: Director) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        await page.starts(fixes=[[22.53952, 113.940627, 5.0, 0]], battery=None)
        assert "平台不提供" in words(await h.hears("到场待主管确认"))
        await h.does(chen.taps(await chen.gets("设备确认：李娜"), "同意"), "陈国栋同意了您的")
        await h.settled()
    rows = [json.loads(row["reasons"]) for row in await h.sql("SELECT reasons FROM checks WHERE state = 'passed'")]
    assert rows and "sign.few" in {one["code"] for one in rows[-1]}


async def test_a_native_record_stands_above_the_page(h: House, li_na: Rep) -> None:
    visit = await begun(li_na)
    await li_na.checks_in(*HQ)
    async with phone(h, visit) as page:
        await page.starts()
        await h.settled()
    states = {row["state"] for row in await h.sql("SELECT state FROM checks")}
    assert "passed" in states  # his record was read before


WXWORK, LARK = "Mozilla/5.0 (iPhone) wxwork/4.1.20", "Mozilla/5.0 (iPhone) Lark/7.30"


async def jsapi(page: Phone, agent: str, url: str = "") -> tuple[int, Json]:
    public = page.house.product.line.config().server.public_url
    query = {"url": url or f"{public}/visit/{page.visit}"}
    headers = {"User-Agent": agent, "Accept": "application/json"}
    async with page.session.get(f"{page.house.product.url}/visit/{page.visit}/jsapi", params=query, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_the_client_is_given_a_signature_and_the_platform_is_asked_once(h: House, li_na: Rep) -> None:
    visit = await begun(li_na)
    async with phone(h, visit) as page:
        url = f"http://127.0.0.1:8080/visit/{visit}"
        found = await asyncio.gather(*(jsapi(page, WXWORK) for _ in range(5)))
        for status, told in found:
            assert status == 200 and told["platform"] == "wecom" and told["appId"] == "wwE2E0000000000001"
            assert told["signature"] == signature(h.wecom.world.jsapi_ticket, told["nonceStr"], told["timestamp"], url)
        assert h.wecom.world.calls["/cgi-bin/get_jsapi_ticket"] == 1
        h.clock.wind(seconds=7000)
        await jsapi(page, WXWORK)
        assert h.wecom.world.calls["/cgi-bin/get_jsapi_ticket"] == 2
        status, told = await jsapi(page, LARK, f"{url}?from=card#top")
        assert status == 200 and told["signature"] == signature("cli_e2e-ticket", told["nonceStr"], told["timestamp"], f"{url}?from=card")
        assert (await jsapi(page, "Firefox"))[0] == 404
        for elsewhere in ("https://evil.example/", f"http://127.0.0.1:8080.evil.example/visit/{visit}", "http://127.0.0.1:8080/record/a_1"):
            assert (await jsapi(page, WXWORK, elsewhere))[0] == 400
