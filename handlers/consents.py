"""Consent: told once a version, given, withdrawn; and what a person sees of what is held of him."""

from bot import consent, entries
from bot.model import Role
from handlers.words import Command
from handlers.work import Work


def tell(work: Work) -> None:
    """The text that a rep has not seen yet, before anything else is said; with `ask`, a card to answer it."""
    if Role.REP not in work.person.roles or work.case.told_version == consent.VERSION or work.interaction.chat:
        return
    at = work.interaction.sent_at
    work.record(entries.consent_shown(work.person.id, consent.VERSION, consent.DIGEST, consent.PURPOSES, at))
    if not work.case.first_contact:
        work.tell(work.person.id, f"consent:{consent.VERSION}:{work.person.id}", "reply/consent", lines=consent.TEXT.splitlines())
    if work.config.privacy.consent == "ask":
        work.tell(
            work.person.id, f"consent:{consent.VERSION}:{work.person.id}:ask", "card/consent", purposes=list(consent.PURPOSES.values())
        )


def give(work: Work, command: Command) -> None:
    """同意."""
    purposes = command.more or tuple(consent.PURPOSES)
    work.record(entries.consent_given(work.person.id, purposes, consent.VERSION, work.interaction.sent_at))
    work.reply("reply/consent_given", purposes=[consent.PURPOSES[one] for one in purposes])


def withdraw(work: Work, command: Command) -> None:
    """撤回同意: from now on; what was recorded before stays until it is deleted."""
    purposes = command.more or tuple(consent.PURPOSES)
    work.record(entries.consent_withdrawn(work.person.id, purposes, consent.VERSION, work.interaction.sent_at))
    work.reply("reply/consent_withdrawn", purposes=[consent.PURPOSES[one] for one in purposes], place="location" in purposes)
