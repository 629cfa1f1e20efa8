"""What a rep changed in the words that a machine had heard."""

from difflib import SequenceMatcher
from typing import Literal

Part = tuple[Literal["same", "out", "in"], str]


def difference(machine: str, edited: str) -> tuple[Part, ...]:
    """Parts in the order of reading: kept, taken out, put in."""
    parts: list[Part] = []
    for op, a, b, c, d in SequenceMatcher(None, machine, edited, autojunk=False).get_opcodes():
        if op == "equal":
            parts.append(("same", machine[a:b]))
            continue
        if a < b:
            parts.append(("out", machine[a:b]))
        if c < d:
            parts.append(("in", edited[c:d]))
    return tuple(parts)
