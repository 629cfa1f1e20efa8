"""改: an action was of another stage. The record keeps what it was first."""

from dataclasses import replace

from bot import entries
from bot.config.schema import Stage
from bot.errors import Refusal
from bot.model import Action, VerdictState
from handlers import shown
from handlers.judging import Bench, bench, rejudge_action
from handlers.roles import decides_for, leads
from handlers.stages import behind, default_kind, stage_of
from handlers.visit import correctable
from handlers.words import Command
from handlers.work import Work


def correct(work: Work, command: Command) -> None:
    """改 <阶段>: the latest action by its rep, within `correct_minutes` of its submission; any record by its director."""
    stage = stage_of(work.config, command.arg)
    action, by, customer = _record(work, command.more[0]) if command.more[0] else _latest(work, stage)
    if action.stage == stage.id:
        raise Refusal("same_stage", stage=stage.name)
    kind = default_kind(work.config, stage)
    moved = replace(action, stage=stage.id, kind=kind.id if kind else None, corrected_from=action.corrected_from or action.stage)
    work.record(entries.action_corrected(action.id, moved.stage, moved.kind, work.person.id, work.interaction.sent_at))
    after, facts = rejudge_action(moved, by, everything=True, was=action)
    work.record(*facts)
    work.reply(
        "reply/corrected",
        customer=customer,
        before=shown.stage_name(work.config, action.stage),
        action=shown.action(work.config, after),
    )


def _latest(work: Work, stage: Stage) -> tuple[Action, Bench, str]:
    visit = work.visit or work.case.last_visit
    action = visit.actions[-1] if visit and visit.actions else None
    if visit is None or action is None:
        raise Refusal("nothing_to_correct")
    if action.submitted_at and not correctable(work, action.submitted_at):
        raise Refusal("too_late_to_correct", minutes=work.config.visit.correct_minutes, id=action.id)
    if before := behind(work.config, work.case.customer(visit.customer), stage):
        raise Refusal("jump_by_correction", stage=stage.name, before=before.name)
    return action, bench(work.case), visit.customer_name


def _record(work: Work, id_: str) -> tuple[Action, Bench, str]:
    action, theirs = work.case.record, work.case.rep
    if not leads(work.person):
        raise Refusal("directors_only")
    if action is None or theirs is None or not decides_for(work.person, action.region):
        raise Refusal("no_record", id=id_)
    if action.verdict.state is VerdictState.WITHDRAWN:
        raise Refusal("withdrawn_record")
    customer = theirs.customer(action.customer)
    return action, bench(theirs), customer.name if customer else action.customer
