"""出证: a director asks for a customer's dossier; it is made beside the chat and told when it is there."""

from datetime import datetime, timedelta

from bot import entries
from bot.config.schema import Config
from bot.errors import Refusal
from handlers.customers import meant, similar
from handlers.roles import decides_for, leads
from handlers.words import PERIOD, Command
from handlers.work import Work


def ask(work: Work, command: Command) -> None:
    """Record the wish; the making, which takes seconds, is not part of this step."""
    if not leads(work.person):
        raise Refusal("directors_only")
    found = [one for one in meant(command.arg, work.case.customers) if decides_for(work.person, one.region)]
    if not found:
        raise Refusal("no_customer", words=command.arg, similar=similar(command.arg, work.case.customers))
    if len(found) > 1:
        raise Refusal("several_customers", names=[one.name for one in found])
    period, *without = command.more
    since, until = span(period, work.config)
    id_, at = work.id("do_"), work.interaction.sent_at
    work.record(entries.dossier_asked(id_, found[0].id, since, until, list(without), work.person.id, at))
    work.reply("reply/dossier_asked", customer=found[0].name, period=period)


def span(period: str, config: Config) -> tuple[datetime | None, datetime | None]:
    """First moment of a year, quarter or month, and the first after it; None for all of time."""
    match = PERIOD.match(period)
    if not match:
        return None, None
    year, quarter, month = int(match[1]), match[2], match[3]
    first = int(month) if month else 3 * int(quarter) - 2 if quarter else 1
    months = 1 if month else 3 if quarter else 12
    since = datetime(year, first, 1, tzinfo=config.zone)
    later = since + timedelta(days=31 * months)
    return since, later.replace(day=1) if months < 12 else datetime(year + 1, 1, 1, tzinfo=config.zone)
