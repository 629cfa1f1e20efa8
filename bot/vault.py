"""Original files, write-once, named by their SHA-256.

A file gets its name only after its bytes are on the disk, so a name always stands for whole content. Layout: ROOT/ab/abcdef….
Unnamed bytes live in ROOT/.incoming and are swept once nobody has written to them for an hour.
"""

import asyncio
import logging
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives import hashes

from bot.errors import StoreError

CHUNK = 1 << 20
ORPHAN_S = 3600  # other processes may be writing theirs right now
NAME = re.compile(r"[0-9a-f]{64}")
log = logging.getLogger(__name__)


class Vault:
    """One folder of originals; several processes may share it."""

    def __init__(self, root: Path) -> None:
        """Make the folders (mode 0700; `incoming` is for files on their way) and drop what interrupted writes left there.

        Raises StoreError.
        """
        self.root = root
        self.incoming = root / ".incoming"
        try:
            self.incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep()
        except OSError as error:
            raise StoreError(f"vault: {error.strerror}") from error

    async def put(self, source: Path | bytes) -> str:
        """Copy a file or bytes in, return the digest once it is durable. Raises StoreError, with nothing named (disk full …)."""
        return await asyncio.to_thread(self._put, source)

    async def verify(self, digest: str) -> bool:
        """Whether the file is there and its bytes still have this digest."""
        return await asyncio.to_thread(self._intact, digest)

    def path(self, digest: str) -> Path:
        """Where the file of this digest lies, or would. Raises ValueError for what is no digest."""
        if not NAME.fullmatch(digest):
            raise ValueError("no SHA-256 digest")
        return self.root / digest[:2] / digest

    def open(self, digest: str) -> BinaryIO:
        """Open for reading. Raises FileNotFoundError."""
        return self.path(digest).open("rb")

    def destroy(self, digest: str) -> None:
        """Overwrite and remove a file; one that is not there is gone already. Raises StoreError."""
        path = self.path(digest)
        try:
            path.chmod(0o600)
            with path.open("r+b") as file:
                left = path.stat().st_size
                while left > 0:
                    left -= file.write(bytes(min(left, CHUNK)))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            _sync(path.parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(f"vault: {error.strerror}") from error

    def names(self) -> Iterator[str]:
        """Digests of all files, in order. Anything else in the folders is passed over."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(file.name for file in folder.iterdir() if NAME.fullmatch(file.name))

    def _put(self, source: Path | bytes) -> str:
        try:
            with source.open("rb") if isinstance(source, Path) else BytesIO(source) as stream:
                return self._take(stream)
        except OSError as error:
            raise StoreError(f"vault: {error.strerror}") from error

    def _take(self, stream: BinaryIO) -> str:
        handle, name = tempfile.mkstemp(dir=self.incoming)
        temp = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                digest = _copy(stream, file)
            self._name(temp, digest)
        finally:
            temp.unlink(missing_ok=True)
        return digest

    def _name(self, temp: Path, digest: str) -> None:
        target = self.path(digest)
        if target.exists():
            if self._intact(digest):
                return
            self._put_aside(target)
        if not target.parent.exists():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            _sync(self.root)
        temp.chmod(0o444)
        temp.rename(target)
        _sync(target.parent)

    def _put_aside(self, damaged: Path) -> None:
        """Good bytes take the name back; the damaged ones stay for whoever examines them."""
        log.error("vault file damaged, put aside: %s", damaged.name)
        damaged.rename(damaged.with_name(f"{damaged.name}.damaged"))

    def _intact(self, digest: str) -> bool:
        try:
            with self.open(digest) as file:
                return _digest(file) == digest
        except OSError:
            return False

    def _sweep(self) -> None:
        """Ages are told by the file system's own clock, which a wound-forward one of ours does not move."""
        handle, probe = tempfile.mkstemp(dir=self.incoming)
        now = os.fstat(handle).st_mtime
        os.close(handle)
        Path(probe).unlink()
        for orphan in self.incoming.iterdir():
            with suppress(FileNotFoundError):
                if now - orphan.stat().st_mtime > ORPHAN_S:
                    orphan.unlink()


def _copy(stream: BinaryIO, file: BinaryIO) -> str:
    digest = sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        file.write(chunk)
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest()


def _digest(file: BinaryIO) -> str:
    digest = sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def sm3_of(path: Path) -> str:
    """SM3 of a file, in hex."""
    digest = hashes.Hash(hashes.SM3())
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.finalize().hex()


def _sync(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
