"""The child that decodes: run as a script, one file a run, prints one JSON object. Imports nothing of the product."""

import base64
import importlib
import io
import json
import resource
import sys
from contextlib import suppress
from fractions import Fraction

MEMORY = 1 << 30
CPU_S = 30
MAX_PIXELS = 80_000_000
MAX_SECONDS = 3600  # longer voices are reported as this; no rule asks for more
# One decoder a file, by its own first bytes; the other forty of Pillow are never asked.
PICTURES = {"image/jpeg": "Jpeg", "image/png": "Png", "image/webp": "WebP", "image/gif": "Gif", "image/bmp": "Bmp", "image/avif": "Avif"}
# The demuxer likewise: left to itself, FFmpeg would also take playlists, which open other files and addresses.
DEMUXERS = {
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "mov",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/webm": "matroska",
    "audio/aac": "aac",
}


def main(kind: str, mime: str, path: str) -> None:
    """Examine one file inside the limits."""
    confine()
    if kind == "miniatures":
        miniatures(int(mime), path.split("\n"))
        return
    found = photo(path, PICTURES[mime]) if kind == "photo" else voice(path, DEMUXERS[mime])
    sys.stdout.write(json.dumps(found))


def confine() -> None:
    """No files written, no core, bounded memory and time. A limit that the system does not have is left out."""
    limits = {resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CPU: CPU_S, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    for limit, value in limits.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


def photo(path: str, plugin: str) -> dict[str, object]:
    """Decode the first picture to its last pixel; the size is taken from the header before anything is decoded."""
    from PIL import Image

    importlib.import_module(f"PIL.{plugin}ImagePlugin")
    Image.MAX_IMAGE_PIXELS = None  # judged here, without Pillow's warning
    try:
        with Image.open(path, formats=(plugin.upper(),)) as image:
            if image.width * image.height > MAX_PIXELS:
                return {"problem": "photo.bomb"}
            image.draft(None, (max(image.width // 8, 1), max(image.height // 8, 1)))  # JPEG: all of the data is read, an eighth is drawn
            image.load()
    except MemoryError:
        return {"problem": "photo.bomb"}
    except Exception:  # noqa: BLE001 - decoders raise anything
        return {"problem": "photo.undecodable"}
    return {"problem": None}


def miniatures(side: int, paths: list[str]) -> None:
    """A line a file: its small picture in base64, or null. A file that ends this process ends only its own line and those after it."""
    from PIL import Image, ImageOps

    for plugin in PICTURES.values():
        importlib.import_module(f"PIL.{plugin}ImagePlugin")
    Image.MAX_IMAGE_PIXELS = None  # judged here, without Pillow's warning
    for path in paths:
        small = None
        with suppress(Exception), Image.open(path, formats=[plugin.upper() for plugin in PICTURES.values()]) as image:
            if image.width * image.height <= MAX_PIXELS:
                image.draft("RGB", (side * 2, side * 2))
                upright = ImageOps.exif_transpose(image).convert("RGB")
                upright.thumbnail((side, side))
                into = io.BytesIO()
                upright.save(into, "JPEG", quality=80)
                small = base64.b64encode(into.getvalue()).decode()
        sys.stdout.write(json.dumps(small) + "\n")
        sys.stdout.flush()


def voice(path: str, demuxer: str) -> dict[str, object]:
    """Count the samples of every decoded frame: what containers say of their length is an estimate or a lie."""
    import av

    seconds = Fraction()
    problem = None
    try:
        with av.open(path, format=demuxer, metadata_errors="ignore") as container:
            for frame in container.decode(container.streams.audio[0]):
                seconds += Fraction(frame.samples, frame.sample_rate)
                if seconds >= MAX_SECONDS:
                    seconds = Fraction(MAX_SECONDS)
                    break
    except Exception:  # noqa: BLE001 - decoders raise anything
        problem = "voice.cut" if seconds else "voice.undecodable"
    return {"seconds": round(float(seconds), 3), "problem": problem or (None if seconds else "voice.empty")}


if __name__ == "__main__":
    main(*sys.argv[1:])
