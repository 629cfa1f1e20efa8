"""The child that decodes: run as a script, one file a run, prints one JSON object. Imports nothing of the product."""

import base64
import importlib
import io
import json
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import Any, BinaryIO

MEMORY = 1 << 30
CPU_S = 30
MAX_PIXELS = 80_000_000
LONGEST, NARROWEST = 2048, 320  # pixels of a copy
FLAT = 4.0  # standard deviation of grey levels below which a picture has no features
SQUARE, SIDE, HASH = 256, 32, 8  # pixels: what hashes are made of, what is compared; frequencies of a hash, each way
TENTH = 0.1
WINDOWS: tuple[tuple[float, ...], ...] = (  # the whole first; shares cut off left, top, right, bottom
    (0.0, 0.0, 0.0, 0.0),
    (TENTH / 2,) * 4,
    (TENTH,) * 4,
    *((TENTH * (side == 0), TENTH * (side == 1), TENTH * (side == 2), TENTH * (side == 3)) for side in range(4)),
    *((TENTH * left, TENTH * top, TENTH * (not left), TENTH * (not top)) for left in (False, True) for top in (False, True)),
)
STEPS, MOST, GAIN = (0.04, 0.02, 0.01, 0.005), 0.25, 1e-4
PEN = (1000, 400)  # pixels of a signature, at most
DARK, DOTS, DOT, BLOT = 128, 60, 24, 0.6  # what is ink; how much of it, how long, and how little of the paper is a signature
MAX_SECONDS = 3600  # longer voices are reported as this; no rule asks for more
RATE, SAMPLE = 16_000, 2  # what recognisers take: samples a second, bytes each
# One decoder a file, by its own first bytes; the other forty of Pillow are never asked.
PICTURES = {"image/jpeg": "Jpeg", "image/png": "Png", "image/webp": "WebP", "image/gif": "Gif", "image/bmp": "Bmp", "image/avif": "Avif"}
# The demuxer likewise: left to itself, FFmpeg would also take playlists, which open other files and addresses.
DEMUXERS = {
    "audio/amr": "amr",
    "audio/amr-wb": "amr",
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
    confine(MAX_SECONDS * RATE * SAMPLE if kind == "samples" else 0)
    if kind == "miniatures":
        miniatures(int(mime), path.split("\n"))
        return
    if kind == "watermark":
        sys.stdout.write(json.dumps({"picture": watermark(path, **json.loads(mime))}))
        return
    if kind == "signature":
        sys.stdout.write(json.dumps(signature(path)))
        return
    if kind == "lettering":
        sys.stdout.write(json.dumps({"picture": lettering(**json.loads(mime))}))
        return
    if kind == "paper":
        sys.stdout.write(json.dumps(paper(path, **json.loads(mime))))
        return
    if kind == "likeness":
        sys.stdout.write(json.dumps({"likeness": likeness(path, json.loads(mime))}))
        return
    if kind == "samples":
        sys.stdout.write(json.dumps(samples(path, **json.loads(mime))))
        return
    found = photo(path, PICTURES[mime]) if kind == "photo" else voice(path, DEMUXERS[mime])
    sys.stdout.write(json.dumps(found))


def confine(largest: int = 0) -> None:
    """No file written beyond `largest` bytes, no core, bounded memory and time. A limit that the system does not have is left out."""
    limits = {resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CPU: CPU_S, resource.RLIMIT_FSIZE: largest, resource.RLIMIT_CORE: 0}
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
            image.draft(None, (SQUARE, SQUARE))  # JPEG: all of the data is read, down to an eighth of it is drawn
            image.load()
            told: dict[str, object] = {"problem": None}
            with suppress(Exception):  # a camera's odd notes are no fault of the picture
                told["exif"] = exif(image)
            told["prints"] = prints(image)
    except MemoryError:
        return {"problem": "photo.bomb"}
    except Exception:  # noqa: BLE001 - decoders raise anything
        return {"problem": "photo.undecodable"}
    return told


def watermark(path: str, mime: str, lines: list[str], font: str) -> str | None:
    """The photo with the lines on a dark band at its foot, as JPEG in base64; None for what is no picture."""
    from PIL import Image, ImageDraw, ImageFont, ImageOps

    plugin = PICTURES[mime]
    importlib.import_module(f"PIL.{plugin}ImagePlugin")
    Image.MAX_IMAGE_PIXELS = None  # judged here, without Pillow's warning
    try:
        with Image.open(path, formats=(plugin.upper(),)) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            image.draft("RGB", (LONGEST, LONGEST))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except Exception:  # noqa: BLE001 - decoders raise anything
        return None
    upright.thumbnail((LONGEST, LONGEST))
    if upright.width < NARROWEST:
        upright = upright.resize((NARROWEST, max(upright.height * NARROWEST // upright.width, 1)))
    size = max(round(min(upright.width / 30, upright.height / 12)), 13)
    letters = ImageFont.truetype(font, size)
    gap = round(size * 0.5)
    lines = [part for line in lines for part in broken(line, lambda words: letters.getlength(words) <= upright.width - 2 * gap)]
    height = round(len(lines) * size * 1.4) + 2 * gap
    band = Image.new("RGBA", (upright.width, height), (0, 0, 0, 175))
    draw = ImageDraw.Draw(band)
    for number, words in enumerate(lines):
        draw.text((gap, gap + round(number * size * 1.4)), words, font=letters, fill=(255, 255, 255, 255))
    upright.paste(band, (0, upright.height - height), band)
    into = io.BytesIO()
    upright.save(into, "JPEG", quality=85)
    return base64.b64encode(into.getvalue()).decode()


def broken(line: str, fits: Callable[[str], bool]) -> list[str]:
    """A line as so many that fit, broken at a space where there is one in its second half."""
    parts = []
    while len(line) > 1 and not fits(line):
        cut = next((end for end in range(len(line) - 1, 1, -1) if fits(line[:end])), 1)
        space = line.rfind(" ", cut // 2, cut + 1)
        cut = space if space > 0 else cut
        parts.append(line[:cut].rstrip())
        line = line[cut:].lstrip()
    return [*parts, line]


def signature(path: str) -> dict[str, object]:
    """A drawn signature, cut to its ink, dark on white, as a small PNG in base64; `problem` for what is none."""
    from PIL import Image, ImageOps

    importlib.import_module("PIL.PngImagePlugin")
    Image.MAX_IMAGE_PIXELS = None  # judged here, without Pillow's warning
    try:
        with Image.open(path, formats=("PNG",)) as image:
            if image.width * image.height > MAX_PIXELS // 10:
                return {"problem": "too_large"}
            drawn = image.convert("RGBA")
    except Exception:  # noqa: BLE001 - decoders raise anything
        return {"problem": "undecodable"}
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    ink = paper.convert("L").point([255 if level < DARK else 0 for level in range(256)])
    box, amount = ink.getbbox(), ink.histogram()[255]
    if box is None or amount < DOTS or max(box[2] - box[0], box[3] - box[1]) < DOT or amount > BLOT * ink.width * ink.height:
        return {"problem": "blank"}
    kept = ImageOps.expand(paper.convert("L").crop(box), border=DOT, fill=255)
    kept.thumbnail(PEN)
    return {"picture": png(kept)}


def paper(path: str, page: int, across: int) -> dict[str, object]:
    """How many pages a PDF has, and one of them (from 1; 0 = none) as JPEG in base64; {} for what is none, or has a password."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        told: dict[str, object] = {"pages": len(document)}
        if not 1 <= page <= len(document):
            return told
        sheet = document[page - 1]
        scale = across / max(sheet.get_width(), 1)
        if scale * scale * sheet.get_width() * sheet.get_height() > MAX_PIXELS // 10:
            return told
        into = io.BytesIO()
        sheet.render(scale=scale).to_pil().convert("RGB").save(into, "JPEG", quality=80)
    except Exception:  # noqa: BLE001 - decoders raise anything
        return {}
    return {**told, "picture": base64.b64encode(into.getvalue()).decode()}


def lettering(text: str, font: str) -> str:
    """A typed name, set as large as it fits, as PNG in base64."""
    from PIL import Image, ImageDraw, ImageFont

    size = 120
    while size > 16 and ImageFont.truetype(font, size).getlength(text) > PEN[0] - 2 * DOT:
        size -= 8
    letters = ImageFont.truetype(font, size)
    left, top, right, bottom = letters.getbbox(text)
    made = Image.new("L", (min(int(right - left) + 2 * DOT, PEN[0]), min(int(bottom - top) + 2 * DOT, PEN[1])), 255)
    ImageDraw.Draw(made).text((DOT - left, DOT - top), text, font=letters, fill=20)
    return png(made)


def png(image: Any) -> str:
    """In base64, without anything but the picture."""
    into = io.BytesIO()
    image.save(into, "PNG", optimize=True)
    return base64.b64encode(into.getvalue()).decode()


def grey(image: Any) -> Any:
    """A small upright picture in grey: what hashes and comparisons are made of."""
    from PIL import ImageOps

    return ImageOps.exif_transpose(image).convert("L").resize((SQUARE, SQUARE), reducing_gap=3.0)


def window(image: Any, trims: tuple[float, ...], side: int) -> Any:
    """The part that is left when these shares are cut off left, top, right and bottom, drawn `side` pixels square."""
    left, top, right, bottom = (share * SQUARE for share in trims)
    return image.resize((side, side), box=(left, top, SQUARE - right, SQUARE - bottom), reducing_gap=3.0)


def prints(image: Any) -> list[str]:
    """Perceptual hashes of the whole picture and of its windows, 64 bits each in hex.

    A window's hash is near that of the picture cropped so. [] for a picture without features, which is like every other one.
    """
    from PIL import ImageStat

    small = grey(image)
    if ImageStat.Stat(small).stddev[0] < FLAT:
        return []
    return [phash(window(small, trims, 4 * HASH)) for trims in WINDOWS]


def phash(image: Any) -> str:
    """The signs of the lowest frequencies against their median, as ImageHash counts them; its import of SciPy would take half a second."""
    import numpy as np

    side = 4 * HASH
    waves = np.cos(np.pi * np.outer(np.arange(HASH), 2 * np.arange(side) + 1) / (2 * side))
    low = waves @ np.asarray(image, dtype=float) @ waves.T
    bits = (low > np.median(low)).ravel()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):0{HASH * HASH // 4}x}"


def likeness(path: str, others: list[str]) -> list[float]:
    """For each other picture the correlation of what both show, 0 for what cannot be opened. Light and contrast do not matter."""
    ours = small_of(path)
    return [max(alike(ours, theirs), alike(theirs, ours)) if ours and (theirs := small_of(other)) else 0.0 for other in others]


def small_of(path: str) -> Any:
    """A file as `grey` makes it, or None."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # judged here, without Pillow's warning
    for plugin in PICTURES.values():
        importlib.import_module(f"PIL.{plugin}ImagePlugin")
    with suppress(Exception), Image.open(path, formats=[plugin.upper() for plugin in PICTURES.values()]) as image:
        if image.width * image.height <= MAX_PIXELS:
            image.draft(None, (SQUARE, SQUARE))
            return grey(image)
    return None


def alike(whole: Any, part: Any) -> float:
    """How well `part` fits into `whole`: from the best of the windows on, its edges are moved until nothing is gained."""
    import numpy as np

    def vector(image: Any, trims: tuple[float, ...]) -> Any:
        values = np.asarray(window(image, trims, SIDE), dtype=float).ravel()
        values -= values.mean()
        return values / (np.linalg.norm(values) or 1.0)

    wanted = vector(part, WINDOWS[0])
    best, trims = max((float(vector(whole, trims) @ wanted), trims) for trims in WINDOWS)
    for step in STEPS:
        moved = True
        while moved:
            tries = [(*trims[:n], min(max(trims[n] + by, 0.0), MOST), *trims[n + 1 :]) for n in range(4) for by in (step, -step)]
            found, at = max((float(vector(whole, one) @ wanted), one) for one in tries)
            moved = found > best + GAIN
            best, trims = (found, at) if moved else (best, trims)
    return best


def exif(image: Any) -> dict[str, object]:
    """What the camera noted, as far as it survived: taken_at (local, no zone), lat, lng (WGS-84), model."""
    found = image.getexif()
    place, detail = found.get_ifd(0x8825), found.get_ifd(0x8769)
    told: dict[str, object] = {
        "taken_at": str(detail.get(0x9003) or found.get(0x0132) or "")[:19],
        "model": str(found.get(0x0110) or "")[:60].strip("\0 "),
    }
    if 2 in place and 4 in place:
        lat, lng = (sum(float(part) / 60**power for power, part in enumerate(place[tag])) for tag in (2, 4))
        told |= {"lat": -lat if place.get(1) == "S" else lat, "lng": -lng if place.get(3) == "W" else lng}
    return {name: value for name, value in told.items() if value != ""}


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


def samples(path: str, mime: str, into: int) -> dict[str, object]:
    """Write a voice to the open file `into`: 16 kHz, one channel, 16 bits; as much of it as decodes, an hour at most."""
    import av

    left = MAX_SECONDS * RATE
    with os.fdopen(into, "wb") as file, suppress(Exception), av.open(path, format=DEMUXERS[mime], metadata_errors="ignore") as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        for frame in container.decode(container.streams.audio[0]):
            frame.pts = None  # a lying clock would make the resampler fill gaps
            left -= _written(file, resampler.resample(frame), left)
            if not left:
                break
        left -= _written(file, resampler.resample(None), left)
    return {"samples": MAX_SECONDS * RATE - left}


def _written(file: BinaryIO, frames: list[Any], most: int) -> int:
    sound = b"".join(frame.to_ndarray().tobytes() for frame in frames)[: most * SAMPLE]
    try:
        file.write(sound)
    except OSError:
        sys.exit(1)  # a full disk is no verdict on the voice
    return len(sound) // SAMPLE


if __name__ == "__main__":
    main(*sys.argv[1:])
