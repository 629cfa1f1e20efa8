"""What must follow, and what a script should hold."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.config.schema import FollowUp, Phrases, Seen
from bot.rules import followup, phrases
from bot.rules.facts import FollowUpFacts, ScriptFacts

ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
RULE = FollowUp(id="r", kind="followup", when=Seen(scene="price_cut"), name="技术对比文档")
FACTS = FollowUpFacts(rule="r", customer="C001", name="华强", region="south", owner="E001", seen=FRIDAY, filed_at=None)


@pytest.mark.parametrize(
    ("clock", "after", "fires"),
    [
        ("elapsed", timedelta(hours=47, minutes=59, seconds=59), False),
        ("elapsed", timedelta(hours=48), True),
        ("workdays", timedelta(hours=48), False),
        ("workdays", timedelta(hours=96), True),
    ],
)
def test_it_fires_at_its_hour(clock: str, after: timedelta, fires: bool) -> None:
    rule = RULE.model_copy(update={"clock": clock})
    found = followup.judge(rule, FACTS, FRIDAY + after, ZONE)
    assert (found is not None) is fires
    if found:
        assert found.since <= FRIDAY + after and found.period == "2026-11-27T06:00:00.000Z"


def test_nothing_seen_nothing_owed() -> None:
    nothing = FollowUpFacts(rule="r", customer="C001", name="", region="south", owner=None, seen=None, filed_at=FRIDAY)
    assert followup.judge(RULE, nothing, FRIDAY + timedelta(days=99), ZONE) is None
    assert followup.standing(nothing, None, FRIDAY) == "filed"
    assert followup.standing(FACTS, FRIDAY, FRIDAY) == "overdue"


@pytest.mark.parametrize(("heard", "fires"), [(0, True), (1, True), (2, False), (3, False)])
def test_a_script_fires_below_its_share(heard: int, fires: bool) -> None:
    points = ("甲", "乙", "丙")
    rule = Phrases(id="p", kind="phrases", points=dict.fromkeys(points, ()), share=0.6)
    facts = ScriptFacts(rule="p", action="a_1", rep="E001", customer="C001", region="south", heard=points[:heard], missing=points[heard:])
    assert (phrases.judge(rule, facts, FRIDAY) is not None) is fires
