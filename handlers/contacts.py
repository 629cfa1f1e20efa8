"""People at customers: registered by one line, met in a visit, and titles that were heard and nobody has."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot import entries
from bot.entries import instant
from bot.errors import Refusal
from bot.hearing.deciding import card_key, same_title, title_key, title_values
from bot.hearing.people import named
from bot.ids import new_id
from bot.model import Contact, Evidence, HeardTitle, SentCard, Visit
from handlers import shown
from handlers.customers import meant, similar
from handlers.judging import bench, rejudge
from handlers.words import Command, contact_of
from handlers.work import Work

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
CARD, CARD_WITHIN = "card", timedelta(minutes=10)
FATES = {"title.not": "foreign", "title.ignore": "ignored"}


def add(work: Work, command: Command) -> None:
    """加人: at the customer of the open visit, or of the one just ended."""
    visit = work.visit or work.case.last_visit
    if visit is None:
        raise Refusal("no_visit")
    title, role, phone = command.more
    _register(work, visit.customer, command.arg, title, role, phone, visit)


def ask_card(work: Work, _: Command) -> None:
    """名片: the next photo is one. It is read, and proves nothing."""
    if work.visit is None:
        raise Refusal("no_visit")
    if not work.config.photos.ocr:
        raise Refusal("no_ocr")
    work.record(entries.question_asked(work.person.id, CARD, work.visit.id, work.interaction.sent_at))
    work.reply("reply/ask_card", customer=work.visit.customer_name)


def card_waited(work: Work, visit: Visit) -> bool:
    """Whether this visit's next photo is a business card."""
    question, at = work.case.question, work.interaction.sent_at
    return question is not None and (question.op, question.arg) == (CARD, visit.id) and timedelta() <= at - question.at <= CARD_WITHIN


def take_card(work: Work, visit: Visit, item: Evidence) -> None:
    """The photo is here."""
    work.record(entries.card_sent(item.id, visit.id, visit.customer, visit.rep, item.sent_at))
    work.record(entries.question_asked(work.person.id, "", "", item.sent_at))


def add_card(work: Work, _: Command) -> None:
    """登记: what was read becomes a contact."""
    card = _card(work)
    visit = next((one for one in work.visits if one.id == card.visit), None)
    _register(work, card.customer, card.name, card.title, "", card.phone, visit)
    _card_answered(work, card, "registered", f"已登记：{card.name}")


def wrong_card(work: Work, _: Command) -> None:
    """不对: the rep types it himself."""
    card = _card(work)
    _card_answered(work, card, "wrong", "没有登记")
    work.reply("reply/usage", command="加人")


def _card(work: Work) -> SentCard:
    card = work.case.card
    if card is None or card.rep != work.person.id or card.state != "read" or not card.name:
        raise Refusal("stale_button")
    return card


def _card_answered(work: Work, card: SentCard, state: str, word: str) -> None:
    work.record(entries.card_answered(card.evidence, state, work.person.id, work.interaction.sent_at))
    values = {"evidence": card.evidence, "customer": shown.customer_name(work.case, card.customer), "done": word}
    read = {"name": card.name, "title": card.title, "phone": card.phone}
    work.update(card_key(card.evidence), "card/business_card", {**values, **read}, token=_token(work))


def _token(work: Work) -> str:
    return work.interaction.choice.token if work.interaction.choice else ""


def met(work: Work, command: Command) -> None:
    """见了 <姓名>: a known contact was met in this visit."""
    visit = work.visit or work.case.last_visit
    if visit is None:
        raise Refusal("no_visit")
    theirs = [one for one in work.case.contacts if one.customer == visit.customer]
    found = named(command.arg, theirs)
    if not found:
        raise Refusal("no_contact", words=command.arg, names=[one.name for one in theirs])
    for one in found:
        work.record(entries.contact_met(one.id, visit.id, "", work.interaction.sent_at))
    work.reply("reply/met", customer=visit.customer_name, names=[one.name for one in found])


def chain(work: Work, command: Command) -> None:
    """决策链 <客户>: the contacts by role, empty ones named, and titles that were heard without a person."""
    found = meant(command.arg, work.case.customers)
    if not found:
        raise Refusal("no_customer", words=command.arg, similar=similar(command.arg, work.case.customers))
    if len(found) > 1:
        raise Refusal("several_customers", names=[one.name for one in found])
    contacts = [one for one in work.case.contacts if one.customer == found[0].id]
    work.reply(
        "reply/chain",
        customer=found[0].name,
        contacts=[
            {
                "name": one.name,
                "title": one.title,
                "role": one.role,
                "phone": one.phone,
                "last": instant(one.last_at) if one.last_at else "",
            }
            for one in contacts
        ],
        heard=[one.title for one in work.case.titles if one.customer == found[0].id],
    )


def ask_name(work: Work, _: Command) -> None:
    """登记: who is it? The next line of text says."""
    title = _asked(work)
    work.record(entries.question_asked(work.person.id, "title", title.id, work.interaction.sent_at))
    work.reply("reply/ask_contact", customer=shown.customer_name(work.case, title.customer), title=title.title)


def answer_name(work: Work, command: Command) -> None:
    """The line: a name, maybe a phone and a role; the title is the one that was heard unless another is given."""
    title = _asked(work)
    said = contact_of(command.more[0].replace("，", " ").replace(",", " ").split())
    if said is None:
        raise Refusal("no_name")
    own, role, phone = said.more
    visit = next((one for one in work.visits if one.customer == title.customer), None)
    _register(work, title.customer, said.arg, own or title.title, role, phone, visit, answers=title)


def settle(work: Work, command: Command) -> None:
    """不是客户的人 / 忽略: never asked again."""
    title = _asked(work)
    _answered(work, title, FATES[command.op], "不是客户的人" if command.op == "title.not" else "已忽略")


def _asked(work: Work) -> HeardTitle:
    title = work.case.title
    if title is None or title.rep != work.person.id:
        raise Refusal("stale_button")
    if title.state != "asked":
        raise Refusal("title_settled", title=title.title)
    return title


def _answered(work: Work, title: HeardTitle, state: str, word: str) -> None:
    work.record(entries.title_answered(title.id, state, work.person.id, work.interaction.sent_at))
    values = {**title_values(title, shown.customer_name(work.case, title.customer)), "done": word}
    work.update(title_key(title.id), "card/title", values, token=_token(work))


def _register(
    work: Work, customer: str, name: str, title: str, role: str, phone: str, visit: Visit | None, *, answers: HeardTitle | None = None
) -> None:
    """What was known of him and is not said again stays."""
    known = next((one for one in work.case.contacts if one.customer == customer and one.name == name), None)
    after = Contact(
        id=known.id if known else new_id("c_", EPOCH, f"{customer}|{name}"),
        customer=customer,
        name=name,
        title=title or (known.title if known else ""),
        role=role or (known.role if known else ""),
        phone=phone or (known.phone if known else ""),
    )
    at, by = work.interaction.sent_at, work.person.id
    visit_id = visit.id if visit else None
    work.record(entries.contact_added(after.id, customer, name, after.title, after.role, after.phone, visit_id, by, at))
    if after.role == "decider" and visit:
        _decider_known(work, visit)
    work.reply(
        "reply/contact_added",
        customer=shown.customer_name(work.case, customer),
        name=name,
        title=after.title,
        role=after.role,
        known=known is not None,
    )
    for asked in work.case.titles if answers is None else (answers,):
        if asked.customer == customer and (answers or same_title(asked.title, after.title, work.config)):
            _answered(work, asked, "registered", f"已登记：{name}")


def _decider_known(work: Work, visit: Visit) -> None:
    """A kind that asks for a registered decider may be complete now."""
    by = bench(work.case)
    _, facts = rejudge(visit, replace(by, deciders=by.deciders | {visit.customer}))
    work.record(*facts)
