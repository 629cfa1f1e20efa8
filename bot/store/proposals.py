"""Configs that admins sent in chat, and what became of them."""

from bot.case import Proposal
from bot.store.tables import ConfigVersion, ProposalRow


async def of(id_: str) -> Proposal | None:
    row = await ProposalRow.get_or_none(id=id_)
    return _proposal(row) if row else None


async def in_state(*states: str) -> list[ProposalRow]:
    """The oldest first."""
    return await ProposalRow.filter(state__in=list(states)).order_by("at", "id")


async def text_of(sha256: str) -> str | None:
    """The text of a config that was in force."""
    row = await ConfigVersion.filter(sha256=sha256).order_by("-id").first()
    return row.text if row else None


def _proposal(row: ProposalRow) -> Proposal:
    return Proposal(id=row.id, sha256=row.sha256, base=row.base, by=row.by, state=row.state)
