"""考勤 records as a second witness: the phone's 外勤打卡 and nothing else, read with its device, its circle and what speaks against it."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.dingtalk import DingTalkAdapter
from adapters.dingtalk.attendance import envelopes, queries
from adapters.dingtalk.codec import frame_envelope
from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.shared import MemoryTokens
from bot.clock import SystemClock
from bot.config.schema import DingTalk
from bot.errors import FetchError
from bot.model import Can, Interaction, Kind

CLIENT, SECRET = "dingsend01", "send-secret"
CLOCK = SystemClock()


@pytest.fixture
async def ding() -> AsyncIterator[DingTalkStandIn]:
    made = DingTalkStandIn(CLOCK, client_id=CLIENT, secret=SECRET)
    await made.start()
    made.add_user("rep007", "王浩")
    yield made
    await made.close()


@pytest.fixture
async def adapter(ding: DingTalkStandIn) -> AsyncIterator[DingTalkAdapter]:
    config = DingTalk(client_id=CLIENT, checkin=False, attendance=True, api_base=ding.base_url, oapi_base=ding.base_url)
    made = DingTalkAdapter(config, secret=SECRET, clock=CLOCK, tokens=MemoryTokens())
    yield made
    await made.close()


async def read(adapter: DingTalkAdapter, *users: str) -> list[Interaction]:
    now = CLOCK.now()
    return [adapter.read(one) for one in await adapter.checkins(users or ["rep007"], now - timedelta(hours=1), now + timedelta(minutes=1))]


async def punch(ding: DingTalkStandIn, user: str = "rep007", **more: Any) -> None:
    await ding.punch(user, 22.5365, 113.9455, tell=False, **more)


async def test_a_field_punch_carries_the_device_and_its_circle(ding: DingTalkStandIn, adapter: DingTalkAdapter) -> None:
    await punch(ding, device="dev-1", place="科苑南路", photo=b"\xff\xd8\xff", userSsid="guest")
    (found,) = await read(adapter)
    assert (found.kind, found.sender) == (Kind.CHECKIN, "rep007") and abs((CLOCK.now() - found.sent_at).total_seconds()) < 5
    assert found.checkin and (found.checkin.device, found.checkin.place, found.checkin.wifi) == ("dev-1", "科苑南路", "guest")
    assert found.checkin.notes == "拜访客户" and not found.checkin.by_api and found.checkin.exceptions == ()
    assert found.point and (found.point.accuracy_m, found.point.source) == (30.0, "dingtalk.attendance")
    assert [ref.id.startswith(ding.base_url) for ref in found.media] == [True]
    (again,) = await read(adapter)
    assert again.key == found.key
    assert Can.RECORDS in adapter.can


@pytest.mark.parametrize(
    "more",
    [
        {"locationResult": "Normal"},  # at the office
        {"sourceType": "ATM"},
        {"sourceType": "BEACON"},
        {"locationResult": None, "invalidRecordType": "Other", "invalidRecordMsg": "需要二次确认"},
        {"locationResult": "NotSigned"},
    ],
)
async def test_what_does_not_speak_for_a_visit_is_left(ding: DingTalkStandIn, adapter: DingTalkAdapter, more: dict[str, Any]) -> None:
    await punch(ding, device="dev-1", **more)
    assert await read(adapter) == []


async def test_what_no_phone_wrote_and_what_security_refused_speak_against_him(ding: DingTalkStandIn, adapter: DingTalkAdapter) -> None:
    await punch(ding, sourceType="BOSS")
    await punch(ding, device="dev-2", locationResult=None, invalidRecordType="Security")
    boss, refused = [one.checkin for one in await read(adapter)]
    assert boss and refused and (boss.by_api, boss.device) == (True, "")
    assert (refused.by_api, refused.exceptions) == (False, ("安全校验未通过",))


@pytest.mark.parametrize("odd", [{"userLatitude": "x"}, {"userLatitude": 0, "userLongitude": 0}, {"userCheckTime": None, "userAddress": 5}])
async def test_odd_records_break_nothing(ding: DingTalkStandIn, adapter: DingTalkAdapter, odd: dict[str, Any]) -> None:
    record = {"userId": "rep007", "userCheckTime": 1766000000000, "locationResult": "Outside", "userAccuracy": "?", **odd}
    (envelope,) = envelopes({"recordresult": [record, 7]}, CLOCK.now())
    found = adapter.read(envelope)
    assert found.kind is Kind.CHECKIN and (found.point is None or found.point.accuracy_m is None)


def test_calls_are_cut_to_what_the_platform_takes() -> None:
    now = CLOCK.now()
    asked = list(queries([f"u{n}" for n in range(120)], now - timedelta(days=10), now))
    assert [len(one["userIds"]) for one in asked] == [50, 50, 50, 50, 20, 20]
    assert all(len(one["checkDateFrom"]) == 19 for one in asked)


async def test_many_users_and_a_no(ding: DingTalkStandIn, adapter: DingTalkAdapter) -> None:
    await punch(ding, "rep099", device="d")
    assert len(await read(adapter, *[f"rep{n:03}" for n in range(120)])) == 1
    assert ding.world.calls["/attendance/listRecord"] == 3
    lines = [line for _, line in await adapter.doctor(fix=False)]
    assert "钉钉 考勤记录: 可以获取" in lines
    ding.api.faults.append(("listRecord", 200, {"errcode": 60011, "errmsg": "no permission"}))
    with pytest.raises(FetchError):
        await read(adapter)


async def test_the_event_names_whose_record_can_be_read(ding: DingTalkStandIn, adapter: DingTalkAdapter) -> None:
    frame = {
        "type": "EVENT",
        "headers": {"eventType": "attendance_check_record", "eventId": "e1"},
        "data": json.dumps({"dataList": [{"userId": "rep007", "checkTime": 1}]}),
    }
    envelope = frame_envelope(frame, CLOCK.now())
    assert envelope.sender == "rep007" and adapter.read(envelope).kind is Kind.ENTER
    empty = frame_envelope({**frame, "data": "{}"}, CLOCK.now())
    assert empty.sender == ""
