"""The stages of a visit: naming one, naming a kind, a jump with a reason."""

from dataclasses import replace

from bot import entries
from bot.config.schema import ActionKind, Config, Stage
from bot.errors import Refusal
from bot.evidence.verdict import place_mode
from bot.model import Action, Customer, Entry, Evidence, Stamp, Verdict, VerdictState, Visit
from handlers import shown
from handlers.judging import Bench, bench, judged, rejudge_action
from handlers.visit import offer, submit
from handlers.words import Command, squeezed
from handlers.work import Work

REASON = 200  # characters


def name_stage(work: Work, command: Command) -> None:
    """A stage by word, alias or button. The one that is open already goes on."""
    stage = stage_of(work.config, command.arg)
    _enter(work, stage, default_kind(work.config, stage), named=False)


def name_kind(work: Work, command: Command) -> None:
    """A standard action by name: it names its stage too, or sets the kind of the open one."""
    kind = next((kind for kind in work.config.action_kinds if kind.id == command.arg), None)
    if kind is None:
        raise Refusal("stale_button")
    _enter(work, stage_of(work.config, kind.stage), kind, named=True)


def ask_reason(work: Work, command: Command) -> None:
    """写明原因: the next line of text is the reason of the jump, in this visit."""
    stage = stage_of(work.config, command.arg.partition(":")[0])
    if work.visit is None:
        raise Refusal("no_visit")
    work.record(entries.question_asked(work.person.id, "jump", f"{work.visit.id}:{command.arg}", work.interaction.sent_at))
    work.reply("reply/ask_reason", about=stage.name)


def jump(work: Work, arg: str, reason: str) -> None:
    """The reason is there: open the stage in spite of what is missing before it."""
    visit, stage, kind = (*arg.split(":"), "")[:3]
    if work.visit is None or work.visit.id != visit:
        raise Refusal("no_visit")
    chosen = next((one for one in work.config.action_kinds if one.id == kind), None)
    _enter(work, stage_of(work.config, stage), chosen, named=False, override=reason[:REASON])


def default_kind(config: Config, stage: Stage) -> ActionKind | None:
    """The standard action that bears its stage's name or alias comes with the stage; others want to be named."""
    names = {squeezed(name) for name in (stage.name, *stage.aliases)}
    return next((kind for kind in config.action_kinds if kind.stage == stage.id and squeezed(kind.name) in names), None)


def current(visit: Visit) -> Action | None:
    """The action whose stage is open."""
    return next((action for action in reversed(visit.actions) if action.submitted_at is None), None)


def behind(config: Config, customer: Customer | None, stage: Stage) -> Stage | None:
    """The stage that should have been complete before a guarded one; None when nothing stands in the way."""
    order = [one.id for one in config.stages]
    rank = order.index(stage.id)
    if not stage.guarded or rank == 0:
        return None
    reached = order.index(customer.furthest) if customer and customer.furthest in order else -1
    return config.stages[rank - 1] if reached < rank - 1 else None


def _enter(work: Work, stage: Stage, kind: ActionKind | None, *, named: bool, override: str = "") -> None:
    visit = work.visit
    if visit is None:
        offer(work, "stage")
        return
    action = current(visit)
    if action and action.stage == stage.id:
        if named and kind and kind.id != action.kind:
            action = _set_kind(work, visit, action, kind)
        _answer(work, visit, action, opened=False)
        return
    if not override and (before := behind(work.config, work.case.customer(visit.customer), stage)):
        arg = f"{stage.id}:{kind.id}" if kind else stage.id
        work.reply("card/jump", stage=stage.name, before=before.name, arg=arg, customer=visit.customer_name)
        return
    _open(work, visit, stage, kind, override)


def _set_kind(work: Work, visit: Visit, action: Action, kind: ActionKind) -> Action:
    after, facts = rejudge_action(replace(action, kind=kind.id), bench(work.case), everything=True, was=action)
    work.record(*facts)
    work.visit = replace(visit, actions=tuple(after if one.id == after.id else one for one in visit.actions))
    return after


def _open(work: Work, visit: Visit, stage: Stage, kind: ActionKind | None, override: str) -> None:
    """Close the open stage, open this one, and take in what waited for a stage."""
    visit = submit(work, visit)
    customer, at = work.case.customer(visit.customer), work.interaction.sent_at
    action = Action(
        id=work.id("a_"),
        visit=visit.id,
        rep=visit.rep,
        customer=visit.customer,
        region=customer.region if customer else work.person.region,
        stage=stage.id,
        kind=kind.id if kind else None,
        stamp=Stamp(at=at, received_at=work.interaction.received_at),
        verdict=Verdict(state=VerdictState.INCOMPLETE, tier="T0"),
        override=override or None,
    )
    work.record(_opened(work, action))
    by = bench(work.case)
    items = tuple(_taken_in(item, action, by) for item in visit.evidence)
    work.record(*(entries.evidence_judged(item) for item in items))
    action = by.action(replace(action, evidence=items))
    work.record(judged(action))
    work.visit = replace(visit, actions=(*visit.actions, action), evidence=())
    _answer(work, visit, action, opened=True)


def _opened(work: Work, action: Action) -> Entry:
    return entries.action_opened(
        action.id,
        action.visit,
        action.rep,
        action.customer,
        action.region,
        action.stage,
        action.kind,
        action.stamp,
        source=work.source,
        override=action.override or "",
    )


def _taken_in(item: Evidence, action: Action, by: Bench) -> Evidence:
    return by.item(replace(item, action=action.id), action)


def _answer(work: Work, visit: Visit, action: Action, *, opened: bool) -> None:
    others = [kind for kind in work.config.action_kinds if kind.stage == action.stage and kind.id != action.kind]
    work.reply(
        "card/stage",
        opened=opened,
        customer=visit.customer_name,
        name=shown.action_name(work.config, action),
        override=action.override or "",
        come=shown.come(work.config, action),
        complete=action.verdict.state is VerdictState.COMPLETE,
        place=place_mode(work.config, action),
        check_in=shown.wants_check(work.config, work.case.checks, action, work.interaction.sent_at),
        records=work.by_record,
        kinds=[{"id": kind.id, "name": kind.name} for kind in others],
    )


def stage_of(config: Config, id_: str) -> Stage:
    stage = next((stage for stage in config.stages if stage.id == id_), None)
    if stage is None:
        raise Refusal("stale_button")
    return stage
