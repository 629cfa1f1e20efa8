"""The pool of silent customers as it is told."""

from dataclasses import dataclass
from datetime import datetime

from bot.measures.conversion import Conversion
from bot.measures.silent import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A customer of the pool, with what stands now."""

    id: str
    name: str
    owner: str
    since: datetime
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Who is in it (the latest ones), how many are, and how those of it and all others did by the same definition."""

    region: str | None
    count: int
    listed: tuple[Quiet, ...]
    pool: Conversion
    ordinary: Conversion
    repurchase: Conversion
    days: int
