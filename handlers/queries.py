"""Answers to questions: nothing is recorded by asking."""

from bot import entries
from bot.alerts import alert_values, owner_of
from bot.consent import PURPOSES
from bot.entries import instant, reasons_json
from bot.errors import Refusal
from bot.hearing.deciding import marks_of
from bot.hearing.gist import snippet
from bot.model import Can, Json, Role, VerdictState
from handlers import shown
from handlers.asking import device_values
from handlers.customers import meant, similar
from handlers.roles import leads, sees
from handlers.words import Command
from handlers.work import Work

NOTES = 10
ALERT = "al_"
WORDS, SNIPPETS = 6, 3  # keywords told, and sentences of each


def today(work: Work, _: Command) -> None:
    """今日: what was done, what is missing, whose 72 hours end soon."""
    work.reply(
        "reply/today",
        visit=work.visit.customer_name if work.visit else "",
        actions=[{**shown.action(work.config, one), "customer": _customer(work, one.customer)} for one in work.case.today],
        due=[
            {"customer": shown.pinned(customer), "at": instant(at), "over": at <= work.case.now} for customer, at in work.case.due[:NOTES]
        ],
        url=own_page(work),
    )


def usage(work: Work, command: Command) -> None:
    """帮助 and whatever was not understood: a few lines by role."""
    roles = work.person.roles
    work.reply(
        "reply/help",
        unknown=command.op == "unknown",
        rep=bool(roles & {Role.REP}) or not roles,
        director=leads(work.person),
        sends=leads(work.person) or Role.PRESALES in work.person.roles,
        admin=Role.ADMIN in roles,
        presales=Role.PRESALES in roles and not leads(work.person),
        records=work.by_record,
        chat=f"{work.interaction.platform.value}:{work.interaction.chat}" if work.interaction.chat else "",
    )


def on_card(work: Work, command: Command) -> None:
    """The words of a button whose thing nobody named."""
    work.reply("reply/on_card", words=command.arg)


def how_to(work: Work, command: Command) -> None:
    """A command that lacks its words."""
    work.reply("reply/usage", command=command.arg, files=Can.FILES in work.case.can)


def my_data(work: Work, _: Command) -> None:
    """我的数据: how much is held of this person, what he agreed to, and who looked at it."""
    held = work.case.held
    names = {id_: person.name for id_, person in work.case.people.items()}
    work.reply(
        "reply/my_data",
        name=work.person.name,
        customers=len(work.own),
        devices=[device_values(one) for one in work.case.devices if one.state in {"active", "pending"}],
        today=len(work.case.today),
        complete=sum(one.verdict.state is VerdictState.COMPLETE for one in work.case.today),
        checks=len(work.case.checks),
        visit=work.visit.customer_name if work.visit else "",
        counts=dict(held.counts) if held else {},
        looks=[{"record": one.record, "by": names.get(one.by, one.by), "at": instant(one.at)} for one in held.looks] if held else [],
        consents=[{"purpose": word, "state": work.case.consents.get(purpose, "")} for purpose, word in PURPOSES.items()],
        url=own_page(work),
    )


def own_page(work: Work) -> str:
    """我的: the page that shows whoever signs in his own things."""
    return f"{work.config.server.public_url.rstrip('/')}/me"


def verify(work: Work, command: Command) -> None:
    """核验 <记录>: what the record is worth, and why, with the page that proves it; or what a red light stands on."""
    if command.arg.startswith(ALERT):
        _verify_alert(work, command.arg)
        return
    record = work.case.record
    if record is None or not sees(work.person, record.region, record.rep):
        raise Refusal("no_record", id=command.arg)
    if work.person.id != record.rep:
        work.record(entries.record_viewed(record.id, work.person.id, work.interaction.sent_at, "chat"))
    theirs = work.case.rep
    customer = theirs.customer(record.customer) if theirs else None
    work.reply(
        "card/record",
        action=shown.action(work.config, record),
        reasons=reasons_json(record.verdict.reasons),
        customer=customer.name if customer else record.customer,
        rep=theirs.person.name if theirs and theirs.person else record.rep,
        items=[{**shown.item(item), "sha256": item.sha256 or ""} for item in record.evidence],
        url=f"{work.config.server.public_url.rstrip('/')}/record/{record.id}",
    )


def _verify_alert(work: Work, id_: str) -> None:
    alert = work.case.alert
    if alert is None or not sees(work.person, alert.region, owner_of(alert)):
        raise Refusal("no_record", id=id_)
    work.reply("card/light_record", **alert_values(alert, work.config))


def backup(work: Work, _: Command) -> None:
    """备份状态: what is safe, and what is not yet."""
    if Role.ADMIN not in work.person.roles:
        raise Refusal("admins_only")
    safety = work.case.safety
    if safety is None:
        raise Refusal("stale_button")
    work.reply(
        "reply/backup",
        on=bool(work.config.storage.backup),
        done=safety.done,
        waiting=safety.waiting,
        oldest=instant(safety.oldest) if safety.oldest else "",
        problem=safety.problem,
        checked=instant(safety.checked_at) if safety.checked_at else "",
        inbox=instant(safety.inbox) if safety.inbox else "",
    )


def cares(work: Work, command: Command) -> None:
    """<客户> 关心什么: the rep's own snippets by keyword, newest first."""
    found = meant(command.arg, work.case.customers)
    if not found:
        raise Refusal("no_customer", words=command.arg, similar=similar(command.arg, work.case.customers))
    if len(found) > 1:
        raise Refusal("several_customers", names=[one.name for one in found])
    by_word: dict[str, list[Json]] = {}
    for spoken in work.case.words:
        for mark in marks_of(spoken.marks):
            said = {"at": instant(spoken.at), "text": snippet(spoken.text, mark), "sure": mark.sure}
            if spoken.customer == found[0].id and said not in by_word.setdefault(mark.word, []):
                by_word[mark.word].append(said)
    told = sorted(by_word.items(), key=lambda one: -len(one[1]))[:WORDS]
    work.reply(
        "reply/cares",
        customer=found[0].name,
        words=[{"word": word, "times": len(said), "snippets": said[:SNIPPETS]} for word, said in told],
    )


def _customer(work: Work, id_: str) -> str:
    known = work.case.customer(id_)
    return known.name if known else id_
