"""Proofs from the stored tree: every node is read from at most 256 leaf hashes or tiles, whatever the size."""

from bot.ledger import TILE_BITS, Proof, Range, consistency_ranges, inclusion_ranges, node_hash, perfect, root_of
from bot.store import ledger_rows


async def inclusion(index: int, size: int) -> Proof:
    """Audit path of leaf `index` in the tree of the first `size` leaves. Raises ValueError outside it."""
    return tuple([await _root(part) for part in inclusion_ranges(index, size)])


async def consistency(first: int, second: int) -> Proof:
    """Proof that the tree of `first` leaves begins that of `second`. Raises ValueError unless 0 < first ≤ second."""
    return tuple([await _root(part) for part in consistency_ranges(first, second)])


async def root_at(size: int) -> bytes:
    """Root of the first `size` leaves."""
    return await _root((0, size)) if size else root_of(())


async def _root(part: Range) -> bytes:
    nodes = [await _perfect(bits, start) for bits, start in perfect(*part)]
    root = nodes.pop()
    for node in reversed(nodes):
        root = node_hash(node, root)
    return root


async def _perfect(bits: int, start: int) -> bytes:
    level = bits - bits % TILE_BITS
    end = start + (1 << bits)
    if level:
        found = await ledger_rows.tiles(level, start >> level, end >> level)
    else:
        found = await ledger_rows.hashes(start, end)
    if len(found) != 1 << (bits - level):
        raise ValueError("the tree has a hole")
    return root_of(found)
