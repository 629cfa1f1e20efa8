"""Where and with which phone: fences, exceptions, devices, places; the director decides with a tap."""

import asyncio

from tests.e2e.director import Director
from tests.e2e.house import HQ, House
from tests.e2e.material import photo
from tests.e2e.rep import Rep
from tests.e2e.seen import api, coverage, taken_in, words

OUT = (22.5365, 113.9530)  # 770 m east of the site


async def test_out_of_the_fence_nothing_counts_and_nothing_is_lost(h: House, li_na: Rep) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    refused = await li_na.arrives("到场未通过核对", *OUT)
    assert "770" in words(refused) and "超出 500 米范围" in words(refused)
    await li_na.says("方案演示", "已进入")
    held = await li_na.shows("暂不计入：照片")
    assert "原件已保留" in words(held)
    await li_na.speaks(31, "暂不计入：语音")
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "quarantined"
    assert {item["state"] for item in action["evidence"]} == {"quarantined"}
    assert all(h.product.line.vault.path(item["sha256"]).is_file() for item in action["evidence"])
    assert (await coverage(h))["total"]["done"] == 0


async def test_an_exception_that_the_director_grants_counts_what_was_sent(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    refused = await li_na.arrives("到场未通过核对", *OUT)
    await li_na.says("方案演示", "已进入")
    await li_na.shows("暂不计入")
    await li_na.speaks(31, "暂不计入")
    await li_na.taps(refused, "申请例外", "已请主管确认这次到场")
    await li_na.taps(refused, "申请例外", "已经提请过主管")
    card = await chen.gets("到场例外：李娜")
    assert "770" in words(card) and "深圳华强" in words(card)
    before = len(await h.sql("SELECT * FROM ledger_bodies"))
    told = await h.does(chen.taps(card, "同意"), "陈国栋同意了您的到场例外申请")
    assert "2 项材料计入" in words(told) and "方案演示：完整" in words(told)
    assert "已同意 · 陈国栋" in words(await chen.gets("到场例外：李娜"))
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete"
    assert any("主管已同意按例外处理" in reason for reason in action["verdict"]["reasons"])
    assert len(await h.sql("SELECT * FROM ledger_bodies")) > before  # new entries; none was changed


async def test_an_exception_that_is_refused_stays_out(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    refused = await li_na.arrives("到场未通过核对", *OUT)
    await li_na.says("方案演示", "已进入")
    await li_na.shows("暂不计入")
    await li_na.taps(refused, "申请例外", "已请主管确认")
    card = await chen.gets("到场例外：李娜")
    await h.does(chen.taps(card, "拒绝"), "陈国栋没有同意您的到场例外申请")
    (action,) = await api(h, "actions", "items")
    assert action["evidence"][0]["state"] == "quarantined"


async def test_a_first_device_waits_for_the_director(h: House, chen: Director) -> None:
    wang = Rep(h, "wang.hao", "phone-of-wang")
    site = (23.1325, 113.3245)
    waiting = await wang.arrives("到场待主管确认", *site)
    assert "设备尚未备案，等待主管确认" in words(waiting)
    await wang.says("方案演示", "已进入")
    await wang.shows("暂不计入")
    await wang.speaks(31, "暂不计入")
    card = await chen.gets("设备确认：王浩")
    await h.does(chen.taps(card, "同意"), "2 项材料计入", "wang.hao")
    (action,) = await api(h, "actions", "items")
    assert (action["verdict"]["state"], action["verdict"]["tier"]) == ("complete", "T4")
    h.clock.wind(minutes=2)
    await wang.says("结束拜访", "完整（T4）")
    h.clock.wind(hours=3)
    await wang.arrives("已开始拜访 广州云帆", *site)
    assert len(chen.cards("设备确认")) == 1


async def test_another_phone_is_refused_until_the_director_takes_it_over(h: House, li_na: Rep, chen: Director) -> None:
    other = Rep(h, "li.na", "another-phone")
    refused = await other.arrives("到场未通过核对")
    assert "设备与备案不一致" in words(refused)
    await other.says("方案演示", "已进入")
    await other.shows("暂不计入")
    await other.speaks(31, "暂不计入")
    await other.says("换手机", "已请主管确认新设备")
    await other.says("换手机", "这台设备已经提请过主管")
    card = await chen.gets("设备确认：李娜")
    await h.does(chen.taps(card, "同意"), "2 项材料计入")
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete" and action["stamp"]["device"] == "another-phone"
    h.clock.wind(hours=3)
    back = await li_na.arrives("到场未通过核对")  # the phone before it is retired
    assert "设备与备案不一致" in words(back)


async def test_a_rejected_device_stays_out(h: House, chen: Director) -> None:
    other = Rep(h, "li.na", "another-phone")
    refused = await other.arrives("到场未通过核对")
    await other.taps(refused, "换手机", "已请主管确认新设备")
    card = await chen.gets("设备确认：李娜")
    await h.does(chen.taps(card, "拒绝"), "没有同意您的设备申请")
    h.clock.wind(minutes=5)
    assert "该设备未获主管同意" in words(await other.arrives("到场未通过核对"))


async def test_of_two_taps_at_once_the_first_decides(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    refused = await li_na.arrives("到场未通过核对", *OUT)
    await li_na.taps(refused, "申请例外", "已请主管确认")
    card = await chen.gets("到场例外：李娜")
    assert h.feishu.screen("ou_zhou") == []  # another region's director is not asked
    await asyncio.gather(chen.taps(card, "同意"), chen.taps(card, "拒绝"))
    await h.settled()
    (row,) = await h.sql("SELECT decided, by FROM approvals")
    (decided,) = [words(line) for line in chen.cards("到场例外")]
    assert row["by"] == "D001" and ("已同意" if row["decided"] else "已拒绝") in decided
    assert any("不再改变" in words(line) for line in h.feishu.screen("ou_chen"))
    assert len([item for item in li_na.screen if "您的到场例外申请" in words(item)]) == 1


async def test_a_new_place_counts_once_the_director_says_so(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    refused = await li_na.arrives("到场未通过核对", *OUT)
    await li_na.says("方案演示", "已进入")
    await li_na.shows("暂不计入")
    await li_na.speaks(31, "暂不计入")
    await li_na.taps(refused, "登记为新地点", "已请主管确认新地点")
    assert [one["name"] for one in (await api(h, "customers/C001"))["sites"]] == ["注册地址"]
    card = await chen.gets("新地点登记：李娜")
    await h.does(chen.taps(card, "同意"), "2 项材料计入")
    h.clock.wind(hours=3)
    again = await li_na.arrives("正在拜访 深圳华强", *OUT)
    assert "到场已核对" in words(again)
    assert len((await api(h, "customers/C001"))["sites"]) == 2


async def test_photos_of_a_check_in_record_are_evidence(h: House, li_na: Rep) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    await li_na.says("方案演示", "已进入")
    h.clock.wind(seconds=2)
    await h.wecom.checkin("li.na", *HQ, device=li_na.device, place="科苑南路", photos=[photo(1), photo(2)])
    await h.does(h.wecom.enter("li.na"), "照片 1/1")
    (action,) = await api(h, "actions", "items")
    assert [(item["kind"], item["state"]) for item in action["evidence"]] == [("photo", "counted")] * 2


async def test_a_check_in_at_another_customer_goes_on_there(h: House, li_na: Rep) -> None:
    await li_na.arrives("已开始拜访 深圳华强")
    h.clock.wind(hours=1)
    await li_na.arrives("已开始拜访 东莞恒达", 22.9180, 113.8860)
    assert any("上一个拜访（深圳华强精密模具有限公司）没有结束" in words(item) for item in li_na.screen)
    await li_na.demonstrates()
    (action,) = await api(h, "actions", "items")
    assert action["customer"] == "C002" and action["verdict"]["state"] == "complete"


async def test_a_site_imported_in_wgs84_is_compared_in_one_datum(h: House, li_na: Rep) -> None:
    """The GPS position of the same gate: 22.5365, 113.9455 in GCJ-02. Unconverted it would lie some 590 m off."""
    head, gps = "id,name,annual_purchase,owner,lat,lng,datum", "22.539440,113.940604"
    await taken_in(h, "customers", f"{head}\nC009,南山光电,600000,E001,{gps},wgs84\n")
    await taken_in(h, "customers", f"{head}\nC001,深圳华强精密模具有限公司,800000,E001,31.2,121.5,gcj02\n")
    await li_na.arrives("已开始拜访 南山光电", *HQ)
    await li_na.demonstrates()
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete" and action["stamp"]["distance_m"] < 20
