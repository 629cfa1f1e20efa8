"""核验 of one record: its entries against their leaves, the leaves against the tree and its signed checkpoint, files and platform
messages against the digests recorded for them, and the page's figures against what the ledger says. Everything is computed anew."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from bot.checkpoint import BadNote, Key, parse, verify
from bot.ledger import Proof, check_body, leaf_hash, verify_inclusion
from bot.model import Json
from bot.store import checkpoint_rows, trail
from bot.store.database import Database
from bot.store.ledger_rows import LedgerRow
from bot.store.proofs import Tree
from bot.store.trail import Trail
from bot.vault import Vault, sm3_of

JUDGED = ("state", "tier", "reasons", "point", "device", "distance_m", "battery", "kind")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `code` says what and how it came out, `values` which; words are in `templates/page/record/proof`."""

    code: str
    ok: bool
    values: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """`index`, `leaf` and `path` prove the record's first entry in the tree of `size` leaves under `root`; `note`: the first signed
    checkpoint that covers it, "" where there is none yet."""

    findings: tuple[Finding, ...]
    index: int
    leaf: bytes
    path: Proof
    size: int
    root: str
    note: str = ""
    signed_at: datetime | None = None

    @property
    def intact(self) -> bool:
        return all(one.ok for one in self.findings)


async def prove(database: Database, vault: Vault, key: Key | None, id_: str) -> Proven | None:
    """None for what is no action. `key`: the public key that checkpoints must be signed with; None = signatures are not looked at."""
    async with database.snapshot():  # an entry that comes in between would make rows and entries differ
        found = await trail.trail_of(id_)
    if found is None:
        return None
    tree = Tree()
    bodies = {row.index: _body(row) for row in found.entries}
    findings = [*_entries(found, bodies), *await _tree(found, tree)]
    findings += [*await _originals(found, vault, bodies), *await _messages(found, bodies), *_shown(found, bodies)]
    index, note = found.action.ledger_index, ""
    checkpoint = await checkpoint_rows.first_covering(index)
    if checkpoint:
        note = checkpoint.note
        findings.append(await _checkpoint(note, key, index, found, tree))
    else:
        findings.append(Finding("checkpoint.none", ok=True))
    leaf = next((row.data for row in found.entries if row.index == index), b"")
    return Proven(
        findings=tuple(findings),
        index=index,
        leaf=leaf,
        path=await _path(tree, index, found.size) or (),
        size=found.size,
        root=found.root.hex(),
        note=note,
        signed_at=checkpoint.at if checkpoint else None,
    )


def _body(row: LedgerRow) -> dict[str, Any] | None:
    """None for an entry that was erased, or whose content cannot be read."""
    try:
        body = json.loads(row.body) if row.body else None
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _entries(found: Trail, bodies: dict[int, dict[str, Any] | None]) -> Iterator[Finding]:
    """Every field of every entry against the commitment in its leaf."""
    sound = 0
    for row in found.entries:
        body, about = bodies[row.index], {"index": row.index, "type": row.type}
        if row.body is None or row.salt is None:
            yield Finding("entry.gone", ok=False, values=about)
        elif leaf_hash(row.data) != row.hash:
            yield Finding("entry.leaf", ok=False, values=about)
        elif body is None:
            yield Finding("entry.fields", ok=False, values=about | {"fields": []})
        elif wrong := _wrong(row, body, row.salt):
            yield Finding("entry.fields", ok=False, values=about | {"fields": wrong})
        else:
            sound += 1
    if sound:
        yield Finding("entries", ok=True, values={"count": sound, "first": found.first, "last": found.last})
    missing = {found.action.ledger_index, *(item.ledger_index for item in found.items)} - {row.index for row in found.entries}
    for index in sorted(missing):
        yield Finding("entry.lost", ok=False, values={"index": index})


def _wrong(row: LedgerRow, body: Json, salt: bytes) -> list[str]:
    try:
        return check_body(row.data, body, salt)
    except ValueError:
        return sorted(body)


async def _tree(found: Trail, tree: Tree) -> list[Finding]:
    """Every leaf as it lies there now, in the tree whose root the next entry builds on."""
    outside = []
    for row in found.entries:
        path = await _path(tree, row.index, found.size)
        if path is None or not verify_inclusion(leaf_hash(row.data), row.index, found.size, path, found.root):
            outside.append(row.index)
    if outside:
        return [Finding("tree.broken", ok=False, values={"indexes": outside})]
    return [Finding("tree", ok=True, values={"size": found.size, "root": found.root.hex()})]


async def _path(tree: Tree, index: int, size: int) -> Proof | None:
    try:
        return await tree.inclusion(index, size)
    except ValueError:  # outside of it, or the tree has a hole
        return None


async def _checkpoint(note: str, key: Key | None, index: int, found: Trail, tree: Tree) -> Finding:
    try:
        stated = verify(note, key) if key else parse(note)
    except BadNote:
        return Finding("checkpoint.unsigned", ok=False)
    leaf = next((row.data for row in found.entries if row.index == index), b"")
    path = await _path(tree, index, stated.size)
    ok = path is not None and verify_inclusion(leaf_hash(leaf), index, stated.size, path, stated.root)
    return Finding("checkpoint" if ok else "checkpoint.broken", ok=ok, values={"size": stated.size, "signed": key is not None})


async def _originals(found: Trail, vault: Vault, bodies: dict[int, dict[str, Any] | None]) -> list[Finding]:
    """Files against what the entries say of them, not against the tables."""
    second = {body["original"]: body["sm3"] for body in bodies.values() if body and "original" in body and "sm3" in body}
    told = []
    for row in found.entries:
        body = bodies[row.index]
        if body and row.type in {"evidence.added", "evidence.derived"} and body.get("sha256"):
            told.append(await _original(vault, row.type, body, second))
    return told


async def _original(vault: Vault, type_: str, body: dict[str, Any], second: dict[str, str]) -> Finding:
    what = "copy" if type_ == "evidence.derived" else "original"
    digest = str(body["sha256"])
    values = {"evidence": body["evidence"], "kind": body["kind"], "sha256": digest}
    path = vault.path(digest)
    if not path.is_file():
        return Finding(f"{what}.missing", ok=False, values=values)
    if not await vault.verify(digest):
        now = await asyncio.to_thread(lambda: sha256(path.read_bytes()).hexdigest())
        return Finding(f"{what}.changed", ok=False, values=values | {"now": now})
    expected = second.get(digest)
    if expected and await asyncio.to_thread(sm3_of, path) != expected:
        return Finding(f"{what}.changed", ok=False, values=values | {"now": digest})
    return Finding(what, ok=True, values=values | {"sm3": bool(expected)})


async def _messages(found: Trail, bodies: dict[int, dict[str, Any] | None]) -> list[Finding]:
    """The platforms' own bytes."""
    kept = {one.source: one.payload for one in await trail.messages(found.sources)}
    told = []
    for row in found.entries:
        body = bodies[row.index]
        if not body or row.type != "message.received" or body["source"] not in found.sources:
            continue
        payload = kept.get(body["source"])
        values = {"source": body["source"]}
        if not payload:
            told.append(Finding("message.missing", ok=False, values=values))
        else:
            ok = sha256(payload).hexdigest() == body["sha256"]
            told.append(Finding("message" if ok else "message.changed", ok=ok, values=values))
    return told


def _shown(found: Trail, bodies: dict[int, dict[str, Any] | None]) -> Iterator[Finding]:
    """What the page shows against the latest entries; only where all of them were looked through."""
    if found.last < found.size:
        return
    said: dict[str, dict[str, Any]] = {id_: {} for id_ in (found.action.id, *(item.id for item in found.items))}
    for row in found.entries:
        body = bodies[row.index] or {}
        if row.type == "action.judged":
            said[found.action.id] |= {name: body[name] for name in JUDGED if name in body}
        elif row.type == "action.corrected":
            said[found.action.id] |= {name: body[name] for name in ("stage", "kind") if name in body}
        elif row.type in {"evidence.added", "evidence.judged"} and body.get("evidence") in said:
            said[body["evidence"]] |= {name: body[name] for name in ("state", "reasons", "sha256", "action") if name in body}
    wrong = [name for name, value in said[found.action.id].items() if getattr(found.action, name) != value]
    wrong += [f"{item.id} {name}" for item in found.items for name, value in said[item.id].items() if getattr(item, name) != value]
    yield Finding("shown.changed", ok=False, values={"fields": wrong}) if wrong else Finding("shown", ok=True)
