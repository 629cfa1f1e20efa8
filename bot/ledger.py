"""The ledger's mathematics: an RFC 6962 tree over leaves of salted commitments. The tables are in `bot/store`.

Public leaf format, version 1. It is final; checkpoints, proofs and dossiers rest on it.

    leaf  = RFC 8785 JSON, UTF-8, of {"v": 1, "i": index, "t": type, "at": time, "c": {field: commitment, …}}
    index       position in the ledger, from 0
    type        what happened (bot/entries.py), for instance "evidence.added"
    time        when it was recorded: RFC 3339, UTC, milliseconds, "2026-11-23T06:05:09.000Z"
    commitment  lower-case hex of SHA-256( key ‖ RFC 8785 JSON of the field's value )
    key         HMAC-SHA-256( salt, UTF-8 of the field's name ), 32 bytes
    salt        32 random bytes, one an entry, kept beside the body and nowhere else

    leaf hash = SHA-256( 0x00 ‖ leaf )        node hash = SHA-256( 0x01 ‖ left ‖ right )        (RFC 6962 §2.1)

One field is disclosed by giving its value and its key: the salt, and with it all other fields, stays hidden. Destroying body and salt
leaves a leaf that still verifies and says nothing more. Bodies are flat JSON objects; integers beyond 2^53 and NaN are refused.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Any, TypeAlias

import rfc8785

from bot.entries import instant
from bot.model import Entry, Json

VERSION = 1
SALT_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
TILE_BITS = 8  # roots of 2^8, 2^16, 2^24 … leaves are kept, so that no proof reads more than 256 hashes a node

Proof: TypeAlias = tuple[bytes, ...]
Range: TypeAlias = tuple[int, int]  # leaves from, to (exclusive)


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf's bytes."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of the tree: all that is needed to append and to know the root. At most 64 hashes, whatever the size."""

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        """`peaks`: roots of the perfect subtrees of `size` leaves, largest first. Raises ValueError when they do not fit."""
        self.size = size
        self.peaks = list(peaks)
        if size < 0 or len(self.peaks) != size.bit_count() or any(len(peak) != sha256().digest_size for peak in self.peaks):
            raise ValueError("peaks do not fit the size")

    def append(self, hashed: bytes) -> int:
        """Add a leaf hash, return its index."""
        index = carry = self.size
        peaks = self.peaks
        while carry & 1:
            hashed = sha256(b"\x01" + peaks.pop() + hashed).digest()
            carry >>= 1
        peaks.append(hashed)
        self.size = index + 1
        return index

    def extend(self, hashes: Iterable[bytes]) -> list[tuple[int, int, bytes]]:
        """Add leaf hashes; return the tiles that they filled (see `completes`). Whole tiles are hashed row by row: the hot loop."""
        filled: list[tuple[int, int, bytes]] = []
        coming, width = iter(hashes), 1 << TILE_BITS
        while leaves := list(islice(coming, width - self.size % width)):
            if len(leaves) == width:
                self._add_tile(leaves, filled)
                continue
            for leaf in leaves:
                if self.size % width == width - 1:
                    filled += self.completes(leaf)
                self.append(leaf)
        return filled

    def _add_tile(self, row: list[bytes], filled: list[tuple[int, int, bytes]]) -> None:
        """A tile's leaves, where a tile begins."""
        size, peaks, hashed_ = self.size, self.peaks, sha256
        while len(row) > 1:
            pairs = iter(row)
            row = [hashed_(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
        hashed, level, carry = row[0], TILE_BITS, size >> TILE_BITS
        filled.append((level, size >> level, hashed))
        while carry & 1:
            hashed, level, carry = node_hash(peaks.pop(), hashed), level + 1, carry >> 1
            if level % TILE_BITS == 0:
                filled.append((level, size >> level, hashed))
        peaks.append(hashed)
        self.size = size + (1 << TILE_BITS)

    def completes(self, hashed: bytes) -> list[tuple[int, int, bytes]]:
        """Roots of the tiles that the next leaf hash fills: (level, number, root), see TILE_BITS. Mostly []."""
        filled, index = [], self.size
        level, first = TILE_BITS, len(self.peaks)
        while (index + 1) & ((1 << level) - 1) == 0:
            for peak in reversed(self.peaks[first - TILE_BITS : first]):
                hashed = node_hash(peak, hashed)
            filled.append((level, index >> level, hashed))
            level, first = level + TILE_BITS, first - TILE_BITS
        return filled

    def root(self) -> bytes:
        """Root of all leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = sha256(b"\x01" + peak + root).digest()
        return root

    def to_json(self) -> dict[str, Any]:
        """Size and peaks, in hex."""
        return {"size": self.size, "peaks": [peak.hex() for peak in self.peaks]}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> "Frontier":
        """Inverse of `to_json`. Raises ValueError, KeyError or TypeError on what is no frontier."""
        return cls(state["size"], (bytes.fromhex(peak) for peak in state["peaks"]))


def root_of(hashes: Iterable[bytes]) -> bytes:
    """Root over leaf hashes."""
    frontier = Frontier()
    for hashed in hashes:
        frontier.append(hashed)
    return frontier.root()


def inclusion_proof(hashes: Sequence[bytes], index: int, size: int) -> Proof:
    """Audit path of leaf `index` in the tree of the first `size` leaf hashes, nearest first. Raises ValueError outside it."""
    if size > len(hashes):
        raise ValueError("index outside the tree")
    return tuple(root_of(hashes[start:end]) for start, end in inclusion_ranges(index, size))


def consistency_proof(hashes: Sequence[bytes], first: int, second: int) -> Proof:
    """Proof that the tree of `first` leaves is the beginning of that of `second`. Raises ValueError unless 0 < first ≤ second."""
    if second > len(hashes):
        raise ValueError("sizes outside the tree")
    return tuple(root_of(hashes[start:end]) for start, end in consistency_ranges(first, second))


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges of leaves whose roots are the audit path, nearest first. Raises ValueError outside the tree."""
    if not 0 <= index < size:
        raise ValueError("index outside the tree")
    return _path(0, size, index)


def consistency_ranges(first: int, second: int) -> list[Range]:
    """The ranges of leaves whose roots are the consistency proof. Raises ValueError unless 0 < first ≤ second."""
    if not 0 < first <= second:
        raise ValueError("sizes outside the tree")
    return _subproof(0, second, first, whole=True)


def perfect(start: int, end: int) -> list[tuple[int, int]]:
    """The perfect subtrees that a range of a path consists of, largest first: (bits, start). `start` is aligned to the first."""
    parts = []
    while start < end:
        bits = (end - start).bit_length() - 1
        parts.append((bits, start))
        start += 1 << bits
    return parts


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash is at `index` of the tree with this size and root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, hashed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            hashed = node_hash(sibling, hashed)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and hmac.compare_digest(hashed, root)


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the smaller tree is the beginning of the larger one (RFC 9162 §2.1.4.2). An empty tree begins every tree."""
    if not 0 <= first <= second:
        return False
    if first in (0, second):
        return not proof and (first_root == second_root if first else first_root == EMPTY_ROOT)
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    return bool(path) and _fold_consistency(first - 1, second - 1, path) == (first_root, second_root)


def _fold_consistency(position: int, last: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    while position & 1:
        position, last = position >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        position, last = position >> 1, last >> 1
    return (older, newer) if last == 0 else None


def _split(width: int) -> int:
    """Largest power of two below `width` (≥ 2)."""
    return 1 << (width - 1).bit_length() - 1


def _path(start: int, end: int, index: int) -> list[Range]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(start, middle, index), (middle, end)]
    return [*_path(middle, end, index), (start, middle)]


def _subproof(start: int, end: int, first: int, *, whole: bool) -> list[Range]:
    if first == end:
        return [] if whole else [(start, end)]
    middle = start + _split(end - start)
    if first <= middle:
        return [*_subproof(start, middle, first, whole=whole), (middle, end)]
    return [*_subproof(middle, end, first, whole=False), (start, middle)]


# ---- leaves -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaf:
    """The bytes that anybody may see, and their leaf hash."""

    data: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One field laid open: its value, and the key that ties it to the commitment."""

    value: Any
    key: bytes


def make_leaf(entry: Entry, *, index: int, at_ms: int, salt: bytes) -> Leaf:
    """Make the leaf of an entry recorded at `at_ms` (milliseconds since the epoch).

    Raises ValueError for a short salt or a body that is no JSON.
    """
    if len(salt) < SALT_BYTES:
        raise ValueError("salt too short")
    commitments = {name: _commitment(_key(salt, name), value) for name, value in entry.body.items()}
    at = instant(datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000))
    encoded = rfc8785.dumps({"v": VERSION, "i": index, "t": entry.type, "at": at, "c": commitments})
    return Leaf(encoded, leaf_hash(encoded))


def check_body(leaf: bytes, body: Json, salt: bytes) -> list[str]:
    """Names of fields that do not match the leaf, missing and added ones too; [] when all is as it was recorded.

    Raises ValueError for bytes that are no leaf, or a body that is no object.
    """
    if not isinstance(body, Mapping):
        raise ValueError("body is no object")
    return check_disclosed(leaf, disclose(body, salt, body)) + sorted(commitments_of(leaf).keys() - body.keys())


def disclose(body: Json, salt: bytes, fields: Iterable[str]) -> dict[str, Disclosed]:
    """Lay open these fields and no others. Raises KeyError for one that the body does not have."""
    return {name: Disclosed(body[name], _key(salt, name)) for name in fields}


def check_disclosed(leaf: bytes, fields: Mapping[str, Disclosed]) -> list[str]:
    """Names of disclosed fields that the leaf did not commit to."""
    committed = commitments_of(leaf)
    return sorted(name for name, field in fields.items() if not _matches(committed.get(name), field))


def commitments_of(leaf: bytes) -> dict[str, str]:
    """Commitments by field name. Raises ValueError for bytes that are no leaf of version 1."""
    parsed = json.loads(leaf)
    commitments = parsed.get("c") if isinstance(parsed, dict) and parsed.get("v") == VERSION else None
    if not isinstance(commitments, dict) or not all(isinstance(value, str) for value in commitments.values()):
        raise ValueError("no leaf of version 1")
    return commitments


def _key(salt: bytes, name: str) -> bytes:
    return hmac.digest(salt, name.encode(), "sha256")


def _commitment(key: bytes, value: Any) -> str:
    return sha256(key + rfc8785.dumps(value)).hexdigest()


def _matches(commitment: str | None, field: Disclosed) -> bool:
    if commitment is None:
        return False
    try:
        return hmac.compare_digest(_commitment(field.key, field.value), commitment)
    except ValueError:
        return False
