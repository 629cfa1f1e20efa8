"""One short line of a rep: why a standard action is missing."""

from bot import entries
from bot.errors import Refusal
from handlers import shown
from handlers.customers import meant, similar
from handlers.words import Command
from handlers.work import Work

REASON = 200  # characters


def explain(work: Work, command: Command) -> None:
    """说明 <客户> <标准动作> <原因>: stands beside the gap of the running month, and never raises the figure."""
    found = meant(command.arg, work.case.customers)
    if not found:
        raise Refusal("no_customer", words=command.arg, similar=similar(command.arg, work.case.customers))
    if len(found) > 1:
        raise Refusal("several_customers", names=[one.name for one in found])
    kind, reason = command.more[0], command.more[1][:REASON]
    at = work.interaction.sent_at
    month = f"{at.astimezone(work.config.zone):%Y-%m}"
    work.record(entries.note_added(work.id("n_"), found[0].id, kind, month, reason, work.person.id, at))
    work.reply("reply/note_added", customer=found[0].name, kind=shown.kind_name(work.config, kind), reason=reason, month=month)
