"""The JSON API: default deny, the contract's shapes, scopes, pages, and a no in JSON for everything else."""

import asyncio
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.params import EARLIEST, LATEST, cursor, instant, position
from tests.web.company import DEMO, EAST, NEED, SHORT, SILENT
from tests.web.outside import TOKEN, Bench

Web = TestClient[Any, Any]
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PATHS = ("actions", f"actions/{DEMO}", "alerts", "coverage", "funnel", "customers/C001")


async def get(web: Web, path: str, **params: str) -> Any:
    response = await web.get(f"/api/v1/{path}", headers=BEARER, params=params)
    assert response.status == 200, await response.text()
    return await response.json()


async def as_person(web: Web, desk: Bench, person: str, path: str) -> tuple[int, Any]:
    response = await web.get(f"/api/v1/{path}", cookies=desk.session(person))
    return response.status, await response.json()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"])
async def test_nothing_without_token_or_session(web: Web, path: str, header: str | None) -> None:
    response = await web.get(f"/api/v1/{path}", headers={} if header is None else {"Authorization": header})
    assert response.status == 401
    assert (await response.json())["error"]["code"] == "unauthorized"


async def test_wrong_token_is_not_made_up_for_by_a_session(web: Web, desk: Bench) -> None:
    response = await web.get("/api/v1/actions", headers={"Authorization": "Bearer wrong"}, cookies=desk.session("X001"))
    assert response.status == 401


async def test_empty_token_opens_nothing(desk: Bench) -> None:
    from dataclasses import replace

    from aiohttp.test_utils import TestServer

    from adapters.web.app import build

    async with TestClient(TestServer(build(replace(desk.desk(), api_token="")))) as web:
        assert (await web.get("/api/v1/actions", headers={"Authorization": "Bearer "})).status == 401


async def test_action_has_the_contracts_shape(web: Web, desk: Bench) -> None:
    action = await get(web, f"actions/{DEMO}")
    assert {"id", "rep", "customer", "intent", "stamp", "evidence", "verdict", "ledger"} <= action.keys()
    assert action["intent"] == {"stage": "demo", "kind": "solution_demo", "corrected_from": None}
    assert action["stamp"] == {
        "at": "2026-11-23T14:05:00+08:00",
        "received_at": "2026-11-23T14:05:01.200+08:00",
        "lat": 22.5431,
        "lng": 114.0579,
        "datum": "gcj02",
        "accuracy_m": 35,
        "source": "wecom.checkin",
        "device": "wx-device-7",
        "distance_m": 48,
        "battery": None,
    }
    photo, voice, lost = action["evidence"]
    assert (photo["id"], photo["kind"], photo["state"], len(photo["sha256"])) == ("e_01PHOTO", "photo", "counted", 64)
    assert (voice["seconds"], voice["transcript"], voice["keywords"]) == (30.4, None, [])
    assert (lost["sha256"], lost["state"], len(lost["reasons"])) == (None, "lost", 1)
    assert (action["verdict"]["state"], action["verdict"]["tier"]) == ("complete", "T4")
    assert len(action["ledger"]["leaf"]) == 64 and isinstance(action["ledger"]["index"], int)
    assert desk.viewed == [(DEMO, "api", "api")]


async def test_actions_are_filtered(web: Web) -> None:
    async def ids(**params: str) -> list[str]:
        return [item["id"] for item in (await get(web, "actions", **params))["items"]]

    assert await ids() == [NEED, EAST, DEMO]
    assert await ids(customer="C002") == [EAST]
    assert await ids(rep="E001") == [NEED, DEMO]
    assert await ids(since="2026-11-23T14:06:00+08:00") == [NEED]
    assert await ids(until="2026-11-23T06:05:00Z") == []
    assert await ids(customer="", rep="", since="", until="") == [NEED, EAST, DEMO]
    unencoded = await web.get("/api/v1/actions?since=2026-11-23T14:06:00+08:00", headers=BEARER)
    assert [item["id"] for item in (await unencoded.json())["items"]] == [NEED]


async def test_pages_join_without_gap_or_double(web: Web) -> None:
    seen: list[str] = []
    page = await get(web, "actions", limit="1")
    while page["next"]:
        seen += [item["id"] for item in page["items"]]
        page = await get(web, "actions", limit="1", cursor=page["next"])
    assert [*seen, *(item["id"] for item in page["items"])] == [NEED, EAST, DEMO]


async def test_alerts_by_state(web: Web) -> None:
    alerts = await get(web, "alerts", state="firing")
    silent = next(item for item in alerts["items"] if item["id"] == SILENT)
    assert silent == {
        "id": SILENT,
        "rule": "inactive-72h",
        "subject": "customer:C001",
        "region": "south",
        "state": "firing",
        "count": 1,
        "since": "2026-11-23T14:05:00+08:00",
        "until": None,
        "version": "",  # recorded before alerts remembered it
        "url": f"http://127.0.0.1:8080/record/{SILENT}",
    }
    assert (await get(web, "alerts", state="resolved"))["items"] == []
    first = await get(web, "alerts", limit="2")
    rest = await get(web, "alerts", limit="2", cursor=first["next"])
    assert len({item["id"] for item in first["items"] + rest["items"]}) == 3 and rest["next"] is None


async def test_coverage_and_funnel(web: Web) -> None:
    report = await get(web, "coverage", month="2026-11", region="south")
    row = report["rows"][0]
    assert (row["grade"], row["quota"], row["done"], row["rate"], row["unexplained"]) == ("A", 4, 2, 0.5, 2)
    assert report["rows"][1]["rate"] is None and report["total"] == {"quota": 4, "done": 2, "rate": 0.5, "explained": 0, "unexplained": 2}
    funnel = await get(web, "funnel", region="east")
    assert [(stage["stage"], stage["actions"]) for stage in funnel["stages"] if stage["actions"]] == [("need", 1)]


async def test_customer(web: Web) -> None:
    customer = await get(web, "customers/C001")
    assert (customer["grade"], customer["contacts"][0]["role"], customer["sites"][0]["datum"]) == ("A", "decider", "gcj02")


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        ("D001", f"actions/{DEMO}", 200),
        ("D002", f"actions/{DEMO}", 404),
        ("E001", f"actions/{DEMO}", 200),
        ("E002", f"actions/{DEMO}", 404),
        ("D001", "coverage?region=east", 404),
        ("D001", "coverage?region=south", 200),
        ("D001", "funnel?region=east", 404),
        ("E001", "coverage", 403),
        ("X001", "coverage?region=east", 200),
        ("X001", "coverage?region=nowhere", 404),
        ("D002", "customers/C001", 404),
        ("E001", "customers/C001", 200),
    ],
)
async def test_session_sees_its_own_region(web: Web, desk: Bench, person: str, path: str, status: int) -> None:
    assert (await as_person(web, desk, person, path))[0] == status


async def test_lists_of_a_session_keep_to_its_scope(web: Web, desk: Bench) -> None:
    async def ids(person: str, path: str) -> list[str]:
        return [item["id"] for item in (await as_person(web, desk, person, path))[1]["items"]]

    assert await ids("D002", "actions") == [EAST]
    assert await ids("D002", "alerts") == []
    assert await ids("E001", "actions") == [NEED, DEMO]
    assert SHORT in await ids("E001", "alerts") and await ids("E002", "alerts") == []
    assert len(await ids("X001", "actions")) == 3
    report = (await as_person(web, desk, "D002", "coverage"))[1]
    assert report["region"] == "east"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "limit=", "since=yesterday", "since=2026-11-23", "cursor=rubbish", "colour=red", "limit=1&limit=2"],
)
async def test_bad_parameters_are_named(web: Web, query: str) -> None:
    response = await web.get(f"/api/v1/actions?{query}", headers=BEARER)
    assert response.status == 422
    assert (await response.json())["error"]["code"] == "invalid"


async def test_other_methods_and_paths(web: Web) -> None:
    wrong = await web.delete("/api/v1/actions", headers=BEARER)
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET,HEAD")
    assert (await wrong.json())["error"]["code"] == "method_not_allowed"
    unknown = await web.get("/api/v1/nothing", headers=BEARER)
    assert (unknown.status, (await unknown.json())["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("id_", ["%00", "%ff", "a" * 300, "..%2f", "%ed%a0%80", "记录"])
async def test_strange_ids_are_not_found(web: Web, id_: str) -> None:
    for kind in ("actions", "customers"):
        assert (await web.get(f"/api/v1/{kind}/{id_}", headers=BEARER)).status == 404


async def post(web: Web, kind: str, data: bytes, content_type: str = "application/json") -> tuple[int, Any]:
    response = await web.post(f"/api/v1/facts/{kind}", data=io.BytesIO(data), headers={**BEARER, "Content-Type": content_type})
    return response.status, await response.json()


async def test_facts_are_taken_as_json_and_csv(web: Web, desk: Bench) -> None:
    body = '{"items": [{"id": "C9", "annual_purchase": 600000, "name": "华 强"}, {"name": null}]}'.encode()
    expected: dict[str, Any] = {"accepted": 1, "unchanged": 0, "rejected": [{"row": 2, "reason": "缺少 id"}]}
    assert await post(web, "customers", body) == (200, expected)
    assert desk.taken[-1] == ("customers", [{"id": "C9", "annual_purchase": "600000", "name": "华 强"}, {"name": ""}])
    expected["rejected"] = [{"row": 4, "reason": "缺少 id"}]
    table = "\ufeffid,姓名\r\nE9,张三\r\n\r\n,李四\r\n".encode()
    assert await post(web, "people", table, "text/csv; charset=utf-8") == (200, expected)
    assert desk.taken[-1] == ("people", [{"id": "E9", "姓名": "张三"}, {"id": "", "姓名": "李四"}])


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"items": [{"id": NaN}]}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"items": [1]}', "application/json", 422),
        (b'{"items": [{"id": {}}]}', "application/json", 422),
        (b'{"items": [{"id": true}]}', "application/json", 422),
        (b'{"items": [{"id": "\\ud800"}]}', "application/json", 422),
        (b'{"items": [{"id": "\\u0000"}]}', "application/json", 422),
        (b",,\n", "text/csv", 400),
        (b"\xff\xfe\xff", "text/csv", 400),
        (b"id\n\x00", "text/csv", 422),
        (b"id", "text/html", 415),
        (b"x" * 5_000_000, "text/csv", 413),
    ],
)
async def test_bad_facts_are_refused(web: Web, desk: Bench, data: bytes, content_type: str, status: int) -> None:
    assert (await post(web, "people", data, content_type))[0] == status
    assert desk.taken == []


async def test_only_the_token_may_write(web: Web, desk: Bench) -> None:
    response = await web.post("/api/v1/facts/people", json={"items": []}, cookies=desk.session("X001"))
    assert (response.status, desk.taken) == (403, [])
    assert (await web.post("/api/v1/facts/people", json={"items": []})).status == 401
    assert (await post(web, "stars", b'{"items": []}'))[0] == 404


async def test_answers_stay_within_reason_under_concurrency(web: Web) -> None:
    answers = await asyncio.gather(*(get(web, "actions") for _ in range(16)))
    assert all(len(answer["items"]) == 3 for answer in answers)


@given(st.datetimes(min_value=datetime(1971, 1, 1), timezones=st.just(UTC)), st.integers(-1439, 1439))
def test_instant_reads_every_offset(at: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    local = at.replace(tzinfo=None) + timedelta(minutes=minutes) if at.year < 9999 else at.replace(tzinfo=None)
    spelled = f"{local.isoformat()}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    read = instant(spelled)
    assert read is not None
    assert at.year >= 9998 or read == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("0000-01-01T00:00:00Z", EARLIEST),
        ("0001-01-01T00:00:00+23:59", EARLIEST),
        ("9999-12-31T23:59:59-23:59", LATEST),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2026-11-23t06:30:00z", datetime(2026, 11, 23, 6, 30, tzinfo=UTC)),
        ("2026-11-23T14:30:00 08:00", datetime(2026, 11, 23, 6, 30, tzinfo=UTC)),
    ],
)
def test_instant_reads_the_edges_of_rfc_3339(text: str, at: datetime) -> None:
    assert instant(text) == at


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(UTC)))
def test_cursor_round_trip(at: datetime) -> None:
    whole = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert position(cursor(whole, DEMO)) == (whole, DEMO)
