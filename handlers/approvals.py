"""What a director decides with a tap: a device, an exception or an uncertain fix, a new place. What waited is judged again."""

from collections.abc import Iterable
from dataclasses import replace

from bot import entries
from bot.case import Approval, Case
from bot.errors import Refusal
from bot.evidence.check import judge_check
from bot.evidence.codes import Code
from bot.ids import new_id
from bot.model import Action, Check, CheckState, Customer, Device, EvidenceState, Platform, Reason
from handlers import shown
from handlers.asking import platform_of
from handlers.judging import Bench, Change, bench, change, judged, rejudge
from handlers.roles import decides_for
from handlers.work import Work


def decide(work: Work, *, yes: bool) -> None:
    """同意 or 拒绝. The second tap changes nothing."""
    approval = work.case.approval
    if approval is None:
        raise Refusal("stale_button")
    if approval.rep == work.person.id:
        raise Refusal("own_approval")
    if not decides_for(work.person, approval.region):
        raise Refusal("not_your_region")
    if approval.decided is not None:
        work.reply("reply/already_decided", yes=approval.decided)
        return
    work.record(entries.approval_decided(approval.id, yes, work.person.id, work.interaction.sent_at))
    found = _settle(work, approval, yes=yes)
    work.tell(
        approval.rep,
        f"approval:{approval.id}:told",
        "reply/approval_decided",
        what=approval.what,
        yes=yes,
        by=work.person.name,
        customer=str(approval.values.get("customer", "")),
        counted=found.counted if found else 0,
        completed=[shown.action_name(work.config, action) for action in found.completed] if found else [],
    )
    _update(work, approval, yes=yes)


def _update(work: Work, approval: Approval, *, yes: bool) -> None:
    """Every director's card shows what was decided, and by whom."""
    shown_values = {name: value for name, value in approval.values.items() if name != "told"}
    done = f"{'已同意' if yes else '已拒绝'} · {work.person.name}"
    for person in approval.values["told"]:
        token = work.interaction.choice.token if work.interaction.choice and person == work.person.id else ""
        work.update(f"approval:{approval.id}:{person}", "card/approval", {**shown_values, "done": done}, token=token)


def _settle(work: Work, approval: Approval, *, yes: bool) -> Change | None:
    case, at, me = work.case, work.interaction.sent_at, work.person.id
    theirs = case.rep
    match approval.what:
        case "check":
            state = CheckState.PASSED if yes else CheckState.REFUSED
            work.record(entries.check_decided(approval.subject, state.value, me, at, ""))
            return _again(work, theirs, (_settled(one, approval.subject, state) for one in theirs.checks)) if theirs else None
        case "item":
            return _item(work, theirs, approval.subject) if theirs and yes else None
        case "device":
            work.record(entries.device_decided(approval.subject, approval.rep, "active" if yes else "rejected", me, at))
            return _device(work, theirs, case.device, yes=yes) if theirs and case.device else None
        case _:
            work.record(entries.site_decided(approval.subject, "approved" if yes else "rejected", me, at))
            return _site(work, theirs, approval.subject) if theirs and yes else None


def _settled(check: Check, id_: str, state: CheckState) -> Check:
    return replace(check, state=state) if check.id == id_ else check


def _device(work: Work, theirs: Case, device: Device, *, yes: bool) -> Change:
    """Checks made with the device are judged again; an approved one retires those before it."""
    bindings = [_decided(one, device, yes=yes) for one in theirs.devices]
    made = [check for check in theirs.checks if check.device == device.device and check.state is not CheckState.PASSED]
    return _again(work, theirs, [*theirs.checks, *_anew(work, theirs, made, bindings, theirs.customers, device.platform)])


def _decided(one: Device, device: Device, *, yes: bool) -> Device:
    if one.id == device.id:
        return replace(one, state="active" if yes else "rejected")
    return replace(one, state="retired") if yes and one.platform is device.platform and one.state == "active" else one


def _item(work: Work, theirs: Case, id_: str) -> Change:
    """The appeal was accepted: the item counts, whatever was said against it stays readable in the ledger."""
    by = bench(theirs)
    visits = (*theirs.visits, theirs.visit) if theirs.visit else theirs.visits
    after = [replace(visit, actions=tuple(_with_item(work, action, id_, by) for action in visit.actions)) for visit in visits]
    return change(visits, after)


def _with_item(work: Work, action: Action, id_: str, by: Bench) -> Action:
    if id_ not in {item.id for item in action.evidence}:
        return action
    items = tuple(
        replace(item, state=EvidenceState.COUNTED, reasons=(*item.reasons, Reason(code=Code.APPEAL_ACCEPTED))) if item.id == id_ else item
        for item in action.evidence
    )
    work.record(*(entries.evidence_judged(item) for item in items if item.id == id_))
    after = by.action(replace(action, evidence=items))
    if (after.verdict, after.stamp) != (action.verdict, action.stamp):
        work.record(judged(after))
    return after


def _site(work: Work, theirs: Case, site: str) -> Change:
    """Checks that were refused at this customer are held against its new place."""
    customers = [replace(one, sites=tuple(replace(s, approved=s.approved or s.id == site) for s in one.sites)) for one in theirs.customers]
    owner = next((one.id for one in customers for s in one.sites if s.id == site), None)
    made = [check for check in theirs.checks if check.customer == owner and check.state is not CheckState.PASSED]
    return _again(work, theirs, [*theirs.checks, *_anew(work, theirs, made, theirs.devices, customers, None)])


def _anew(
    work: Work, theirs: Case, made: Iterable[Check], bindings: Iterable[Device], customers: Iterable[Customer], platform: Platform | None
) -> list[Check]:
    """The same positions judged on today's devices and places, as new checks, where that changes anything."""
    found, known, bindings = [], {one.id: one for one in customers}, tuple(bindings)
    for old in made:
        if old.customer not in known:
            continue
        new = judge_check(
            id=new_id("ch_", work.interaction.sent_at, f"{work.source}:{old.id}"),
            rep=old.rep,
            customer=known[old.customer],
            point=old.point,
            at=old.at,
            device=old.device,
            platform=platform or platform_of(old),
            bindings=bindings,
            config=theirs.config,
            place=old.place,
            signs=(reason for reason in old.reasons if reason.code.startswith("sign.") or reason.code == Code.PLACE_FIXES),
            battery=old.battery,
        )
        if (new.state, new.reasons) != (old.state, old.reasons):
            work.record(entries.check_made(new, source=work.source))
            found.append(new)
    return found


def _again(work: Work, theirs: Case, checks: Iterable[Check]) -> Change:
    checks = tuple(checks)
    visits = (*theirs.visits, theirs.visit) if theirs.visit else theirs.visits
    judged = [rejudge(visit, bench(theirs, checks)) for visit in visits]
    work.record(*(fact for _, facts in judged for fact in facts))
    return change(visits, [visit for visit, _ in judged])
