"""Every command: what it needs to know, and who carries it out. Words, menu items and taps all end here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.case import LATEST, Question, Wants
from bot.config.schema import Config
from bot.model import Choice, Interaction
from handlers import (
    appeals,
    approvals,
    asking,
    configs,
    consents,
    contacts,
    corrections,
    decks,
    documents,
    dossiers,
    exports,
    figures,
    forecasts,
    linking,
    materials,
    members,
    notes,
    pilots,
    pool,
    queries,
    red_lights,
    scenes,
    signatures,
    signs,
    stages,
    transcripts,
    visit,
)
from handlers.words import Command, understand
from handlers.work import Work

ANSWERED_WITHIN = timedelta(minutes=30)
WORDY = 20  # characters
BY_ANSWER = frozenset({"unknown", "usage"})  # what a line may look like that is the answer to a question


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """`group`: may be used in a group chat, where everybody reads the answer."""

    act: Callable[[Work, Command], None]
    wants: Callable[[Command], Wants] = lambda _: Wants()
    group: bool = False


def asked(question: Question | None, interaction: Interaction) -> bool:
    """Whether the bot still waits for a line of text here."""
    return question is not None and not interaction.chat and interaction.sent_at - question.at <= ANSWERED_WITHIN


def command_of(interaction: Interaction, config: Config, question: Question | None) -> Command:
    """Taps and menu items say it; a text is parsed, and answers the question when it is no command of its own."""
    if interaction.choice:
        return _chosen(interaction.choice)
    command = understand(interaction.text, config)
    if question and asked(question, interaction) and interaction.text.strip() and _answers(question, command, interaction.text):
        return Command(op=f"answer.{question.op}", arg=question.arg, more=(" ".join(interaction.text.split()),))
    return command


def _answers(question: Question, command: Command, text: str) -> bool:
    """Somebody's words may begin like a command: so many characters are none."""
    return command.op in BY_ANSWER or (question.op == "transcript" and len(text) >= WORDY)


def doing(command: Command) -> Doing:
    """What is not known is answered with help."""
    return DOINGS.get(command.op, DOINGS["unknown"])


def _chosen(choice: Choice) -> Command:
    op = "device" if choice.op == "rebind" else choice.op
    return Command(op=op, arg=choice.arg) if op in TAPPED else Command(op="unknown")


def _customer(command: Command) -> Wants:
    return Wants(own=True, named=command.arg, today=not command.arg)


def _words(command: Command) -> Wants:
    return Wants(transcript=command.arg or LATEST)


def _title(command: Command) -> Wants:
    return Wants(title=command.arg, contacts=True, visits=True)


def _alert(command: Command) -> Wants:
    """A button names its red light; its words alone mean the only one that waits for the sender."""
    return Wants(alert=command.arg, own=True) if command.arg else Wants(alerts=True, admins=True, own=True)


def _record(command: Command) -> Wants:
    return Wants(alert=command.arg) if command.arg.startswith(queries.ALERT) else Wants(action=command.arg)


def _proposal(command: Command) -> Wants:
    return Wants(proposal=command.arg)


def _month(command: Command) -> str:
    return command.more[0] if command.more else ""


def _silent(_: Work, __: Command) -> None:
    """A button that only shows what was chosen."""


DOINGS: Mapping[str, Doing] = {
    "start": Doing(act=visit.start_named, wants=_customer),
    "stages": Doing(act=visit.show_stages, wants=lambda _: Wants(own=True)),
    "stage": Doing(act=stages.name_stage, wants=lambda _: Wants(own=True)),
    "kind": Doing(act=stages.name_kind, wants=lambda _: Wants(own=True)),
    "jump": Doing(act=stages.ask_reason),
    "answer.jump": Doing(act=lambda work, command: stages.jump(work, command.arg, command.more[0])),
    "end": Doing(act=visit.end),
    "sign": Doing(act=visit.confirm_sign, wants=lambda _: Wants(visits=True)),
    "nosign": Doing(act=signs.deny, wants=lambda _: Wants(visits=True)),
    "withdraw": Doing(act=visit.withdraw),
    "correct": Doing(act=corrections.correct, wants=lambda command: Wants(action=command.more[0])),
    "contact": Doing(act=contacts.add, wants=lambda command: Wants(contacts_of=command.arg)),
    "met": Doing(act=contacts.met, wants=lambda _: Wants(contacts=True)),
    "card": Doing(act=contacts.ask_card),
    "card.add": Doing(act=contacts.add_card, wants=lambda command: Wants(card=command.arg, contacts=True, visits=True)),
    "card.wrong": Doing(act=contacts.wrong_card, wants=lambda command: Wants(card=command.arg)),
    "title.add": Doing(act=contacts.ask_name, wants=_title),
    "answer.title": Doing(act=contacts.answer_name, wants=_title),
    "title.not": Doing(act=contacts.settle, wants=_title),
    "title.ignore": Doing(act=contacts.settle, wants=_title),
    "scenes": Doing(act=scenes.show),
    "scene": Doing(act=scenes.start),
    "submit": Doing(act=transcripts.submit, wants=_words),
    "rewrite": Doing(act=transcripts.rewrite, wants=_words),
    "answer.transcript": Doing(act=transcripts.replace_words, wants=_words),
    "cares": Doing(act=queries.cares, wants=lambda command: Wants(words_of=command.arg)),
    "note": Doing(act=notes.explain, wants=lambda command: Wants(named=command.arg)),
    "export": Doing(act=exports.ask),
    "pilot": Doing(act=pilots.show, group=True),
    "pilot.set": Doing(act=pilots.switch, group=True),
    "backup": Doing(act=queries.backup, wants=lambda _: Wants(safety=True)),
    "file_as": Doing(act=documents.file_as, wants=lambda _: Wants(papers=True)),
    "papers": Doing(act=documents.show, wants=lambda command: Wants(named=command.arg, papers=True), group=True),
    "consent.give": Doing(act=consents.give),
    "consent.withdraw": Doing(act=consents.withdraw),
    "dossier": Doing(act=dossiers.ask, wants=lambda command: Wants(named=command.arg), group=True),
    "deck": Doing(act=decks.show, wants=lambda _: Wants(own=True, decks=True)),
    "signature": Doing(act=signatures.ask),
    "unsign": Doing(act=signatures.withdraw, wants=lambda command: Wants(signing=command.arg or LATEST)),
    "send": Doing(act=materials.send_named, wants=lambda command: Wants(named=command.arg, decks=True)),
    "material": Doing(act=materials.send_tapped, wants=lambda command: Wants(named=command.arg.partition(":")[2], decks=True)),
    "sandbox": Doing(act=materials.grant, wants=lambda command: Wants(named=command.arg)),
    "forecast": Doing(act=forecasts.state, wants=lambda command: Wants(own=True, named=command.arg)),
    "deviations": Doing(act=forecasts.deviations, wants=lambda command: Wants(forecasts=command.arg), group=True),
    "silent": Doing(act=pool.show, wants=lambda command: Wants(pool=command.arg), group=True),
    "link": Doing(act=linking.link, wants=lambda command: Wants(offer=linking.digest(command.arg))),
    "leave": Doing(act=members.leave, wants=lambda command: Wants(members=(command.arg, *command.more))),
    "handover": Doing(act=members.hand_over, wants=lambda command: Wants(named=command.arg, members=(command.arg, *command.more))),
    "chain": Doing(act=contacts.chain, wants=lambda command: Wants(contacts_of=command.arg)),
    "today": Doing(act=queries.today, wants=lambda _: Wants(own=True, today=True)),
    "mydata": Doing(act=queries.my_data, wants=lambda _: Wants(own=True, today=True, held=True)),
    "state": Doing(act=appeals.state, wants=lambda command: Wants(action=command.arg, directors=True)),
    "verify": Doing(act=queries.verify, wants=_record, group=True),
    "coverage": Doing(act=figures.coverage, wants=lambda command: Wants(coverage=command.arg, month=_month(command)), group=True),
    **{
        op: Doing(act=act, wants=lambda command: Wants(board=command.arg, month=_month(command)), group=True)
        for op, act in (("funnel", figures.funnel), ("deals", figures.deals))
    },
    "report": Doing(act=figures.report, wants=lambda command: Wants(report=True, month=_month(command)), group=True),
    "on_card": Doing(act=queries.on_card),
    "nomonth": Doing(act=figures.no_month, group=True),
    "board": Doing(act=figures.board, wants=lambda command: Wants(board=command.arg, month=_month(command), trend=True), group=True),
    "alerts": Doing(act=red_lights.open_lights, wants=lambda _: Wants(alerts=True), group=True),
    **{op: Doing(act=red_lights.tapped, wants=_alert, group=True) for op in red_lights.MOVES},
    "answer.snooze": Doing(act=lambda work, command: red_lights.snooze(work, command.more[0]), wants=_alert),
    "config.edit": Doing(act=configs.edit),
    "config.apply": Doing(act=configs.apply, wants=_proposal),
    "config.drop": Doing(act=configs.drop, wants=_proposal),
    "config.undo": Doing(act=configs.undo, wants=_proposal),
    "device": Doing(act=asking.ask_device, wants=lambda _: Wants(own=True, directors=True)),
    "relocate": Doing(act=asking.relocate),
    "exception": Doing(
        act=asking.ask_exception,
        wants=lambda command: Wants(approval=asking.exception_id(command.arg), own=True, directors=True),
    ),
    "appeal": Doing(
        act=asking.appeal,
        wants=lambda command: Wants(approval=asking.appeal_id(command.arg), visits=True, directors=True),
    ),
    "newsite": Doing(
        act=asking.propose_site, wants=lambda command: Wants(approval=asking.newsite_id(command.arg), own=True, directors=True)
    ),
    "approve": Doing(act=lambda work, _: approvals.decide(work, yes=True), wants=lambda command: Wants(approval=command.arg), group=True),
    "reject": Doing(act=lambda work, _: approvals.decide(work, yes=False), wants=lambda command: Wants(approval=command.arg), group=True),
    "done": Doing(act=_silent, group=True),
    "help": Doing(act=queries.usage, group=True),
    "unknown": Doing(act=queries.usage, group=True),
    "usage": Doing(act=queries.how_to, group=True),
}
# Buttons and menu items; the rest can only be typed.
TYPED = (
    *("answer.jump", "answer.snooze", "answer.title", "answer.transcript", "correct", "contact", "note", "met", "cares"),
    *("config.edit", "signature", "send", "deck", "forecast", "leave", "handover"),
    *("chain", "dossier", "file_as", "papers", "verify", "state", "usage", "pilot", "nomonth", "on_card"),
)
TAPPED = frozenset(DOINGS) - set(TYPED)
