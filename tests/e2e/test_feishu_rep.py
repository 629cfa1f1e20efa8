"""A rep on Feishu who proves his presence by 外勤打卡: with a device it opens the window, without one it opens none."""

import json
from typing import Any

import pytest

from scheduler.polling import poll
from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import HQ, House
from tests.e2e.material import photo
from tests.e2e.seen import api, taken_in

PEOPLE = "id,name,role,region,wecom,feishu,device\nE001,李娜,rep,south,,ou_na,\n"


def spoken(h: House) -> str:
    return json.dumps([line for line in h.feishu.screen("ou_na") if line["from"] != "ou_na"], ensure_ascii=False)


async def checks(h: House) -> list[dict[str, Any]]:
    return await h.sql("SELECT state, device FROM checks ORDER BY at, id")


@pytest.mark.parametrize("h", [Setting(feishu="attendance = true", refold=True)], indirect=True)
async def test_a_field_punch_on_feishu(h: House, chen: Director) -> None:
    h.feishu.add_user("ou_na", "u_na", "李娜")
    await taken_in(h, "people", PEOPLE)
    await h.feishu.say("ou_na", "开始拜访 华强")
    await h.until("what to do", lambda: "请先做外勤打卡" in spoken(h) or "到场后请先做外勤打卡" in spoken(h))
    h.feishu.punch("ou_na", *HQ, "科苑南路", is_field=False)  # at the office
    h.feishu.punch("ou_na", *HQ, "科苑南路")
    await h.feishu.say("ou_na", "方案演示")
    await h.until("no device", lambda: "不带设备信息" in spoken(h))
    assert await checks(h) == [{"state": "refused", "device": None}]
    h.clock.wind(minutes=3)
    h.feishu.punch("ou_na", *HQ, "科苑南路", device_id="phone-of-li-na")
    await poll(h.product.line)
    await chen.taps(await chen.gets("设备确认"), "同意")
    await h.settled()
    assert {"state": "passed", "device": "phone-of-li-na"} in await checks(h)
    h.feishu.agents["ou_na"] = "Mozilla/5.0 (iPhone15,2; iOS 18.1) Lark/7.20"
    await h.feishu.send_image("ou_na", photo(7))
    await h.until("it counts", lambda: "照片 1/1" in spoken(h))
    (action,) = await api(h, "actions", "items")
    assert action["stamp"]["source"] == "feishu.attendance"
    ((state, agent),) = [(item["state"], item["user_agent"]) for item in action["evidence"]]
    assert (state, agent) == ("counted", "Mozilla/5.0 (iPhone15,2; iOS 18.1) Lark/7.20")
