"""The archive itself: entries with the keys of their disclosed fields, proofs, the list, the sums."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import rfc8785

from bot.ledger import disclose, leaf_hash

STORED = frozenset({".jpg", ".jpeg", ".png", ".webp", ".amr", ".ogg", ".mp3", ".m4a", ".mp4", ".zip", ".pdf", ".docx", ".xlsx", ".pptx"})
CHUNK = 1 << 20


@dataclass(slots=True, kw_only=True)
class Listed:
    """A file of the archive, as the manifest lists it."""

    path: str
    sha256: str
    kind: str  # original | derived | message | readable | tool


@dataclass(slots=True)
class Packing:
    """An archive being written. What the ledger commits to goes in first, what proves it comes after."""

    archive: zipfile.ZipFile
    at: datetime
    sums: dict[str, str] = field(default_factory=dict)
    files: list[Listed] = field(default_factory=list)

    def add(self, path: str, data: bytes, kind: str = "") -> str:
        """Write bytes, list them in the manifest if they are of a kind, return their digest."""
        with self.archive.open(self._info(path), "w") as into:
            into.write(data)
        return self._note(path, hashlib.sha256(data).hexdigest(), kind)

    def copy(self, path: str, source: Path, kind: str) -> str:
        """Write a file without holding it in memory."""
        digest = hashlib.sha256()
        with source.open("rb") as file, self.archive.open(self._info(path), "w", force_zip64=True) as into:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                into.write(chunk)
        return self._note(path, digest.hexdigest(), kind)

    def _info(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, self.at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_STORED if Path(path).suffix.lower() in STORED else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info

    def _note(self, path: str, digest: str, kind: str) -> str:
        self.sums[path] = digest
        if kind:
            self.files.append(Listed(path=path, sha256=digest, kind=kind))
        return digest

    def finish(self) -> None:
        """The list for `sha256sum -c`."""
        self.add("SHA256SUMS", "".join(f"{digest}  {path}\n" for path, digest in self.sums.items()).encode())


def entry_file(leaf: bytes, body: Mapping[str, Any], salt: bytes, hidden: Iterable[str] = ()) -> bytes:
    """One entry, laid open but for the hidden fields: each value as the canonical text that was committed to, with its key."""
    shown = disclose(body, salt, body.keys() - set(hidden))
    disclosed = {name: {"json": rfc8785.dumps(one.value).decode(), "key": one.key.hex()} for name, one in sorted(shown.items())}
    return json.dumps({"leaf": leaf.decode(), "disclosed": disclosed}, ensure_ascii=False, indent=1).encode()


def listed_entry(index: int, leaf: bytes) -> dict[str, Any]:
    """An entry in the manifest."""
    return {"index": index, "leaf": leaf_hash(leaf).hex()}
