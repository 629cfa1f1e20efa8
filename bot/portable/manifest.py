"""What an export says of itself, and the signature over it. Pure.

`manifest.json` lists every file but the originals with size and digest; those stand in `files.jsonl`, which is listed here and of which
every line names a file by its own SHA-256. `manifest.sig` is a signed note (c2sp.org/signed-note) by the ledger's key over two lines: the
format's name and the manifest's digest. So one signature covers every byte of the archive.
"""

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from bot.checkpoint import BadNote, Key, Signer, opened
from bot.errors import SalesTraceError

FORMAT = "salestrace-export"
VERSION = 1
NAME, SIGNATURE, FILES = "manifest.json", "manifest.sig", "files.jsonl"
ENTRIES, CHECKPOINTS = "ledger/entries.jsonl", "ledger/checkpoints.jsonl"
CONFIG = "config/config.toml"
TABLES, STATE, ORIGINALS = "tables/", "state/", "files/"
LARGEST = 1 << 20  # bytes of a manifest or a signature that is looked at


class BadExport(SalesTraceError):
    """The file cannot be taken in; the text says why and what to do, in Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file of the archive; `rows`: lines of data in it, None where it has none."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`key`: the ledger's public key; `entries` and `root`: the ledger's head; `originals`, `original_bytes`: what `files.jsonl` lists."""

    made_at: str
    key: str
    entries: int
    root: str
    timezone: str
    backup: str  # digest of the backup's address: copies there are known only to an installation that writes to the same place
    originals: int
    original_bytes: int
    files: tuple[Listed, ...] = field(default=())

    @property
    def size(self) -> int:
        """Unpacked size of the whole."""
        return self.original_bytes + sum(one.bytes for one in self.files)

    def dumps(self) -> bytes:
        told = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps(told, ensure_ascii=False, indent=1).encode()


def signed(data: bytes, signer: Signer) -> str:
    """The note over a manifest's bytes."""
    return signer.note(_text(data))


def _text(data: bytes) -> str:
    return f"{FORMAT}/{VERSION}\n{sha256(data).hexdigest()}\n"


def loads(data: bytes) -> Manifest:
    """Raises BadExport for what is no manifest of this version."""
    try:
        told: dict[str, Any] = json.loads(data)
        kind, version = told.pop("format"), told.pop("version")
        if kind != FORMAT:
            raise BadExport("这不是行迹导出的压缩包")
        if version != VERSION:
            raise BadExport(f"这个压缩包的格式是第 {version} 版, 这里只认识第 {VERSION} 版: 请先升级")
        files = tuple(Listed(**one) for one in told.pop("files"))
        manifest = Manifest(files=files, **told)
        _checked(manifest)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadExport("压缩包的清单读不通: 不是行迹导出的, 或已经损坏") from error
    return manifest


def _checked(manifest: Manifest) -> None:
    counts = (manifest.entries, manifest.originals, manifest.original_bytes, *(one.bytes for one in manifest.files))
    names = [one.path for one in manifest.files]
    if any(one < 0 for one in counts) or len(set(names)) != len(names):
        raise BadExport("压缩包的清单读不通: 不是行迹导出的, 或已经损坏")
    if missing := {FILES, ENTRIES, CHECKPOINTS, CONFIG} - set(names):
        raise BadExport(f"压缩包的清单里缺少 {', '.join(sorted(missing))}")


def check(data: bytes, note: str, manifest: Manifest, key: Key) -> None:
    """Raises BadExport unless this installation's key signed exactly these bytes."""
    if manifest.key != str(key):
        raise BadExport("这里的签名密钥不是导出时的那一把: 请放好原来的 signing.key (或 SALESTRACE_SIGNING_KEY) 再导入")
    try:
        text = opened(note, key)
    except BadNote:
        raise BadExport("压缩包的签名不符: 导出之后被改动过") from None
    if text != _text(data):
        raise BadExport("压缩包的清单与签名不符: 导出之后被改动过")
