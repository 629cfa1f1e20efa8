"""Signed checkpoints, in the order of their sizes."""

from collections.abc import Mapping
from datetime import datetime

from bot.ledger import Frontier
from bot.store.tables import CheckpointRow, StampRow


async def last() -> CheckpointRow | None:
    return await CheckpointRow.all().order_by("-size").first()


async def below(size: int) -> CheckpointRow | None:
    """The latest one under a size."""
    return await CheckpointRow.filter(size__lt=size).order_by("-size").first()


async def put(frontier: Frontier, note: str, at: datetime) -> None:
    """Inside the caller's step."""
    row = CheckpointRow(size=frontier.size, root=frontier.root().hex(), at=at, frontier=frontier.to_json(), note=note)
    await row.save(force_create=True)


async def page(after: int, limit: int) -> list[CheckpointRow]:
    """The next ones above a size, in order."""
    return await CheckpointRow.filter(size__gt=after).order_by("size").limit(limit)


async def shown(below: int, limit: int) -> list[CheckpointRow]:
    """Those that others may hold, since they were stamped or posted: the latest ones under a size."""
    sizes = await StampRow.filter(size__lt=below).order_by("-size").distinct().limit(limit).values_list("size", flat=True)
    return await CheckpointRow.filter(size__in=list(sizes)).order_by("size")


async def stamps(size: int) -> dict[str, bytes]:
    """Tokens of a checkpoint by their authority's name."""
    return {row.tsa: bytes(row.token) for row in await StampRow.filter(size=size)}


async def keep_stamps(size: int, tokens: Mapping[str, bytes], now: datetime) -> None:
    """Inside the caller's step."""
    rows = [StampRow(size=size, tsa=name, at=now, token=token) for name, token in tokens.items()]
    await StampRow.bulk_create(rows, ignore_conflicts=True)


async def stamped_since(since: datetime) -> set[str]:
    """Authorities that stamped anything since then."""
    return {row.tsa for row in await StampRow.filter(at__gte=since).only("tsa")}


async def at_size(size: int) -> CheckpointRow | None:
    return await CheckpointRow.get_or_none(size=size)


async def first_covering(index: int) -> CheckpointRow | None:
    """The earliest checkpoint whose tree holds the leaf."""
    return await CheckpointRow.filter(size__gt=index).order_by("size").first()
