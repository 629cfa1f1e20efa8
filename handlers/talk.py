"""The handlers: what is said, and what else happens. Strangers, first words and groups are settled here."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot import entries
from bot.case import Case, Question, Wants
from bot.config.schema import Config
from bot.consent import TEXT
from bot.errors import Refusal
from bot.model import OURS, Address, Draft, Interaction, Kind, Outgoing, Person, Platform, Role
from handlers import configs, consents, evidence, linking, presence, queries
from handlers.commands import asked, command_of, doing
from handlers.roles import leads
from handlers.words import Command
from handlers.work import Work, begin

Act = Callable[[Work], None]
NOTHING = Wants()
OVER_QUOTA = "over_quota"  # text of an unknown kind whose content the platform left out
MOST_STRANGERS = 10  # a day that admins are told of


@dataclass(frozen=True, slots=True)
class Spoken:
    """Text, menu items and taps: all are commands."""

    def wants(self, interaction: Interaction, config: Config, question: Question | None) -> Wants:
        command = command_of(interaction, config, _awaited(interaction, question))
        return replace(doing(command).wants(command), visits=bool(interaction.media))

    def decide(self, interaction: Interaction, case: Case) -> Draft:
        command = command_of(interaction, case.config, _awaited(interaction, case.question))
        if case.person is None and command.op == "link" and command.arg and not interaction.chat:
            return linking.take(interaction, case)
        return decided(interaction, case, lambda work: _say(work, command))


@dataclass(frozen=True, slots=True)
class Happened:
    """Everything else: one thing to do a kind. `group`: also what happens in a group chat."""

    act: Act
    needs: Wants = NOTHING
    group: bool = False

    def wants(self, interaction: Interaction, config: Config, question: Question | None) -> Wants:
        del interaction, config, question
        return self.needs

    def decide(self, interaction: Interaction, case: Case) -> Draft:
        if interaction.chat and not self.group:
            return Draft()
        return decided(interaction, case, self.act)


def _awaited(interaction: Interaction, question: Question | None) -> Question | None:
    """A page's form is no answer to what was asked in the chat."""
    return None if interaction.kind is Kind.FORM else question


@dataclass(frozen=True, slots=True)
class Told:
    """Work that the product set itself, which says what it is about."""

    act: Act
    needs: Callable[[Interaction], Wants]

    def wants(self, interaction: Interaction, config: Config, question: Question | None) -> Wants:
        del config, question
        return self.needs(interaction)

    def decide(self, interaction: Interaction, case: Case) -> Draft:
        return decided(interaction, case, self.act)


def decided(interaction: Interaction, case: Case, act: Act) -> Draft:
    """Do it for a known person; greet him once. Raises Refusal."""
    if case.person is None:
        return _stranger(interaction, case)
    work = _begun(interaction, case, case.person)
    try:
        act(work)
    except Refusal as refusal:
        work = _begun(interaction, case, case.person)
        if not (case.first_contact or work.facts):
            raise
        work.reply(f"reply/refuse_{refusal.code}", **refusal.values)
    draft = work.draft()
    return replace(draft, messages=(*_welcome(interaction, case, case.person), *draft.messages))


def _begun(interaction: Interaction, case: Case, person: Person) -> Work:
    """With what must be said first."""
    work = begin(interaction, case, person)
    if interaction.platform not in OURS and interaction.kind is not Kind.LEAVE:
        consents.tell(work)
    return work


def _welcome(interaction: Interaction, case: Case, person: Person) -> tuple[Outgoing, ...]:
    """What is recorded and why, told once, before anything else is said."""
    if not case.first_contact or interaction.platform in OURS or interaction.kind is Kind.LEAVE:
        return ()
    if interaction.chat and Role.REP not in person.roles:
        return ()  # who only reads and taps in the group needs no letter beside it
    to = Address(platform=interaction.platform, user=interaction.sender)
    values = {"name": person.name, "rep": Role.REP in person.roles, "lines": TEXT.splitlines()}
    return (Outgoing(key=f"welcome:{person.id}", to=to, template="reply/welcome", values=values),)


def _stranger(interaction: Interaction, case: Case) -> Draft:
    """One polite answer a day, in private, and the admins hear of him; a group is not disturbed for a stranger's words.

    Who left is told that his account is stopped, and no admin is called: they stopped it.
    """
    silent = interaction.kind is Kind.LEAVE or (interaction.chat and interaction.kind is not Kind.TAP)
    if silent or interaction.platform in OURS or not interaction.sender:
        return Draft()
    day = interaction.sent_at.astimezone(case.config.zone).date().isoformat()
    to = Address(platform=interaction.platform, user=interaction.sender)
    who = f"{interaction.platform.value}:{interaction.sender[:100]}"
    answer = Outgoing(key=f"stranger:{who}:{day}", to=to, template="reply/stopped" if case.former else "reply/stranger")
    if case.former or case.strangers >= MOST_STRANGERS * max(len(case.admins), 1):
        return Draft(messages=(answer,))
    values = {"platform": interaction.platform.value, "user": interaction.sender}
    told = [
        Outgoing(key=f"stranger-told:{day}:{who}:{admin.id}", to=Address(person=admin.id), template="reply/stranger_told", values=values)
        for admin in case.admins
    ]
    return Draft(messages=(answer, *told))


def _say(work: Work, command: Command) -> None:
    group = bool(work.interaction.chat)
    if group and command.op in {"unknown", "usage"} and not leads(work.person):
        return
    if group and not doing(command).group:
        work.reply("reply/private_only")
        return
    _close_question(work, command)
    carried = bool(work.case.media) and not group
    if carried and command.op == "end":
        evidence.receive(work)
    if not carried or command.op != "unknown":
        doing(command).act(work, command)
    if carried and command.op != "end":
        evidence.receive(work)


def _close_question(work: Work, command: Command) -> None:
    """Answered, or passed over by another command: a later line must not be taken for the answer."""
    typed = work.interaction.kind is Kind.TEXT and not work.interaction.chat
    waiting = work.case.question
    if typed and waiting and (command.op != "unknown" or not asked(waiting, work.interaction)):
        work.record(entries.question_asked(work.person.id, "", "", work.interaction.sent_at))


def entered(work: Work) -> None:
    """The bot joined a group: say what it is for, and its id for the config. Opening the chat needs no answer."""
    if work.interaction.chat:
        work.reply("reply/joined", chat=f"{work.interaction.platform.value}:{work.interaction.chat}")


def left(_: Work) -> None:
    """Nothing to say."""


def unknown(work: Work) -> None:
    """A kind that is not understood, answered with help; what is set internally has nobody to be answered."""
    if work.interaction.text == OVER_QUOTA:
        day = work.interaction.sent_at.astimezone(work.config.zone).date().isoformat()
        work.reply("reply/over_quota")
        for admin in work.case.admins:
            work.tell(admin.id, f"over-quota:{work.interaction.platform.value}:{day}:{admin.id}", "reply/over_quota_told")
    elif work.interaction.platform is not Platform.INTERNAL:
        queries.usage(work, Command(op="unknown"))


SPOKEN = Spoken()


def sent(work: Work) -> None:
    """A config file, or evidence."""
    if configs.is_config(work):
        configs.propose(work)
    else:
        evidence.receive(work)


SENT = Happened(act=sent, needs=Wants(own=True, visits=True))
ARRIVED = Happened(act=presence.arrive, needs=Wants(own=True, visits=True, directors=True, earlier=True))
PAGED = Happened(act=presence.from_page, needs=Wants(own=True, visits=True, directors=True, earlier=True))
REPORTED = Happened(act=presence.reported, needs=Wants(own=True, visits=True, directors=True, earlier=True))
