"""导出全部: an admin asks, in private, for everything in one file; it is made beside the chat and told when it is there."""

from bot import entries
from bot.errors import Refusal
from bot.model import Role
from handlers.words import Command
from handlers.work import Work


def ask(work: Work, _: Command) -> None:
    """Record the wish; the making, which takes minutes where there is much, is not part of this step."""
    if Role.ADMIN not in work.person.roles:
        raise Refusal("admins_only")
    work.record(entries.export_asked(work.id("ex_"), work.person.id, work.interaction.sent_at))
    work.reply("reply/export_asked")
