"""What a phone sends: photos and recordings, real bytes of an exact length."""

import io

from PIL import Image

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


def bomb() -> bytes:
    """A PNG of a few kilobytes that unpacks to 900 million pixels."""
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()
