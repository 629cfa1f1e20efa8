"""The sample company's past: what the product itself would have written, the same every time."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.sandbox.company import sample_company
from adapters.sandbox.figures import STUCK, fact_files
from adapters.sandbox.history import Batch, history
from adapters.sandbox.planning import LOYAL, QUIET, ZONE
from bot.config.schema import Config
from bot.entries import parse_instant
from bot.measures.coverage import CustomerMonth, coverage
from bot.measures.repurchase import Shown, repurchase
from bot.measures.silent import Dated, Known, silent

COMPANY = sample_company()
CONFIG = Config()
UNTIL = datetime.fromisoformat("2026-11-24T14:20:00+08:00")
HOURS_72 = timedelta(hours=72)
Body = Mapping[str, Any]


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    return list(history(COMPANY, UNTIL))


def _bodies(batches: list[Batch], type_: str) -> list[Body]:
    return [entry.body for batch in batches for entry in batch.entries if entry.type == type_]


def _actions(batches: list[Batch]) -> dict[str, dict[str, Any]]:
    """Actions by id, with their last verdict."""
    actions = {str(body["action"]): dict(body) for body in _bodies(batches, "action.opened")}
    for body in _bodies(batches, "action.judged"):
        actions[body["action"]].update(body)
    return actions


def _last_served(batches: list[Batch]) -> dict[str, datetime]:
    complete = [action for action in _actions(batches).values() if action["state"] == "complete"]
    return {action["customer"]: parse_instant(action["at"]) for action in sorted(complete, key=lambda action: action["at"])}


def test_same_seed_and_moment_make_the_same_history(batches: list[Batch]) -> None:
    assert list(history(COMPANY, UNTIL)) == batches
    assert list(history(COMPANY, UNTIL, seed=2)) != batches


def test_batches_come_in_order_and_never_later_than_the_opening(batches: list[Batch]) -> None:
    times = [batch.at for batch in batches]
    assert times == sorted(times)
    assert times[-1] <= UNTIL


@pytest.mark.parametrize("day", ["2026-11-24", "2026-12-01", "2027-01-04", "2027-02-26"])
def test_every_opening_day_has_three_months_and_more_to_see(day: str) -> None:
    told = list(history(COMPANY, datetime.fromisoformat(f"{day}T14:20:00+08:00")))
    assert 330 <= len(_bodies(told, "visit.opened")) <= 540
    assert len(_bodies(told, "visit.ended")) == len(_bodies(told, "visit.opened"))


days = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@settings(max_examples=12)
@example(date(2026, 12, 1))
@example(date(2027, 3, 1))
@given(days)
def test_coverage_of_the_three_months_before_any_opening_is_the_articles(day: date) -> None:
    """58 → 73 → 89 %, of all; and within half a slot of it in each region."""
    until = datetime.combine(day, time(14, 20), ZONE)
    told = list(history(COMPANY, until))
    first = until.replace(day=1, hour=0, minute=0)
    for percent in (89, 73, 58):
        end, first = first, (first - timedelta(days=1)).replace(day=1)
        done: dict[str, Counter[str]] = {client.id: Counter() for client in COMPANY.clients}
        for action in _actions(told).values():
            if action["state"] == "complete" and action["kind"] and first <= parse_instant(action["at"]) < end:
                done[action["customer"]][action["kind"]] += 1
        for region in (None, "south", "east", "west"):
            rows = [
                CustomerMonth(customer=client.id, grade=client.grade, done=done[client.id])
                for client in COMPANY.clients
                if region in (None, client.region)
            ]
            found = coverage(f"{first:%Y-%m}", region, rows, CONFIG.grades)
            assert abs(found.done - found.quota * percent / 100) <= (0.5 if region is None else 1)


@settings(max_examples=12)
@example(date(2026, 12, 1))
@given(days)
def test_on_any_day_somebody_is_silent_somebody_loyal_and_a_deal_stuck(day: date) -> None:
    """Judged by the product's own measures, on what was recorded and what other systems say."""
    until = datetime.combine(day, time(14, 20), ZONE)
    told, files = list(history(COMPANY, until)), fact_files(COMPANY, until)
    rows = {kind: list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")))) for kind, data in files.items()}
    quiet, loyal, stuck = (next(one.id for one in COMPANY.clients if one.alias == alias) for alias in (QUIET, LOYAL, STUCK))

    def of(kind: str, customer: str) -> list[dict[str, str]]:
        return [row for row in rows[kind] if row["customer"] == customer]

    visits = of("web_visits", quiet)
    asked = max(of("inquiries", quiet), key=lambda row: row["at"])
    known = Known(
        industry="",
        demos=tuple(
            Dated(day=parse_instant(action["at"]).astimezone(ZONE).date(), id=action["action"])
            for action in _actions(told).values()
            if (action["customer"], action["stage"], action["state"]) == (quiet, "demo", "complete")
        ),
        orders=tuple(Dated(day=date.fromisoformat(row["signed_at"]), id=row["id"]) for row in of("orders", quiet)),
        visits=len(visits),
        visit_ms=sum(1000 * int(row["seconds"]) for row in visits),
        first_visit=min(date.fromisoformat(row["date"]) for row in visits),
        inquiry=Dated(day=date.fromisoformat(asked["at"]), id=asked["id"]),
        topic=asked["topic"],
    )
    assert all(part.met for part in silent(known, CONFIG.silence, day)), silent(known, CONFIG.silence, day)

    shown = [
        Shown(id=body["evidence"], at=parse_instant(body["sent_at"]), words=(body["name"],))
        for body in _bodies(told, "evidence.added")
        if body["customer"] == loyal and body["kind"] == "file" and body["state"] == "counted"
    ]
    closed = [Dated(day=date.fromisoformat(row["closed_at"]), id=row["id"]) for row in of("tickets", loyal)]
    assert all(part.met for part in repurchase(shown, closed, CONFIG.repurchase, day))

    [deal], late = of("deals", stuck), [row for row in of("payments", stuck) if not row["paid_at"]]
    assert deal["stage"] == "已签约" and (day - date.fromisoformat(deal["updated_at"])).days >= 14
    assert any((day - date.fromisoformat(row["due_at"])).days > 90 for row in late)


def test_no_action_is_complete_without_what_its_stage_asks_for(batches: list[Batch]) -> None:
    counted: dict[str, list[Body]] = {}
    for body in _bodies(batches, "evidence.added"):
        if body["state"] == "counted":
            counted.setdefault(body["action"], []).append(body)
    passed = {(body["rep"], body["customer"]) for body in _bodies(batches, "check.made") if body["state"] == "passed"}
    for action in _actions(batches).values():
        if action["state"] != "complete":
            continue
        items = counted[action["action"]]
        if action["stage"] == "demo":
            assert any(item["kind"] == "photo" for item in items)
            assert max(item["seconds"] or 0 for item in items) >= 30
        if action["tier"] == "T4":
            assert (action["rep"], action["customer"]) in passed


def test_not_all_work_was_good(batches: list[Batch]) -> None:
    states = Counter(action["state"] for action in _actions(batches).values())
    assert states["complete"] > 150
    assert states["incomplete"] > 20
    assert states["quarantined"] > 10
    assert len(_bodies(batches, "note.added")) >= 3


def test_nobody_is_in_two_places_at_once(batches: list[Batch]) -> None:
    ends = {body["visit"]: parse_instant(body["at"]) for body in _bodies(batches, "visit.ended") if body["how"] == "closed"}
    by_rep: dict[str, list[tuple[datetime, datetime]]] = {}
    for body in _bodies(batches, "visit.opened"):
        if body["visit"] in ends:
            by_rep.setdefault(body["rep"], []).append((parse_instant(body["at"]), ends[body["visit"]]))
    for spans in by_rep.values():
        spans.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_one_customer_falls_silent_within_the_hour_and_several_within_three_days(batches: list[Batch]) -> None:
    ages = [UNTIL - at for at in _last_served(batches).values()]
    assert sum(HOURS_72 - timedelta(hours=1) <= age < HOURS_72 for age in ages) == 1
    assert 8 <= sum(age < HOURS_72 for age in ages) <= 20
    assert UNTIL - _last_served(batches)["C001"] < HOURS_72


def test_every_customer_was_served_at_some_time(batches: list[Batch]) -> None:
    assert _last_served(batches).keys() == {client.id for client in COMPANY.clients}


def test_past_silences_were_recorded_and_nobody_was_told(batches: list[Batch]) -> None:
    state = {body["alert"]: "firing" for body in _bodies(batches, "alert.raised")}
    assert not any(body["told"] for body in _bodies(batches, "alert.raised"))
    for body in _bodies(batches, "alert.moved"):
        state[body["alert"]] = body["state"]
    still = [body["subject"].removeprefix("customer:") for body in _bodies(batches, "alert.raised") if state[body["alert"]] != "resolved"]
    served = _last_served(batches)
    assert sorted(still) == sorted(customer for customer, at in served.items() if UNTIL - at >= HOURS_72)


def test_one_rep_has_claimed_five_need_actions_since_the_morning(batches: list[Batch]) -> None:
    today = [body for body in _bodies(batches, "action.opened") if body["rep"] == "E003" and body["at"].startswith("2026-11-24")]
    submitted = {body["action"] for body in _bodies(batches, "action.submitted")}
    assert [body["stage"] for body in today] == ["need"] * 5
    assert {body["action"] for body in today} <= submitted


def test_evidence_names_files_that_are_there_small_and_real(batches: list[Batch]) -> None:
    files = [file for batch in batches for file in batch.files]
    assert {body["sha256"] for body in _bodies(batches, "evidence.added")} == {hashlib.sha256(data).hexdigest() for data, _ in files}
    assert len(files) == len({data for data, _ in files}) < 60
    for data, mime in files:
        if mime == "image/jpeg":
            assert len(data) <= 10_240
            Image.open(io.BytesIO(data)).verify()
