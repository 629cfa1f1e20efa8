"""What an action is worth."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.schema import DEFAULT_STAGES, ActionKind, Config, Needs, Stage
from bot.evidence.verdict import judge_action
from bot.model import Action, Check, CheckState, Evidence, EvidenceState, Stamp, Verdict, VerdictState
from tests.evidence.build import action, check, item, north, voice

CONFIG = Config()
HELD = EvidenceState.QUARANTINED


def judged(one: Action, *checks: Check, config: Config = CONFIG, has_decider: bool = False) -> tuple[str, str, list[str], Stamp]:
    verdict, stamp = judge_action(one, config, checks, has_decider=has_decider)
    return verdict.state.value, verdict.tier, [reason.code for reason in verdict.reasons], stamp


def test_three_labels_make_it_complete_at_the_highest_tier() -> None:
    state, tier, reasons, stamp = judged(action(item(), voice(30)), check(0))
    assert (state, tier, reasons) == ("complete", "T4", ["place.in", "device.match", "tier.record"])
    assert (stamp.distance_m, stamp.device, stamp.point) == (48.0, "phone", north(48))


@pytest.mark.parametrize(
    ("items", "lacks"),
    [
        ((), ["missing.photo", "missing.voice"]),
        ((item(),), ["missing.voice"]),
        ((voice(40),), ["missing.photo"]),
        ((item(), voice(29, 1, EvidenceState.REFUSED, "voice.short")), ["missing.voice", "items.refused"]),
        ((item("photo", 1, EvidenceState.PENDING, "place.reading"), voice(30)), ["missing.photo", "items.pending"]),
        ((item("photo", 1, EvidenceState.LOST, "media.lost"), voice(30)), ["missing.photo", "items.lost"]),
    ],
)
def test_a_label_short_is_incomplete_and_says_which(items: tuple[Evidence, ...], lacks: list[str]) -> None:
    state, _, reasons, _ = judged(action(*items), check(0))
    assert state == "incomplete"
    assert reasons[: len(lacks)] == lacks


def test_what_would_suffice_but_failed_its_check_is_quarantined() -> None:
    failed = check(0, CheckState.REFUSED, "place.out", "device.match")
    state, _, reasons, stamp = judged(action(item(state=HELD), voice(30, 1, HELD)), failed)
    assert state == "quarantined"
    assert reasons == ["missing.photo", "missing.voice", "items.quarantined", "place.out", "device.match", "tier.record"]
    assert stamp.distance_m == 48.0


def test_quarantined_items_that_do_not_suffice_leave_it_incomplete() -> None:
    assert judged(action(item(state=HELD)), check(0, CheckState.REFUSED))[0] == "incomplete"


def test_items_counted_for_another_place_do_not_complete_an_action_on_site() -> None:
    state, _, reasons, _ = judged(action(item(), voice(30)))
    assert (state, reasons) == ("quarantined", ["place.no_check", "tier.words"])


def test_the_check_over_its_evidence_stands_for_a_stage_word_said_before_it() -> None:
    state, tier, _, stamp = judged(action(item(at=6), voice(30, at=7), at=0), check(5))
    assert (state, tier, stamp.distance_m) == ("complete", "T4", 48.0)


def test_while_records_are_read_the_place_is_not_called_missing() -> None:
    assert "place.no_check" not in judged(action(item("photo", 1, EvidenceState.PENDING, "place.reading")))[2]


@pytest.mark.parametrize(
    ("source", "codes", "tier"),
    [
        ("wecom.checkin", ("place.in", "device.match"), "T4"),
        ("wecom.checkin", ("place.in", "device.recorded"), "T2"),
        ("wecom.position", ("place.in", "device.none"), "T2"),
        ("wecom.location", ("place.in", "device.none"), "T1"),
        ("dingtalk.page", ("place.in", "device.match"), "T3"),
        ("", ("place.in", "device.none"), "T1"),
    ],
)
def test_the_tier_follows_the_source_and_the_device(source: str, codes: tuple[str, ...], tier: str) -> None:
    made = check(0, CheckState.PASSED, *codes, point=north(10, source=source))
    assert judged(action(item(), voice(30)), made)[1] == tier


def test_online_needs_neither_place_nor_check() -> None:
    state, tier, reasons, stamp = judged(action(voice(5), stage="need", kind="online_need_review"), check(0))
    assert (state, tier, reasons, stamp.point) == ("complete", "T0", ["place.online", "tier.words"], None)


def test_any_place_takes_the_place_where_one_is_known() -> None:
    assert judged(action(item(), stage="lead"))[:3] == ("complete", "T0", ["place.none", "tier.words"])
    assert judged(action(item(), stage="lead"), check(0))[:2] == ("complete", "T4")


def test_what_a_director_let_pass_says_so() -> None:
    excepted = check(0, CheckState.PASSED, "place.out", "device.match")
    assert judged(action(item(), voice(30)), excepted)[2] == ["place.excepted", "device.match", "tier.record"]


def test_a_kind_may_ask_for_a_registered_decider() -> None:
    kinds = (ActionKind(id="executive_visit", name="高层拜访", stage="negotiate", met="decider"),)
    one, config = action(voice(5), stage="negotiate", kind="executive_visit"), Config(action_kinds=kinds)
    state, _, reasons, _ = judged(one, check(0), config=config)
    assert (state, reasons[0]) == ("incomplete", "missing.decider")
    with_held = action(voice(5), item(state=HELD), stage="negotiate", kind="executive_visit")
    assert judged(with_held, check(0), config=config)[0] == "incomplete"
    assert judged(one, check(0), config=config, has_decider=True)[0] == "complete"
    assert judged(one, check(0))[0] == "complete"


def test_a_stage_that_asks_for_nothing_still_wants_one_item() -> None:
    config = Config(stages=(Stage(id="bare", name="随访", evidence=Needs()),))
    assert judged(action(stage="bare"), check(0), config=config)[2][0] == "missing.any"
    assert judged(action(item("checkin"), stage="bare"), check(0), config=config)[0] == "incomplete"
    assert judged(action(item("file"), stage="bare"), check(0), config=config)[0] == "complete"


def test_withdrawn_stays_withdrawn() -> None:
    assert judged(action(item(), voice(30), state=VerdictState.WITHDRAWN), check(0))[0] == "withdrawn"


def test_an_action_of_a_removed_stage_or_kind_keeps_standing() -> None:
    config = Config(stages=DEFAULT_STAGES[:2], action_kinds=())
    old = replace(action(item(), voice(30)), verdict=Verdict(state=VerdictState.COMPLETE, tier="T4"))
    assert judge_action(old, config, [])[0] == old.verdict
    assert judged(action(item(), stage="need", kind="gone"), check(0), config=config)[0] == "complete"


def test_a_complete_action_stays_so_when_its_check_is_no_longer_looked_up() -> None:
    first, stamp = judge_action(action(item(), voice(30)), CONFIG, [check(0)])
    later = replace(action(item(), voice(30)), verdict=first, stamp=stamp)
    assert judge_action(later, CONFIG, []) == (first, stamp)


@given(st.permutations([item(), voice(31), voice(5), item("file")]), st.permutations([check(0), check(-10), check(0, CheckState.REFUSED)]))
def test_the_order_of_arrival_does_not_matter(items: list[Evidence], checks: list[Check]) -> None:
    verdict, stamp = judge_action(action(*items), CONFIG, checks)
    assert (verdict.state, verdict.tier, stamp.point) == (VerdictState.COMPLETE, "T4", north(48))


@given(st.lists(st.sampled_from([item(), voice(31), item("photo", 1, HELD, "place.out"), voice(31, 1, HELD, "place.out")]), max_size=5))
def test_complete_exactly_when_nothing_is_missing(items: list[Evidence]) -> None:
    state, _, reasons, _ = judged(action(*items), check(0))
    assert (state == "complete") == (not any(code.startswith("missing.") for code in reasons))
