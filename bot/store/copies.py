"""The inventory of what is, or has to be, at the backup target."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store import checkpoint_rows, ledger_rows, segments, settings
from bot.store.tables import ConfigVersion, CopyRow, StampRow

CURSOR = "backup.planned"  # entries, stamps and configs that the inventory knows of
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
ORIGINALS, CONFIGS = "originals/", "config/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the copies stand: counts, and since when the oldest one waits."""

    done: int
    waiting: int
    oldest: datetime | None
    problem: str
    checked_at: datetime | None


def original(digest: str) -> str:
    """Name of an original's copy."""
    return f"{ORIGINALS}{digest[:2]}/{digest}"


async def plan(now: datetime) -> int:
    """Take into the inventory what came since the last time, inside the caller's step; return how much of it is new."""
    known = await settings.get(CURSOR) or {"entries": 0, "stamps": 0, "configs": 0, "segments": 0}
    sealed = await checkpoint_rows.last()
    names: dict[str, None] = {}
    gone: dict[str, None] = {}
    async for index, _, entry in ledger_rows.entries(known["entries"]):
        if entry.type == "content.erased":
            gone |= dict.fromkeys(original(digest) for digest in entry.body.get("digests", ()))
            names |= dict.fromkeys(await _covering(entry.body["indexes"]))
        names |= dict.fromkeys(original(digest) for digest in segments.digests_of(entry.type, dict(entry.body)))
        known["entries"] = index + 1
    for stamp in await StampRow.filter(id__gt=known["stamps"]).order_by("id"):
        names |= dict.fromkeys(await _covering([stamp.size - 1]))
        known["stamps"] = stamp.id
    for config in await ConfigVersion.filter(id__gt=known["configs"]).order_by("id"):
        names[f"{CONFIGS}{config.id:06d}.json"] = None
        known["configs"] = config.id
    end = sealed.size if sealed else 0
    while known["segments"] < end:
        last = min(known["segments"] + segments.SPAN, end) - 1
        names[segments.name_of(known["segments"], last)] = None
        known["segments"] = last + 1
    await _want(names.keys() - gone.keys(), now)
    await CopyRow.filter(name__in=list(gone)).update(state="gone", due_at=now)
    await settings.put(CURSOR, known, now)
    return len(names)


async def _covering(indexes: Iterable[int]) -> list[str]:
    """Segments that hold these entries and exist already."""
    found = []
    wanted = set(indexes)
    for row in await CopyRow.filter(name__startswith=segments.FOLDER).only("name"):
        first, last = segments.range_of(row.name)
        if any(first <= index <= last for index in wanted):
            found.append(row.name)
    return found


async def _want(names: Iterable[str], now: datetime) -> None:
    rows = [CopyRow(name=name, state="waiting", since=now, due_at=now) for name in sorted(names)]
    known = {row.name for row in await CopyRow.filter(name__in=[row.name for row in rows]).only("name")} if rows else set()
    fresh = [row for row in rows if row.name not in known]
    if fresh:
        await CopyRow.bulk_create(fresh, ignore_conflicts=True)
    again = [name for name in known if not name.startswith(ORIGINALS)]
    if again:
        await CopyRow.filter(name__in=again).update(state="waiting", since=now, due_at=now)


async def due(now: datetime, limit: int) -> list[CopyRow]:
    return await CopyRow.filter(due_at__lte=now, state__in=["waiting", "gone"]).order_by("due_at", "name").limit(limit)


async def unchecked(before: datetime, limit: int) -> list[CopyRow]:
    """Copies not looked at since then, longest first."""
    return await CopyRow.filter(state="done", checked_at__lt=before).order_by("checked_at").limit(limit)


async def copied(name: str, sha256: str, now: datetime) -> None:
    await CopyRow.filter(name=name).update(state="done", sha256=sha256, attempts=0, problem="", checked_at=now)


async def checked(name: str, now: datetime) -> None:
    await CopyRow.filter(name=name).update(checked_at=now)


async def wanted_again(name: str, problem: str, now: datetime) -> None:
    """What lies there is not what was put there: it is copied anew."""
    await CopyRow.filter(name=name).update(state="waiting", since=now, due_at=now, problem=problem)


async def later(row: CopyRow, problem: str, now: datetime) -> None:
    wait = min(FIRST_WAIT * 2 ** min(row.attempts, 10), LONGEST_WAIT)
    await CopyRow.filter(name=row.name).update(attempts=row.attempts + 1, problem=problem, due_at=now + wait)


async def forget(name: str) -> None:
    await CopyRow.filter(name=name).delete()


async def standing() -> Standing:
    waiting = CopyRow.filter(state__in=["waiting", "gone"])
    oldest = await waiting.order_by("since").first()
    stale = await CopyRow.filter(state="done").order_by("checked_at").first()
    return Standing(
        done=await CopyRow.filter(state="done").count(),
        waiting=await waiting.count(),
        oldest=oldest.since if oldest else None,
        problem=oldest.problem if oldest else "",
        checked_at=stale.checked_at if stale else None,
    )


async def inventory() -> dict[str, str]:
    """Digest by name of everything that was copied."""
    return {row.name: row.sha256 for row in await CopyRow.filter(state="done").only("name", "sha256")}
