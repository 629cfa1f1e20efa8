"""The core story on PostgreSQL, and with several workers on one database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.store import usage
from scheduler.delivery import Delivery
from scheduler.intake import Intake
from tests import databases
from tests.e2e.conftest import MONDAY, Setting, sound
from tests.e2e.director import Director
from tests.e2e.house import House, house
from tests.e2e.material import photo
from tests.e2e.phone import page_in, phone
from tests.e2e.rep import Rep
from tests.e2e.seen import api, coverage, taken_in, words
from tests.e2e.test_config_change import HOURS
from tests.e2e.test_config_chat import ADMINS, seen

SITES = {"li.na": (22.5365, 113.9455), "gu.lei": (31.2050, 121.5900)}


@pytest.fixture
async def h(postgres_template: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[House]:
    """The product on a PostgreSQL database of its own."""
    async with databases.postgres(postgres_template) as url, house(tmp_path, MONDAY, database=url) as found:
        yield found
        await found.settled()
        assert not [record.getMessage() for record in caplog.get_records("call") if record.exc_info]
        await sound(found, Setting(refold=True))


@asynccontextmanager
async def another_worker(h: House) -> AsyncIterator[None]:
    """A second set of loops that claim the same rows, as another process has it."""
    line = h.product.line
    intake, delivery = (
        Intake(line),
        Delivery(
            line.database, line.adapters, h.product.renderer, line.clock, line.wake, line.vault.path, line.meter, line.robots, line.config
        ),
    )
    tasks = [asyncio.create_task(intake.run()), asyncio.create_task(delivery.run())]
    try:
        yield
    finally:
        intake.stop()
        delivery.stop()
        await asyncio.gather(*tasks)


@pytest.mark.postgres
async def test_a_visit_three_days_of_silence_and_an_acknowledged_alert(h: House, li_na: Rep, chen: Director) -> None:
    await li_na.visits()
    assert (await coverage(h))["total"]["done"] == 1
    await h.down()
    await h.up()
    await h.time_passes(hours=72)
    card = await chen.alert("72 小时", "深圳华强")
    await chen.taps(card, "我来跟进")
    assert "陈国栋 跟进中" in words(await chen.alert("72 小时", "深圳华强"))
    await li_na.arrives()
    await li_na.demonstrates()
    assert (await chen.alert("72 小时", "深圳华强"))["card"]["header"]["template"] == "green"
    states = {one["subject"]: one["state"] for one in await api(h, "alerts", "items")}
    assert states["customer:C001"] == "resolved" and states["customer:C002"] == "firing"


@pytest.mark.postgres
async def test_two_workers_do_everything_once(h: House) -> None:
    reps = [Rep(h), Rep(h, "gu.lei", "device-of-gu-lei")]
    async with another_worker(h), another_worker(h):
        for rep in reps:
            await rep.arrives("已开始拜访", *SITES[rep.user])
            await rep.says("方案演示", "已进入")
        for number in range(6):
            await asyncio.gather(*(h.wecom.send_image(rep.user, photo(number * 40 + which * 20)) for which, rep in enumerate(reps)))
        await h.settled()
        await h.time_passes(hours=73)
        await h.settled()
    for action in await api(h, "actions", "items"):
        assert len(action["evidence"]) == 6 and {item["state"] for item in action["evidence"]} == {"counted"}
    for rep in reps:
        assert len([item for item in rep.screen if "已收：照片" in words(item)]) == 6
    silent = sorted(line["card"]["header"]["title"]["content"] for line in h.group() if "72 小时" in words(line))
    assert len(silent) == len(set(silent)) == 3


@pytest.mark.postgres
async def test_counts_of_several_processes_add_up(h: House) -> None:
    there, back = {("feishu", "calls"): 1, ("wecom", "calls"): 2}, {("wecom", "calls"): 2, ("feishu", "calls"): 1}
    database = h.product.line.database
    await asyncio.gather(*(usage.add(database, "2030-01", counts) for counts in (there, back) * 10))
    assert await usage.of_month("2030-01") == {("feishu", "calls"): 20, ("wecom", "calls"): 40}


@pytest.mark.postgres
async def test_a_visit_by_its_page(h: House, li_na: Rep, chen: Director) -> None:
    """Kept, judged and folded again from the ledger alone, battery and camera included."""
    async with phone(h, page_in(await li_na.says("开始拜访 华强", "已开始拜访"))) as page:
        used = page.signed({"what": "start", **page.fixes()})
        assert [(await page.starts(used))[1]["again"] for _ in range(2)] == [False, True]
        await h.does(chen.taps(await chen.gets("设备确认：李娜"), "同意"), "陈国栋同意了您的")
        await li_na.says("需求确认", "已进入")
        assert (await page.sends("photo", photo(1), live=True))[0] == 200
        await h.hears("照片")
        await h.settled()
    (action,) = await api(h, "actions", "items")
    assert (action["verdict"]["state"], action["verdict"]["tier"], action["stamp"]["battery"]) == ("complete", "T3", 83.0)


@pytest.mark.postgres
async def test_a_config_sent_in_chat_is_tried_put_in_force_and_taken_back(h: House) -> None:
    h.feishu.add_user("ou_xu", "u_xu", "许诺")
    await taken_in(h, "people", ADMINS)
    await h.time_passes(hours=60)
    first = h.path.read_bytes()
    data = first + HOURS.format(hours=48).encode()
    await h.feishu.send_file("ou_xu", "config.toml", data)
    await seen(h, "ou_xu", "多报 3 条")
    admin = Director(h, "ou_xu")
    await admin.taps(await seen(h, "ou_xu", "配置待生效"), "生效")
    applied = await seen(h, "ou_xu", "新配置已生效")
    assert h.path.read_bytes() == data
    await admin.taps(applied, "撤回")
    await seen(h, "ou_xu", "已恢复上一版配置")
    assert h.path.read_bytes() == first
