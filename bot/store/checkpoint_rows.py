"""Signed checkpoints, in the order of their sizes."""

from datetime import datetime

from bot.ledger import Frontier
from bot.store.tables import CheckpointRow


async def last() -> CheckpointRow | None:
    return await CheckpointRow.all().order_by("-size").first()


async def put(frontier: Frontier, note: str, at: datetime) -> None:
    """Inside the caller's step."""
    row = CheckpointRow(size=frontier.size, root=frontier.root().hex(), at=at, frontier=frontier.to_json(), note=note)
    await row.save(force_create=True)


async def page(after: int, limit: int) -> list[CheckpointRow]:
    """The next ones above a size, in order."""
    return await CheckpointRow.filter(size__gt=after).order_by("size").limit(limit)


async def at_size(size: int) -> CheckpointRow | None:
    return await CheckpointRow.get_or_none(size=size)


async def first_covering(index: int) -> CheckpointRow | None:
    """The earliest checkpoint whose tree holds the leaf."""
    return await CheckpointRow.filter(size__gt=index).order_by("size").first()
