"""How much: what a stage asks for, held against what has come."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.config.schema import Needs
from bot.model import Evidence, EvidenceState

COUNTED = frozenset({EvidenceState.COUNTED})
AMOUNTS = ("photo", "signature", "deck", "file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A requirement not met. `kind`: photo | voice | signature | deck | file | any; numbers are pieces, for voice seconds.

    A voice is one clip: `have` is the longest so far. `kinds` are the alternatives of `any`.
    """

    kind: str
    have: float
    want: float
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A requirement with what has come, `have` never above `want`. `seconds` is the length asked of a voice, else 0."""

    kind: str
    have: int
    want: int
    seconds: float = 0
    kinds: tuple[str, ...] = ()


def missing(needs: Needs, items: Iterable[Evidence], states: frozenset[EvidenceState] = COUNTED) -> tuple[Missing, ...]:
    """List what is not met by the items in one of `states`; () when all is there."""
    usable = [item for item in items if item.state in states]
    gaps = [Missing(kind=kind, have=_count(usable, kind), want=getattr(needs, kind)) for kind in AMOUNTS]
    gaps.insert(1, Missing(kind="voice", have=longest(usable), want=needs.voice_seconds))
    if needs.any:
        gaps.append(Missing(kind="any", have=sum(item.kind in needs.any for item in usable), want=1, kinds=needs.any))
    return tuple(gap for gap in gaps if gap.have < gap.want)


def progress(needs: Needs, items: Iterable[Evidence]) -> tuple[Progress, ...]:
    """One line a requirement (照片 1/1, 语音 0/1), in the order in which they are listed in the config's documentation."""
    gaps = {gap.kind: gap for gap in missing(needs, items)}
    asked = [(kind, int(getattr(needs, kind))) for kind in AMOUNTS]
    asked.insert(1, ("voice", int(needs.voice_seconds > 0)))
    lines = [_line(kind, want, gaps, needs.voice_seconds if kind == "voice" else 0) for kind, want in asked if want]
    if needs.any:
        lines.append(Progress(kind="any", have=int("any" not in gaps), want=1, kinds=needs.any))
    return tuple(lines)


def longest(items: Iterable[Evidence]) -> float:
    """Seconds of the longest voice; clips are not added up."""
    return max((item.seconds or 0.0 for item in items if item.kind == "voice"), default=0.0)


def _line(kind: str, want: int, gaps: dict[str, Missing], seconds: float) -> Progress:
    gap = gaps.get(kind)
    have = want if gap is None else 0 if kind == "voice" else int(gap.have)
    return Progress(kind=kind, have=have, want=want, seconds=seconds)


def _count(items: Iterable[Evidence], kind: str) -> int:
    return sum(item.kind == kind for item in items)
