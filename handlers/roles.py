"""Who may do what, and see what."""

from bot.config.schema import Region
from bot.errors import Refusal
from bot.model import Person, Role
from handlers.work import Work

BOSSES = frozenset({Role.DIRECTOR, Role.ADMIN})


def leads(person: Person) -> bool:
    """Directors and admins."""
    return bool(person.roles & BOSSES)


def decides_for(person: Person, region: str) -> bool:
    """Whether he decides about this region's records."""
    return Role.ADMIN in person.roles or (Role.DIRECTOR in person.roles and person.region == region)


def sees(person: Person, region: str, rep: str) -> bool:
    """Whether he may look at a record of this rep."""
    return person.id == rep or decides_for(person, region)


def region_asked(work: Work, words: str) -> Region | None:
    """The region that a director or admin names; None for none named. Raises Refusal."""
    asked = next((one for one in work.config.regions if words in {one.id, one.name}), None)
    if words and asked is None:
        raise Refusal("no_region", words=words, regions=[one.name for one in work.config.regions])
    if asked and Role.ADMIN not in work.person.roles and asked.id != work.person.region:
        raise Refusal("not_your_region")
    return asked
