"""A visit by chat alone, from beginning to end, as a rep lives it."""

from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import api, taken_in, words


async def test_a_visit_by_check_in_takes_six_taps_at_most(h: House, li_na: Rep) -> None:
    taps = 2  # 外出打卡 in 工作台, and opening the chat
    started = await li_na.arrives("已开始拜访 深圳华强精密模具有限公司")
    taps += 1
    stage = await li_na.taps(started, "方案演示", "照片 0/1，语音 0/1")
    assert "一段不少于 30 秒" in stage["text"]
    await li_na.shows("照片 1/1，语音 0/1")
    done = await li_na.speaks(31, "完整")
    h.clock.wind(minutes=3)
    taps += 1
    ended = await li_na.taps(done, "结束拜访", "已结束拜访")
    assert taps <= 6
    assert "方案演示：完整（T4）" in ended["text"]
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete"
    assert action["intent"] == {"stage": "demo", "kind": "solution_demo", "corrected_from": None}
    assert action["stamp"]["source"] == "wecom.checkin" and action["stamp"]["device"] == "device-of-li-na"
    assert action["stamp"]["datum"] == "gcj02" and action["stamp"]["distance_m"] < 1
    assert {item["kind"] for item in action["evidence"]} == {"photo", "voice"}
    (step,) = [one for one in await api(h, "funnel", "stages") if one["stage"] == "demo"]
    assert (step["actions"], step["customers"]) == (1, 1)


async def test_a_visit_by_words_and_by_menu(h: House, li_na: Rep) -> None:
    await li_na.checks_in()
    await li_na.says("开始拜访华强", "已开始拜访 深圳华强精密模具有限公司")
    await li_na.says("讲方案", "已进入：方案演示")  # an alias
    card = await li_na.opens("选择阶段", "正在拜访 深圳华强")
    await li_na.taps(card, "方案演示", "正在进行：方案演示")
    await li_na.shows("照片 1/1")
    await li_na.speaks(30, "完整")
    h.clock.wind(minutes=2)
    await li_na.opens("结束拜访", "已结束拜访")
    chooser = await li_na.opens("开始拜访", "要拜访哪位客户")
    await li_na.taps(chooser, "东莞恒达机电有限公司", "已开始拜访 东莞恒达机电有限公司")
    await li_na.says("今日", "正在拜访：东莞恒达机电有限公司")


async def test_a_pin_near_one_customer_starts_but_does_not_prove(h: House, li_na: Rep) -> None:
    """A bare location message carries no device: it begins the visit, and the bot asks for 外出打卡."""
    started = await li_na.pins(22.5366, 113.9456, "已开始拜访 深圳华强")
    assert "外出打卡" in words(started)
    await li_na.says("方案演示", "请先做外出打卡")
    held = await li_na.shows("暂不计入")
    assert "这种消息不带设备信息，请用外出打卡" in words(held)
    await li_na.checks_in()
    await li_na.says("今日", "正在拜访")
    await li_na.speaks(31, "语音 1/1")
    await li_na.shows("照片 1/1")
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete" and action["verdict"]["tier"] == "T4"


async def test_a_pin_near_several_customers_is_asked_about(h: House, li_na: Rep) -> None:
    await taken_in(h, "sites", "customer,name,lat,lng,datum\nC002,南山分部,22.5370,113.9460,gcj02\n")
    chooser = await li_na.arrives("附近有您的客户")
    assert {button["text"] for button in chooser["card"]["button_list"]} == {"华强", "东莞恒达机电有限公司"}
    await li_na.taps(chooser, "东莞恒达机电有限公司", "已开始拜访 东莞恒达机电有限公司")
    await li_na.demonstrates()
    ended = await li_na.says("结束拜访", "已结束拜访")
    assert "方案演示：完整（T4）" in words(ended)


async def test_a_pin_near_nobody(h: House, li_na: Rep) -> None:
    await li_na.pins(39.9042, 116.4074, "附近没有您的客户")
    await li_na.pins(31.2050, 121.5900, "附近没有您的客户")  # somebody else's customer
    assert await h.sql("SELECT id FROM visits") == []


async def test_a_voice_of_29_seconds_is_refused_with_what_is_missing(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "语音 0/1")
    await li_na.shows("照片 1/1")
    refused = await li_na.speaks(29, "不符合要求：语音 29 秒")
    assert "还差 1 秒以上（需 30 秒）" in words(refused) and "语音 0/1" in words(refused)
    await li_na.speaks(29.98, "还差 1 秒以上")
    await li_na.speaks(30, "语音 1/1")
    h.clock.wind(minutes=2)
    await li_na.says("结束拜访", "方案演示：完整")
    (action,) = await api(h, "actions", "items")
    assert sorted((item["seconds"], item["state"]) for item in action["evidence"] if item["kind"] == "voice") == [
        (29.0, "refused"),
        (29.98, "refused"),
        (30.0, "counted"),
    ]


async def test_closing_asks_for_photo_and_a_voice_of_at_most_60_seconds(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("需求确认", "照片或语音 0/1")
    refused = await li_na.says("结束拜访", "还不能结束拜访")
    assert "照片 0/1" in words(refused) and "语音 0/1" in words(refused)
    await li_na.speaks(61, "已收：语音 61 秒")
    refused = await li_na.says("结束拜访", "还不能结束拜访")
    assert "照片 0/1" in words(refused) and "语音不超过 60 秒（已收最长 61 秒）" in words(refused)
    assert (await api(h, "actions", "items"))[0]["verdict"]["state"] == "complete"  # judged on its own evidence, at once
    await li_na.shows("已收：照片")
    await li_na.says("结束拜访", "语音不超过 60 秒")
    assert (await h.sql("SELECT state FROM visits")) == [{"state": "open"}]
    await li_na.speaks(60, "已收：语音 60 秒")
    await li_na.says("结束拜访", "已结束拜访")


async def test_a_visit_without_a_stage_closes_at_once(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("结束拜访", "这次没有记录动作")
    await li_na.says("结束拜访", "没有进行中的拜访")
    assert await api(h, "actions", "items") == []


async def test_another_customer_closes_the_visit_and_its_complete_actions_stay(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.demonstrates()
    await li_na.says("开始拜访 恒达", "已开始拜访 东莞恒达")
    assert any("上一个拜访（深圳华强精密模具有限公司）没有结束，现已自动关闭" in words(item) for item in li_na.screen)
    assert [row["state"] for row in await h.sql("SELECT state FROM visits ORDER BY started_at")] == ["timed_out", "open"]
    (action,) = await api(h, "actions", "items")
    assert action["verdict"]["state"] == "complete" and action["submitted_at"]


async def test_a_visit_times_out_after_twelve_hours_and_the_rep_hears_in_the_morning(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.demonstrates()
    await li_na.says("需求确认", "已进入：需求确认")
    await h.time_passes(hours=11, minutes=57)
    assert (await h.sql("SELECT state FROM visits")) == [{"state": "open"}]
    await h.time_passes(minutes=3)
    assert (await h.sql("SELECT state FROM visits")) == [{"state": "timed_out"}]
    assert not any("没有结束，已自动关闭" in words(item) for item in li_na.screen)  # 02:00 in Shanghai
    await h.time_passes(hours=7, minutes=2)
    told = await h.hears("超过 12 小时没有结束，已自动关闭")
    assert "其中 1 个完整的动作保留" in words(told)
    states = {one["intent"]["stage"]: one["verdict"]["state"] for one in await api(h, "actions", "items")}
    assert states == {"demo": "complete", "need": "incomplete"}


async def test_a_visit_survives_a_restart(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "已进入")
    await li_na.shows("照片 1/1")
    await h.down()
    await h.up()
    await li_na.speaks(31, "语音 1/1")
    h.clock.wind(minutes=2)
    await li_na.says("结束拜访", "方案演示：完整（T4）")
