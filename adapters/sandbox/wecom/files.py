"""media/upload and media/get: ranges, three days, errors as JSON with HTTP 200."""

import re

from aiohttp import web

from adapters.sandbox.wecom.world import ApiError, Media, World

SIZES = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}
WHOLE = 20 << 20  # larger files must be read in ranges of at most this


def accept(world: World, kind: str, data: bytes, name: str) -> Media:
    """Store an upload. Raises ApiError on a wrong type or size."""
    if kind not in SIZES:
        raise ApiError(40004, "invalid media type")
    if not 5 < len(data) <= SIZES[kind]:
        raise ApiError(40006, "invalid media size")
    return world.keep(kind, data, sniff(data), name)


def sniff(data: bytes) -> str:
    """Name the type of the few kinds that matter."""
    for magic, mime in ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"), (b"#!AMR", "audio/amr")):
        if data.startswith(magic):
            return mime
    return "video/mp4" if data[4:8] == b"ftyp" else "application/octet-stream"


def serve(world: World, media_id: str, range_header: str) -> web.Response:
    """Answer media/get. Raises ApiError for an unknown, expired or too large file."""
    media = world.media.get(media_id)
    if media is None or media.until <= world.clock.now():
        raise ApiError(40007, "invalid media_id")
    headers = {"Content-Disposition": f'attachment; filename="{media.name}"', "Accept-Ranges": "bytes"}
    size, wanted = len(media.data), re.fullmatch(r"bytes=(\d+)-(\d*)", range_header)
    if wanted is None:
        if size > WHOLE:
            raise ApiError(830002, "file too large")
        return web.Response(body=media.data, content_type=media.mime, headers=headers)
    start, end = int(wanted[1]), min(int(wanted[2] or size - 1), size - 1)
    if start >= size:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    if end - start + 1 > WHOLE:
        raise ApiError(830002, "file too large")
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return web.Response(status=206, body=media.data[start : end + 1], content_type=media.mime, headers=headers)
