"""The config file swapped whole: at any moment it is the one or the other."""

import os
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path


def digest_of(path: Path) -> str:
    """SHA-256 of what is there now; "" for nothing that can be read."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def swap(path: Path, data: bytes) -> None:
    """Put `data` in the file's place, with its permissions. Raises OSError, the file as it was."""
    mode = path.stat().st_mode & 0o777
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temp = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temp.replace(path)
    except OSError:
        with suppress(OSError):
            temp.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
