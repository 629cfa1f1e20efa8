"""The record page: who sees it, what it shows, what it never does."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from tests.web.company import DEMO, EAST, EXCESS, NEED, SHORT, SILENT
from tests.web.outside import VOICE, Bench

Web = TestClient[Any, Any]


async def status(web: Web, bench: Bench, path: str, person: str) -> int:
    response = await web.get(path, cookies=bench.session(person), allow_redirects=False)
    return response.status


async def text(web: Web, bench: Bench, path: str, person: str = "D001") -> str:
    response = await web.get(path, cookies=bench.session(person))
    assert response.status == 200
    return await response.text()


@pytest.mark.parametrize(
    ("path", "may", "may_not"),
    [
        (f"/record/{DEMO}", ("E001", "D001", "X001"), ("E002", "E003", "D002")),
        (f"/record/{EAST}", ("E003", "D002", "X001"), ("E001", "D001")),
        (f"/record/{SILENT}", ("D001", "X001"), ("E001", "E002", "D002")),
        (f"/record/{EXCESS}", ("D001", "X001"), ("E001", "D002")),
        (f"/record/{DEMO}/file/e_01PHOTO", ("E001", "D001", "X001"), ("E002", "D002")),
        (f"/record/{DEMO}/play/e_02VOICE", ("D001",), ("D002",)),
    ],
)
async def test_only_those_concerned_see_it(web: Web, desk: Bench, path: str, may: tuple[str, ...], may_not: tuple[str, ...]) -> None:
    for person in may:
        assert await status(web, desk, path, person) == 200, person
    for person in may_not:
        assert await status(web, desk, path, person) == 404, person


async def test_a_file_opens_only_under_its_own_record(web: Web, desk: Bench) -> None:
    assert await status(web, desk, f"/record/{NEED}/file/e_01PHOTO", "D001") == 404


async def test_action_shows_its_three_labels_and_its_place_in_the_ledger(web: Web, desk: Bench) -> None:
    page = await text(web, desk, f"/record/{DEMO}")
    for shown in ("华强电子", "方案演示", "李娜", "2026-11-23 14:05:00", "2026-11-23 14:05:01", "晚 1.2 秒", "GCJ-02", "± 35", "48 米"):
        assert shown in page
    for shown in (
        "企业微信外出打卡",
        "T4",
        "三签齐全",
        "原件 SHA-256",
        "30.4 秒",
        "叶哈希一致",
        "停留 62 秒，不足 90 秒",
        "距总部 48 米，在 500 米范围内",
    ):
        assert shown in page


async def test_missing_place_is_said_not_guessed(web: Web, desk: Bench) -> None:
    from bot.store.tables import ActionRow

    await ActionRow.filter(id=NEED).update(point=None, distance_m=None)
    assert "无定位" in await text(web, desk, f"/record/{NEED}")


async def test_alert_of_one_action_leads_to_that_action(web: Web, desk: Bench) -> None:
    response = await web.get(f"/record/{SHORT}", cookies=desk.session("D001"), allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (302, f"/record/{DEMO}")
    assert await status(web, desk, f"/record/{SHORT}", "D002") == 404


async def test_inactivity_opens_the_customers_timeline(web: Web, desk: Bench) -> None:
    page = await text(web, desk, f"/record/{SILENT}")
    assert "客户时间线" in page and f'href="/record/{DEMO}"' in page and f'href="/record/{NEED}"' in page


async def test_excess_opens_the_list_of_the_day(web: Web, desk: Bench) -> None:
    page = await text(web, desk, f"/record/{EXCESS}")
    assert "6 次" in page and f'href="/record/{NEED}"' in page and f'href="/record/{DEMO}"' not in page


async def test_every_view_is_recorded_and_none_without(web: Web, desk: Bench) -> None:
    await text(web, desk, f"/record/{DEMO}")
    await status(web, desk, f"/record/{DEMO}", "D002")
    assert desk.viewed == [(DEMO, "D001", "page")]
    desk.full = True
    assert await status(web, desk, f"/record/{DEMO}", "D001") == 503


async def test_photo_is_the_original(web: Web, desk: Bench) -> None:
    response = await web.get(f"/record/{DEMO}/file/e_01PHOTO", cookies=desk.session("D001"))
    assert desk.viewed[-1] == ("e_01PHOTO", "D001", "page"), "who looked at an original is noted like who looked at a record"
    assert response.content_type == "image/png"
    assert (await response.read()).startswith(b"\x89PNG")


async def test_voice_is_downloaded_as_it_is_and_played_as_wav(web: Web, desk: Bench) -> None:
    original = await web.get(f"/record/{DEMO}/file/e_02VOICE", cookies=desk.session("D001"))
    assert await original.read() == VOICE.read_bytes()
    assert original.headers["Content-Disposition"].startswith("attachment")
    played = await web.get(f"/record/{DEMO}/play/e_02VOICE", cookies=desk.session("D001"))
    sound = await played.read()
    assert played.content_type == "audio/wav" and sound[:4] == b"RIFF" and len(sound) > 16_000


async def test_damaged_voice_is_not_found_rather_than_a_failure(web: Web, desk: Bench, tmp_path: Path) -> None:
    from bot.store.tables import EvidenceRow

    junk = await desk.vault.put(b"#!AMR\n\xff\xff\xff")
    await EvidenceRow.filter(id="e_02VOICE").update(sha256=junk)
    assert await status(web, desk, f"/record/{DEMO}/play/e_02VOICE", "D001") == 404


async def test_missing_original_is_named_on_the_page(web: Web, desk: Bench) -> None:
    from bot.store.tables import EvidenceRow

    row = await EvidenceRow.get(id="e_01PHOTO")
    desk.vault.path(str(row.sha256)).unlink()
    assert "原件缺失" in await text(web, desk, f"/record/{DEMO}")
    assert await status(web, desk, f"/record/{DEMO}/file/e_01PHOTO", "D001") == 404


async def test_rewritten_leaf_shows_on_the_page(web: Web, desk: Bench) -> None:
    from bot.store.tables import ActionRow, Leaf

    row = await ActionRow.get(id=DEMO)
    await Leaf.filter(index=row.ledger_index).update(data=b"{}")
    assert "与台账不符" in await text(web, desk, f"/record/{DEMO}")


async def test_what_people_wrote_is_escaped_and_no_script_may_run(web: Web, desk: Bench) -> None:
    from bot.store.tables import CustomerRow

    await CustomerRow.filter(id="C001").update(name="<script>alert(1)</script>")
    response = await web.get(f"/record/{DEMO}", cookies=desk.session("D001"))
    page = await response.text()
    assert "<script" not in page and "&lt;script&gt;" in page and " style=" not in page
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "script-src" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("id_", ["a_none", "al_none", "%00", "..%2f..%2fetc", "x" * 300, "%ff", "记录"])
async def test_unknown_records_are_not_found(web: Web, desk: Bench, id_: str) -> None:
    assert await status(web, desk, f"/record/{id_}", "X001") == 404
