"""Which stretch of time somebody means."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.config.schema import Config
from handlers.dossiers import span
from handlers.words import understand

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026", (2026, 1), (2027, 1)),
        ("2026年", (2026, 1), (2027, 1)),
        ("2026Q1", (2026, 1), (2026, 4)),
        ("2026年q4季度", (2026, 10), (2027, 1)),
        ("2026-03", (2026, 3), (2026, 4)),
        ("2026年12月", (2026, 12), (2027, 1)),
    ],
)
def test_periods(text: str, since: tuple[int, int], until: tuple[int, int]) -> None:
    command = understand(f"出证 华强 精密 {text}", Config())
    assert (command.op, command.arg) == ("dossier", "华强 精密")
    assert span(command.more[0], Config()) == (datetime(*since, 1, tzinfo=ZONE), datetime(*until, 1, tzinfo=ZONE))


def test_all_of_time_and_what_to_leave_out() -> None:
    assert understand("出证 华强", Config()).more == ("",)
    assert span("", Config()) == (None, None)
    assert understand("出证 华强 2026Q1 隐去照片、电话", Config()).more == ("2026Q1", "photos", "phones")
