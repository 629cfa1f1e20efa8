"""Finding the photo that a new one was made from, without looking at all of them. Pure.

A photo is stored as hashes of the whole of it and of ten windows (a tenth cut off here or there): of a cropped copy one of them is near.
A hash of 64 bits lies in four parts; two hashes up to 11 bits apart have a part that differs in at most two. So the 137 keys around each
part are looked up by an index. What is found so is a candidate: it is compared as a picture before anything is said of it.
"""

from collections.abc import Sequence
from itertools import combinations

PARTS, PART_BITS = 4, 16
NEAR = 15  # bits; copies cropped by up to a tenth, brightened and recompressed lay at most 16 apart (most 0–8), strangers 18 and more
REACH = 2  # bits by which a part may differ
LIKENESS = 0.96  # correlation of what both show: copies 0.97 and more, two shots of one scene from a step aside 0.89
FLIPS = tuple(sum(1 << bit for bit in bits) for size in range(REACH + 1) for bits in combinations(range(PART_BITS), size))


def parts(print_: str) -> tuple[int, ...]:
    """The four parts of a hash in 16 hex digits, highest first."""
    whole = int(print_, 16)
    return tuple(whole >> PART_BITS * (PARTS - 1 - part) & 0xFFFF for part in range(PARTS))


def around(key: int) -> list[int]:
    """What this part of a near hash may be."""
    return [key ^ flip for flip in FLIPS]


def apart(one: Sequence[int], other: Sequence[int]) -> int:
    """Bits in which two hashes differ."""
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))
