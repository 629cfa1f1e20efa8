"""What a rep is told, agrees to, takes back and can have deleted; and days on which nobody is bothered."""

import argparse
import asyncio
import hashlib
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.backup import OpenDalTarget, open_target
from bot import calendar, corridor, entries
from bot.calendar import days
from bot.commands import erase as erase_command
from bot.config.schema import Calendar, Config
from bot.consent import DIGEST, TEXT
from bot.erasing import retain
from bot.model import Draft
from bot.rules.working import is_working_day, next_working_minute
from bot.safekeeping import Backup
from bot.store import copies
from bot.verify import Asked, verify
from scheduler.reports import Reports
from tests import databases
from tests.e2e.conftest import MONDAY, Setting
from tests.e2e.house import House, house
from tests.e2e.rep import Rep
from tests.e2e.seen import api, words

ASK = pytest.mark.parametrize("h", [Setting(more='[privacy]\nconsent = "ask"\n', refold=True)], indirect=True)
SHORT = pytest.mark.parametrize("h", [Setting(more="[retention]\nphoto_days = 30\n", refold=True)], indirect=True)


async def states(h: House) -> dict[str, str]:
    return {row["purpose"]: row["state"] for row in await h.sql("SELECT purpose, state FROM consents WHERE person = 'E001'")}


async def test_told_once_in_a_text_whose_digest_stands_in_the_ledger(h: House, li_na: Rep) -> None:
    said = words(await li_na.says("今日", "今日"))
    greeted = words(await h.hears("这里用来记录销售过程"))
    assert all(line in greeted for line in TEXT.splitlines())
    (body,) = await h.sql("SELECT body FROM ledger_bodies WHERE type = 'consent.shown'")
    assert DIGEST in body["body"] and hashlib.sha256(TEXT.encode()).hexdigest() == DIGEST
    assert set((await states(h)).values()) == {"shown"}
    await li_na.says("帮助", "可以这样发")
    assert len([one for one in li_na.screen if "销售过程" in words(one)]) == 1, said


@pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)
async def test_what_was_withdrawn_is_neither_fetched_nor_counted(h: House, li_na: Rep) -> None:
    await li_na.arrives()
    await li_na.says("方案演示", "方案演示")
    await li_na.says("撤回同意 照片", "不再保存")
    before = set(h.product.line.vault.names())
    await li_na.shows("撤回同意")
    assert set(h.product.line.vault.names()) == before
    await li_na.speaks(31, "语音 1/1")
    (action,) = await api(h, "actions", "items")
    photo = next(item for item in action["evidence"] if item["kind"] == "photo")
    assert (photo["state"], photo["sha256"]) == ("refused", None)
    await li_na.says("同意 照片", "已记下")
    await li_na.shows("照片 1/1")
    assert await states(h) == {"location": "shown", "photo": "given", "voice": "shown", "device": "shown"}


async def test_without_location_no_position_is_kept(h: House, li_na: Rep) -> None:
    await li_na.says("撤回同意 位置", "不再保存")
    await li_na.pins(22.5365, 113.9455, "已撤回对使用位置的同意")
    await li_na.checks_in()
    await li_na.says("今日", "今日")
    assert await h.sql("SELECT id FROM checks") == []
    await li_na.says("开始拜访 华强", "已开始拜访")


@ASK
async def test_with_ask_nothing_counts_before_a_yes(h: House, li_na: Rep) -> None:
    await li_na.says("开始拜访 华强", "已开始拜访")
    card = await h.hears("请确认是否同意")
    await li_na.says("方案演示", "方案演示")
    await li_na.shows("尚未同意")
    await li_na.checks_in()
    await li_na.says("今日", "今日")
    assert await h.sql("SELECT id FROM checks") == []
    await li_na.taps(card, "同意", "已记下")
    await li_na.arrives("到场")
    await li_na.shows("照片 1/1")
    assert list(h.product.line.vault.names())


async def test_my_data_tells_everything_and_who_looked(h: House, li_na: Rep) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    line = h.product.line
    async with line.database.step() as tx:
        seen = entries.record_viewed(action["id"], "D001", h.clock.now(), "page")
        await corridor.record(tx, Draft(entries=(seen,)), line.config(), h.clock.now(), frozenset(line.adapters))
    said = words(await li_na.says("我的数据", "一共"))
    assert "照片 1 张，语音 1 段" in said and "陈国栋" in said and action["id"] in said and "位置已告知" in said


# ---- deletion --------------------------------------------------------------------------------------------------------


def _traces(h: House, needle: bytes) -> list[str]:
    """Files of the installation that hold these bytes."""
    folder = h.path.parent / "data"
    return [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file() and needle in file.read_bytes()]


async def _erase(h: House, what: str, *, yes: bool = True) -> int:
    arguments = argparse.Namespace(config=h.path, what=what, reason="本人要求", yes=yes)
    return await asyncio.to_thread(erase_command.run, arguments)


@pytest.mark.parametrize("what", ["person", "record"])
@pytest.mark.parametrize("h", [Setting(refold=True)], indirect=True)
async def test_after_deletion_the_ledger_verifies_and_the_content_is_gone(
    h: House, li_na: Rep, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    digests = {item["sha256"] for item in action["evidence"] if item["sha256"]}
    line = h.product.line
    made = Backup(line.database, line.vault, _target(tmp_path / "nas"))
    while await made.round(h.clock.now()):
        pass
    originals = [line.vault.path(digest).read_bytes() for digest in digests]
    id_ = "E001" if what == "person" else action["id"]
    # The clock of the story is in the future of this machine's: the command would come before what it erases.
    await h.down()
    assert await _erase(h, id_, yes=False) == 1
    assert "没有删除" in capsys.readouterr().out
    assert await _erase(h, id_) == 0
    assert "已销毁" in capsys.readouterr().out
    await h.up()
    line = h.product.line
    for data in originals:
        assert _traces(h, data) == []
    assert not digests & set(line.vault.names())
    assert [one for one in await api(h, "actions", "items") if one["id"] == action["id"]] == []
    made = Backup(line.database, line.vault, _target(tmp_path / "nas"))
    h.clock.wind(minutes=1)
    await made.round(h.clock.now())
    for digest in digests:
        assert not (tmp_path / "nas" / copies.original(digest)).exists()
    segments = b"".join(file.read_bytes() for file in (tmp_path / "nas" / "ledger").iterdir())
    assert action["evidence"][0]["id"].encode() not in segments
    report = await verify(line.database, line.vault, Asked(backup=made))
    assert report.broken == []


def _target(folder: Path) -> OpenDalTarget:
    return open_target(str(folder), Path())


@pytest.mark.parametrize("h", [Setting(more="\n[report]\n", east_live=True)], indirect=True)
async def test_pictures_of_reports_that_list_a_person_go_with_him(h: House, li_na: Rep) -> None:
    """Those of his region go; another region's, which never listed him, stays."""
    await li_na.visits()
    h.clock.wind_to(datetime(2026, 11, 30, 1, 0, 5, tzinfo=UTC))
    await Reports(h.product.line).round()
    h.product.nudge()
    await h.settled()
    told = [json.loads(row["body"]) for row in await h.sql("SELECT body FROM ledger_bodies WHERE type = 'report.made'")]
    pictures = {one["region"]: one["sha256"] for one in told}
    assert pictures.keys() == {"south", "east"}
    await h.down()
    assert await _erase(h, "E001") == 0
    await h.up()
    left = set(h.product.line.vault.names())
    assert pictures["east"] in left and pictures["south"] not in left
    cards = await h.sql("SELECT body FROM outbox WHERE template = 'card/report'")
    assert cards and not any("李娜" in str(row["body"]) for row in cards)


COPIES = """
INSERT INTO evidence ({columns})
SELECT {values} FROM generate_series(1, 33000) i, (SELECT * FROM evidence WHERE kind = 'photo' LIMIT 1) one
"""
COLUMNS = "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'evidence'"


@pytest.mark.postgres
async def test_somebody_with_more_records_than_a_statement_takes_values(postgres_template: str, tmp_path: Path) -> None:
    async with databases.postgres(postgres_template) as url, house(tmp_path, MONDAY, database=url) as h:
        await Rep(h).visits()
        await h.settled()
        own = {"id": "'e_' || i", "source": "'wecom:copy' || i"}
        columns = {row["name"]: own.get(row["name"], f'one."{row["name"]}"') for row in await h.sql(COLUMNS)}
        names = ", ".join(f'"{name}"' for name in columns)
        await h.product.line.database.connection.execute_script(COPIES.format(columns=names, values=", ".join(columns.values())))
        await h.down()
        assert await _erase(h, "E001") == 0
        await h.up()
        assert (await h.sql("SELECT COUNT(*) AS n FROM evidence"))[0]["n"] == 0


@pytest.mark.parametrize("h", [Setting(more='[retention]\nhold = ["C001"]\n')], indirect=True)
async def test_what_is_on_hold_is_not_deleted(h: House, li_na: Rep, capsys: pytest.CaptureFixture[str]) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    await h.down()
    assert await _erase(h, action["id"]) == 1
    assert "hold" in capsys.readouterr().err
    assert await _erase(h, "a_nothing") == 1
    assert "没有工号或记录" in capsys.readouterr().err
    await h.up()


@SHORT
async def test_photos_go_when_their_time_is_over_and_voices_stay(h: House, li_na: Rep, tmp_path: Path) -> None:
    await li_na.visits()
    (action,) = await api(h, "actions", "items")
    photo, voice = (next(item["sha256"] for item in action["evidence"] if item["kind"] == kind) for kind in ("photo", "voice"))
    line = h.product.line
    assert await retain(line.database, line.vault, line.config(), h.clock.now() + timedelta(days=29), tmp_path / "none") == 0
    h.clock.wind(days=31)
    assert await retain(line.database, line.vault, line.config(), h.clock.now(), tmp_path / "none") > 0
    assert photo not in set(line.vault.names()) and voice in set(line.vault.names())
    (after,) = await api(h, "actions", "items")
    assert after["verdict"]["state"] == "complete", "what it was judged on is gone, the judgement stands"


# ---- days ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-10-01", False),  # National Day, a Thursday
        ("2026-10-10", True),  # the Saturday that makes up for it
        ("2026-10-11", False),
        ("2026-11-23", True),
        ("2027-02-08", True),  # nobody has announced 2027: a Monday is a Monday
        ("2027-02-09", False),  # but the config knows
        ("2027-02-13", True),  # a Saturday, by the config
        ("2026-11-24", False),  # the company's own day off
    ],
)
def test_working_days(day: str, worked: bool) -> None:
    config = Config(
        calendar=Calendar(holidays=(datetime(2027, 2, 9).date(), datetime(2026, 11, 24).date()), workdays=(datetime(2027, 2, 13).date(),))
    )
    assert is_working_day(datetime.fromisoformat(day).date(), *days(config)) is worked


def test_no_prompt_on_a_holiday() -> None:
    config = Config()
    eve = datetime(2026, 9, 30, 12, 0, tzinfo=UTC)  # 20:00, the evening before
    opens = next_working_minute(eve, config.privacy, config.zone, *days(config))
    assert opens.astimezone(config.zone).isoformat() == "2026-10-08T09:00:00+08:00"


def test_a_year_that_nobody_announced_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    calendar._tell.cache_clear()
    with caplog.at_level(logging.WARNING):
        for day in (1, 2, 3):
            is_working_day(datetime(2031, 5, day).date(), *days(Config()))
    assert len([one for one in caplog.records if "2031" in one.getMessage()]) == 1
    assert calendar.known_until() >= 2026
