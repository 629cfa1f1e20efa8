"""外出打卡 records read by API."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.wecom import WeComStandIn
from adapters.wecom import WeComAdapter, records
from bot.errors import FetchError
from bot.model import Kind


async def test_record_becomes_an_interaction(adapter: WeComAdapter, standin: WeComStandIn, clock: Any, tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "device": "DEV-1",
        "place": "恒达机电",
        "wifi": "HD",
        "photos": [b"\xff\xd8\xff..."],
        "exceptions": ["非常用设备"],
        "notes": "到访",
    }
    await standin.checkin("li.na", 22.5431, 114.0579, **given)
    [envelope] = await adapter.checkins(["li.na"], clock.now() - timedelta(minutes=5), clock.now())
    told = adapter.read(envelope)
    assert (told.kind, told.sender, told.sent_at) == (Kind.CHECKIN, "li.na", clock.now())
    assert told.point is not None
    assert told.checkin is not None
    assert (told.point.lat, told.point.lng, told.point.accuracy_m, told.point.source) == (22.5431, 114.0579, None, "wecom.checkin")
    assert (told.checkin.device, told.checkin.place, told.checkin.exceptions) == ("DEV-1", "恒达机电", ("非常用设备",))
    assert await adapter.fetch(told.media[0], tmp_path / "a") == "image/jpeg"


async def test_reading_twice_gives_the_same_keys(adapter: WeComAdapter, standin: WeComStandIn, clock: Any) -> None:
    await standin.checkin("li.na", 22.5, 114.0, device="A")
    await standin.checkin("li.na", 22.5, 114.0, device="B")
    first = await adapter.checkins(["li.na"], clock.now(), clock.now())
    clock.wind(minutes=2)
    second = await adapter.checkins(["li.na"], clock.now() - timedelta(minutes=4), clock.now())
    assert [envelope.key for envelope in first] == [envelope.key for envelope in second]
    assert len({envelope.key for envelope in first}) == 2


async def test_office_records_and_other_members_are_left_out(adapter: WeComAdapter, standin: WeComStandIn, clock: Any) -> None:
    await standin.checkin("li.na", 22.5, 114.0, device="A")
    await standin.checkin("wang.wei", 22.5, 114.0, device="A")
    standin.world.checkins.append({**standin.world.checkins[0], "checkin_type": "上班打卡"})
    assert len(await adapter.checkins(["li.na"], clock.now(), clock.now())) == 1


async def test_many_users_and_long_spans_are_cut_into_allowed_calls(adapter: WeComAdapter, standin: WeComStandIn, clock: Any) -> None:
    users = [f"u{number}" for number in range(250)]
    await standin.checkin("u249", 22.5, 114.0, device="A")
    clock.wind(days=65)
    found = await adapter.checkins(users, clock.now() - timedelta(days=66), clock.now())
    assert [envelope.sender for envelope in found] == ["u249"]
    assert standin.world.calls["/cgi-bin/checkin/getcheckindata"] == 9


def test_spans_do_not_overlap(clock: Any) -> None:
    made = list(records.queries(["a"], clock.now() - timedelta(days=90), clock.now()))
    assert all(later["starttime"] == earlier["endtime"] + 1 for earlier, later in pairwise(made))
    assert all(query["endtime"] - query["starttime"] <= records.SPAN for query in made)


async def test_switched_off_asks_nothing(make_adapter: Callable[..., WeComAdapter], standin: WeComStandIn, clock: Any) -> None:
    adapter = make_adapter(checkin=False)
    assert await adapter.checkins(["li.na"], clock.now(), clock.now()) == []
    assert await adapter.checkins([], clock.now(), clock.now()) == []
    assert dict(standin.world.calls) == {}


async def test_errors_are_fetch_errors(adapter: WeComAdapter, standin: WeComStandIn, clock: Any) -> None:
    for kind in ("rate", "http500"):
        standin.fail("getcheckindata", kind)
        with pytest.raises(FetchError) as caught:
            await adapter.checkins(["li.na"], clock.now(), clock.now())
        assert (caught.value.reason, caught.value.permanent) == ("unavailable", False)
    standin.world.checkin_allowed = False
    with pytest.raises(FetchError) as refused:
        await adapter.checkins(["li.na"], clock.now(), clock.now())
    assert (refused.value.reason, refused.value.permanent) == ("refused", True)
