"""Checking the whole installation: every leaf, the tree over them, every body against its leaf, every original against its name."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.ledger import Frontier, check_body, leaf_hash
from bot.store import ledger_rows
from bot.vault import Vault

ORIGINALS = ("evidence.added", "import.done")


@dataclass(slots=True)
class Report:
    """What was looked at and what is broken, one line each; `spare` files belong to no entry (an interrupted step leaves such)."""

    entries: int = 0
    files: int = 0
    root: str = ""
    broken: list[str] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)


async def verify(vault: Vault, progress: Callable[[int], None] | None = None) -> Report:
    """One pass over the ledger and the vault; memory holds the digests named, not the entries."""
    report = Report()
    named: dict[str, str] = {}
    frontier = Frontier()
    async for row in ledger_rows.rows():
        if row.index != report.entries:
            report.broken.append(f"账本第 {report.entries} 条缺失, 其后是第 {row.index} 条")
            report.entries = row.index
        frontier.append(leaf_hash(row.data))
        if leaf_hash(row.data) != row.hash:
            report.broken.append(f"账本第 {row.index} 条: 叶子与其哈希不符")
        _check(report, named, row)
        report.entries += 1
        if progress and report.entries % 5000 == 0:
            progress(report.entries)
    await _head(report, frontier)
    await _files(report, named, vault)
    return report


def _check(report: Report, named: dict[str, str], row: ledger_rows.LedgerRow) -> None:
    index, data = row.index, row.data
    if row.body is None or row.salt is None:
        return  # erased on purpose: the leaf alone still stands in the tree
    try:
        parsed = json.loads(row.body)
        wrong = check_body(data, parsed, row.salt)
    except ValueError:
        report.broken.append(f"账本第 {index} 条: 内容无法读取")
        return
    leaf = json.loads(data)
    name = _name(leaf["t"], parsed)
    if leaf["i"] != index or leaf["t"] != row.type:
        report.broken.append(f"账本第 {index} 条 {name}: 序号或种类与记录时不同")
    if wrong:
        report.broken.append(f"账本第 {index} 条 {name}: {', '.join(wrong)} 与记录时不同")
    if parsed.get("sha256") and leaf["t"] in ORIGINALS:
        named[parsed["sha256"]] = name


def _name(type_: str, body: dict[str, object]) -> str:
    first = body.get(type_.partition(".")[0])
    return f"{type_} {first}" if first else type_


async def _head(report: Report, frontier: Frontier) -> None:
    head = await ledger_rows.head()
    report.root = frontier.root().hex()
    if head.size != frontier.size:
        report.broken.append(f"账本应有 {head.size} 条, 现有 {frontier.size} 条")
    elif head.root != report.root:
        report.broken.append("账本的树根与记录的不同")


async def _files(report: Report, named: dict[str, str], vault: Vault) -> None:
    present = set()
    for digest in vault.names():
        present.add(digest)
        report.files += 1
        if not await vault.verify(digest):
            report.broken.append(f"原件 {digest} ({named.get(digest, '未被引用')}): 内容已被改动")
        elif digest not in named:
            report.spare.append(digest)
    report.broken += [f"原件 {digest} ({name}): 文件缺失" for digest, name in named.items() if digest not in present]
