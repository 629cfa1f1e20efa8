"""What a file is by its first bytes, and whether its container says it goes on beyond its end."""

from typing import TypeAlias

from bot.evidence.amr import NB_MAGIC, WB_MAGIC

Prefixes: TypeAlias = tuple[tuple[bytes, str], ...]

OGG_HEADER = 27
MIMES: Prefixes = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (WB_MAGIC, "audio/amr-wb"),
    (NB_MAGIC, "audio/amr"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "audio/webm"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)


def mime_of(head: bytes) -> str:
    """Tell the type by the first bytes (64 suffice), whatever the name says; "" when it is none that the product knows."""
    if head[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"  # ADTS
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return "audio/mpeg"  # layer III without a tag before it
    return next((mime for magic, mime in MIMES if head.startswith(magic)), "")


def _iso_media(brand: bytes) -> str:
    if brand in {b"avif", b"avis"}:
        return "image/avif"
    if brand in {b"heic", b"heix", b"mif1", b"msf1"}:
        return "image/heic"
    return "audio/mp4" if brand in {b"M4A ", b"M4B "} else "video/mp4"


def breaks_off(data: bytes, mime: str) -> bool:
    """Whether an Ogg, WAV or MP4 file announces more bytes than it has; decoders pass over such an end in silence."""
    match mime:
        case "audio/ogg":
            return _ogg_breaks_off(data)
        case "audio/wav":
            return _chunks_break_off(data, 12)
        case "audio/mp4" | "video/mp4":
            return _boxes_break_off(data)
    return False


def _ogg_breaks_off(data: bytes) -> bool:
    position = 0
    while position < len(data):
        if data[position : position + 4] != b"OggS" or position + OGG_HEADER > len(data):
            return True
        segments = data[position + 26]
        lacing = data[position + OGG_HEADER : position + OGG_HEADER + segments]
        position += OGG_HEADER + segments + sum(lacing)
    return position > len(data)


def _chunks_break_off(data: bytes, position: int) -> bool:
    """Sizes of 0 and 2^32-1 are what recorders write that never came back to fill them in."""
    while position + 8 <= len(data):
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        if data[position : position + 4] == b"data":
            return size not in {0, 0xFFFFFFFF} and position + 8 + size > len(data)
        position += 8 + size + (size & 1)
    return True


def _boxes_break_off(data: bytes) -> bool:
    position = 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
        if size == 0:  # to the end of the file
            return False
        position += max(size, 8)
    return position != len(data)
