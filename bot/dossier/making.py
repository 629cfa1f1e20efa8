"""Making a dossier: choose, pack, commit to the list in the ledger, have it signed and stamped, and only then prove every entry."""

import asyncio
import hashlib
import json
import mimetypes
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import rfc8785

from bot import corridor, entries
from bot.checkpoint import write_proof
from bot.config.schema import Config
from bot.dossier import kit, readable
from bot.dossier.packing import Packing, entry_file, listed_entry
from bot.dossier.selection import Chosen, Selection, digests
from bot.errors import SalesTraceError
from bot.ids import new_id
from bot.line import Line
from bot.model import Draft, Reason
from bot.ports import PhotoCopies
from bot.receipt import receipt
from bot.sealing import Sealer
from bot.store import checkpoint_rows, dossier_reading, ledger_rows, signings
from bot.store.proofs import Tree
from bot.store.tables import CheckpointRow

WITHOUT = {"photos": "照片", "voices": "语音", "phones": "电话号码"}
KINDS = {"photos": "photo", "voices": "voice"}
TOLD = {"phones": ("contact.added", "card.sent"), "voices": ("evidence.edited",)}  # facts whose message holds what is withheld
FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {  # of entries, that hold it too
    "phones": {"contact.added": ("phone",), "master.set": ("phone",), "card.read": ("phone",)},
    "voices": {"evidence.added": ("told",), "evidence.heard": ("text", "spans", "marks"), "evidence.edited": ("text", "marks")},
}
OLDER = 400  # checkpoints that others may hold, for which a proof is packed
Progress = Callable[[str, int, int], None]


class Stamps(Protocol):
    """Timestamps a checkpoint at every authority configured; what was got, by name, is kept."""

    async def stamp(self, size: int, note: str) -> Mapping[str, bytes]:
        """Tokens by the authority's name; an authority that does not answer is left out and logged."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Whose dossier, of when, without what (names of WITHOUT), and who asked for it."""

    customer: str
    by: str
    since: datetime | None = None
    until: datetime | None = None
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What making needs beside the line."""

    line: Line
    sealer: Sealer
    word: Callable[[Reason], str]
    copies: PhotoCopies
    stamps: Stamps


@dataclass(slots=True, kw_only=True)
class Made:
    """What became of it."""

    id: str
    entries: int = 0
    files: int = 0
    bytes: int = 0
    stamps: tuple[str, ...] = ()
    missing: list[str] = field(default_factory=list)  # originals that the vault no longer holds


@dataclass(slots=True, kw_only=True)
class _Work:
    request: Request
    tools: Tools
    packing: Packing
    chosen: Chosen
    made: Made
    progress: Progress
    withheld: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        return self.tools.line.config()


async def make(tools: Tools, request: Request, out: Path, progress: Progress = lambda *_: None, *, id_: str = "") -> Made:
    """Write the archive to `out`, whole or not at all. Raises SalesTraceError, Unsealable among them."""
    line, now = tools.line, tools.line.clock.now()
    progress("选取记录", 0, 1)
    chosen = await Selection(request.customer, request.since, request.until).run()
    made = Made(id=id_ or new_id("do_", now, f"{request.customer}|{request.by}"))
    partial = out.with_name(f".{out.name}.partial")
    try:
        with partial.open("wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                packing = Packing(archive, now.astimezone(line.config().zone))
                await _fill(_Work(request=request, tools=tools, packing=packing, chosen=chosen, made=made, progress=progress), now)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(out)
    except OSError as error:
        raise SalesTraceError(f"取证包写不进 {out.name}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    made.bytes = out.stat().st_size
    return made


async def _fill(work: _Work, now: datetime) -> None:
    _withhold(work)
    await _originals(work)
    await _messages(work)
    await _readable(work, now)
    await _entries(work)
    manifest = await _manifest(work, now)
    checkpoint = await _committed(work, manifest, now)
    await _proofs(work, checkpoint)
    await _witnesses(work, checkpoint)
    work.made.files = len(work.packing.sums) + 1
    work.packing.finish()


def _withhold(work: _Work) -> None:
    """Which digests stay behind, and why; entries that name them are packed all the same."""
    for name in sorted(work.request.without):
        why = f"{WITHOUT[name]}不随本份提供"
        if name in KINDS:
            named = {body["sha256"] for _, body in work.chosen.of("evidence.added") if body["kind"] == KINDS[name] and body["sha256"]}
            derived = {body["sha256"] for _, body in work.chosen.of("evidence.derived") if body.get("of") in named}
            work.withheld |= dict.fromkeys(named | derived, why)
        if name == "phones":  # they stand on business cards too
            cards = {body["evidence"] for _, body in work.chosen.of("card.sent")}
            shown = {body["sha256"] for _, body in work.chosen.of("evidence.added") if body["evidence"] in cards and body["sha256"]}
            work.withheld |= dict.fromkeys(shown, why)
        told = {work.chosen.told_by.get(index) for index, _ in work.chosen.of(*TOLD.get(name, ()))}
        work.withheld |= {body["sha256"]: why for index, body in work.chosen.of("message.received") if index in told}


async def _originals(work: _Work) -> None:
    wanted: dict[str, tuple[str, str]] = {}
    for type_, kind in (("evidence.added", "original"), ("evidence.derived", "derived")):
        for _, body in work.chosen.of(type_):
            if body["sha256"] and body["sha256"] not in work.withheld:
                wanted.setdefault(body["sha256"], (kind, str(body.get("mime") or "")))
    for done, (digest, (kind, mime)) in enumerate(wanted.items()):
        work.progress("原件", done, len(wanted))
        path = work.tools.line.vault.path(digest)
        if not path.is_file():
            work.made.missing.append(digest)
            work.withheld[digest] = "原件已不在库中"
            continue
        folder = "originals" if kind == "original" else "derived"
        await asyncio.to_thread(work.packing.copy, f"{folder}/{digest}{_suffix(mime)}", path, kind)
    for digest in digests((body for _, body in work.chosen.of("original.sealed")), "original") - wanted.keys() - work.withheld.keys():
        work.withheld[digest] = "同一条消息里不属于本客户的文件"


def _suffix(mime: str) -> str:
    return {"audio/amr": ".amr", "image/jpeg": ".jpg", "audio/ogg": ".ogg"}.get(mime) or mimetypes.guess_extension(mime) or ""


async def _messages(work: _Work) -> None:
    named = {body["source"]: body["sha256"] for _, body in work.chosen.of("message.received")}
    wanted = {source: digest for source, digest in named.items() if digest not in work.withheld}
    payloads = await dossier_reading.payloads(list(wanted))
    for number, (source, digest) in enumerate(wanted.items(), 1):
        if digest in work.packing.sums.values():
            continue
        if source not in payloads:
            work.withheld[digest] = "平台消息原文已删除"
            continue
        text = payloads[source]
        ending = ".json" if text.lstrip()[:1] in (b"{", b"[") else ".xml" if text.lstrip()[:1] == b"<" else ".txt"
        work.packing.add(f"messages/{number:04d}-{source.partition(':')[0]}{ending}", text, "message")


async def _readable(work: _Work, now: datetime) -> None:
    work.progress("目录", 0, 1)
    request, tools = work.request, work.tools
    seen = await dossier_reading.story(request.customer, request.since, request.until)
    story = readable.Story(
        dossier=work.made.id,
        customer=seen.customer,
        address=seen.address,
        made_at=now,
        since=request.since,
        until=request.until,
        key=str(tools.sealer.signer.key),
        actions=seen.actions,
        names=seen.names,
        checks=seen.checks,
        sites=seen.sites,
        second=seen.second,
        hidden=frozenset(work.withheld),
        withheld=sorted(set(work.withheld.values())),
        indexes=seen.indexes,
    )
    work.packing.add("index.pdf", await readable.pdf(story, work.config, tools.word, tools.line.vault, tools.copies), "readable")
    await _receipts(work)
    for name, data in kit.files(story.customer, story.key).items():
        work.packing.add(name, data, "tool")


async def _receipts(work: _Work) -> None:
    """Of every signature whose picture is packed."""
    line = work.tools.line
    for _, body in work.chosen.of("signature.given"):
        signing = await signings.by_id(body["signature"])
        if signing and body["picture"] not in work.withheld and line.vault.path(body["picture"]).is_file():
            work.packing.add(f"receipts/{signing.id}.pdf", await receipt(signing, work.config, line.vault), "readable")


async def _entries(work: _Work) -> None:
    rows = await dossier_reading.rows(list(work.chosen.entries))
    for done, index in enumerate(work.chosen.entries):
        if done % 20 == 0:
            work.progress("记录", done, len(work.chosen.entries))
            await asyncio.sleep(0)  # beside a serving bot nobody's message waits for a dossier
        leaf, body, salt = rows[index]
        type_ = work.chosen.entries[index].type
        hidden = [field for name in work.request.without for field in FIELDS.get(name, {}).get(type_, ())]
        work.packing.add(f"entries/{index:08d}.json", entry_file(leaf, body, salt, hidden))
        work.made.entries += 1


async def _manifest(work: _Work, now: datetime) -> str:
    rows = await dossier_reading.rows(list(work.chosen.entries))
    request = work.request
    manifest: dict[str, Any] = {
        "version": 1,
        "dossier": work.made.id,
        "origin": work.tools.sealer.signer.key.name,
        "customer": request.customer,
        "since": entries.instant(request.since) if request.since else None,
        "until": entries.instant(request.until) if request.until else None,
        "made_at": entries.instant(now),
        "entries": [listed_entry(index, rows[index][0]) for index in work.chosen.entries],
        "files": [asdict(one) for one in work.packing.files],
        "withheld": [{"sha256": digest, "why": why} for digest, why in sorted(work.withheld.items())],
    }
    return work.packing.add("manifest.json", rfc8785.dumps(manifest))


async def _committed(work: _Work, manifest: str, now: datetime) -> CheckpointRow:
    """Commit to the list in the ledger and have the head signed over it."""
    line, request = work.tools.line, work.request
    fact = entries.dossier_made(work.made.id, request.customer, manifest, sorted(request.without), request.by, now)
    async with line.database.step() as tx:
        await corridor.record(tx, Draft(entries=(fact,)), line.config(), now, frozenset(line.adapters))
        index = (await ledger_rows.head()).size - 1
    await work.tools.sealer.seal(line.database, line.clock)
    checkpoint = await checkpoint_rows.first_covering(index)
    if checkpoint is None:
        raise SalesTraceError("账本还没有签署, 请稍后再试")
    leaf, body, salt = (await dossier_reading.rows([index]))[index]
    work.packing.add("entries/made.json", entry_file(leaf, body, salt))
    work.packing.add("proofs/made.tlog-proof", (await _proof(Tree(), index, checkpoint)).encode())
    return checkpoint


async def _proof(tree: Tree, index: int, checkpoint: CheckpointRow) -> str:
    return write_proof(index, await tree.inclusion(index, checkpoint.size), checkpoint.note)


async def _proofs(work: _Work, checkpoint: CheckpointRow) -> None:
    tree = Tree()
    for done, index in enumerate(work.chosen.entries):
        if done % 100 == 0:
            work.progress("证明", done, len(work.chosen.entries))
        work.packing.add(f"proofs/{index:08d}.tlog-proof", (await _proof(tree, index, checkpoint)).encode())
    for older in await checkpoint_rows.shown(checkpoint.size, OLDER):
        path = list(await tree.consistency(older.size, checkpoint.size))
        packed = {"checkpoint": older.note, "path": [kit.base64_of(hashed) for hashed in path]}
        work.packing.add(f"consistency/{older.size}.json", json.dumps(packed, ensure_ascii=False, indent=1).encode())


async def _witnesses(work: _Work, checkpoint: CheckpointRow) -> None:
    note = checkpoint.note.encode()
    work.packing.add("checkpoint.txt", note)
    work.packing.add("ledger.key", f"{work.tools.sealer.signer.key}\n".encode())
    work.progress("时间戳", 0, 1)
    tokens = await work.tools.stamps.stamp(checkpoint.size, checkpoint.note)
    for name, token in tokens.items():
        work.packing.add(f"timestamps/{name}.tsr", token)
        words = f"{name}: 为 checkpoint.txt (SHA-256 {hashlib.sha256(note).hexdigest()}) 盖的 RFC 3161 时间戳\n"
        work.packing.add(f"timestamps/{name}.txt", words.encode())
    work.made.stamps = tuple(tokens)
