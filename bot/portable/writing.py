"""Writing the archive: one state of the database, the originals, the list of them all, the signature; a page at a time."""

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot import corridor, entries
from bot.dossier.packing import CHUNK, STORED
from bot.errors import SalesTraceError
from bot.line import Line
from bot.model import Draft
from bot.portable import manifest as listing
from bot.portable import tables
from bot.portable.manifest import Listed, Manifest
from bot.sealing import Sealer
from bot.store import dump, segments
from bot.store.dump import Dumped, Snapshot
from bot.store.tables import ConfigVersion

TEMPLATES = tables.WORDS.parent
SPARE = 64 << 20  # bytes that stay free on the disk
Progress = Callable[[str, int, int], None]


@dataclass(slots=True, kw_only=True)
class Made:
    """What became of it. `damaged`: originals that are no longer what they were; `manifest`: SHA-256 of the list."""

    id: str
    entries: int = 0
    originals: int = 0
    bytes: int = 0
    manifest: str = ""
    damaged: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Work:
    line: Line
    archive: zipfile.ZipFile
    at: datetime
    progress: Progress
    made: Made
    listed: list[Listed] = field(default_factory=list)


class _Into:
    """A file of the archive being written; counts what goes in. Compressing is done beside the event loop."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.bytes = 0

    async def write(self, data: bytes) -> None:
        self.digest.update(data)
        self.bytes += len(data)
        await asyncio.to_thread(self._stream.write, data)

    async def lines(self, things: Iterable[Mapping[str, Any]]) -> None:
        await self.write("".join(f"{json.dumps(one, ensure_ascii=False, separators=(',', ':'))}\n" for one in things).encode())


async def write(
    line: Line, sealer: Sealer, out: Path, by: str, progress: Progress = lambda *_: None, *, id_: str, config: str = ""
) -> Made:
    """Write the archive to `out`, whole or not at all, and note it in the ledger. Raises SalesTraceError, Unsealable among them.

    `config`: text of the config, for an installation that never ran under one.
    """
    await sealer.seal(line.database, line.clock)
    made, now = Made(id=id_), line.clock.now()
    partial = out.with_name(f".{out.name}.partial")
    await asyncio.to_thread(_room, line, out)
    try:
        with partial.open("wb") as file:
            partial.chmod(0o600)
            with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
                work = _Work(line=line, archive=archive, at=now.astimezone(line.config().zone), progress=progress, made=made)
                await _fill(work, sealer, config)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(out)
    except OSError as error:
        raise SalesTraceError(f"写不进 {out.name}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    made.bytes = out.stat().st_size
    fact = entries.export_made(id_, made.manifest, by, line.clock.now())
    async with line.database.step() as tx:
        await corridor.record(tx, Draft(entries=(fact,)), line.config(), line.clock.now(), frozenset(line.adapters))
    return made


def _room(line: Line, out: Path) -> None:
    """Raises SalesTraceError before anything is written that would not fit."""
    needed = sum(line.vault.path(digest).stat().st_size for digest in line.vault.names()) + SPARE
    free = shutil.disk_usage(out.parent).free
    if free < needed:
        raise SalesTraceError(f"磁盘空间不够: 至少要 {needed / 1e6:.0f} MB, {out.parent} 只剩 {free / 1e6:.0f} MB")


async def _fill(work: _Work, sealer: Sealer, text: str) -> None:
    config = work.line.config()
    async with dump.snapshot(work.line.database) as source:
        root = await _ledger(work, source)
        await _tables(work, source)
        await _state(work, source)
    await _configs(work, text)
    total = await _originals(work)
    texts = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False)  # noqa: S701 - plain text
    at, counts = f"{work.at:%Y-%m-%d %H:%M}", {"entries": work.made.entries, "originals": work.made.originals}
    readme = texts.get_template("README.txt.j2").render(made_at=at, timezone=config.timezone, root=root, **counts)
    await _put(work, "README.txt", readme.encode())
    data = Manifest(
        made_at=entries.instant(work.at),
        timezone=config.timezone,
        root=root,
        original_bytes=total,
        key=str(sealer.signer.key),
        backup=hashlib.sha256(config.storage.backup.encode()).hexdigest() if config.storage.backup else "",
        files=tuple(work.listed),
        **counts,
    ).dumps()
    work.made.manifest = hashlib.sha256(data).hexdigest()
    await _put(work, listing.NAME, data)
    await _put(work, listing.SIGNATURE, listing.signed(data, sealer.signer).encode())


@asynccontextmanager
async def _into(work: _Work, path: str) -> AsyncIterator[_Into]:
    info = zipfile.ZipInfo(path, work.at.timetuple()[:6])
    info.compress_type = zipfile.ZIP_STORED if Path(path).suffix.lower() in STORED else zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    with work.archive.open(info, "w", force_zip64=True) as stream:
        yield _Into(stream)


def _note(work: _Work, path: str, written: _Into, rows: int | None = None) -> None:
    work.listed.append(Listed(path=path, bytes=written.bytes, sha256=written.digest.hexdigest(), rows=rows))


async def _put(work: _Work, path: str, data: bytes) -> None:
    async with _into(work, path) as into:
        await into.write(data)
    _note(work, path, into)


async def _ledger(work: _Work, source: Snapshot) -> str:
    """The entries, then what was signed over them; returns the root."""
    [(size, root)] = [row async for page in source.pages('SELECT "size", "root" FROM "ledger_head"') for row in page]
    done = 0
    async with _into(work, listing.ENTRIES) as into:
        async for page in source.pages(dump.ENTRIES):
            await into.lines(_entry(*row) for row in page)
            done += len(page)
            work.progress("条记录", done, size)
    _note(work, listing.ENTRIES, into, done)
    work.made.entries, rows = done, 0
    async with _into(work, listing.CHECKPOINTS) as into:
        async for page in source.pages(dump.CHECKPOINTS):
            await into.lines(segments.checkpoint_line(*row) for row in page)
            rows += len(page)
        async for page in source.pages(dump.STAMPS):
            await into.lines(segments.stamp_line(number, tsa, at, bytes(token)) for number, tsa, at, token in page)
            rows += len(page)
    _note(work, listing.CHECKPOINTS, into, rows)
    return str(root)


def _entry(index: int, data: bytes, type_: str | None, at: int | None, body: str | None, salt: bytes | None) -> dict[str, Any]:
    return segments.entry_line(index, bytes(data), type_ or "", at, body, bytes(salt) if salt else None)


async def _tables(work: _Work, source: Snapshot) -> None:
    """For people. Nothing reads them back: they follow from the ledger."""
    zone, told = work.line.config().zone, dump.folded()
    for number, table in enumerate(told):
        work.progress("张表", number, len(told))
        path, rows = f"{listing.TABLES}{table.name}.csv", 0
        async with _into(work, path) as into:
            await into.write(tables.header(table))
            async for page in source.pages(table.sql(postgres=not work.line.database.sqlite)):
                await into.write(tables.page(table, page, zone))
                rows += len(page)
        _note(work, path, into, rows)
    await _put(work, f"{listing.TABLES}columns.csv", tables.guide(told))


async def _state(work: _Work, source: Snapshot) -> None:
    """What no ledger tells."""
    for table in dump.state():
        await _one_state(work, source, table)


async def _one_state(work: _Work, source: Snapshot, table: Dumped) -> None:
    path, rows = f"{listing.STATE}{table.name}.jsonl", 0
    async with _into(work, path) as into:
        async for page in source.pages(table.sql(postgres=not work.line.database.sqlite)):
            await into.lines(table.plain(row) for row in page)
            rows += len(page)
            work.progress(f"行 {table.name}", rows, rows)
    _note(work, path, into, rows)


async def _configs(work: _Work, text: str) -> None:
    """The one in force under its own name; every one that ever was by its number."""
    latest: ConfigVersion | None = None
    for version in await ConfigVersion.all().order_by("id").only("id"):
        latest = await ConfigVersion.get(id=version.id)
        await _put(work, f"config/versions/{latest.id:06d}.toml", latest.text.encode())
    await _put(work, listing.CONFIG, (latest.text if latest else text).encode())


async def _originals(work: _Work) -> int:
    """Each under its digest; the list of them after them. Returns their bytes."""
    vault, total = work.line.vault, 0
    digests = await asyncio.to_thread(lambda: sum(1 for _ in vault.names()))
    with tempfile.TemporaryFile() as listed:
        for number, digest in enumerate(vault.names(), 1):
            copied = await asyncio.to_thread(_copy, work, digest, vault.path(digest))
            if copied is None:
                continue  # erased meanwhile
            size, whole = copied
            told: dict[str, Any] = {"sha256": digest, "bytes": size} if whole else {"sha256": digest, "bytes": size, "damaged": True}
            listed.write(json.dumps(told).encode() + b"\n")
            work.made.originals += 1
            work.made.damaged += [] if whole else [digest]
            total += size
            if number % 20 == 0 or number == digests:
                work.progress("个原件", number, max(digests, number))
        listed.seek(0)
        async with _into(work, listing.FILES) as into:
            while chunk := listed.read(CHUNK):
                await into.write(chunk)
    _note(work, listing.FILES, into, work.made.originals)
    return total


def _copy(work: _Work, digest: str, path: Path) -> tuple[int, bool] | None:
    """Size, and whether it is still itself."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    info = zipfile.ZipInfo(f"{listing.ORIGINALS}{digest[:2]}/{digest}", work.at.timetuple()[:6])
    info.external_attr = 0o600 << 16  # stored as they are: photos and voices are compressed already
    hashed, size = hashlib.sha256(), 0
    with file, work.archive.open(info, "w", force_zip64=True) as into:
        while chunk := file.read(CHUNK):
            hashed.update(chunk)
            size += len(chunk)
            into.write(chunk)
    return size, hashed.hexdigest() == digest


def told(made: Made) -> Sequence[str]:
    """Lines for the terminal."""
    lines = [f"{made.entries} 条记录, {made.originals} 个原件, {made.bytes / 1e6:.1f} MB, 编号 {made.id}"]
    return [*lines, *(f"提示: 原件 {digest} 已损坏, 清单里已注明" for digest in made.damaged)]
