"""Amounts, closing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.schema import Closing, Config, Needs, VisitRules
from bot.evidence.closing import closing_missing
from bot.evidence.needs import Missing, Progress, missing, progress
from bot.model import Evidence, EvidenceState, VerdictState
from tests.evidence.build import action, item, visit, voice

DEMO = Needs(photo=1, voice_seconds=30)
KINDS = ("photo", "voice", "signature", "deck", "file")
CONFIG = Config()

evidence = st.builds(
    lambda kind, state, seconds: item(kind, 1, state, seconds=seconds),
    st.sampled_from(KINDS),
    st.sampled_from(EvidenceState),
    st.floats(0, 120),
)
needs = st.builds(
    Needs,
    photo=st.integers(0, 3),
    voice_seconds=st.sampled_from([0, 1, 30]),
    file=st.integers(0, 2),
    any=st.lists(st.sampled_from(KINDS), max_size=3).map(tuple),
)


def test_nothing_came() -> None:
    assert missing(DEMO, []) == (Missing(kind="photo", have=0, want=1), Missing(kind="voice", have=0, want=30))


def test_29_seconds_lack_one_and_clips_are_not_added_up() -> None:
    assert missing(DEMO, [item(), voice(29), voice(20)]) == (Missing(kind="voice", have=29, want=30),)
    assert missing(DEMO, [item(), voice(29.98)]) == (Missing(kind="voice", have=29.98, want=30),)
    assert missing(DEMO, [item(), voice(30)]) == ()


@pytest.mark.parametrize("state", [state for state in EvidenceState if state is not EvidenceState.COUNTED])
def test_only_counted_items_fill_a_need(state: EvidenceState) -> None:
    assert missing(Needs(photo=1), [item(state=state)]) == (Missing(kind="photo", have=0, want=1),)


def test_one_of_several_kinds_is_enough() -> None:
    either = Needs(any=("photo", "voice"))
    assert missing(either, [item("file")]) == (Missing(kind="any", have=0, want=1, kinds=("photo", "voice")),)
    assert missing(either, [voice(2)]) == ()


def test_progress_says_what_has_come() -> None:
    assert progress(DEMO, [item(), item(at=2), voice(29)]) == (
        Progress(kind="photo", have=1, want=1),
        Progress(kind="voice", have=0, want=1, seconds=30),
    )
    assert progress(Needs(any=("photo", "file")), [item("file")]) == (Progress(kind="any", have=1, want=1, kinds=("photo", "file")),)


@given(needs, st.lists(evidence, max_size=6))
def test_progress_and_missing_agree(asked: Needs, items: list[Evidence]) -> None:
    lines = progress(asked, items)
    assert {line.kind for line in lines if line.have < line.want} == {gap.kind for gap in missing(asked, items)}
    assert all(0 <= line.have <= line.want for line in lines)


@given(needs, st.lists(evidence, max_size=6), evidence)
def test_more_evidence_never_opens_a_gap(asked: Needs, items: list[Evidence], extra: Evidence) -> None:
    before = {gap.kind for gap in missing(asked, items)}
    assert {gap.kind for gap in missing(asked, [*items, extra])} <= before


# ---- closing ---------------------------------------------------------------------------------------------------------


def test_a_visit_without_a_stage_asks_for_nothing() -> None:
    assert closing_missing(visit(), CONFIG) == ()
    assert closing_missing(visit(action(state=VerdictState.WITHDRAWN)), CONFIG) == ()


def test_closing_asks_for_photo_and_voice_on_site() -> None:
    assert closing_missing(visit(action()), CONFIG) == (Missing(kind="photo", have=0, want=1), Missing(kind="voice", have=0, want=1))


def test_what_the_visit_already_sent_counts_in_any_stage() -> None:
    assert closing_missing(visit(action(item()), action(voice(45), stage="need")), CONFIG) == ()
    assert closing_missing(visit(action(), loose=(item(), voice(5))), CONFIG) == ()


def test_online_asks_for_no_photo() -> None:
    assert closing_missing(visit(action(stage="need", kind="online_need_review")), CONFIG) == (Missing(kind="voice", have=0, want=1),)


@pytest.mark.parametrize(("seconds", "lacks"), [(60.0, ()), (60.02, (Missing(kind="voice_max", have=60.02, want=60),))])
def test_voice_over_the_cap_does_not_close(seconds: float, lacks: tuple[Missing, ...]) -> None:
    assert closing_missing(visit(action(item(), voice(seconds))), CONFIG) == lacks


def test_a_long_demo_voice_beside_a_short_one_closes() -> None:
    assert closing_missing(visit(action(item(), voice(200), voice(20))), CONFIG) == ()


def test_a_clip_too_short_for_its_stage_still_closes() -> None:
    short = voice(20, 1, EvidenceState.REFUSED, "voice.short")
    assert closing_missing(visit(action(item(), short)), CONFIG) == ()


def test_what_failed_does_not_close_and_what_waits_does() -> None:
    failed = item("photo", 1, EvidenceState.QUARANTINED, "place.out", "device.match")
    waiting = item("photo", 1, EvidenceState.QUARANTINED, "place.in", "device.unknown")
    broken = item("photo", 1, EvidenceState.REFUSED, "photo.undecodable")
    for one in (failed, broken):
        assert closing_missing(visit(action(one, voice(5))), CONFIG) == (Missing(kind="photo", have=0, want=1),)
    assert closing_missing(visit(action(waiting, voice(5))), CONFIG) == ()


def test_closing_goes_by_config() -> None:
    config = Config(visit=VisitRules(closing=Closing(photo=2, voice_max_seconds=30)))
    assert closing_missing(visit(action(item(), voice(31))), config) == (
        Missing(kind="photo", have=1, want=2),
        Missing(kind="voice_max", have=31, want=30),
    )
