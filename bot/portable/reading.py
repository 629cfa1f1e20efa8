"""Reading an archive into an empty installation: all is checked before anything is written; the database takes all or nothing."""

import asyncio
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from bot.checkpoint import Key
from bot.errors import SalesTraceError
from bot.portable import manifest as listing
from bot.portable.manifest import BadExport, Listed, Manifest
from bot.store import copies, dump, ledger_rows, segments, settings
from bot.store.database import Database, Tx
from bot.store.dump import Dumped
from bot.store.tables import CopyRow, Inbox, Setting
from bot.vault import NAME, Vault

CHUNK = 1 << 20
LONGEST = 64 << 20  # bytes of a line
MOST = 5_000_000  # files of an archive
UNPACKS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
Progress = Callable[[str, int, int], None]


class Archive:
    """An export, opened. Nothing of it is believed before `check`."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._data = self._small(listing.NAME)
        self._note = self._small(listing.SIGNATURE).decode("utf-8", "replace")
        self.manifest: Manifest = listing.loads(self._data)

    def _small(self, name: str) -> bytes:
        try:
            info = self._file.getinfo(name)
        except KeyError:
            hint = ": 这是取证包, 请用 verify 核验" if "checkpoint.txt" in self._file.NameToInfo else ""
            raise BadExport(f"这不是行迹导出的压缩包{hint}") from None
        if info.file_size > listing.LARGEST or info.compress_type not in UNPACKS:
            raise BadExport("压缩包的清单大得不合常理, 没有打开")
        with self._file.open(info) as stream:
            return stream.read(listing.LARGEST)

    def text(self, path: str) -> str:
        """A listed file that is small enough to hold, once its digest is right."""
        one = next((one for one in self.manifest.files if one.path == path), None)
        if one is None or one.bytes > listing.LARGEST * 4:
            raise BadExport(f"压缩包里的 {path} 大得不合常理")
        self._listed(one)
        with self._open(path) as stream:
            return stream.read().decode("utf-8", "replace")

    def check(self, key: Key, room: Path, progress: Progress) -> None:
        """Every byte against the list, and the list against the signature. `room`: the folder that has to take the originals.

        Raises BadExport.
        """
        listing.check(self._data, self._note, self.manifest, key)
        self._names()
        if (free := shutil.disk_usage(room).free) < self.manifest.size:
            raise BadExport(f"磁盘空间不够: 要 {self.manifest.size / 1e6:.0f} MB, 只剩 {free / 1e6:.0f} MB")
        for one in self.manifest.files:
            self._listed(one)
        for number, (digest, size, damaged) in enumerate(self.originals(), 1):
            if self._hashed(_original(digest), size) != digest and not damaged:
                raise BadExport(f"压缩包里的原件 {digest} 与清单不符: 导出之后被改动过")
            if number % 50 == 0:
                progress("个原件核对", number, self.manifest.originals)

    def _names(self) -> None:
        """What is there is what is listed, each once: an archive may hold several files of one name."""
        infos = self._file.infolist()
        if len(infos) > MOST or len(infos) != len(self._file.NameToInfo):
            raise BadExport("压缩包里有重名的文件, 没有打开")
        expected = len(self.manifest.files) + self.manifest.originals + 2
        if len(infos) != expected:
            raise BadExport(f"压缩包里应有 {expected} 个文件, 实际 {len(infos)} 个: 导出之后被改动过")
        if any(info.compress_type not in UNPACKS or info.flag_bits & 1 for info in infos):
            raise BadExport("压缩包用了不认识的压缩方式或密码")

    def _listed(self, one: Listed) -> None:
        if self._hashed(one.path, one.bytes) != one.sha256:
            raise BadExport(f"压缩包里的 {one.path} 与清单不符: 导出之后被改动过")

    def _hashed(self, path: str, size: int) -> str:
        """The digest of a file; one that unpacks to another size than the signed list says is not read to its end."""
        digest, read = hashlib.sha256(), 0
        with self._open(path) as stream:
            while chunk := stream.read(CHUNK):
                read += len(chunk)
                if read > size:
                    break
                digest.update(chunk)
        if read != size:
            raise BadExport(f"压缩包里的 {path} 与清单不符: 导出之后被改动过")
        return digest.hexdigest()

    @contextmanager
    def _open(self, path: str) -> Iterator[IO[bytes]]:
        try:
            with self._file.open(path) as stream:
                yield stream
        except KeyError:
            raise BadExport(f"压缩包里缺少 {path}") from None
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise BadExport(f"压缩包里的 {path} 读不出来: 压缩包不完整或已损坏") from error
        except Exception as error:
            if type(error).__module__ == "zlib":
                raise BadExport(f"压缩包里的 {path} 读不出来: 压缩包不完整或已损坏") from error
            raise

    def lines(self, path: str) -> Iterator[dict[str, Any]]:
        """A JSONL file, a line at a time. Raises BadExport."""
        with self._open(path) as stream:
            while line := stream.readline(LONGEST):
                try:
                    thing = json.loads(line)
                except ValueError:
                    raise BadExport(f"压缩包里的 {path} 有一行读不通") from None
                yield thing

    def originals(self) -> Iterator[tuple[str, int, bool]]:
        """Digest, size, whether it was damaged already when it was exported."""
        count = 0
        for one in self.lines(listing.FILES):
            digest = str(one.get("sha256"))
            if not NAME.fullmatch(digest) or count >= self.manifest.originals:
                raise BadExport("压缩包的原件清单读不通")
            count += 1
            yield digest, int(one["bytes"]), bool(one.get("damaged"))
        if count != self.manifest.originals:
            raise BadExport("压缩包的原件清单不完整")

    def extract(self, digest: str, into: Path) -> None:
        """Copy an original out."""
        with self._open(_original(digest)) as stream, into.open("wb") as file:
            shutil.copyfileobj(stream, file, CHUNK)


def _original(digest: str) -> str:
    return f"{listing.ORIGINALS}{digest[:2]}/{digest}"


@contextmanager
def archive(path: Path) -> Iterator[Archive]:
    """Open an export. Raises BadExport for whatever is none."""
    try:
        file = zipfile.ZipFile(path)
    except OSError as error:
        raise BadExport(f"读不到 {path.name}: {error.strerror or '不是文件'}") from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BadExport(f"{path.name} 不是压缩包, 或没有下载完整") from error
    with file:
        yield Archive(file)


async def take(database: Database, vault: Vault, source: Archive, backup: str, now: datetime, progress: Progress) -> str | None:
    """Fill the empty installation with a checked archive; return the last checkpoint's note.

    `backup`: address of this installation's backup. Raises SalesTraceError, and then the database is as empty as before; originals that
    were written already lie under their digests and harm nobody.
    """
    if (await ledger_rows.head()).size or await Inbox.exists():
        raise SalesTraceError("这里已经有记录了; 导入只能在空的安装里进行, 请换一个数据目录和数据库")
    for number, (digest, _, damaged) in enumerate(source.originals(), 1):
        if not damaged:
            await _original_in(vault, source, digest)
        progress("个原件", number, source.manifest.originals)
    reader = segments.Reader()
    try:
        async with database.step() as tx:
            await _ledger(source, reader, progress)
            size = await reader.finish(now)
            head = await ledger_rows.head()
            if (size, head.root) != (source.manifest.entries, source.manifest.root):
                raise BadExport("导入的账本与清单上的树根不同")
            await _state(tx, source, progress)
            await _settle(backup, source.manifest)
    except (ValueError, KeyError, TypeError) as error:
        raise BadExport(f"压缩包读不通: {type(error).__name__}") from error
    return reader.note


async def _original_in(vault: Vault, source: Archive, digest: str) -> None:
    temporary = vault.incoming / f"import-{digest}"
    try:
        await asyncio.to_thread(source.extract, digest, temporary)
        await vault.put(temporary)
    finally:
        temporary.unlink(missing_ok=True)


async def _ledger(source: Archive, reader: segments.Reader, progress: Progress) -> None:
    for done, thing in enumerate(source.lines(listing.ENTRIES), 1):
        await reader.take(thing)
        if done % dump.PAGE == 0:
            await reader.flush()
            progress("条记录", done, source.manifest.entries)
    for thing in source.lines(listing.CHECKPOINTS):
        await reader.take(thing)


async def _state(tx: Tx, source: Archive, progress: Progress) -> None:
    """Tables that this version knows and the archive holds; one of an older version lacks some."""
    there = {one.path for one in source.manifest.files}
    await Setting.all().delete()
    for table in dump.state():
        path = f"{listing.STATE}{table.name}.jsonl"
        if path in there:
            await _table(tx, source, table, path, progress)


async def _table(tx: Tx, source: Archive, table: Dumped, path: str, progress: Progress) -> None:
    page: list[dict[str, Any]] = []
    for done, row in enumerate(source.lines(path), 1):
        page.append(row)
        if len(page) == dump.PAGE:
            await dump.put_back(tx, table, page)
            page = []
            progress(f"行 {table.name}", done, done)
    if page:
        await dump.put_back(tx, table, page)
    await dump.counted_on(tx, table)


async def _settle(backup: str, manifest: Manifest) -> None:
    """Copies that lie at another place are none of ours: everything is copied anew."""
    same = backup and hashlib.sha256(backup.encode()).hexdigest() == manifest.backup
    if not same:
        await CopyRow.all().delete()
        await Setting.filter(name=copies.CURSOR).delete()
    if await settings.get("master.adopted") is None:
        raise BadExport("压缩包的设置不完整")
