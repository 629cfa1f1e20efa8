"""One item: file, place, length."""

from dataclasses import replace

import pytest

from bot.config.schema import Needs, PlaceMode
from bot.evidence.items import judge_item, too_short, waits
from bot.model import Check, CheckState, Evidence, EvidenceState
from tests.evidence.build import check, item, minutes, voice

DEMO = Needs(photo=1, voice_seconds=30)
NEW = EvidenceState.PENDING


def judged(
    one: Evidence,
    *checks: Check,
    place: PlaceMode | None = "onsite",
    read: float | None = 60,
    records: bool = True,
    needs: Needs | None = None,
    problem: str | None = None,
) -> tuple[str, list[str]]:
    read_at = None if read is None else minutes(read)
    found = judge_item(one, place_mode=place, checks=checks, read_at=read_at, has_records=records, needs=needs, problem=problem)
    return found.state.value, [reason.code for reason in found.reasons]


def test_a_photo_inside_a_passed_window_counts() -> None:
    assert judged(item(state=NEW), check(0)) == ("counted", [])


@pytest.mark.parametrize("read", [None, 0.5])
def test_without_a_check_it_is_pending_until_the_records_after_it_are_read(read: float | None) -> None:
    assert judged(item(state=NEW, at=1), read=read) == ("pending", ["place.reading"])
    assert judged(item(state=NEW, at=1), read=1) == ("quarantined", ["place.no_check"])


def test_a_platform_without_records_keeps_nobody_waiting() -> None:
    assert judged(item(state=NEW), read=None, records=False) == ("quarantined", ["place.no_check"])


def test_a_failed_check_gives_its_reasons_and_distance() -> None:
    codes = ("place.out", "device.match")
    assert judged(item(state=NEW), check(0, CheckState.REFUSED, *codes)) == ("quarantined", list(codes))


def test_an_ended_window_and_a_late_check_are_told_in_minutes() -> None:
    late = judge_item(item(at=150), place_mode="onsite", checks=[check(0)], read_at=None, has_records=False)
    assert [(reason.code, reason.values["minutes"]) for reason in late.reasons] == [("place.window_over", 30)]
    early = judge_item(item(at=1), place_mode="onsite", checks=[check(2.5)], read_at=None, has_records=False)
    assert [(reason.code, reason.values["minutes"]) for reason in early.reasons] == [("place.check_later", 2)]


@pytest.mark.parametrize("place", ["online", "any"])
def test_online_needs_no_place(place: PlaceMode) -> None:
    assert judged(item(state=NEW), place=place, read=None) == ("counted", [])


def test_before_a_stage_is_named_it_waits() -> None:
    assert judged(item(state=NEW), check(0), place=None) == ("pending", ["stage.none"])


@pytest.mark.parametrize("problem", ["photo.undecodable", "photo.bomb", "voice.cut", "file.empty"])
def test_a_broken_file_is_refused_for_good(problem: str) -> None:
    first = judge_item(item(state=NEW), place_mode="onsite", checks=[check(0)], read_at=None, has_records=False, problem=problem)
    assert (first.state.value, [reason.code for reason in first.reasons]) == ("refused", [problem])
    assert judge_item(first, place_mode="any", checks=[check(0)], read_at=None, has_records=False) == first


@pytest.mark.parametrize("problem", ["media.expired", "expired"])
def test_a_file_that_never_came_is_lost_for_good(problem: str) -> None:
    first = judge_item(item(state=NEW), place_mode="any", checks=[], read_at=None, has_records=False, problem=problem)
    assert (first.state.value, first.reasons[0].code, first.reasons[0].values) == ("lost", "media.lost", {"problem": "expired"})
    assert judge_item(first, place_mode="any", checks=[], read_at=None, has_records=False) == first


def test_a_voice_without_frames_is_empty() -> None:
    assert judged(item("voice", state=NEW), check(0)) == ("refused", ["voice.empty"])
    assert judged(voice(0.0, state=NEW), check(0)) == ("refused", ["voice.empty"])


def test_29_seconds_are_refused_where_30_are_asked_and_may_count_elsewhere() -> None:
    short = judge_item(voice(29.0, state=NEW), place_mode="onsite", checks=[check(0)], read_at=None, has_records=False, needs=DEMO)
    assert too_short(short)
    assert short.reasons[0].values == {"seconds": 29.0, "want": 30}
    assert judged(voice(30.0, state=NEW), check(0), needs=DEMO) == ("counted", [])
    assert judged(short, check(0), needs=Needs(any=("voice",))) == ("counted", [])


def test_place_comes_before_length() -> None:
    assert judged(voice(29.0, state=NEW), needs=DEMO) == ("quarantined", ["place.no_check"])


def test_a_later_approval_brings_a_quarantined_item_back() -> None:
    held = item(state=EvidenceState.QUARANTINED)
    assert judged(held, check(0, CheckState.WAITING, "place.in", "device.unknown"))[0] == "quarantined"
    assert judged(held, check(0, CheckState.PASSED, "place.in", "device.unknown")) == ("counted", [])


@pytest.mark.parametrize(
    ("state", "codes", "waiting"),
    [
        (EvidenceState.PENDING, ("place.reading",), True),
        (EvidenceState.QUARANTINED, ("place.in", "device.unknown"), True),
        (EvidenceState.QUARANTINED, ("place.uncertain", "device.match"), True),
        (EvidenceState.QUARANTINED, ("place.uncertain", "device.none"), True),
        (EvidenceState.QUARANTINED, ("place.out", "device.unknown"), False),
        (EvidenceState.QUARANTINED, ("place.no_check",), False),
        (EvidenceState.COUNTED, (), False),
        (EvidenceState.LOST, ("media.lost",), False),
    ],
)
def test_what_waits_for_others_is_told_from_what_failed(state: EvidenceState, codes: tuple[str, ...], waiting: bool) -> None:
    assert waits(item("photo", 1, state, *codes)) is waiting


def test_judging_twice_changes_nothing() -> None:
    once = judge_item(item(state=NEW), place_mode="onsite", checks=[check(0)], read_at=None, has_records=True)
    assert judge_item(once, place_mode="onsite", checks=[check(0)], read_at=None, has_records=True) == once
    assert replace(once, state=NEW) == item(state=NEW)
