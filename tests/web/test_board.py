"""The board: who sees what, every figure the same as in API and chat, every list opens to records, and it fits and keeps to its policy."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot import entries
from bot.entries import parse_instant
from bot.model import Interaction, Kind, Platform
from bot.store import people
from bot.store.gather import gather
from handlers import HANDLERS
from tests.outside import chromium
from tests.web.company import NOW, SHORT, opened, record
from tests.web.outside import TOKEN, Bench

Web = TestClient[Any, Any]
LISTS = ("slots", "actions", "alerts", "opportunities", "claims", "deals")


async def page(web: Web, desk: Bench, person: str, path: str) -> tuple[int, str]:
    answer = await web.get(path, cookies=desk.session(person), allow_redirects=False)
    return answer.status, unescape(await answer.text())


async def api(web: Web, path: str) -> Any:
    answer = await web.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def said(desk: Bench, person: str, text: str) -> dict[str, Any]:
    """What chat answers, as the values of its card."""
    who = await people.by_id(person)
    told = Interaction(platform=Platform.WECOM, key="k", sender="u", kind=Kind.TEXT, sent_at=NOW, received_at=NOW, text=text)
    handler = HANDLERS[Kind.TEXT]
    case = await gather(told, who, handler.wants(told, desk.config, None), desk.config, desk.clock.now())
    return dict(handler.decide(told, replace(case, person=who)).messages[-1].values)


async def busy(desk: Bench) -> None:
    """A claim without proof, a false alarm, and a deal that is signed, untouched and unpaid."""
    at = NOW - timedelta(hours=3)
    claim = [replace_state(one) for one in opened("a_01CLAIM", "C001", "E001", "south", "sign", "", at)]
    await record(desk.database, *claim, entries.alert_moved(SHORT, "resolved", "D001", NOW, "false_alarm"))
    deal = {"id": "D1", "customer": "C001", "at": entries.instant(NOW - timedelta(days=14)), "amount": 100_00, "word": "sign"}
    owed = {"id": "P1", "customer": "C001", "at": entries.instant(NOW - timedelta(days=91)), "amount": 5_000_00}
    await record(
        desk.database, *(entries.facts_taken(kind, [row], "import", "", NOW) for kind, row in (("deals", deal), ("payments", owed)))
    )


def replace_state(entry: Any) -> Any:
    if entry.type != "action.judged":
        return entry
    return replace(entry, body={**entry.body, "state": "incomplete", "kind": None})


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        ("D001", "/board", 200),
        ("D001", "/board?region=south", 200),
        ("D001", "/board?region=east", 404),
        ("D001", "/board/slots?region=east", 404),
        ("X001", "/board?region=east", 200),
        ("X001", "/board?region=nowhere", 404),
        ("E001", "/board", 200),
        ("E001", "/board?rep=E001", 200),
        ("E001", "/board?rep=E002", 404),
        ("E001", "/board?region=south", 404),
        ("D001", "/board/nothing", 404),
        ("D001", "/board?month=2026-13", 422),
        ("D001", "/board?month=2026-10", 200),
        ("D001", "/board/slots?cursor=x", 422),
        ("D001", "/board?oh=1", 422),
    ],
)
async def test_who_sees_what(web: Web, desk: Bench, person: str, path: str, status: int) -> None:
    found, text = await page(web, desk, person, path)
    assert found == status
    if status != 200:
        assert "覆盖率" not in text


async def test_without_a_session_there_is_only_the_way_in(web: Web) -> None:
    for path in ("/board", *(f"/board/{name}" for name in LISTS)):
        answer = await web.get(path)
        assert (answer.status, "请先登录" in await answer.text()) == (401, True)


async def test_every_look_is_noted(web: Web, desk: Bench) -> None:
    await page(web, desk, "D001", "/board")
    await page(web, desk, "D001", "/board/slots")
    assert desk.viewed == [("board", "D001", "page")] * 2


async def test_page_chat_and_api_say_the_same(web: Web, desk: Bench) -> None:
    await busy(desk)
    _, text = await page(web, desk, "D001", "/board?month=2026-11")
    flat = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    coverage, funnel = await api(web, "coverage?month=2026-11&region=south"), await api(web, "funnel?month=2026-11&region=south")
    complete, alarms = await api(web, "completeness?month=2026-11&region=south"), await api(web, "alarms?month=2026-11&region=south")
    deals, efforts = await api(web, "deals/anomalies?region=south"), await api(web, "efforts?month=2026-11&region=south")
    total, cards = coverage["total"], {name: await said(desk, "D001", name) for name in ("覆盖率", "漏斗", "异常商机", "看板")}

    assert (total["done"], total["quota"], total["unexplained"]) == (2, 4, 2)
    assert f"50% {total['done']}/{total['quota']}" in flat and f"无说明 {total['unexplained']}" in flat
    for card in (cards["覆盖率"], cards["看板"]):
        assert (card["done"], card["quota"], card["rate"]) == (total["done"], total["quota"], total["rate"])

    for step, shown in zip(funnel["stages"], cards["漏斗"]["steps"], strict=True):
        assert {name: step[name] for name in ("name", "actions", "standing", "reached", "conversion")} == {
            name: shown[name] for name in ("name", "actions", "standing", "reached", "conversion")
        }
        assert re.search(rf"{step['name']} {step['standing']} {step['actions']} ", flat)
    assert (funnel["claims"], cards["漏斗"]["claims"]) == (1, 1) and "1 处阶段声明没有证据" in flat

    whole = complete["total"]
    assert f"{whole['actions']} 个动作" in flat and f"{whole['lacking']} 个" in flat
    for name in ("photo", "place", "summary"):
        assert cards["看板"][f"no_{name}"] == whole[f"{name}_share"]
    assert (whole["actions"], whole["no_photo"], whole["no_place"], whole["no_summary"]) == (3, 2, 0, 2)

    assert [(one["rule"], one["raised"], one["false"]) for one in alarms["items"]] == [
        ("inactive-72h", 1, 0),
        ("excess-need", 1, 0),
        ("short-demo", 1, 1),
    ]
    assert (cards["看板"]["raised"], cards["看板"]["false_alarms"], cards["看板"]["lights"]) == (3, 1, 2)
    assert "误报 1 （100%）" in flat

    [row] = deals["items"]
    assert (row["untouched_days"], row["overdue_days"], row["amount"], row["overdue"]) == (14, 91, 100.0, 5000.0)
    assert [(one["customer"], one["untouched"], one["overdue"]) for one in cards["异常商机"]["deals"]] == [("华强电子", 14, 91)]
    assert "1 已签约久未更新，且回款逾期" in flat

    [effort] = efforts["items"]
    assert cards["看板"]["minutes"] == effort["minutes_a_day"] and f"{effort['minutes_a_day']:.1f} 分钟/人/天" in flat


async def test_every_figure_opens_to_records_in_three_taps(web: Web, desk: Bench) -> None:
    """Board → list → record: nothing that a link leads to is missing or refused."""
    await busy(desk)
    _, text = await page(web, desk, "D001", "/board")
    lists = set(re.findall(r'href="(/board/[^"]+)"', text))
    assert {re.split(r"[/?]", link)[2] for link in lists} == set(LISTS)
    records: set[str] = set()
    for link in sorted(lists):
        status, shown = await page(web, desk, "D001", link)
        assert status == 200, link
        records |= set(re.findall(r'href="(/record/[^"]+)"', shown))
    assert len(records) > 4
    for link in sorted(records):
        status, _ = await page(web, desk, "D001", link)
        assert status in {200, 302}, link


async def test_a_rep_sees_himself_alone(web: Web, desk: Bench) -> None:
    await busy(desk)
    _, text = await page(web, desk, "E001", "/board")
    assert "李娜" in text and "王强" not in text and "周敏" not in text and "东方机电" not in text
    for name in LISTS:
        status, shown = await page(web, desk, "E001", f"/board/{name}")
        assert status == 200 and "东方机电" not in shown and "/record/al_" not in shown


async def test_a_slot_that_is_filled_opens_to_its_action_and_a_missing_one_tells_until_when(web: Web, desk: Bench) -> None:
    found = (await api(web, "coverage/slots?month=2026-11&region=south"))["items"]
    assert [(one["kind"], one["number"], one["state"], bool(one["action"])) for one in found] == [
        ("need_diagnosis", 1, "done", True),
        ("need_diagnosis", 2, "missing", False),
        ("solution_demo", 1, "done", True),
        ("executive_visit", 1, "missing", False),
    ]
    assert {parse_instant(one["until"]) for one in found} == {parse_instant("2026-12-01T00:00:00+08:00")}
    _, text = await page(web, desk, "D001", "/board/slots?state=missing")
    assert text.count("截止 12-01 00:00") == 2


async def test_a_kept_month_is_counted_anew_when_something_in_it_moves(web: Web, desk: Bench) -> None:
    last = NOW - timedelta(days=30)
    path = "coverage/trend?month=2026-11&months=2&region=south"
    assert [one["done"] for one in (await api(web, path))["items"]] == [0, 2]
    await record(desk.database, *opened("a_01LATE", "C001", "E001", "south", "need", "need_diagnosis", last))
    assert [one["done"] for one in (await api(web, path))["items"]] == [1, 2]


async def test_what_people_wrote_runs_nowhere(web: Web, desk: Bench) -> None:
    evil = '"><script>alert(1)</script>'
    await record(
        desk.database, entries.master_set("customers", "C001", {"name": evil}), entries.master_set("people", "E001", {"name": evil})
    )
    await busy(desk)
    for path in ("/board", *(f"/board/{name}" for name in LISTS)):
        answer = await web.get(path, cookies=desk.session("D001"))
        assert "<script" not in await answer.text()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (360, "dark"), (1440, "light"), (1440, "dark")])
async def test_it_fits_and_keeps_to_its_policy(web: Web, desk: Bench, width: int, scheme: Any) -> None:
    from playwright.async_api import async_playwright

    await busy(desk)
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        context = await browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        url = str(web.make_url("/"))
        await context.add_cookies([{"name": name, "value": value, "url": url} for name, value in desk.session("X001").items()])
        view = await context.new_page()
        view.on("console", lambda message: complaints.append(message.text))
        view.on("pageerror", lambda error: complaints.append(str(error)))
        for path in ("/board", *(f"/board/{name}" for name in LISTS)):
            await view.goto(str(web.make_url(path)))
            assert await view.evaluate("document.documentElement.scrollWidth") <= width, path
        await view.goto(str(web.make_url("/board")))
        cut = "[...document.querySelectorAll('.card')].filter(card => card.scrollWidth > card.clientWidth + 1).length"
        assert await view.evaluate(cut) == 0
        await view.select_option("select[name=region]", "south")
        await view.click("text=查看")
        assert "region=south" in view.url
        await view.click(".light:first-of-type .big a")
        await view.click(".rows a >> nth=0")
        assert "/record/" in view.url
        await browser.close()
    assert complaints == []
