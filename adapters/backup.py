"""Where copies go: a folder, a WebDAV server or an S3-compatible store, all through OpenDAL. Optionally sealed with the company's key.

    /mnt/nas/salestrace  or  backup                          a folder (relative ones start at the config's folder)
    https://user@dav.example.cn/salestrace                   WebDAV; the password is SALESTRACE_BACKUP_SECRET
    s3://KEYID@s3.example.cn/bucket/prefix?region=cn-north-1 S3; the secret key is SALESTRACE_BACKUP_SECRET (&http=1 for plain HTTP)

With a key every file is AES-256-GCM: 12 bytes nonce, then ciphertext and tag; the file's name is authenticated with it.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import opendal
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from opendal import exceptions
from opendal.exceptions import ConfigInvalid, NotFound

from bot.errors import BackupError, ConfigError

NONCE = 12
# Each of the library's errors stands alone: they have no common base.
ERRORS = tuple(one for one in vars(exceptions).values() if isinstance(one, type) and issubclass(one, Exception))


class OpenDalTarget:
    """Implements `bot.ports.BackupTarget`."""

    def __init__(self, operator: opendal.AsyncOperator, key: bytes | None = None) -> None:
        """`key`: 32 bytes; None leaves the copies readable."""
        self._operator = operator
        self._cipher = AESGCM(key) if key else None

    async def put(self, name: str, data: bytes) -> None:
        """Write, whole or not at all as far as the store allows. Raises BackupError."""
        sealed = self._seal(name, data)
        try:
            await self._operator.write(name, sealed)
        except ERRORS as error:
            raise BackupError(_reason(error)) from None

    async def get(self, name: str) -> bytes | None:
        """Read; None when it is not there. Raises BackupError, also for what the key does not open."""
        try:
            data = bytes(await self._operator.read(name))
        except NotFound:
            return None
        except ERRORS as error:
            raise BackupError(_reason(error)) from None
        return self._open(name, data)

    async def names(self, folder: str) -> AsyncIterator[str]:
        """Files below a folder that ends with a slash, in no order. Raises BackupError."""
        try:
            async for entry in await self._operator.list(folder, recursive=True):
                if not entry.path.endswith("/"):
                    yield entry.path
        except NotFound:
            return
        except ERRORS as error:
            raise BackupError(_reason(error)) from None

    async def delete(self, name: str) -> None:
        """Deleting what is not there is done already. Raises BackupError."""
        try:
            await self._operator.delete(name)
        except ERRORS as error:
            raise BackupError(_reason(error)) from None

    def _seal(self, name: str, data: bytes) -> bytes:
        if self._cipher is None:
            return data
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, data, name.encode())

    def _open(self, name: str, data: bytes) -> bytes:
        if self._cipher is None:
            return data
        try:
            return self._cipher.decrypt(data[:NONCE], data[NONCE:], name.encode())
        except (InvalidTag, ValueError):
            raise BackupError("sealed", altered=True) from None


def open_target(address: str, base: Path, *, secret: str = "", key: bytes | None = None) -> OpenDalTarget:
    """The target of a `[storage] backup` address. Raises ConfigError for one that is none."""
    try:
        return OpenDalTarget(_operator(address, base, secret), key)
    except (ConfigInvalid, ValueError):
        raise ConfigError([f"storage.backup：无法使用 {urlsplit(address).scheme or '这个'} 地址，写法见 config.toml"]) from None


def _operator(address: str, base: Path, secret: str) -> opendal.AsyncOperator:
    parts = urlsplit(address)
    host = parts.hostname or ""
    place = f"{host}:{parts.port}" if parts.port else host
    if parts.scheme in ("http", "https"):
        folder = unquote(parts.path) or "/"
        return opendal.AsyncOperator(
            "webdav", endpoint=f"{parts.scheme}://{place}", root=folder, username=unquote(parts.username or ""), password=secret
        )
    if parts.scheme == "s3":
        bucket, _, prefix = parts.path.lstrip("/").partition("/")
        asked = parse_qs(parts.query)
        return opendal.AsyncOperator(
            "s3",
            bucket=bucket,
            root=f"/{unquote(prefix)}",
            endpoint=f"{'http' if asked.get('http') else 'https'}://{place}",
            region=asked.get("region", ["us-east-1"])[0],
            access_key_id=unquote(parts.username or ""),
            secret_access_key=secret,
            disable_config_load="true",  # nothing of this machine's own cloud accounts
        )
    root = base / address
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return opendal.AsyncOperator("fs", root=str(root))


def _reason(error: Exception) -> str:
    """The kind alone: messages quote addresses and headers."""
    return type(error).__name__
