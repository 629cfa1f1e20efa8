"""How long a page was really looked at: a browser claims, this grants. Nothing it sends can make more of an hour than an hour."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LONGEST = 15.0  # seconds that one beat may claim; browsers beat every five, a killed tab loses no more
SILENT = timedelta(seconds=90)  # without a beat nobody looks any more
FAREWELL = timedelta(seconds=10)  # a page that said goodbye may come back: a turn of the phone, the back button


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewing:
    """One presentation as its page tells it. `nonce`: the page that counts; `allowance`: seconds that may be claimed now."""

    nonce: str
    seconds: tuple[float, ...]
    beat_at: datetime
    due_at: datetime
    seq: int = 0
    allowance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a page tells: `active` seconds of `page` (from 0) since its last beat. `over`: it goes away."""

    nonce: str
    seq: int
    page: int
    active: float
    over: bool = False


def joined(before: Viewing | None, nonce: str, pages: int, now: datetime) -> Viewing:
    """Another page of the browser's shows it from now on; the one before counts no more, what it earned stays."""
    seconds = before.seconds if before else (0.0,) * pages
    return Viewing(nonce=nonce, seconds=seconds, beat_at=now, due_at=now + SILENT)


def heard(viewing: Viewing, beat: Beat, now: datetime) -> Viewing | None:
    """Grant what can be true: at most the time since the last beat. None for another page's beat, and for one told already."""
    if beat.nonce != viewing.nonce or beat.seq <= viewing.seq or not 0 <= beat.page < len(viewing.seconds):
        return None
    allowance = min(viewing.allowance + max((now - viewing.beat_at).total_seconds(), 0.0), LONGEST)
    granted = min(max(beat.active, 0.0), allowance)
    seconds = tuple(round(had + granted, 3) if at == beat.page else had for at, had in enumerate(viewing.seconds))
    due_at = now + (FAREWELL if beat.over else SILENT)
    return replace(viewing, seq=beat.seq, seconds=seconds, allowance=allowance - granted, beat_at=now, due_at=due_at)
