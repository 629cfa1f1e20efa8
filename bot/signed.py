"""Holding the ledger's tree, as it grows in a pass, against every signed checkpoint: ours, and those that others kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.checkpoint import BadNote, Checkpoint, Key, parse, verify
from bot.ledger import Frontier
from bot.store import checkpoint_rows
from bot.store.tables import CheckpointRow

PAGE = 1000
UNSIGNED = {
    "another log": "是另一个账本的",
    "not signed by this key": "不是由本账本的密钥签署的 (密钥被换过, 或不是这个账本)",
    "the signature does not hold": "签名不成立",
    "no checkpoint": "不是检查点",
}


@dataclass(slots=True)
class Signed:
    """Checkpoints ahead of the pass, nearest first; `seen` counts those passed."""

    key: Key | None
    outside: list[Checkpoint]
    broken: list[str]
    ours: list[CheckpointRow] = field(default_factory=list)
    seen: int = 0

    @classmethod
    async def begin(cls, key: Key | None, against: Sequence[str]) -> "Signed":
        """`against`: notes that others kept; one that cannot be used is broken at once."""
        outside, broken = [], []
        for note in against:
            try:
                outside.append(verify(note, key) if key else parse(note))
            except BadNote as problem:
                broken.append(f"对照的检查点: {UNSIGNED.get(str(problem), '无法读取')}")
        signed = cls(key, sorted(outside, key=lambda one: one.size), broken)
        await signed._fill(-1)
        return signed

    async def _fill(self, after: int) -> None:
        self.ours = await checkpoint_rows.page(after, PAGE)

    async def grown(self, frontier: Frontier) -> list[str]:
        """What is wrong with the checkpoints of exactly this size."""
        broken: list[str] = []
        while self.ours and self.ours[0].size <= frontier.size:
            row = self.ours.pop(0)
            self.seen += 1
            broken += self._ours(row, frontier)
            if not self.ours:
                await self._fill(row.size)
        while self.outside and self.outside[0].size <= frontier.size:
            kept = self.outside.pop(0)
            if kept.size != frontier.size or kept.root != frontier.root():
                broken.append(f"账本前 {kept.size} 条与对照的检查点不符: 那之后有记录被改写、删除或另起了一份")
        return broken

    def _ours(self, row: CheckpointRow, frontier: Frontier) -> list[str]:
        root = frontier.root()
        if row.size != frontier.size or row.root != root.hex() or row.frontier != frontier.to_json():
            return [f"第 {row.size} 条处的检查点与账本不符"]
        try:
            stated = verify(row.note, self.key) if self.key else parse(row.note)
        except BadNote as problem:
            return [f"第 {row.size} 条处的检查点{UNSIGNED.get(str(problem), '无法读取')}"]
        return [] if (stated.size, stated.root) == (row.size, root) else [f"第 {row.size} 条处的检查点与其签名的内容不符"]

    async def end(self, frontier: Frontier) -> list[str]:
        """What lies beyond the tree's end."""
        broken, self.broken = self.broken, []
        while self.ours:
            broken += [f"第 {row.size} 条处有检查点, 账本却只有 {frontier.size} 条" for row in self.ours]
            await self._fill(self.ours[-1].size)
        broken += [f"对照的检查点有 {kept.size} 条, 账本却只有 {frontier.size} 条: 末尾被截去" for kept in self.outside]
        return broken
