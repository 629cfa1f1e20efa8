"""Checking the whole installation, in one pass whose memory does not grow with the ledger.

Every leaf against its hash, the tree over them against its head, its tiles, every signed checkpoint and any that somebody kept outside;
every body against its leaf; every original and every platform message against the digest recorded for it; then the projections against
what the entries say, recomputed from nothing (`bot/store/refold.py`).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.checkpoint import Key
from bot.entries import instant
from bot.ledger import TILE_BITS, Frontier, check_body, leaf_hash
from bot.named import Named
from bot.safekeeping import Backup
from bot.signed import Signed
from bot.store import ledger_rows, refold
from bot.store.database import Database
from bot.store.segments import DIGESTS
from bot.vault import Vault, sm3_of

PAGE = 1000
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to hold the ledger against: the log's public key, checkpoints kept outside, the projections too or not, the backup."""

    key: Key | None = None
    against: Sequence[str] = ()
    refold: bool = True
    backup: Backup | None = None


@dataclass(slots=True)
class Report:
    """What was looked at and what is broken, one line each; `spare` files belong to no entry (an interrupted step leaves such)."""

    entries: int = 0
    files: int = 0
    checkpoints: int = 0
    rows: int = 0
    root: str = ""
    broken: list[str] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Pass:
    """What the pass carries along."""

    report: Report
    signed: Signed
    named: Named
    frontier: Frontier = field(default_factory=Frontier)
    empty: set[int] = field(default_factory=set)  # entries without a body
    erased: set[int] = field(default_factory=set)  # entries that a tombstone names
    forgotten: set[str] = field(default_factory=set)  # digests and sources that a tombstone names
    messages: list[tuple[str, str]] = field(default_factory=list)  # source, digest: those of the page
    suspect: dict[str, str] = field(default_factory=dict)  # source → what is wrong, unless a tombstone names it
    tiles: dict[int, list[tuple[int, bytes]]] = field(default_factory=dict)


async def verify(database: Database, vault: Vault, asked: Asked | None = None, progress: Progress | None = None) -> Report:
    """One report of everything, on one snapshot of the database."""
    asked = asked or Asked()
    report = Report()
    async with database.snapshot():
        with Named() as named:
            found = Pass(report, await Signed.begin(asked.key, asked.against), named)
            await _ledger(found, progress)
            report.checkpoints = found.signed.seen
            report.broken += [line for source, line in found.suspect.items() if source not in found.forgotten]
            await _files(found, vault)
        if asked.refold:
            await _projections(found, progress)
    if asked.backup:
        async for line in asked.backup.differences(progress and (lambda what, done, _: progress(what, done))):
            report.broken.append(line)
    return report


async def _ledger(found: Pass, progress: Progress | None) -> None:
    report = found.report
    async for row in ledger_rows.rows():
        if row.index != report.entries:
            report.broken.append(f"账本第 {report.entries} 条缺失, 其后是第 {row.index} 条")
            report.entries = row.index
        hashed = leaf_hash(row.data)
        for level, number, root in found.frontier.completes(hashed):
            found.tiles.setdefault(level, []).append((number, root))
        found.frontier.append(hashed)
        if hashed != row.hash:
            report.broken.append(f"账本第 {row.index} 条: 叶子与其哈希不符")
        _entry(found, row)
        report.entries += 1
        report.broken += await found.signed.grown(found.frontier)
        if report.entries % PAGE == 0:
            await _tiles(found)
            await _messages(found)
            if progress:
                progress("条记录", report.entries)
    await _tiles(found)
    await _messages(found)
    await _head(found)


def _entry(found: Pass, row: ledger_rows.LedgerRow) -> None:
    index, broken = row.index, found.report.broken
    if row.body is None or row.salt is None:
        found.empty.add(index)  # a tombstone must name it: the leaf alone still stands in the tree
        return
    try:
        body = json.loads(row.body)
        wrong = check_body(row.data, body, row.salt)
        leaf = json.loads(row.data)
    except ValueError:
        broken.append(f"账本第 {index} 条: 内容无法读取")
        return
    name = _name(leaf["t"], body)
    if leaf["i"] != index or leaf["t"] != row.type or row.at is None or leaf["at"] != instant(row.at):
        broken.append(f"账本第 {index} 条 {name}: 序号、种类或时间与记录时不同")
    if wrong:
        broken.append(f"账本第 {index} 条 {name}: {', '.join(wrong)} 与记录时不同")
    else:
        _note(found, leaf["t"], body, name)


def _note(found: Pass, type_: str, body: dict[str, Any], name: str) -> None:
    digest = body.get(DIGESTS.get(type_, ""))
    if digest:
        sealed = type_ == "original.sealed"
        found.named.note(digest, name, sm3=body["sm3"] if sealed else None, first=not sealed)
    if type_ == "message.received":
        found.messages.append((body["source"], body["sha256"]))
    elif type_ == "content.erased":
        found.erased |= set(body["indexes"])
        found.forgotten |= {*body.get("digests", ()), *body.get("sources", ())}


def _name(type_: str, body: dict[str, object]) -> str:
    first = body.get(type_.partition(".")[0])
    return f"{type_} {first}" if first else type_


async def _tiles(found: Pass) -> None:
    """The kept inner nodes, as far as the pass has come."""
    for level, made in found.tiles.items():
        stored = await ledger_rows.tiles_by_number(level, made[0][0], made[-1][0] + 1) if made else {}
        for number, root in made:
            if stored.get(number) != root:
                first, last = number << level, ((number + 1) << level) - 1
                found.report.broken.append(f"账本第 {first} 至 {last} 条的节点哈希与其叶子不符")
        made.clear()


async def _head(found: Pass) -> None:
    report, frontier, head = found.report, found.frontier, await ledger_rows.head()
    report.root = frontier.root().hex()
    if head.size != frontier.size:
        report.broken.append(f"账本应有 {head.size} 条, 现有 {frontier.size} 条")
    elif head.root != report.root or head.frontier != frontier.to_json():
        report.broken.append("账本的树根与记录的不同")
    extra = await ledger_rows.count_tiles()
    if extra > sum(frontier.size >> level for level in range(TILE_BITS, 64, TILE_BITS)):
        report.broken.append("账本多出了不属于任何记录的节点哈希")
    if extra := await ledger_rows.bodies_beyond():
        report.broken.append(f"有 {extra} 条内容不属于账本里的任何一条")
    report.broken += await found.signed.end(frontier)
    report.broken += [f"账本第 {index} 条: 内容缺失, 而没有删除记录提到它" for index in sorted(found.empty - found.erased)]
    report.broken += [f"账本第 {index} 条: 记录为已删除, 内容却还在" for index in sorted(found.erased - found.empty)]


async def _messages(found: Pass) -> None:
    """The platforms' own messages that the page's facts were made from."""
    stored = await ledger_rows.payload_digests([source for source, _ in found.messages])
    for source, digest in found.messages:
        if source not in stored:
            found.suspect[source] = f"平台消息 {source}: 原文缺失"
        elif stored[source] != digest:
            found.suspect[source] = f"平台消息 {source}: 原文已被改动"
    found.messages.clear()


async def _files(found: Pass, vault: Vault) -> None:
    report = found.report
    for digest in vault.names():
        report.files += 1
        known = found.named.found(digest)
        if not await vault.verify(digest):
            report.broken.append(f"原件 {digest} ({known[0] if known else '未被引用'}): 内容已被改动")
        elif known is None:
            report.spare.append(digest)
        elif known[1] and sm3_of(vault.path(digest)) != known[1]:
            report.broken.append(f"原件 {digest} ({known[0]}): SM3 与记录的不同")
    absent = ((digest, who) for digest, who in found.named.absent() if digest not in found.forgotten)
    report.broken += [f"原件 {digest} ({who}): 文件缺失" for digest, who in absent]


async def _projections(found: Pass, progress: Progress | None) -> None:
    """Only of a sound ledger: what a changed entry would make of them says nothing."""
    if found.report.broken:
        return
    async with refold.recomputed(progress) as recomputed:
        async for line in recomputed.differences():
            found.report.broken.append(line)
        found.report.rows = recomputed.rows
