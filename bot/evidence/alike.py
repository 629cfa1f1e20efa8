"""Finding the photo that a new one was made from, without looking at all of them. Pure.

A photo is stored as hashes of the whole of it and of ten windows (a tenth cut off here or there): of a cropped copy one of them is near.
A hash of 64 bits lies in three parts; two hashes up to 11 bits apart have a part that differs in at most three. So the 1,562 keys around
each part are looked up by an index: of a million hashes that touches two thousand. What is found so is a candidate: it is compared as a
picture before anything is said of it.
"""

from collections.abc import Sequence
from itertools import combinations

PARTS, PART_BITS = 3, 21  # the highest part has one bit more, which is 1 in every hash
NEAR = 15  # bits; copies cropped by up to a tenth, brightened and recompressed lay at most 16 apart (most 0–8), strangers 18 and more
REACH, SHORT_REACH = 3, 1  # bits by which a part may differ
LIKENESS = 0.96  # correlation of what both show: copies 0.97 and more, two shots of one scene from a step aside 0.89
FLIPS = {
    reach: tuple(sum(1 << bit for bit in bits) for size in range(reach + 1) for bits in combinations(range(PART_BITS), size))
    for reach in range(REACH + 1)
}


def parts(print_: str) -> tuple[int, ...]:
    """The three parts of a hash in 16 hex digits, highest first."""
    all_ = int(print_, 16)
    low = (1 << PART_BITS) - 1
    return all_ >> 2 * PART_BITS, all_ >> PART_BITS & low, all_ & low


def around(key: int, reach: int = REACH) -> list[int]:
    """What this part of a near hash may be."""
    return [key ^ flip for flip in FLIPS[reach]]


def whole(of: Sequence[int]) -> int:
    """The hash that these are the parts of."""
    high, middle, low = of
    return high << 2 * PART_BITS | middle << PART_BITS | low


def apart(one: int, other: int) -> int:
    """Bits in which two hashes differ."""
    return (one ^ other).bit_count()
