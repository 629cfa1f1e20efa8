"""Red lights at their edges."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.schema import DEFAULT_RULES, Excess, Inactivity, Rule, ShortDwell
from bot.model import Finding
from bot.rules import inactivity
from bot.rules.evaluate import evaluate
from bot.rules.facts import DayFacts, DwellFacts, Facts, SilenceFacts, Submitted

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)  # Friday 09:30 in Shanghai
DAY = date(2026, 11, 23)
SILENCE = SilenceFacts(customer="C001", name="华强电子", region="south", owner="E001", owner_name="王伟", last=LAST)
WORKDAYS = Inactivity(id="w", kind="inactivity", hours=72, clock="workdays")
instants = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def found(facts: Facts, now: datetime = LAST, rules: tuple[Rule, ...] = DEFAULT_RULES) -> list[Finding]:
    return evaluate(rules, [facts], now, SHANGHAI)


# ---- inactivity ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("silent", "fires"),
    [
        (timedelta(hours=71, minutes=59, seconds=59, microseconds=999999), False),
        (timedelta(hours=72), True),
        (timedelta(hours=72, seconds=1), True),
        (timedelta(days=400), True),
    ],
)
def test_silence_is_too_long_at_72_hours_sharp(silent: timedelta, fires: bool) -> None:
    assert bool(found(SILENCE, LAST + silent)) is fires


def test_a_silence_is_one_incident_however_often_it_is_looked_at() -> None:
    first, again = found(SILENCE, LAST + timedelta(hours=72)), found(SILENCE, LAST + timedelta(days=9))
    assert first == again
    (one,) = first
    assert (one.rule, one.subject, one.period) == ("inactive-72h", "customer:C001", "2026-11-20T01:30:00.000Z")
    assert (one.region, one.owner, one.since) == ("south", "E001", LAST + timedelta(hours=72))


def test_a_new_action_begins_another_incident() -> None:
    (one,) = found(replace(SILENCE, last=LAST + timedelta(days=1)), LAST + timedelta(days=9))
    assert one.period == "2026-11-21T01:30:00.000Z"


@pytest.mark.parametrize(
    ("last", "hours", "due"),
    [
        ("2026-11-16T09:30", 72, "2026-11-19T09:30"),  # Monday to Thursday
        ("2026-11-20T09:30", 72, "2026-11-25T09:30"),  # over a weekend
        ("2026-11-21T15:00", 24, "2026-11-24T00:00"),  # a Saturday does not run
        ("2026-11-20T00:00", 24, "2026-11-21T00:00"),
    ],
)
def test_on_the_workdays_clock_weekends_do_not_run(last: str, hours: float, due: str) -> None:
    rule = WORKDAYS.model_copy(update={"hours": hours})
    assert inactivity.due_at(rule, local(last), SHANGHAI) == local(due)


def test_holidays_and_make_up_days_bend_the_workdays_clock() -> None:
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    assert inactivity.due_at(WORKDAYS, local("2026-11-19T12:00"), SHANGHAI, {friday}) == local("2026-11-25T12:00")
    assert inactivity.due_at(WORKDAYS, local("2026-11-20T12:00"), SHANGHAI, {monday}, {date(2026, 11, 21)}) == local("2026-11-25T12:00")


class Always:
    """A calendar without a working day."""

    def __contains__(self, day: object) -> bool:
        return True


def test_a_calendar_without_working_days_ends_all_the_same() -> None:
    assert inactivity.due_at(WORKDAYS, LAST, SHANGHAI, Always()) > LAST + timedelta(days=3650)


@given(instants, st.floats(0.1, 500))
def test_workdays_never_come_before_elapsed_time(last: datetime, hours: float) -> None:
    rule = WORKDAYS.model_copy(update={"hours": hours})
    due = inactivity.due_at(rule, last, SHANGHAI)
    assert due >= last + timedelta(hours=hours)
    working = [day for day in (due.astimezone(SHANGHAI), (due - timedelta(microseconds=1)).astimezone(SHANGHAI)) if day.weekday() < 5]
    assert working


@given(st.lists(instants, min_size=2, max_size=5))
def test_a_later_action_is_never_due_earlier(moments: list[datetime]) -> None:
    due = [inactivity.due_at(WORKDAYS, moment, SHANGHAI) for moment in sorted(moments)]
    assert all(a <= b for a, b in pairwise(due))


def test_host_zone_does_not_matter_for_elapsed_hours_across_a_clock_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 10, 24, 12, 0, tzinfo=berlin)  # the clock goes back the night after
    rule = Inactivity(id="x", kind="inactivity", hours=24)
    assert inactivity.due_at(rule, before, berlin) - before.astimezone(UTC) == timedelta(hours=24)


# ---- excess ----------------------------------------------------------------------------------------------------------


def day(count: int, stage: str = "need", start: str = "2026-11-23T09:00") -> DayFacts:
    submitted = tuple(Submitted(action=f"a_{n}", at=local(start) + timedelta(minutes=20 * n), customer=f"C{n}") for n in range(count))
    return DayFacts(rep="E001", region="south", stage=stage, day=DAY, submitted=submitted)


@pytest.mark.parametrize(("count", "fires"), [(0, False), (5, False), (6, True), (7, True)])
def test_the_sixth_of_a_day_fires(count: int, fires: bool) -> None:
    assert bool(found(day(count))) is fires


def test_excess_names_all_of_them_and_grows_in_the_same_incident() -> None:
    (six,), (seven,) = found(day(6)), found(day(7))
    assert (six.rule, six.subject, six.period, six.count) == ("excess-need", "rep:E001", "2026-11-23", 6)
    assert (seven.subject, seven.period, seven.count) == (six.subject, six.period, 7)
    assert six.since == seven.since == local("2026-11-23T10:40")
    assert [one["action"] for one in six.values["actions"]] == [f"a_{n}" for n in range(6)]
    assert six.values["actions"][0] == {"action": "a_0", "at": "2026-11-23T01:00:00.000Z", "customer": "C0"}


def test_another_stage_does_not_count() -> None:
    assert found(day(9, stage="demo")) == []


def test_the_day_is_the_local_one() -> None:
    late = day(6, start="2026-11-23T22:30")  # the sixth is at 00:10 of the next day
    assert found(late) == []
    early = day(6, start="2026-11-23T00:00")  # still the 22nd in UTC
    assert len(found(early)) == 1


@given(st.permutations(range(8)))
def test_the_order_of_arrival_does_not_matter(order: list[int]) -> None:
    full = day(8)
    assert found(replace(full, submitted=tuple(full.submitted[n] for n in order))) == found(full)


def test_per_day_0_allows_none() -> None:
    assert len(found(day(1), rules=(Excess(id="x", kind="excess", per_day=0),))) == 1


# ---- short dwell -----------------------------------------------------------------------------------------------------


def demo(seconds: float, recent: tuple[float, ...] = (), stage: str = "demo") -> DwellFacts:
    return DwellFacts(action="a_1", rep="E001", customer="C001", region="south", stage=stage, seconds=seconds, recent=recent)


@pytest.mark.parametrize(("seconds", "fires"), [(0.0, True), (89.0, True), (89.9, True), (89.999999, True), (90.0, False), (1200.0, False)])
def test_a_demo_under_90_seconds_fires(seconds: float, fires: bool) -> None:
    assert bool(found(demo(seconds))) is fires


def test_a_short_demo_is_about_that_very_action() -> None:
    (one,) = found(demo(41.26))
    assert (one.rule, one.subject, one.owner, one.values["seconds"]) == ("short-demo", "action:a_1", "E001", 41.2)


def test_other_stages_may_be_short() -> None:
    assert found(demo(5, stage="need")) == []


MEAN = (ShortDwell(id="mean", kind="short_dwell", seconds=90, measure="rep_mean"),)


@pytest.mark.parametrize(
    ("recent", "fires"),
    [
        ((30.0, 150.0), False),  # 90.0 on average
        ((30.0, 149.9), True),
        ((9000.0, *(80.0,) * 10), True),  # only the last ten
        ((80.0,) * 10 + (9000.0,), False),
        ((), True),  # the one at hand stands for itself
        ((0.1,) * 9 + (899.1,), False),  # 900.0 / 10, where plain float addition would end below
    ],
)
def test_the_reps_mean_is_over_his_last_ten(recent: tuple[float, ...], fires: bool) -> None:
    findings = found(demo(recent[-1] if recent else 20.0, recent), local("2026-11-23T14:00"), MEAN)
    assert [(one.subject, one.period) for one in findings] == ([("rep:E001", "2026-11-23")] if fires else [])


# ---- all of them -----------------------------------------------------------------------------------------------------


def test_each_rule_judges_only_facts_of_its_kind() -> None:
    now = LAST + timedelta(days=30)
    every = (SILENCE, day(6), demo(10))
    assert [[one.rule for one in found(facts, now)] for facts in every] == [["inactive-72h"], ["excess-need"], ["short-demo"]]


def test_two_rules_of_a_kind_both_fire() -> None:
    rules = (Inactivity(id="a", kind="inactivity", hours=24), Inactivity(id="b", kind="inactivity", hours=48))
    assert [one.rule for one in found(SILENCE, LAST + timedelta(hours=30), rules)] == ["a"]
    assert [one.rule for one in found(SILENCE, LAST + timedelta(hours=60), rules)] == ["a", "b"]
