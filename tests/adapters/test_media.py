"""Photos and voices as they really come, and as nobody would send them kindly."""

import asyncio
import io
import os
import random
import struct
import subprocess
import sys
import time
import wave
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import imagehash
import pytest
from PIL import Image

from adapters import media_child
from adapters.media import MediaInspector
from bot.errors import FetchError
from bot.evidence.alike import LIKENESS
from bot.ports import Inspection

AUDIO = Path(__file__).parents[1] / "audio"
inspector = MediaInspector()


async def inspect(data: bytes, kind: str, folder: Path) -> Inspection:
    path = folder / "upload"
    path.write_bytes(data)
    return await MediaInspector().inspect(path, kind)


def picture(form: str, size: tuple[int, int] = (640, 480)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, form)
    return out.getvalue()


def wav(seconds: float, rate: int = 8000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", n * 37 % 2000 - 1000) for n in range(round(seconds * rate))))
    return out.getvalue()


def encoded(container: str, codec: str, seconds: int, rate: int = 48000) -> bytes:
    """A real file of this container, from PyAV's encoder."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame(format="s16", layout="mono", samples=rate * seconds)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        frame.planes[0].update(b"\x11\x04\xef\xfb" * (rate * seconds // 2) + bytes(frame.planes[0].buffer_size - rate * seconds * 2))
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)
    return out.getvalue()


# ---- photos ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif"), ("BMP", "image/bmp")]
)
async def test_a_picture_is_a_photo(form: str, mime: str, tmp_path: Path) -> None:
    found = await inspect(picture(form), "photo", tmp_path)
    assert (found.mime, found.problem) == (mime, None)
    assert len(found.prints) in {0, 11}, "the whole and ten windows; nothing for a picture without features"


@pytest.mark.parametrize("size", [(1, 1), (4000, 3000)])
async def test_photos_of_any_honest_size_pass(size: tuple[int, int], tmp_path: Path) -> None:
    assert (await inspect(picture("JPEG", size), "photo", tmp_path)).problem is None


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_cut_picture_is_undecodable(form: str, tmp_path: Path) -> None:
    data = picture(form)
    assert (await inspect(data[: len(data) * 2 // 3], "photo", tmp_path)).problem == "photo.undecodable"


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html>errcode 40007</html>",
        b'{"errcode":40007}',
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n" + b"x" * 99,
        b"%PDF-1.4",
        b"RIFF",
    ],
)
async def test_what_is_no_picture_is_undecodable_whatever_it_is_called(data: bytes, tmp_path: Path) -> None:
    assert (await inspect(data, "photo", tmp_path)).problem == "photo.undecodable"


async def test_a_voice_sent_as_a_photo_is_undecodable(tmp_path: Path) -> None:
    found = await inspect((AUDIO / "short-note.amr").read_bytes(), "photo", tmp_path)
    assert found == Inspection(mime="audio/amr", problem="photo.undecodable")


@pytest.mark.parametrize(
    ("kind", "problem"), [("photo", "photo.empty"), ("voice", "voice.empty"), ("file", "file.empty"), ("video", "file.empty")]
)
async def test_nothing_is_empty(kind: str, problem: str, tmp_path: Path) -> None:
    assert await inspect(b"", kind, tmp_path) == Inspection(problem=problem)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that unpacks to width by height pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = zlib.compress(bytes((width // 8 + 1) * min(height, 2000)), 9)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60000, 60000), (10000, 8001)])
async def test_a_pixel_bomb_is_refused_by_its_header(size: tuple[int, int], tmp_path: Path) -> None:
    start = time.monotonic()
    assert await inspect(bomb(*size), "photo", tmp_path) == Inspection(mime="image/png", problem="photo.bomb")
    assert time.monotonic() - start < 5


# ---- voices ----------------------------------------------------------------------------------------------------------

LENGTHS = {
    "budget-tender": 11.6,
    "competitor": 6.96,
    "demo-closing": 32.38,
    "new-person": 7.14,
    "price-objection": 9.26,
    "short-note": 2.38,
    "tech-concern": 9.76,
}


@pytest.mark.parametrize(("clip", "seconds"), LENGTHS.items())
async def test_amr_is_as_long_as_its_frames(clip: str, seconds: float) -> None:
    assert await inspector.inspect(AUDIO / f"{clip}.amr", "voice") == Inspection(mime="audio/amr", seconds=seconds)


@pytest.mark.parametrize("clip", ["demo-closing", "short-note"])
async def test_opus_is_as_long_as_its_samples(clip: str) -> None:
    found = await inspector.inspect(AUDIO / f"{clip}.ogg", "voice")
    assert (found.mime, found.problem) == ("audio/ogg", None)
    assert found.seconds == pytest.approx(LENGTHS[clip], abs=0.03)


@pytest.mark.parametrize("seconds", [0.5, 29.0, 30.0])
async def test_wav_is_exact(seconds: float, tmp_path: Path) -> None:
    assert await inspect(wav(seconds), "voice", tmp_path) == Inspection(mime="audio/wav", seconds=seconds)


@pytest.mark.parametrize(
    ("container", "codec", "mime"),
    [
        ("mp3", "libmp3lame", "audio/mpeg"),
        ("ipod", "aac", "audio/mp4"),
        ("mp4", "aac", "audio/mp4"),
        ("webm", "libopus", "audio/webm"),
        ("adts", "aac", "audio/aac"),
        ("flac", "flac", "audio/flac"),
    ],
)
async def test_other_recorders_files_are_measured(container: str, codec: str, mime: str, tmp_path: Path) -> None:
    found = await inspect(encoded(container, codec, 3), "voice", tmp_path)
    assert (found.mime, found.problem) == (mime, None)
    assert found.seconds == pytest.approx(3, abs=0.06)


@pytest.mark.parametrize("name", ["competitor.amr", "competitor.ogg"])
@pytest.mark.parametrize("share", [0.3, 0.9])
async def test_a_cut_voice_says_so_and_how_much_is_there(name: str, share: float, tmp_path: Path) -> None:
    data = (AUDIO / name).read_bytes()
    found = await inspect(data[: int(len(data) * share)], "voice", tmp_path)
    assert found.problem == "voice.cut"
    assert found.seconds is not None
    assert 0 < found.seconds < 6.9


async def test_a_cut_wav_and_m4a_are_no_whole_voice(tmp_path: Path) -> None:
    assert (await inspect(wav(3)[:-1000], "voice", tmp_path)).problem == "voice.cut"
    data = encoded("mp4", "aac", 3)
    assert (await inspect(data[: len(data) // 2], "voice", tmp_path)).problem in ("voice.cut", "voice.undecodable")


async def test_an_amr_that_claims_hours_counts_only_what_it_has(tmp_path: Path) -> None:
    silence = b"#!AMR\n" + b"\x7c" * 200_000  # NO_DATA frames: an hour of nothing
    assert (await inspect(silence, "voice", tmp_path)).problem == "voice.empty"


@pytest.mark.parametrize(
    "data",
    [
        b"<html>",
        b"#!AMR\n\xff\xff\xff",
        b"OggS" + b"\x00" * 400,
        b"ID3" + b"\xff" * 400,
        b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\x00" * 64,
        b"\x00\x00\x00\x20ftypM4A " + b"\xff" * 300,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\nhttp://127.0.0.1:9/a.ts\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
    ],
)
async def test_hostile_voices_are_undecodable(data: bytes, tmp_path: Path) -> None:
    assert (await inspect(data, "voice", tmp_path)).problem == "voice.undecodable"


async def test_a_picture_sent_as_a_voice_is_undecodable(tmp_path: Path) -> None:
    assert (await inspect(picture("PNG"), "voice", tmp_path)).problem == "voice.undecodable"


# ---- the child -------------------------------------------------------------------------------------------------------


async def test_a_child_that_takes_too_long_is_killed_and_says_nothing_about_the_file(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(picture("PNG"))
    start = time.monotonic()
    with pytest.raises(FetchError) as caught:
        await MediaInspector(wall_s=0.01).inspect(path, "photo")
    assert (caught.value.reason, caught.value.permanent) == ("unavailable", False)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("python", ["/nonexistent/python", "/usr/bin/false"])
async def test_a_broken_installation_is_no_verdict_on_the_file(python: str, tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(picture("PNG"))
    with pytest.raises(FetchError) as caught:
        await MediaInspector(python=python).inspect(path, "photo")
    assert not caught.value.permanent


async def test_an_inspection_may_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(picture("PNG"))
    job = asyncio.create_task(MediaInspector().inspect(path, "photo"))
    await asyncio.sleep(0.02)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job


async def test_many_photos_at_once_are_all_judged(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(picture("JPEG"))
    one = MediaInspector()
    assert [found.problem for found in await asyncio.gather(*(one.inspect(path, "photo") for _ in range(5)))] == [None] * 5


async def test_other_files_and_kinds_are_only_named(tmp_path: Path) -> None:
    assert await inspect(b"%PDF-1.7 rest", "file", tmp_path) == Inspection(mime="application/pdf")
    assert await inspect(b"any bytes at all", "file", tmp_path) == Inspection()


async def test_the_loop_stays_free_while_files_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(picture("PNG", (1200, 900)))
    lags: list[float] = []

    async def tick() -> None:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.005)
            lags.append(time.perf_counter() - start)

    ticker = asyncio.create_task(tick())
    await MediaInspector().inspect(path, "photo")
    ticker.cancel()
    assert lags
    assert sorted(lags)[len(lags) // 2] < 0.05


async def test_the_child_is_given_no_secrets_and_no_room(tmp_path: Path) -> None:
    """What the child's confinement leaves of a process: no environment, no file to write, a gigabyte, thirty seconds."""
    script = tmp_path / "probe.py"
    script.write_text(
        "import resource, sys; sys.path.insert(0, sys.argv[1]); from adapters import media_child; media_child.confine();"
        "print(resource.getrlimit(resource.RLIMIT_FSIZE)[0], resource.getrlimit(resource.RLIMIT_CPU)[0])"
    )
    root = str(Path(__file__).parents[2])
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(script), root, stdout=asyncio.subprocess.PIPE, env={"PATH": os.defpath}
    )
    output, _ = await child.communicate()
    assert output.split() == [b"0", b"30"]


def test_the_product_itself_loads_no_decoder() -> None:
    code = "import sys, adapters.media; print([name for name in ('PIL', 'av') if name in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]).stdout
        == "[]\n"
    )


# ---- copies of photos --------------------------------------------------------------------------------------------------


async def test_a_watermark_leaves_the_original_and_is_upright(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    data = picture("JPEG", (900, 600))
    path.write_bytes(data)
    made = await MediaInspector().watermark(path, "image/jpeg", ["2026-11-23 14:05:09 李娜", "很长的名字" * 20, "设备 x"])
    assert made and path.read_bytes() == data
    with Image.open(io.BytesIO(made)) as copy:
        assert copy.size == (900, 600) and copy.format == "JPEG"


@pytest.mark.parametrize(("mime", "data"), [("image/jpeg", b"\xff\xd8\xff not one"), ("text/html", b"<html>"), ("image/png", b"")])
async def test_what_is_no_picture_gets_no_copy(tmp_path: Path, mime: str, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    assert await MediaInspector().watermark(tmp_path / "x", mime, ["a"]) is None


async def test_small_pictures_of_good_and_hostile_files_side_by_side(tmp_path: Path) -> None:
    """A file that ends its child costs only its own small picture."""
    good, bad = tmp_path / "good.jpg", tmp_path / "bad.jpg"
    good.write_bytes(picture("JPEG", (900, 600)))
    bad.write_bytes(b"\xff\xd8\xff")
    made = await MediaInspector().miniatures([good, bad] * 15, 100)
    assert [small is not None for small in made] == [True, False] * 15
    with Image.open(io.BytesIO(made[0] or b"")) as small:
        assert max(small.size) == 100


# ---- photos compared ---------------------------------------------------------------------------------------------------


def drawn(seed: int) -> Image.Image:
    chance = random.Random(seed)
    small = Image.new("L", (9, 7))
    small.putdata([chance.randrange(256) for _ in range(63)])
    return small.resize((640, 480), Image.Resampling.BICUBIC)


def test_hashes_are_those_of_the_library() -> None:
    """So that somebody else can compute them from an original."""
    for seed, trims in enumerate(media_child.WINDOWS):
        part = media_child.window(media_child.grey(drawn(seed)), trims, 32)
        assert media_child.phash(part) == str(imagehash.phash(part))


async def test_how_alike_two_pictures_are(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("whole", "crop", "bright", "other", "broken", "none")]
    whole = drawn(1)
    whole.save(paths[0], "PNG")
    whole.crop((40, 20, 620, 450)).convert("RGB").save(paths[1], "JPEG", quality=50)
    whole.point(lambda grey: min(grey * 5 // 4, 255)).save(paths[2], "PNG")
    drawn(2).save(paths[3], "PNG")
    paths[4].write_bytes(b"\xff\xd8\xff not one")
    likeness = await MediaInspector().likeness(paths[0], paths[1:])
    assert min(likeness[:2]) > LIKENESS and likeness[2] < 0.6 and likeness[3:] == [0.0, 0.0]


async def test_a_picture_without_features_is_like_no_other(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (250, 250, 250)).save(out, "JPEG")
    assert (await inspect(out.getvalue(), "photo", tmp_path)).prints == ()


# ---- hostile photos: kept, named, harmless ------------------------------------------------------------------------------


def png_of(width: int, height: int, data: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + data + chunk(b"IEND", b"")


def jpeg_saying(width: int, height: int) -> bytes:
    """A good JPEG whose header was changed to these dimensions."""
    data = bytearray(picture("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_of_frames(count: int) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("P", (200, 200), n % 200) for n in range(count)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def bomb_in_text() -> bytes:
    """A PNG of a pixel with a compressed comment of 200 MB."""
    text = chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(200 << 20), 9))
    return png_of(1, 1, text + chunk(b"IDAT", zlib.compress(b"\0\1\2\3")))


def exif_loop() -> bytes:
    """A good JPEG whose camera notes point at themselves and claim four billion entries."""
    notes = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 65535) + struct.pack(">HHII", 0x8769, 4, 0xFFFFFFFF, 8) * 40
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(notes) + 2) + notes + picture("JPEG")[2:]


FINE, UNDECODABLE, BOMB = None, "photo.undecodable", "photo.bomb"
HOSTILE: dict[str, tuple[Callable[[], bytes], set[str | None]]] = {
    "3.6 billion pixels in a few bytes": (lambda: png_of(60_000, 60_000, chunk(b"IDAT", zlib.compress(bytes(60_000)))), {BOMB}),
    "a JPEG that says 65,535 by 65,535": (lambda: jpeg_saying(65_535, 65_535), {BOMB}),
    "a JPEG a little larger than it is": (lambda: jpeg_saying(660, 500), {UNDECODABLE, FINE}),
    "a comment that unpacks to 200 MB": (bomb_in_text, {UNDECODABLE, BOMB}),
    "camera notes in a loop": (exif_loop, {FINE}),
    "four hundred frames": (lambda: gif_of_frames(400), {FINE}),
    "half a JPEG": (lambda: picture("JPEG")[:20_000], {UNDECODABLE}),
    "half a PNG": (lambda: picture("PNG")[:20_000], {UNDECODABLE}),
    "half a WebP": (lambda: picture("WEBP")[:20_000], {UNDECODABLE}),
    "a header alone": (lambda: b"\xff\xd8\xff\xe0", {UNDECODABLE}),
    "a photo with a ZIP behind it": (lambda: picture("JPEG") + b"PK\x03\x04" + bytes(400), {FINE}),
    "a photo with a page behind it": (lambda: picture("JPEG") + b"<script>alert(1)</script>", {FINE}),
    "a page that begins like a GIF": (lambda: b"GIF89a/*<script>alert(1)</script>*/", {UNDECODABLE}),
    "a PDF that calls itself a photo": (lambda: b"%PDF-1.7 \xff\xd8\xff", {UNDECODABLE}),
    "PostScript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", {UNDECODABLE}),
    "an SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>', {UNDECODABLE}),
    "a TIFF": (lambda: picture("TIFF"), {UNDECODABLE}),
    "an icon in an icon": (lambda: b"\0\0\1\0\1\0" + b"\0" * 400, {UNDECODABLE}),
    "zeros": (lambda: bytes(100_000), {UNDECODABLE}),
}


PEAK = """
import asyncio, pathlib, resource, sys
from adapters.media import MediaInspector
asyncio.run(MediaInspector().inspect(pathlib.Path(sys.argv[1]), "photo"))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


async def peak_kb(path: Path) -> int:
    """What a child takes at most, started by a small process: one begins as a copy of its parent, and the tests have grown large."""
    asked = [sys.executable, "-c", PEAK, str(path)]
    process = await asyncio.create_subprocess_exec(*asked, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    assert process.returncode == 0
    return int(told)


@pytest.mark.parametrize("case", HOSTILE)
async def test_a_hostile_photo_is_named_and_harms_nothing(case: str, tmp_path: Path) -> None:
    make, allowed = HOSTILE[case]
    path = tmp_path / "upload"
    path.write_bytes(make())
    before, start = path.read_bytes(), time.monotonic()
    one = MediaInspector()
    found = await one.inspect(path, "photo")
    assert found.problem in allowed
    mime = found.mime or "image/jpeg"
    copy = await one.watermark(path, mime, ["时间", "地点", "设备"])
    assert copy is None or Image.open(io.BytesIO(copy)).format == "JPEG"
    (likeness,) = await one.likeness(path, [path])
    assert 0 <= likeness <= 1.001
    assert time.monotonic() - start < 20 and path.read_bytes() == before
    assert await peak_kb(path) < (1 << 30) / 1024, "kilobytes: no child went beyond its gigabyte"
