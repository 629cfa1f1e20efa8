"""A link as a QR code, drawn by the page's own SVG."""

from dataclasses import dataclass

import segno

QUIET = 4  # modules of white around it, as the standard asks


@dataclass(frozen=True, slots=True)
class QrPath:
    """An SVG path in a square of `side` modules."""

    side: int
    path: str


def qr_path(text: str) -> QrPath:
    """Error correction M: a phone's camera reads it off another phone's screen, dimmed or cracked."""
    rows = list(segno.make_qr(text, error="m", boost_error=False).matrix)
    runs = [f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark]
    return QrPath(side=len(rows) + 2 * QUIET, path="".join(runs))
