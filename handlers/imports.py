"""A spreadsheet that an admin drops into the chat: noted here, taken in beside the conversation."""

from bot import entries
from bot.intake import kind_named
from bot.model import MediaFile, Role
from handlers.work import Work

ENDINGS = (".csv", ".xlsx", ".xls")


def wanted(work: Work) -> tuple[MediaFile, ...]:
    """The tables among the files of an admin's private message."""
    if work.interaction.chat or Role.ADMIN not in work.person.roles:
        return ()
    tables = tuple(file for file in work.case.media if file.sha256 and file.ref.name.lower().endswith(ENDINGS))
    return tuple(file for file in tables if work.visit is None or kind_named(file.ref.name))  # in a visit it may be a customer's paper


def ask(work: Work, files: tuple[MediaFile, ...]) -> None:
    """What a file holds is told by its name, else by its header once it is read."""
    for place, file in enumerate(files):
        kind, name = kind_named(file.ref.name), file.ref.name[-120:]
        id_, chat = work.id("im_", str(place)), f"{work.interaction.platform.value}:{work.interaction.sender}"
        work.record(entries.import_asked(id_, kind, name, str(file.sha256), work.person.id, chat, work.interaction.sent_at))
        work.reply("reply/import_asked", name=name)
