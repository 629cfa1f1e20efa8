"""An admin sends config.toml, or one value of it, and puts it in force or back: decided here, read and written beside the chat."""

from pathlib import PurePath

from bot import entries
from bot.case import Proposal
from bot.errors import Refusal
from bot.model import Role
from handlers.words import Command
from handlers.work import Work

SUFFIX = ".toml"


def is_config(work: Work) -> bool:
    """Whether the message is a config file."""
    return any(file.ref.kind == "file" and PurePath(file.ref.name.casefold()).suffix == SUFFIX for file in work.case.media)


def propose(work: Work) -> None:
    """A file: it is read beside the chat, and answered there. Raises Refusal."""
    _admin(work)
    file = next(one for one in work.case.media if one.ref.name.casefold().endswith(SUFFIX))
    if file.sha256 is None:
        raise Refusal("no_file")
    work.record(entries.config_proposed(work.id("cp_"), file.sha256, "", work.person.id, work.interaction.sent_at))
    work.reply("reply/config_received")


def edit(work: Work, command: Command) -> None:
    """改规则 <编号> <项目> <值>: one value of the present file, for whoever cannot send one."""
    _admin(work)
    change = " ".join((command.arg, *command.more))
    work.record(entries.config_proposed(work.id("cp_"), "", change, work.person.id, work.interaction.sent_at))
    work.reply("reply/config_received")


def apply(work: Work, _: Command) -> None:
    """生效. Raises Refusal for a proposal of another time, and for its sender where two are wanted."""
    proposal = _shown(work, "shown")
    if work.config.changes.approvals > 1 and work.person.id == proposal.by:
        raise Refusal("config_own")
    _move(work, proposal, "approved")
    work.reply("reply/config_going", undo=False)


def drop(work: Work, _: Command) -> None:
    """放弃."""
    _move(work, _shown(work, "shown", fresh=False), "dropped")
    work.reply("reply/config_dropped")


def undo(work: Work, _: Command) -> None:
    """撤回: the version before is in force again, as long as this one still is."""
    proposal = _shown(work, "applied", fresh=False)
    if proposal.sha256 != work.config.version:
        raise Refusal("config_stale")
    _move(work, proposal, "undoing")
    work.reply("reply/config_going", undo=True)


def _move(work: Work, proposal: Proposal, state: str) -> None:
    work.record(entries.config_moved(proposal.id, state, work.person.id, work.interaction.sent_at))


def _shown(work: Work, state: str, *, fresh: bool = True) -> Proposal:
    _admin(work)
    proposal = work.case.proposal
    if proposal is None:
        raise Refusal("stale_button")
    if proposal.state != state:
        raise Refusal("config_settled", state=proposal.state)
    if fresh and proposal.base != work.config.version:
        raise Refusal("config_stale")
    return proposal


def _admin(work: Work) -> None:
    if Role.ADMIN not in work.person.roles:
        raise Refusal("admins_only")
