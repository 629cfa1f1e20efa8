"""The anonymous survey: asked once a month, answered by one tap, and nothing that is kept says who said what."""

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ballots import Ballots
from bot.store import dump, surveys
from bot.store.fields import table_of
from scheduler.surveys import Surveys
from tests import databases
from tests.e2e.conftest import MONDAY, Setting
from tests.e2e.house import House, house
from tests.e2e.pages import PUBLIC
from tests.e2e.seen import taken_in, words

SURVEY = "\n[survey]\nday = 24\n"
ASKING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # the 24th, 11:00 in Shanghai
MEMBERS = [f"rep{number}" for number in range(1, 7)]


async def crowd(h: House) -> None:
    """Six more reps of the south."""
    rows = "".join(f"E1{number},第{number}位,rep,south,rep{number},,\n" for number in range(1, 7))
    for name in MEMBERS:
        await h.wecom.add_member(name, name)
    await taken_in(h, "people", f"id,name,role,region,wecom,feishu,device\n{rows}")


async def asked(h: House, moment: datetime = ASKING) -> None:
    h.clock.wind_to(moment)
    await Surveys(h.product.line).round()
    h.product.nudge()
    await h.settled()


def links(h: House, user: str) -> dict[str, str]:
    """What each button of the card opens."""
    cards = [item for item in h.rep_screen(user) if "匿名问卷" in words(item)]
    assert len(cards) == 1, f"{user} got {len(cards)}"
    jumps = cards[0]["card"]["jump_list"]
    return {jump["title"]: jump["url"] for jump in jumps}


async def taps(h: House, user: str, answer: str) -> str:
    """The link opens, and its page's script taps the button that the fragment names; what the page says then."""
    url, _, name = links(h, user)[answer].replace(PUBLIC, h.product.url).partition("#")
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as page:
            text = await page.text()
            assert page.status == 200 and f'value="{name}"' in text and "script-src 'self'" in page.headers["Content-Security-Policy"]
            assert "Set-Cookie" not in page.headers
        async with session.post(url, data={"answer": name}) as page:
            assert page.status == 200
            return re.sub(r"<[^>]+>", " ", await page.text())


async def everything(h: House) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as it is stored."""
    found = {}
    models = {one.model for one in (*dump.folded(), *dump.state())} | set(dump.LEDGER) | set(dump.LEFT)
    for model in models:
        found[table_of(model)] = await h.sql(f'SELECT * FROM "{table_of(model)}"')
    return found


@pytest.mark.parametrize("h", [Setting(more=SURVEY, refold=True)], indirect=True)
async def test_asked_answered_and_told_as_sums(h: House) -> None:
    await crowd(h)
    await asked(h, ASKING - timedelta(hours=2))
    assert await h.sql("SELECT id FROM surveys") == [], "not before its hour"
    await asked(h)
    for user, answer in zip(MEMBERS, ("认可", "认可", "认可", "一般", "不认可", "认可"), strict=True):
        assert "谢谢，已记下" in await taps(h, user, answer)
    assert "已经答过" in await taps(h, "rep1", "不认可")
    await asked(h, ASKING + timedelta(hours=1))
    assert len(links(h, "rep1")) == 3, "asked once"
    await asked(h, ASKING + timedelta(days=5, minutes=1))
    assert await surveys.latest_result() == {
        "month": "2026-11",
        "invited": 8,
        "answers": 6,
        "result": {"good": 4, "fair": 1, "bad": 1},
    }
    assert await h.sql("SELECT id FROM survey_ballots UNION ALL SELECT id FROM survey_tallies") == []
    url = links(h, "li.na")["认可"].replace(PUBLIC, h.product.url).partition("#")[0]
    async with aiohttp.ClientSession() as session, session.post(url, data={"answer": "good"}) as page:
        assert "已经结束" in await page.text()


@pytest.mark.parametrize("h", [Setting(more=SURVEY)], indirect=True)
async def test_nothing_that_is_kept_links_an_answer_and_a_person(h: House, caplog: pytest.LogCaptureFixture) -> None:
    """All that an answer changes is one counter and one digest, neither of which stands beside anybody's name anywhere."""
    caplog.set_level(logging.INFO)  # as `serve` runs
    await crowd(h)
    await asked(h)
    ballots = {user: links(h, user)["认可"].rpartition("/")[2].partition("#")[0] for user in MEMBERS}
    before = await everything(h)
    caplog.clear()
    for user in MEMBERS[:5]:
        await taps(h, user, "认可")
    await taps(h, MEMBERS[5], "不认可")
    await h.settled()
    after = await everything(h)
    changed = {table for table in after if after[table] != before[table]} - {"settings", "usage"}
    assert changed == {"survey_ballots", "survey_tallies"}
    assert sorted((row["answer"], row["count"]) for row in after["survey_tallies"]) == [("bad", 1), ("good", 5)]
    assert all(set(row) == {"id", "survey"} for row in after["survey_ballots"])
    ids = {f"E1{number}" for number in range(1, 7)}
    stored = repr(after)
    for user, ballot in ballots.items():
        assert ballot not in stored, f"the ballot of {user} is kept"
    for row in (*after["survey_ballots"], *after["survey_tallies"]):
        assert not any(name in repr(row) for name in (*MEMBERS, *ids))
    assert "good" not in repr([row for row in after["outbox"] if "survey" in row["key"]])
    said = " ".join(record.getMessage() for record in caplog.records)
    assert not any(ballot in said for ballot in ballots.values()) and "good" not in said
    order = [row["id"] for row in after["survey_ballots"]]
    assert len(order) == 6
    for file in (h.path.parent / "data").glob("*.sqlite3*"):
        data = file.read_bytes()
        assert not any(ballot.encode() in data for ballot in ballots.values()), "nor in the database's own files"


@pytest.mark.parametrize("h", [Setting(more=SURVEY)], indirect=True)
async def test_few_answers_leave_only_their_number(h: House) -> None:
    await crowd(h)
    await asked(h)
    for user in MEMBERS[:4]:
        await taps(h, user, "不认可")
    await asked(h, ASKING + timedelta(days=5, minutes=1))
    told = await surveys.latest_result()
    assert told and (told["answers"], told["result"]) == (4, None)
    [closed] = await h.sql("SELECT body FROM ledger_bodies WHERE type = 'survey.closed'")
    assert "bad" not in closed["body"]
    assert await h.sql("SELECT id FROM survey_tallies") == []


@pytest.mark.parametrize("h", [Setting(more=SURVEY)], indirect=True)
async def test_what_is_no_ballot_and_no_answer(h: House) -> None:
    await asked(h)
    url = links(h, "li.na")["认可"].replace(PUBLIC, h.product.url).partition("#")[0]
    async with aiohttp.ClientSession() as session:
        for wrong in (url[:-1] + ("A" if url[-1] != "A" else "B"), url.replace("2026-11", "2026-12"), f"{h.product.url}/survey/2026-11/x"):
            async with session.get(wrong) as page:
                assert page.status == 404
        for data in ({"answer": "perfect"}, {"other": "good"}, {"answer": "good" * 100}):
            async with session.post(url, data=data) as page:
                assert page.status == 400
    assert await h.sql("SELECT id FROM survey_ballots") == []


@pytest.mark.postgres
async def test_on_postgresql(postgres_template: str, tmp_path: Any) -> None:
    async with databases.postgres(postgres_template) as url, house(tmp_path, MONDAY, SURVEY, database=url) as h:
        await crowd(h)
        await asked(h)
        for user in MEMBERS:
            assert "谢谢" in await taps(h, user, "认可")
        assert "已经答过" in await taps(h, "rep1", "认可")
        await asked(h, ASKING + timedelta(days=5, minutes=1))
        told = await surveys.latest_result()
        assert told and told["result"] == {"good": 6, "fair": 0, "bad": 0}


@given(secret=st.binary(min_size=32, max_size=32), survey=st.from_regex(r"20[0-9]{2}-(0[1-9]|1[0-2])", fullmatch=True))
def test_a_ballot_is_this_surveys_alone(secret: bytes, survey: str) -> None:
    box = Ballots(secret)
    one, other = box.new(survey), box.new(survey)
    assert one != other and box.genuine(survey, one) and box.genuine(survey, other)
    assert not box.genuine("1999-01", one) and not Ballots(secret[::-1] + b"x").genuine(survey, one)
    assert not box.genuine(survey, one[:-1]) and not box.genuine(survey, f"{one}=") and not box.genuine(survey, "é")
