"""One person with several accounts; those who come, who leave, and who take over."""

import json
import re
from dataclasses import replace

import pytest

from bot.taking_in import store
from tests.e2e.conftest import Setting
from tests.e2e.director import Director
from tests.e2e.house import House
from tests.e2e.rep import Rep
from tests.e2e.seen import api, taken_in

ADMIN = "fang.ning"
MORE = '[presence]\ndevice = "when_carried"\n'


def ding_shows(h: House, user: str = "ding-na") -> str:
    assert h.dingtalk is not None
    return json.dumps([line for line in h.dingtalk.screen(user) if line["from"] == "robot"], ensure_ascii=False)


async def code_of(h: House, user: str = "li.na") -> str:
    answer = await h.does(h.wecom.say(user, "关联账号"), "验证码", user)
    found = re.search(r"\d{8}", answer["text"])
    assert found
    return found[0]


@pytest.mark.parametrize("h", [Setting(dingtalk=True, more=MORE, refold=True)], indirect=True)
async def test_two_accounts_become_one_person(h: House, li_na: Rep) -> None:
    assert h.dingtalk is not None
    code = await code_of(h)
    await h.dingtalk.say("ding-na", f"关联账号 {code}")
    await h.until("linked", lambda: "已经关联好" in ding_shows(h))
    await h.hears("如果不是您本人操作")
    await li_na.pins(22.5365, 113.9455, "已开始拜访")
    await h.dingtalk.say("ding-na", "今日")
    await h.until("the same visit on the other platform", lambda: "华强" in ding_shows(h))
    await taken_in(h, "people", "id,name,role,region,wecom\nE001,李娜,rep,south,li.na\n")  # an import without the column leaves it
    await h.dingtalk.say("ding-na", "我的数据")
    await h.until("still known", lambda: "李娜" in ding_shows(h)[-600:])
    await h.dingtalk.say("ding-chen", f"关联账号 {code}")
    await h.until("a code is good once", lambda: "验证码不对" in ding_shows(h, "ding-chen"))
    assert {row["user"] for row in await h.sql("SELECT user FROM accounts WHERE person = 'E001'")} == {"li.na", "ding-na"}


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_codes_that_link_nothing(h: House, li_na: Rep) -> None:
    assert h.dingtalk is not None
    code = await code_of(h)
    await li_na.says(f"关联账号 {code}", "发到另一个平台")
    await h.does(h.wecom.say("wang.hao", f"关联 {code}"), "已经登记过", "wang.hao")
    await h.dingtalk.say("ding-na", "关联账号 00000000")
    await h.until("a wrong code", lambda: "验证码不对" in ding_shows(h))
    h.clock.wind(minutes=11)
    before = len(ding_shows(h))
    await h.dingtalk.say("ding-na", f"绑定 {code}")
    await h.until("too late", lambda: "验证码不对" in ding_shows(h)[before - 1 :])
    assert await h.sql("SELECT id FROM accounts WHERE platform = 'dingtalk'") == []


async def test_admins_hear_of_strangers_and_do_not_drown(h: House) -> None:
    await h.does(h.wecom.say("stranger", "你好"), "还没有登记", "stranger")
    await h.hears("账号是 stranger", ADMIN)
    for number in range(15):
        h.feishu.add_user(f"ou_x{number}", f"u_x{number}", "路人")
        await h.feishu.say(f"ou_x{number}", "你好")
    await h.settled()
    assert len([line for line in h.rep_screen(ADMIN) if "没有登记的人" in json.dumps(line, ensure_ascii=False)]) == 10
    assert all(h.feishu.screen(f"ou_x{number}")[-1]["from"] != f"ou_x{number}" for number in range(15))


@pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)
async def test_a_leaver_is_out_at_once_and_his_customers_move_with_their_history(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.demonstrates()
    await h.does(h.wecom.say(ADMIN, "离职 李娜"), "还有 2 位客户没有交接", ADMIN)
    await li_na.says("今日", "您的账号已停用")
    assert not [line for line in h.rep_screen(ADMIN) if "账号是 li.na" in json.dumps(line, ensure_ascii=False)], "a leaver is no stranger"
    await h.does(h.wecom.say(ADMIN, "交接 李娜 王浩"), "已交接给王浩", ADMIN)
    await h.hears("2 位客户交给您负责", "wang.hao")
    await h.does(h.wecom.say("wang.hao", "今日"), "今日", "wang.hao")
    await h.does(h.wecom.say("wang.hao", "决策链 华强"), "华强", "wang.hao")
    (action,) = await api(h, "actions", "items")
    assert (action["rep"], action["verdict"]["state"]) == ("E001", "complete")
    assert {row["owner"] for row in await h.sql("SELECT owner FROM customers WHERE id IN ('C001', 'C002')")} == {"E002"}
    assert await h.sql("SELECT id FROM devices WHERE person = 'E001' AND state = 'active'") == []
    await h.does(h.wecom.say(ADMIN, "离职 方宁"), "不能停用自己", ADMIN)


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_a_code_asked_for_before_leaving_lets_nobody_in_after_it(h: House, li_na: Rep) -> None:
    assert h.dingtalk is not None
    code = await code_of(h)
    await h.does(h.wecom.say(ADMIN, "离职 李娜"), "账号已停用", ADMIN)
    await h.does(h.wecom.say(ADMIN, "离职 李娜"), "早已停用", ADMIN)
    before = len(ding_shows(h))
    await h.dingtalk.say("ding-na", f"绑定 {code}")
    await h.until("not by the code", lambda: "验证码不对" in ding_shows(h)[before - 1 :])
    await li_na.says(f"绑定 {code}", "已停用，不能再关联")
    assert await h.sql("SELECT id FROM accounts WHERE platform = 'dingtalk'") == []


async def test_reminders_that_wait_for_a_leaver_never_go_out(h: House, li_na: Rep) -> None:
    h.clock.wind(days=3, hours=8)  # Thursday 22:00: the owner's word waits for the morning
    await h.swept()
    waiting = await h.sql("SELECT key FROM outbox WHERE state = 'new' AND recipient = 'user:li.na'")
    assert waiting
    await h.does(h.wecom.say(ADMIN, "离职 E001 交接 E002"), "2 位客户已交接给王浩", ADMIN)
    assert await h.sql("SELECT key FROM outbox WHERE state = 'new' AND recipient = 'user:li.na'") == []
    shown = len(li_na.screen)
    await h.time_passes(hours=12)
    assert len(li_na.screen) == shown


async def test_who_may_hand_over_what(h: House, li_na: Rep, chen: Director) -> None:
    await h.feishu.say("ou_chen", "交接 恒达 王浩")
    await h.until("done", lambda: "已交接给王浩" in json.dumps(h.feishu.screen("ou_chen"), ensure_ascii=False))
    await h.hears("陈国栋把您的 1 位客户交接给了王浩：东莞恒达", "li.na")
    await h.feishu.say("ou_chen", "交接 恒达 顾磊")
    await h.until("not to another region", lambda: "区域" in json.dumps(h.feishu.screen("ou_chen")[-1:], ensure_ascii=False))
    await li_na.says("交接 华强 王浩", "只供主管使用")
    await h.feishu.say("ou_chen", "离职 李娜")
    await h.until("not by a director", lambda: "管理员" in json.dumps(h.feishu.screen("ou_chen")[-1:], ensure_ascii=False))
    await h.does(h.wecom.say(ADMIN, "离职 无名氏"), "没有找到", ADMIN)
    await h.does(h.wecom.say(ADMIN, "交接 华强 陈国栋"), "不能接手", ADMIN)
    assert [row["owner"] for row in await h.sql("SELECT owner FROM customers WHERE id = 'C001'")] == ["E001"]


async def test_a_leaver_by_import_and_his_return(h: House, li_na: Rep) -> None:
    await taken_in(h, "people", "工号,姓名,角色,区域,企业微信,设备,在职\nE001,李娜,销售,华南,li.na,device-of-li-na,否\n")
    await li_na.says("今日", "您的账号已停用")
    await taken_in(h, "people", "工号,姓名,角色,区域,企业微信,设备,在职\nE001,李娜,销售,华南,li.na,device-of-li-na,是\n")
    await li_na.arrives()
    await h.settled()


@pytest.mark.parametrize("h", [Setting(dingtalk=True)], indirect=True)
async def test_accounts_are_found_by_number_and_the_number_is_nowhere(h: House, caplog: pytest.LogCaptureFixture) -> None:
    assert h.dingtalk is not None
    h.wecom.world.phones["13900000001"] = "wang.hao"
    h.dingtalk.world.phones["13900000001"] = "ding-na"
    h.feishu.add_user("ou_wang", "u_wang", "王浩")
    h.feishu.board.users["ou_wang"] = replace(h.feishu.board.users["ou_wang"], phone="13900000001")
    h.wecom.fail("getuserid", "http500")
    people = "id,name,role,region,wecom,手机\nE002,王浩,rep,south,,139 0000-0001\nE009,新人,rep,south,,13900000002\n"
    line = h.product.line
    taken = await store(line, "people", people.encode(), "people.csv", "test")
    assert [(one.row, "稍后再导入" in one.reason) for one in taken.rejected] == [(2, True)]
    await taken_in(h, "people", people)
    rows = await h.sql("SELECT platform, user FROM accounts WHERE person = 'E002' ORDER BY platform")
    assert [(row["platform"], row["user"]) for row in rows] == [("dingtalk", "ding-na"), ("feishu", "ou_wang"), ("wecom", "wang.hao")]
    assert await h.sql("SELECT platform FROM accounts WHERE person = 'E009'") == []
    assert await h.sql("SELECT body FROM ledger_bodies WHERE CAST(body AS TEXT) LIKE '%13900000001%'") == []
    assert "13900000001" not in caplog.text
