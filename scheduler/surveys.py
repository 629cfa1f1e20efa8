"""The monthly anonymous survey (M37): asked of every rep of a live region, closed when its time is over. What stays are sums, if enough.

Why an answer cannot be traced to a person: `bot/store/surveys.py`.
"""

from datetime import datetime, timedelta

from bot import corridor, entries
from bot.calendar import days
from bot.config.schema import Config, Survey
from bot.line import Line
from bot.model import Address, Draft, Outgoing, Person, Role
from bot.rules.working import next_working_minute
from bot.store import people, surveys


class Surveys:
    """A round a minute; what was asked stands in the rows."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def round(self) -> None:
        now, config = self._line.clock.now(), self._line.config()
        going = await surveys.under_way()
        if going and going.closes_at <= now:
            await self._close(going.id, now)
        elif not going and config.survey and (month := _month_to_ask(config.survey, now.astimezone(config.zone))):
            await self._open(month, config, config.survey, now)

    async def _open(self, month: str, config: Config, asked: Survey, now: datetime) -> None:
        line = self._line
        if await surveys.known(month):
            return
        live = {region.id for region in config.regions if region.live}
        reps = [one for one in await people.with_role(Role.REP) if one.region in live and one.accounts.keys() & line.adapters.keys()]
        if not reps:
            return
        closes = now + timedelta(days=asked.open_days)
        messages = tuple(_asked(one, month, config, closes, now) for one in reps)
        async with line.database.step() as tx:
            if await surveys.known(month):
                return  # another process asked meanwhile
            draft = Draft(entries=(entries.survey_opened(month, len(reps), now, closes),), messages=messages)
            await corridor.record(tx, draft, config, now, frozenset(line.adapters))
        line.wake.notify("outbox")

    async def _close(self, survey: str, now: datetime) -> None:
        line = self._line
        async with line.database.step() as tx:
            if await surveys.under_way(survey) is None:
                return
            count, result = await surveys.counted(survey)
            draft = Draft(entries=(entries.survey_closed(survey, count, result, now),))
            await corridor.record(tx, draft, line.config(), now, frozenset(line.adapters))
            await surveys.empty(survey)
        await line.database.scrub()


def _month_to_ask(asked: Survey, local: datetime) -> str:
    """This month, from its day and hour on for as long as it would be open; "" else."""
    opens = local.replace(day=asked.day, hour=asked.hour.hour, minute=asked.hour.minute, second=0, microsecond=0)
    return f"{local:%Y-%m}" if opens <= local < opens + timedelta(days=asked.open_days) else ""


def _asked(rep: Person, month: str, config: Config, closes: datetime, now: datetime) -> Outgoing:
    """The row that waits in the outbox holds no ballot: it is made as the card is rendered."""
    values = {"survey": month, "base": config.server.public_url.rstrip("/"), "closes": entries.instant(closes)}
    working = next_working_minute(now, config.privacy, config.zone, *days(config))
    return Outgoing(key=f"survey:{month}:{rep.id}", to=Address(person=rep.id), template="card/survey", values=values, not_before=working)
