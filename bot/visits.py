"""Ending a visit that nobody ended: complete actions stay, the open one is submitted as it stands, the rep is told."""

from datetime import datetime

from bot import entries
from bot.calendar import days
from bot.config.schema import Config
from bot.model import Action, Address, Draft, Outgoing
from bot.rules.working import next_working_minute
from bot.store.gather import visit_of
from bot.store.tables import VisitRow


async def timed_out(id_: str, due_at: datetime, config: Config, now: datetime) -> Draft:
    """The entries and the word to the rep for a visit whose time is over; nothing when it ended meanwhile."""
    row = await VisitRow.get_or_none(id=id_, state="open")
    if row is None:
        return Draft()
    visit = await visit_of(row)
    submitted = [entries.action_submitted(action.id, due_at) for action in visit.actions if action.submitted_at is None]
    notice = Outgoing(
        key=f"visit:{id_}:timed_out",
        to=Address(person=visit.rep),
        template="reply/visit_timed_out",
        values={"customer": visit.customer_name, "hours": config.visit.timeout_hours, "complete": _complete(visit.actions)},
        not_before=next_working_minute(now, config.privacy, config.zone, *days(config)),
    )
    return Draft(entries=(*submitted, entries.visit_ended(id_, due_at, "timed_out")), messages=(notice,))


def _complete(actions: tuple[Action, ...]) -> int:
    return sum(action.verdict.state == "complete" for action in actions)
