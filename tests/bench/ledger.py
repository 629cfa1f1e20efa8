"""Appending to the ledger's tree against a bare hash chain, whole leaves, and what sealing costs of a message's way."""

from collections.abc import Callable
from hashlib import sha256
from time import process_time

from bot import entries
from bot.ledger import Frontier, make_leaf
from tests.bench.callbacks import CLOCK
from tests.bench.figures import Figure, Plan, figure, ratios

LEAF = b"x" * 200


def measure(plan: Plan) -> list[Figure]:
    count = 2_000 if plan.quick else 100_000
    tree, chain, leaves = [], [], []
    for _ in range(plan.rounds):
        tree.append(_rate(_append, count))
        chain.append(_rate(_chain, count))
        leaves.append(_rate(_leaves, count // 20))
    return [
        ratios("账本 Merkle 树追加 ÷ 纯哈希链，每 CPU 秒", tree, chain, at_least=0.5),
        figure("账本 Merkle 树追加", tree, "条/CPU 秒"),
        figure("账本 整条记录（加盐承诺、RFC 8785、叶子哈希）", leaves, "条/CPU 秒"),
    ]


def _rate(work: Callable[[int], None], count: int) -> float:
    since = process_time()
    work(count)
    return count / (process_time() - since)


def _append(count: int) -> None:
    Frontier().extend(sha256(b"\x00" + LEAF).digest() for _ in range(count))


def _chain(count: int) -> None:
    link = b"\0" * 32
    for _ in range(count):
        link = sha256(link + LEAF).digest()


def _leaves(count: int) -> None:
    entry = entries.record_viewed("a_01BENCH", "E001", CLOCK.now(), "page")
    frontier, salt = Frontier(), b"s" * 32
    for index in range(count):
        frontier.append(make_leaf(entry, index=index, at_ms=1_795_413_600_000, salt=salt).hash)
