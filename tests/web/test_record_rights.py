"""Whatever id somebody puts into a page's address: his own, his region's, or nothing at all."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from adapters.web.signing import Signer
from tests.web.company import DEMO, EAST, EXCESS, NEED, NOW, PEOPLE, SHORT, SILENT
from tests.web.outside import SECRET, Bench

Web = TestClient[Any, Any]
MAY = {DEMO: {"E001", "D001", "X001"}, NEED: {"E001", "D001", "X001"}, EAST: {"E003", "D002", "X001"}}
ALERTS = {one: {"D001", "X001"} for one in (SHORT, SILENT, EXCESS)}
FILES = ("e_01PHOTO", "e_02VOICE", "e_03LOST")
NOBODYS = ("a_none", "v_a_01DEMO", "c_E001_C001", "E001", "C001", "s_C001", "k_C001", "e_01PHOTO", "0", "-1", "me", "raw", "a_01DEMO'--")
FORMS = ("verify", "statement", "correction")


def form(person: str, **more: str) -> dict[str, str]:
    return {"csrf": Signer(SECRET).token(f"person {person}", NOW), **more}


@pytest.mark.parametrize("person", [one[0] for one in PEOPLE])
async def test_every_page_of_every_id(web: Web, desk: Bench, person: str) -> None:
    cookies = desk.session(person)
    for id_ in (*MAY, *ALERTS, *NOBODYS):
        allowed = person in (MAY | ALERTS).get(id_, set())
        pages = [f"/record/{id_}"]
        pages += [f"/record/{id_}/raw"] if id_ not in ALERTS else []
        for path in pages:
            found = await web.get(path, cookies=cookies, allow_redirects=False)
            assert (found.status in {200, 302}) is allowed, (path, found.status)
            assert allowed or ("华强" not in await found.text() and "东方" not in await found.text())
        for file in FILES:
            for way in ("file", "copy", "play"):
                status = (await web.get(f"/record/{id_}/{way}/{file}", cookies=cookies)).status
                there = id_ == DEMO and file != "e_03LOST" and (way == "file" or (way == "play" and file == "e_02VOICE"))
                assert status == (200 if allowed and there else 404), (id_, way, file)
        assert (await web.get(f"/record/{id_}/raw/0", cookies=cookies)).status == 404, "the sample history has no messages"


@pytest.mark.parametrize("person", [one[0] for one in PEOPLE])
async def test_every_form_of_every_id(web: Web, desk: Bench, person: str) -> None:
    cookies = desk.session(person)
    for id_ in (*MAY, *ALERTS, *NOBODYS):
        for what in FORMS:
            answer = await web.post(f"/record/{id_}/{what}", data=form(person, text="方案演示"), cookies=cookies, allow_redirects=False)
            assert answer.status == ((200 if what == "verify" else 303) if person in MAY.get(id_, set()) else 404), (id_, what)
    told = {words.split()[1] for who, words in desk.asked if who == person}
    assert told == {id_ for id_, may in MAY.items() if person in may}


async def test_who_is_not_signed_in_sees_nothing_and_does_nothing(web: Web, desk: Bench) -> None:
    for path in ("/record", "/me", f"/record/{DEMO}", f"/record/{DEMO}/raw", f"/record/{DEMO}/file/e_01PHOTO"):
        answer = await web.get(path, allow_redirects=False)
        assert answer.status == 401 and "华强" not in await answer.text()
    for path in (f"/record/{DEMO}/verify", f"/record/{DEMO}/statement", "/me/consent"):
        assert (await web.post(path, data={"text": "x", "what": "withdraw", "purpose": "photo"})).status == 403
    assert desk.asked == [] and desk.viewed == []


async def test_the_token_of_the_api_opens_no_page(web: Web) -> None:
    headers = {"Authorization": "Bearer t0ken-of-the-tests"}
    assert (await web.get(f"/record/{DEMO}", headers=headers)).status == 401
    assert (await web.get("/me", headers=headers)).status == 401
