"""Reading native check-in records of everybody, with overlap: what a rep did without writing to the bot."""

import logging

from bot import prepare
from bot.errors import FetchError
from bot.line import Line
from bot.model import Platform
from bot.store import people, settings

GROUP = 100  # users a call (WeCom's limit)
log = logging.getLogger("salestrace.polling")


async def poll(line: Line) -> None:
    """One round; a platform that does not answer is read again in the next one, from where the last complete read began."""
    for platform in line.adapters:
        users = await people.reps_on(platform)
        unwilling = await people.without_location(users.values())
        names = sorted(name for name, person in users.items() if person not in unwilling)
        for start in range(0, len(names), GROUP):
            await _group(line, platform, {name: users[name] for name in names[start : start + GROUP]})
    for rep in await settings.reps_with_pending():
        await prepare.recheck(line, rep)


async def _group(line: Line, platform: Platform, users: dict[str, str]) -> None:
    reads = [await people.read_at(person) for person in users.values()]
    known = [read for read in reads if read]
    try:
        await prepare.read_records(line, platform, users, min(known) if len(known) == len(reads) else None)
    except FetchError as error:
        log.warning("records of %s not read: %s", platform.value, error.reason)
