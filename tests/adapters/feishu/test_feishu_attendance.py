"""飞书考勤 as a second witness: 外勤打卡 of the asked accounts, read with what it carries, and no more claimed than it says."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.feishu import FeishuAdapter
from adapters.feishu.attendance import queries
from adapters.sandbox.feishu import FeishuStandIn
from adapters.shared import MemoryTokens
from bot.clock import SystemClock
from bot.config.schema import Feishu
from bot.errors import FetchError
from bot.model import Can, Interaction, Kind

CLOCK = SystemClock()
# Of `UserFlow` in lark-oapi 1.7.5, whose import takes seconds.
KIT = set(
    "user_id creator_id location_name check_time comment record_id longitude latitude ssid bssid is_field is_wifi type photo_urls "
    "device_id check_result external_id idempotent_id create_time".split()
)
APP, SECRET = "cli_att", "att-secret"


@pytest.fixture
async def standin() -> AsyncIterator[FeishuStandIn]:
    made = FeishuStandIn(CLOCK, app_id=APP, app_secret=SECRET, encrypt_key="", verification_token="v")
    await made.start()
    made.add_user("ou_rep", "u_rep", "王浩")
    made.add_user("ou_other", "u_other", "李娜")
    yield made
    await made.close()


@pytest.fixture
async def adapter(standin: FeishuStandIn) -> AsyncIterator[FeishuAdapter]:
    config = Feishu(app_id=APP, attendance=True, api_base=standin.long.base_url)
    made = FeishuAdapter(config, app_secret=SECRET, encrypt_key="", verification_token="v", clock=CLOCK, tokens=MemoryTokens())
    yield made
    await made.close()


async def read(adapter: FeishuAdapter, *accounts: str) -> list[Interaction]:
    now = CLOCK.now()
    return [
        adapter.read(one) for one in await adapter.checkins(accounts or ["ou_rep"], now - timedelta(hours=1), now + timedelta(minutes=1))
    ]


async def test_a_field_punch_is_read_under_the_account_that_asked(standin: FeishuStandIn, adapter: FeishuAdapter) -> None:
    standin.punch("ou_rep", 22.5365, 113.9455, "科苑南路", device_id="dev-1", ssid="guest")
    standin.punch("ou_other", 22.5, 113.9)
    (found,) = await read(adapter)
    assert (found.kind, found.sender) == (Kind.CHECKIN, "ou_rep") and abs((CLOCK.now() - found.sent_at).total_seconds()) < 5
    assert found.checkin and (found.checkin.device, found.checkin.place, found.checkin.wifi) == ("dev-1", "科苑南路", "guest")
    assert found.checkin.notes == "拜访客户" and not found.checkin.by_api
    assert found.point and (found.point.source, found.point.accuracy_m) == ("feishu.attendance", None) and found.media == ()
    assert len(await read(adapter, "u_rep", "ou_other")) == 2  # an account may be a user_id itself
    directory = [path for path in standin.calls if "contact/v3/users/{open_id}" in path]
    assert sum(standin.calls[path] for path in directory) == 2  # asked once an account
    assert Can.RECORDS in adapter.can


@pytest.mark.parametrize("more", [{"is_field": False}, {"type": 5, "device_id": "machine-7"}, {"type": 4}])
async def test_what_no_phone_did_outside_is_left(standin: FeishuStandIn, adapter: FeishuAdapter, more: dict[str, Any]) -> None:
    standin.punch("ou_rep", 22.5, 113.9, **more)
    assert await read(adapter) == []


@pytest.mark.parametrize("kind", [1, 2, 3, 7])
async def test_what_others_wrote_is_marked(standin: FeishuStandIn, adapter: FeishuAdapter, kind: int) -> None:
    standin.punch("ou_rep", 22.5, 113.9, type=kind)
    (found,) = await read(adapter)
    assert found.checkin and found.checkin.by_api


@pytest.mark.parametrize(
    "odd", [{"latitude": None}, {"latitude": 0, "longitude": 0}, {"latitude": "22.5"}, {"location_name": 5, "ssid": None}]
)
async def test_odd_records_break_nothing(standin: FeishuStandIn, adapter: FeishuAdapter, odd: dict[str, Any]) -> None:
    standin.punch("ou_rep", 22.5, 113.9, **odd)
    (found,) = await read(adapter)
    assert found.kind is Kind.CHECKIN and found.checkin and (found.point is None or "location_name" in odd)


async def test_a_missing_permission_is_named(standin: FeishuStandIn, adapter: FeishuAdapter) -> None:
    assert (True, "飞书：考勤记录可读") in await adapter.doctor(fix=False)
    standin.flows.allowed = False
    with pytest.raises(FetchError):
        await read(adapter)
    (line,) = [words for fine, words in await adapter.doctor(fix=False) if not fine and "考勤" in words]
    assert "attendance:task:readonly" in line


async def test_off_asks_nothing(standin: FeishuStandIn) -> None:
    config = Feishu(app_id=APP, api_base=standin.long.base_url)
    off = FeishuAdapter(config, app_secret=SECRET, encrypt_key="", verification_token="v", clock=CLOCK, tokens=MemoryTokens())
    assert await read(off) == [] and not standin.calls and Can.RECORDS not in off.can
    await off.close()


def test_calls_are_cut_and_the_stand_ins_fields_are_the_kits(standin: FeishuStandIn) -> None:
    now = CLOCK.now()
    asked = list(queries([f"u{n}" for n in range(60)], now - timedelta(days=8), now))
    assert [len(one["user_ids"]) for one in asked] == [50, 50, 10, 10]
    standin.punch("ou_rep", 22.5, 113.9)
    assert set(standin.flows.records[0]) <= KIT
