"""申诉 <记录> <一句话>: what its rep or his director has to say about a record. It stands beside it for good; the other side is told."""

from bot import entries
from bot.errors import Refusal
from bot.model import Action, Json
from handlers import shown
from handlers.roles import sees
from handlers.words import LONGEST, Command
from handlers.work import Work

MOST = 300  # characters; a longer line would be cut where lines are read


def state(work: Work, command: Command) -> None:
    """Changes no verdict: 改 and the decision on an item's appeal do that."""
    record = work.case.record
    if record is None or not sees(work.person, record.region, record.rep):
        raise Refusal("no_record", id=command.arg)
    said = command.more[0]
    if len(said) > MOST or len(work.interaction.text) > LONGEST:
        raise Refusal("too_long", most=MOST)
    if said in work.case.stated:  # tapped twice
        work.reply("reply/stated", told=-1, **_about(work, record, said))
        return
    id_ = work.id("st_")
    work.record(entries.statement_made(id_, record.id, work.person.id, said, work.interaction.sent_at))
    others, values = _others(work, record), _about(work, record, said)
    for person in others:
        work.tell(person, f"statement:{id_}:{person}", "reply/statement", **values)
    work.reply("reply/stated", told=len(others), **values)


def _about(work: Work, record: Action, said: str) -> Json:
    customer = work.case.rep.customer(record.customer) if work.case.rep else None
    return {
        "action": shown.action(work.config, record),
        "customer": customer.name if customer else record.customer,
        "by": work.person.name,
        "text": said,
        "url": f"{work.config.server.public_url.rstrip('/')}/record/{record.id}",
    }


def _others(work: Work, record: Action) -> list[str]:
    """The rep's directors when he speaks, the rep when somebody else does."""
    if work.person.id != record.rep:
        theirs = work.case.rep
        return [record.rep] if theirs and theirs.person else []
    return [person.id for person in work.case.directors if person.id != work.person.id]
