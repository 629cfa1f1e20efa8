"""When reports are due, a row a region and kind: set by the config, moved on in the very step that tells one."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.store.tables import ReportDue

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


def id_of(kind: str, region: str) -> str:
    return f"{kind}:{region}"


async def arrange(wanted: Mapping[tuple[str, str], datetime]) -> None:
    """Have a row for each (kind, region), due then; others go. Inside the caller's step."""
    keep = [id_of(*key) for key in wanted]
    await ReportDue.exclude(id__in=keep).delete() if keep else await ReportDue.all().delete()
    rows = [ReportDue(id=id_of(kind, region), kind=kind, region=region, due_at=at, attempts=0) for (kind, region), at in wanted.items()]
    if rows:
        await ReportDue.bulk_create(rows, on_conflict=["id"], update_fields=["due_at"])


async def arranged() -> dict[tuple[str, str], datetime]:
    return {(row.kind, row.region): row.due_at for row in await ReportDue.all()}


async def due(now: datetime) -> list[ReportDue]:
    return await ReportDue.filter(due_at__lte=now).order_by("due_at", "id")


async def move(row: ReportDue, to: datetime) -> bool:
    """Inside the caller's step. False: somebody else told it meanwhile."""
    return bool(await ReportDue.filter(id=row.id, due_at=row.due_at).update(due_at=to, attempts=0))


async def later(row: ReportDue, now: datetime) -> None:
    """It could not be made: again, ever later, for as long as it takes."""
    wait = min(FIRST_WAIT * 2 ** min(row.attempts, 10), LONGEST_WAIT)
    await ReportDue.filter(id=row.id, due_at=row.due_at).update(due_at=now + wait, attempts=row.attempts + 1)
