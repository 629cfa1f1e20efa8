"""What a phone sends: photos and recordings, real bytes of an exact length."""

import io
import json
import struct
import zlib
from hashlib import sha256
from pathlib import Path

from PIL import Image

AUDIO = Path(__file__).parent.parent / "audio"
FRAME_S = 0.02
FRAME = b"\x3c" + bytes(31)  # 12.2 kbit/s, the mode that phones record in


def photo(shade: int = 0) -> bytes:
    """A small JPEG; another `shade`, another file."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (shade % 256, 90, 200)).save(out, "JPEG")
    return out.getvalue()


def voice(seconds: float) -> bytes:
    """AMR-NB of exactly this length, to the frame."""
    return b"#!AMR\n" + FRAME * round(seconds / FRAME_S)


def clip(name: str) -> bytes:
    """A recording of real (synthetic) speech, as WeCom sends it."""
    return (AUDIO / f"{name}.amr").read_bytes()


def clips() -> dict[str, str]:
    """Digest of every such recording → the words that are spoken in it."""
    told: dict[str, str] = json.loads((AUDIO / "transcripts.json").read_text(encoding="utf-8"))
    return {sha256(clip(name)).hexdigest(): words for name, words in told.items()}


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 3.6 billion pixels."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(60_000))) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
