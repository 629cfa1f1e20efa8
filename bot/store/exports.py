"""Exports that were asked for in chat: queued in the step that recorded the wish, made beside it."""

from collections.abc import Sequence

from bot.entries import parse_instant
from bot.model import Entry
from bot.store.tables import ExportJob


async def queue(done: Sequence[Entry]) -> None:
    """Inside the step."""
    asked = [entry.body for entry in done if entry.type == "export.asked"]
    rows = [ExportJob(id=body["export"], by=body["by"], at=parse_instant(body["at"])) for body in asked]
    if rows:
        await ExportJob.bulk_create(rows, ignore_conflicts=True)


async def asked() -> list[ExportJob]:
    """Oldest first."""
    return await ExportJob.all().order_by("at", "id")


async def tried(id_: str) -> int:
    """Count a try; how many there were."""
    job = await ExportJob.get(id=id_)
    await ExportJob.filter(id=id_).update(attempts=job.attempts + 1)
    return int(job.attempts) + 1


async def done(id_: str) -> None:
    """Inside the step."""
    await ExportJob.filter(id=id_).delete()
