"""A house a test: the product on a database of its own. It must be sound when the test leaves it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.verify import verify
from tests.e2e.director import Director
from tests.e2e.house import House, house
from tests.e2e.rep import Rep

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai, inside working hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a test wants otherwise. `sound`: its end is checked; a test that breaks things on purpose says False."""

    more: str = ""
    start: datetime = MONDAY
    east_live: bool = False
    sound: bool = True


@pytest.fixture
async def h(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[House]:
    """The product running, Monday 14:00."""
    setting: Setting = getattr(request, "param", Setting())
    data = tmp_path / "data"
    data.mkdir()
    (data / "e2e.sqlite3").write_bytes(migrated.read_bytes())
    async with house(tmp_path, setting.start, setting.more, east_live=setting.east_live) as found:
        yield found
        await found.settled()
        assert not [record.getMessage() for record in caplog.get_records("call") if record.exc_info], "a traceback in the log"
        if setting.sound:
            await sound(found)


async def sound(found: House) -> None:
    """Nothing was lost on the way, and the ledger and the vault are as they were recorded."""
    assert await found.sql("SELECT problem FROM inbox WHERE state = 'dead'") == []
    assert await found.sql("SELECT key, reason FROM outbox WHERE state = 'dead'") == []
    report = await verify(found.product.line.vault)
    assert (report.broken, report.spare) == ([], [])


@pytest.fixture
def li_na(h: House) -> Rep:
    """The rep of most stories, with the phone that is on file for her."""
    return Rep(h)


@pytest.fixture
def chen(h: House) -> Director:
    """The director of the south, where li_na works."""
    return Director(h)
