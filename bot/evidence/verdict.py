"""What an action is worth: three labels or incomplete, with the strength of its place and the reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.config.schema import Config, Needs, PlaceMode
from bot.evidence import tiers
from bot.evidence.check import covering, holding
from bot.evidence.codes import Code
from bot.evidence.items import why_not
from bot.evidence.needs import COUNTED, Missing, missing
from bot.model import Action, Check, CheckState, EvidenceState, Reason, Stamp, Verdict, VerdictState

HELD_BACK = COUNTED | {EvidenceState.QUARANTINED}
ITEM_CODES = {
    EvidenceState.PENDING: Code.ITEMS_PENDING,
    EvidenceState.QUARANTINED: Code.ITEMS_QUARANTINED,
    EvidenceState.REFUSED: Code.ITEMS_REFUSED,
    EvidenceState.LOST: Code.ITEMS_LOST,
}


def place_mode(config: Config, action: Action) -> PlaceMode:
    """Where this action must happen; a stage or kind that a newer config no longer has asks for presence on site."""
    kinds = {kind.id: kind.place for kind in config.action_kinds}
    stages = {stage.id: stage.place for stage in config.stages}
    return kinds.get(action.kind or "") or stages.get(action.stage, "onsite")


def judge_action(action: Action, config: Config, checks: Iterable[Check], *, has_decider: bool = False) -> tuple[Verdict, Stamp]:
    """Judge an action by its items as they stand (judge those first) and the presence checks of its rep.

    `has_decider`: the customer has a registered decider, for kinds with `met = "decider"`. A withdrawn action stays withdrawn, and one
    whose stage is no longer configured keeps its verdict.
    """
    needs = next((stage.evidence for stage in config.stages if stage.id == action.stage), None)
    if action.verdict.state is VerdictState.WITHDRAWN or needs is None:
        return action.verdict, action.stamp
    mode = place_mode(config, action)
    check = None if mode == "online" else _check(action, tuple(checks))
    stamp = action.stamp
    if check:
        stamp = replace(stamp, point=check.point, device=check.device, distance_m=check.distance_m, battery=check.battery)
    brief = tiers.brief(action.stamp.at, action.submitted_at) if mode == "onsite" else ()
    known = check is not None and any(reason.code == Code.DEVICE_MATCH for reason in check.reasons)
    seen = (*brief, *(tiers.camera(stamp.point, action.evidence) if known else ()))
    tier, strength = tiers.tier_of(stamp.point, known_device=known, reasons=(*(check.reasons if check else ()), *seen))
    gaps = _gaps(action, needs, COUNTED)
    decider = _decider_missing(action, config, has_decider=has_decider)
    place_holds = mode != "onsite" or _placed(action, check)
    state = VerdictState.INCOMPLETE if decider else _state(action, needs, enough=not gaps, place_holds=place_holds)
    if state is VerdictState.COMPLETE and mode == "onsite" and check is None:
        return action.verdict, action.stamp  # as it was judged when its check could still be looked up
    where = _where(action, mode, check, tuple(checks))
    lacks = (*(_lack(gap) for gap in gaps), *decider, *_held(action)) if state is not VerdictState.COMPLETE else ()
    return Verdict(state=state, tier=tier, reasons=(*lacks, *where, *seen, *strength)), stamp


def _state(action: Action, needs: Needs, *, enough: bool, place_holds: bool) -> VerdictState:
    if enough:
        return VerdictState.COMPLETE if place_holds else VerdictState.QUARANTINED
    withheld = any(item.state is EvidenceState.QUARANTINED for item in action.evidence)
    return VerdictState.QUARANTINED if withheld and not _gaps(action, needs, HELD_BACK) else VerdictState.INCOMPLETE


def _gaps(action: Action, needs: Needs, states: frozenset[EvidenceState]) -> tuple[Missing, ...]:
    """A stage that asks for nothing still wants one objective item: three labels or incomplete."""
    gaps = missing(needs, action.evidence, states)
    bare = not any(item.state in states and item.kind != "checkin" for item in action.evidence)
    return gaps or ((Missing(kind="any", have=0, want=1),) if bare else ())


def _check(action: Action, checks: tuple[Check, ...]) -> Check | None:
    """The passed check over the stage word, or else over its first counted item; failing that, the failed one at its time."""
    counted = sorted(item.sent_at for item in action.evidence if item.state is EvidenceState.COUNTED)
    moments = (action.stamp.at, *counted)
    passed = (covering(checks, action.customer, moment) for moment in moments)
    every = sorted(item.sent_at for item in action.evidence)
    failed = (held[-1] for moment in (action.stamp.at, *every) if (held := holding(checks, action.customer, moment)))
    return next((check for check in passed if check), None) or next(failed, None)


def _placed(action: Action, check: Check | None) -> bool:
    """Either a passed check is at hand, or one was when the action was judged before (checks are looked up for a day only)."""
    if check:
        return check.state is CheckState.PASSED
    return action.verdict.state is VerdictState.COMPLETE and action.stamp.point is not None


def _where(action: Action, mode: PlaceMode, check: Check | None, checks: Sequence[Check]) -> tuple[Reason, ...]:
    if mode == "online":
        return (Reason(code=Code.PLACE_ONLINE),)
    if check is None:
        if mode == "any":
            return (Reason(code=Code.PLACE_NONE),) if action.stamp.point is None else ()
        reading = any(reason.code == Code.PLACE_READING for item in action.evidence for reason in item.reasons)
        return (Reason(code=Code.PLACE_READING),) if reading else why_not(checks, action.customer, action.stamp.at)
    if check.state is not CheckState.PASSED:
        return check.reasons
    return tuple(_excepted(reason) for reason in check.reasons)


def _excepted(reason: Reason) -> Reason:
    """A passed check with a failing place is one that a director let pass."""
    failing = reason.code in {Code.PLACE_OUT, Code.PLACE_UNCERTAIN, Code.PLACE_NO_SITE}
    return replace(reason, code=Code.PLACE_EXCEPTED) if failing else reason


def _decider_missing(action: Action, config: Config, *, has_decider: bool) -> tuple[Reason, ...]:
    asked = any(kind.id == action.kind and kind.met == "decider" for kind in config.action_kinds)
    return (Reason(code=Code.MISSING_DECIDER),) if asked and not has_decider else ()


def _lack(gap: Missing) -> Reason:
    if gap.kind == "any":
        return Reason(code=Code.MISSING_ANY, values={"kinds": list(gap.kinds)})
    return Reason(code=f"missing.{gap.kind}", values={"have": gap.have, "want": gap.want})


def _held(action: Action) -> tuple[Reason, ...]:
    """How many items there are that do not count, by why."""
    counts = {state: sum(item.state is state for item in action.evidence) for state in ITEM_CODES}
    return tuple(Reason(code=ITEM_CODES[state], values={"count": count}) for state, count in counts.items() if count)
