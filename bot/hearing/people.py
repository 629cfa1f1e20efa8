"""Which of a customer's contacts a transcript names."""

from collections.abc import Iterable

from bot.model import Contact

# How a colleague of the customer's is called after his family name.
CALLED = tuple("总经理 总监 总 经理 主任 部长 处长 科长 厂长 董事长 董 书记 院长 工程师 工 老师 主管".split())


def named(text: str, contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Contacts by their whole name, or by a family name with a form of address that only one of them bears."""
    known = list(contacts)
    families = [contact.name[:1] for contact in known]
    alone = {family for family in families if families.count(family) == 1}
    return tuple(contact for contact in known if _named(text, contact.name, alone))


def _named(text: str, name: str, alone: set[str]) -> bool:
    return (len(name) > 1 and name in text) or (name[:1] in alone and _addressed(text, name[:1]))


def _addressed(text: str, family: str) -> bool:
    return any(f"{family}{form}" in text for form in CALLED)
