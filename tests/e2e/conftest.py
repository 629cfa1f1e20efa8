"""A house a test: the product on a database of its own. It must be sound when the test leaves it."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sandbox.hearing import StandInRecogniser
from bot.verify import Asked, verify
from tests.e2e.director import Director
from tests.e2e.house import House, house
from tests.e2e.material import clips
from tests.e2e.rep import Rep

# Recomputing every row takes two seconds a test: `make faults` does it after every story, here only those do that are about it.
REFOLD = bool(os.environ.get("SALESTRACE_TEST_REFOLD"))
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai, inside working hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a test wants otherwise. `sound`: its end is checked; a test that breaks things on purpose says False."""

    more: str = ""
    start: datetime = MONDAY
    east_live: bool = False
    sound: bool = True
    refold: bool = REFOLD
    dingtalk: bool = False
    long: bool = False  # Feishu over its long connection
    ding: str = ""  # more lines of [dingtalk]
    feishu: str = ""  # and of [feishu]
    robot: str = ""  # the south's group has a custom robot of this platform
    hears: bool = False  # with a recogniser that knows the clips of tests/audio


@pytest.fixture
async def h(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[House]:
    """The product running, Monday 14:00."""
    setting: Setting = getattr(request, "param", Setting())
    data = tmp_path / "data"
    data.mkdir()
    (data / "e2e.sqlite3").write_bytes(migrated.read_bytes())
    recogniser = StandInRecogniser(clips()) if setting.hears else None
    at = (tmp_path, setting.start, setting.more)
    async with house(
        *at,
        east_live=setting.east_live,
        recogniser=recogniser,
        dingtalk=setting.dingtalk,
        ding_table=setting.ding,
        feishu_table=setting.feishu,
        long=setting.long,
        robot=setting.robot,
    ) as found:
        yield found
        await found.settled()
        assert not [record.getMessage() for record in caplog.get_records("call") if record.exc_info], "a traceback in the log"
        if setting.sound:
            await sound(found, setting)


async def sound(found: House, setting: Setting) -> None:
    """Nothing was lost on the way, and the ledger and the vault are as they were recorded."""
    assert await found.sql("SELECT problem FROM inbox WHERE state = 'dead'") == []
    assert await found.sql("SELECT key, reason FROM outbox WHERE state = 'dead'") == []
    line = found.product.line
    report = await verify(line.database, line.vault, Asked(refold=setting.refold))
    assert (report.broken, report.spare) == ([], [])


@pytest.fixture
def li_na(h: House) -> Rep:
    """The rep of most stories, with the phone that is on file for her."""
    return Rep(h)


@pytest.fixture
def chen(h: House) -> Director:
    """The director of the south, where li_na works."""
    return Director(h)
