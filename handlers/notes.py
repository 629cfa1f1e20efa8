"""One short line of a rep: a person met, or why a standard action is missing."""

from dataclasses import replace
from datetime import UTC, datetime

from bot import entries
from bot.errors import Refusal
from bot.ids import new_id
from bot.model import Contact, Visit
from handlers import shown
from handlers.customers import meant, similar
from handlers.judging import bench, rejudge
from handlers.words import Command
from handlers.work import Work

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
REASON = 200  # characters


def add_contact(work: Work, command: Command) -> None:
    """加人: at the customer of the open visit, or of the one just ended. What was known of him and is not said again stays."""
    visit = work.visit or work.case.last_visit
    if visit is None:
        raise Refusal("no_visit")
    title, role, phone = command.more
    known = next((one for one in work.case.contacts if one.customer == visit.customer and one.name == command.arg), None)
    id_ = known.id if known else new_id("c_", EPOCH, f"{visit.customer}|{command.arg}")
    after = Contact(
        id=id_,
        customer=visit.customer,
        name=command.arg,
        title=title or (known.title if known else ""),
        role=role or (known.role if known else ""),
        phone=phone or (known.phone if known else ""),
    )
    at, by = work.interaction.sent_at, work.person.id
    work.record(entries.contact_added(id_, visit.customer, after.name, after.title, after.role, after.phone, visit.id, by, at))
    if after.role == "decider":
        _met(work, visit)
    work.reply(
        "reply/contact_added", customer=visit.customer_name, name=after.name, title=after.title, role=after.role, known=known is not None
    )


def _met(work: Work, visit: Visit) -> None:
    """A kind that asks for a registered decider may be complete now."""
    by = bench(work.case)
    _, facts = rejudge(visit, replace(by, deciders=by.deciders | {visit.customer}))
    work.record(*facts)


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
