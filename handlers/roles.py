"""Who may do what, and see what."""

from bot.model import Person, Role

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
