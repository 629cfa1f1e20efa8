"""Keeping a second copy of everything that cannot be recomputed: originals, the ledger in segments, configs.

Every copy is read back and compared before it counts, and looked at again once a day. A copy that is missing or altered is told to the
admins and made anew; a target that is away costs nothing but time. Restoring puts the same things back into an empty installation.
"""

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from bot.errors import BackupError, SalesTraceError
from bot.ports import BackupTarget
from bot.store import copies, ledger_rows, segments
from bot.store.database import Database
from bot.store.fields import from_ms, to_ms
from bot.store.tables import ConfigVersion, CopyRow
from bot.vault import Vault

AT_ONCE = 50
DAILY = timedelta(hours=24)
log = logging.getLogger("salestrace.backup")
Progress = Callable[[str, int, int], None]


class Backup:
    """One target, and the rounds that keep it up to date."""

    def __init__(self, database: Database, vault: Vault, target: BackupTarget) -> None:
        self._database = database
        self._vault = vault
        self._target = target

    async def round(self, now: datetime) -> int:
        """Plan, then copy what is due; return how many copies were made."""
        async with self._database.step():
            await copies.plan(now)
        made = 0
        for row in await copies.due(now, AT_ONCE):
            made += await self._one(row, now)
        return made

    async def _one(self, row: CopyRow, now: datetime) -> bool:
        try:
            if row.state == "gone":
                await self._target.delete(row.name)
                await copies.forget(row.name)
                return False
            data = await self._content(row.name)
            if data is None:
                await copies.forget(row.name)  # erased, or never there: `verify` names an original that should be
                return False
            await self._put(row.name, data, now)
        except BackupError as problem:
            log.warning("copy of %s waits: %s", row.name, problem.reason)
            await copies.later(row, problem.reason, now)
            return False
        return True

    async def _put(self, name: str, data: bytes, now: datetime) -> None:
        """Written, and read back before it counts."""
        digest = hashlib.sha256(data).hexdigest()
        await self._target.put(name, data)
        back = await self._target.get(name)
        if back is None or hashlib.sha256(back).hexdigest() != digest:
            raise BackupError("unread", altered=True)
        await copies.copied(name, digest, now)

    async def _content(self, name: str) -> bytes | None:
        """What the copy of that name has to hold; an original that is no longer itself is not copied over a good copy."""
        if name.startswith(copies.ORIGINALS):
            digest = name.rpartition("/")[2]
            return self._vault.path(digest).read_bytes() if await self._vault.verify(digest) else None
        if name.startswith(copies.CONFIGS):
            version = await ConfigVersion.get_or_none(id=int(name.removeprefix(copies.CONFIGS).removesuffix(".json")))
            return _config(version) if version else None
        return await segments.write(*segments.range_of(name))

    async def recheck(self, now: datetime, limit: int = AT_ONCE) -> list[str]:
        """Look again at copies not looked at for a day; names of those that are missing or altered, which are made anew."""
        found: list[str] = []
        for row in await copies.unchecked(now - DAILY, limit):
            try:
                problem = await self._wrong(row.name, row.sha256)
            except BackupError as away:
                log.warning("copy of %s not checked: %s", row.name, away.reason)
                return found
            if problem:
                await copies.wanted_again(row.name, problem, now)
                found.append(row.name)
            else:
                await copies.checked(row.name, now)
        return found

    async def _wrong(self, name: str, digest: str) -> str:
        try:
            data = await self._target.get(name)
        except BackupError as problem:
            if not problem.altered:
                raise
            return "altered"
        if data is None:
            return "missing"
        return "" if hashlib.sha256(data).hexdigest() == digest else "altered"

    async def differences(self, progress: Progress | None = None) -> AsyncIterator[str]:
        """A line for every copy that is missing or altered, and for every file there that belongs to nothing. For `verify`."""
        inventory = await copies.inventory()
        words = {"missing": "缺失", "altered": "内容已被改动"}
        for done, (name, digest) in enumerate(inventory.items()):
            if progress and done % 20 == 0:
                progress("份备份", done, len(inventory))
            if problem := await self._wrong(name, digest):
                yield f"备份 {name}: {words[problem]}"
        for folder in (copies.ORIGINALS, segments.FOLDER, copies.CONFIGS):
            async for name in self._target.names(folder):
                if name not in inventory and not await CopyRow.exists(name=name):
                    yield f"备份 {name}: 多出来的文件"


async def restore(database: Database, vault: Vault, target: BackupTarget, now: datetime, progress: Progress) -> str | None:
    """Fill an empty installation; return the last checkpoint's note. Raises SalesTraceError, BackupError among them."""
    if (await ledger_rows.head()).size:
        raise SalesTraceError("这里已经有记录了; 恢复只能在空的安装里进行, 请换一个数据目录")
    names = sorted([name async for name in target.names(segments.FOLDER)])
    if not names:
        raise SalesTraceError("备份里没有账本")
    reader = segments.Reader()
    for done, name in enumerate(names):
        progress("段账本", done, len(names))
        await _read(database, reader, name, await _get(target, name), now)
    for name in sorted([name async for name in target.names(copies.CONFIGS)]):
        version = json.loads(await _get(target, name))
        async with database.step():
            await ConfigVersion(sha256=version["sha256"], text=version["text"], at=from_ms(version["at"])).save(force_create=True)
    for done, digest in enumerate(sorted(reader.digests)):
        progress("个原件", done, len(reader.digests))
        data = await target.get(copies.original(digest))
        if data is not None and await vault.put(data) != digest:
            log.error("original %s in the backup is not itself", digest)
    return reader.note


async def _read(database: Database, reader: segments.Reader, name: str, data: bytes, now: datetime) -> None:
    try:
        async with database.step():
            await reader.read(data)
            await reader.finish(now)
    except (ValueError, KeyError, TypeError) as error:
        raise SalesTraceError(f"备份 {name} 读不通: {type(error).__name__}") from error


async def _get(target: BackupTarget, name: str) -> bytes:
    data = await target.get(name)
    if data is None:
        raise SalesTraceError(f"备份 {name} 缺失")
    return data


def _config(version: ConfigVersion) -> bytes:
    return json.dumps({"sha256": version.sha256, "at": to_ms(version.at), "text": version.text}, ensure_ascii=False).encode()
