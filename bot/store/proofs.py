"""Proofs from the stored tree: every node is read from at most 256 leaf hashes or tiles, whatever the size."""

from bot.ledger import TILE_BITS, Proof, Range, consistency_ranges, inclusion_ranges, node_hash, perfect, root_of
from bot.store import ledger_rows


class Tree:
    """The stored tree. What was read is kept: the proofs of one dossier share most of their nodes."""

    def __init__(self) -> None:
        self._blocks: dict[tuple[int, int], list[bytes]] = {}
        self._nodes: dict[tuple[int, int], bytes] = {}

    async def inclusion(self, index: int, size: int) -> Proof:
        """Audit path of leaf `index` in the tree of the first `size` leaves. Raises ValueError outside it."""
        return tuple([await self._root(part) for part in inclusion_ranges(index, size)])

    async def consistency(self, first: int, second: int) -> Proof:
        """Proof that the tree of `first` leaves begins that of `second`. Raises ValueError unless 0 < first ≤ second."""
        return tuple([await self._root(part) for part in consistency_ranges(first, second)])

    async def root_at(self, size: int) -> bytes:
        """Root of the first `size` leaves."""
        return await self._root((0, size)) if size else root_of(())

    async def _root(self, part: Range) -> bytes:
        nodes = [await self._perfect(bits, start) for bits, start in perfect(*part)]
        root = nodes.pop()
        for node in reversed(nodes):
            root = node_hash(node, root)
        return root

    async def _perfect(self, bits: int, start: int) -> bytes:
        known = self._nodes.get((bits, start))
        if known is None:
            level = bits - bits % TILE_BITS
            first, count = start >> level, 1 << (bits - level)
            block = await self._block(level, first >> TILE_BITS)
            offset = first & ((1 << TILE_BITS) - 1)
            found = block[offset : offset + count]
            if len(found) != count:
                raise ValueError("the tree has a hole")
            known = self._nodes[bits, start] = root_of(found)
        return known

    async def _block(self, level: int, number: int) -> list[bytes]:
        known = self._blocks.get((level, number))
        if known is None:
            start, end = number << TILE_BITS, (number + 1) << TILE_BITS
            known = await (ledger_rows.tiles(level, start, end) if level else ledger_rows.hashes(start, end))
            self._blocks[level, number] = known
        return known
