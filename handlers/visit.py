"""A visit's life by chat: begin, continue, end, take back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import entries
from bot.errors import Refusal
from bot.evidence.check import covering
from bot.evidence.closing import closing_missing
from bot.evidence.tiers import brief
from bot.model import Action, Check, CheckState, Customer, Point, Verdict, VerdictState, Visit, VisitState
from handlers import shown, signs
from handlers.customers import in_reach, meant, similar
from handlers.judging import bench, judged
from handlers.presenting import finish
from handlers.words import Command
from handlers.work import Work


def start_named(work: Work, command: Command) -> None:
    """开始拜访 <客户>, by words or by a card's button; without a customer, the nearest own ones to tap."""
    if not command.arg:
        offer(work, "start")
        return
    found = meant(command.arg, work.case.customers)
    if not found:
        raise Refusal("no_customer", words=command.arg, similar=similar(command.arg, work.case.customers))
    if len(found) > 1:
        offer(work, "many", found)
        return
    begin(work, found[0], "card" if work.interaction.choice else "text")


def begin(work: Work, customer: Customer, cause: str, *, check: Check | None = None, point: Point | None = None) -> None:
    """Open a visit, or go on with it; a visit to another customer is closed as timed out, and the rep is told."""
    at = work.interaction.sent_at
    held = check or covering(work.case.checks, customer.id, at)
    if work.visit and work.visit.customer == customer.id:
        _answer(work, work.visit, "card/visit_continues", held)
        return
    if work.visit:
        work.reply("reply/visit_replaced", customer=work.visit.customer_name)
        _submit_and_end(work, work.visit, VisitState.TIMED_OUT)
    visit = Visit(
        id=work.id("v_"),
        rep=work.person.id,
        customer=customer.id,
        customer_name=customer.name,
        state=VisitState.OPEN,
        started_at=at,
    )
    work.record(entries.visit_opened(visit.id, visit.rep, visit.customer, at, cause, point))
    work.visit = visit
    _answer(work, visit, "card/visit_started", held)


def _answer(work: Work, visit: Visit, template: str, check: Check | None) -> None:
    work.reply(
        template,
        **shown.visit_values(visit),
        check=shown.check(check) if check else None,
        records=work.by_record,
        page="" if check and check.state is CheckState.PASSED else work.page_url(visit.id),
        stages=shown.stages(work.config),
    )


def offer(work: Work, why: str, found: Sequence[Customer] = ()) -> None:
    """A card of customers to start with. `why`: start | many | near | stage | evidence | go."""
    listed = in_reach(found or work.own, work.case.checks, (customer for customer, _ in work.case.due), work.config.presence.radius_m)
    if not listed:
        raise Refusal("no_own_customers")
    work.reply("card/choose_customer", why=why, customers=shown.customers(listed))


def show_stages(work: Work, _: Command) -> None:
    """The stage buttons again."""
    if work.visit is None:
        offer(work, "stage")
        return
    _answer(work, work.visit, "card/visit_continues", covering(work.case.checks, work.visit.customer, work.interaction.sent_at))


def end(work: Work, _: Command) -> None:
    """结束拜访: refused while the closing photo or voice is missing, and the visit stays open."""
    visit = work.visit
    if visit is None:
        raise Refusal("no_visit_to_end")
    if missing := closing_missing(visit, work.config):
        work.reply(
            "reply/closing_missing",
            customer=visit.customer_name,
            missing=shown.gaps(missing),
            actions=[shown.action(work.config, action) for action in _unfinished(visit)],
        )
        return
    unsigned = signs.photo_to_confirm(work.config, visit)
    if unsigned and work.config.photos.sign == "required":
        signs.ask(work, visit, required=True)
        return
    close(work, visit)
    if unsigned and work.config.photos.sign == "ask":
        signs.ask(work, visit, required=False)


def close(work: Work, visit: Visit) -> None:
    """Nothing is missing any more."""
    _submit_and_end(work, visit, VisitState.CLOSED)
    work.reply(
        "reply/visit_ended",
        customer=visit.customer_name,
        seconds=max((work.interaction.sent_at - visit.started_at).total_seconds(), 0),
        actions=[shown.action(work.config, action) for action in visit.actions],
    )


def confirm_sign(work: Work, command: Command) -> None:
    """看得到: a visit that waited for this alone ends."""
    if visit := signs.confirm(work, command):
        if closing_missing(visit, work.config):
            end(work, command)
            return
        close(work, visit)


def submit(work: Work, visit: Visit) -> Visit:
    """Close the stage that is open, if one is; what was looked at in a deck belongs to it."""
    visit = finish(work, visit) or visit
    at = work.interaction.sent_at
    for action in visit.actions:
        if action.submitted_at is None:
            work.record(entries.action_submitted(action.id, max(at, action.stamp.at)))
            _brief(work, replace(action, submitted_at=max(at, action.stamp.at)))
    return replace(visit, actions=tuple(replace(one, submitted_at=one.submitted_at or max(at, one.stamp.at)) for one in visit.actions))


def _brief(work: Work, action: Action) -> None:
    """What was over as soon as it began is worth less; what it had been judged as before stands in the ledger too."""
    after = bench(work.case).action(action)
    if brief(action.stamp.at, action.submitted_at) and after.verdict != action.verdict:
        work.record(judged(after))


def _submit_and_end(work: Work, visit: Visit, how: VisitState) -> None:
    submit(work, visit)
    work.record(entries.visit_ended(visit.id, work.interaction.sent_at, how.value))
    work.visit = None


def withdraw(work: Work, _: Command) -> None:
    """撤回: the open visit, or the last one within `correct_minutes` of its end. Its actions count nowhere any more."""
    visit = work.visit or _just_ended(work)
    if visit is None:
        raise Refusal("nothing_to_withdraw", minutes=work.config.visit.correct_minutes)
    work.record(*(judged(_withdrawn(action)) for action in visit.actions))
    work.record(entries.visit_ended(visit.id, work.interaction.sent_at, VisitState.WITHDRAWN.value))
    work.visit = None
    work.reply("reply/visit_withdrawn", customer=visit.customer_name, actions=len(visit.actions))


def _just_ended(work: Work) -> Visit | None:
    last = work.case.last_visit
    if last is None or last.ended_at is None or last.state is VisitState.WITHDRAWN:
        return None
    return last if correctable(work, last.ended_at) else None


def correctable(work: Work, ended_at: datetime) -> bool:
    """Whether the rep may still change what ended then."""
    return work.interaction.sent_at - ended_at <= timedelta(minutes=work.config.visit.correct_minutes)


def _withdrawn(action: Action) -> Action:
    return replace(action, verdict=Verdict(state=VerdictState.WITHDRAWN, tier=action.verdict.tier))


def _unfinished(visit: Visit) -> list[Action]:
    return [action for action in visit.actions if action.verdict.state is not VerdictState.COMPLETE]
