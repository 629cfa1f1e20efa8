"""试点 <区域>: whether anybody is told of a region's red lights, and the button that changes it. The file is changed beside the chat."""

from bot import entries
from bot.config.schema import Region
from bot.errors import Refusal
from handlers.roles import decides_for, leads
from handlers.words import Command
from handlers.work import Work

ON, OFF = "on", "off"


def show(work: Work, command: Command) -> None:
    """How it stands, with a button for the other way: a word alone must not silence a region."""
    region = _named(work, command.arg or work.person.region)
    work.reply("card/pilot", id=region.id, name=region.name, live=region.live, chat=bool(region.alert_chat))


def switch(work: Work, command: Command) -> None:
    """The tap."""
    name, _, way = command.arg.partition(":")
    region = _named(work, name)
    if way not in (ON, OFF):
        raise Refusal("stale_button")
    live = way == ON
    if region.live is not live:
        work.record(entries.pilot_asked(region.id, live, work.person.id, work.interaction.sent_at))
    work.reply("reply/pilot_asked", name=region.name, live=live, same=region.live is live)


def _named(work: Work, words: str) -> Region:
    """Raises Refusal: who may not, and what is no region."""
    if not leads(work.person):
        raise Refusal("directors_only")
    region = next((one for one in work.config.regions if words in {one.id, one.name}), None)
    if region is None:
        raise Refusal("no_region", words=words, regions=[one.name for one in work.config.regions])
    if not decides_for(work.person, region.id):
        raise Refusal("not_your_region")
    return region
