"""The reader as it is installed by `make install-ocr`: what it reads, and what becomes of it when a file or a moment is bad."""

import io
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from adapters.media import font
from adapters.ocr import OcrReader
from bot.errors import FetchError

JPEG = "image/jpeg"


@pytest.fixture
async def reader() -> AsyncIterator[OcrReader]:
    made = OcrReader()
    yield made
    await made.close()


def sign(*lines: str) -> bytes:
    picture = Image.new("RGB", (1200, 800), (230, 226, 214))
    draw = ImageDraw.Draw(picture)
    for n, line in enumerate(lines):
        draw.text((90, 120 + 130 * n), line, font=ImageFont.truetype(str(font()), 70), fill=(30, 40, 60))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def kept(folder: Path, data: bytes) -> Path:
    path = folder / "photo"
    path.write_bytes(data)
    return path


@pytest.mark.ocr
async def test_it_reads_chinese(reader: OcrReader, tmp_path: Path) -> None:
    found = await reader.read(kept(tmp_path, sign("东莞恒达机电有限公司", "招标编号 SZ-2026-0918")), JPEG)
    assert found and "东莞恒达机电有限公司" in found.lines and found.faces == 0


@pytest.mark.ocr
async def test_a_photo_without_words(reader: OcrReader, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 60)).save(out, "JPEG")
    found = await reader.read(kept(tmp_path, out.getvalue()), JPEG)
    assert found and found.lines == () and found.faces == 0


@pytest.mark.ocr
async def test_after_a_hostile_file_it_reads_the_next_one(reader: OcrReader, tmp_path: Path) -> None:
    assert await reader.read(kept(tmp_path, b"\xff\xd8\xff not one"), JPEG) is None
    assert await reader.read(kept(tmp_path, b"GIF89a/*<script>*/"), "image/gif") is None
    found = await reader.read(kept(tmp_path, sign("欢迎莅临")), JPEG)
    assert found and found.lines == ("欢迎莅临",)


@pytest.mark.ocr
async def test_dismissed_when_idle_and_there_again_when_needed(tmp_path: Path) -> None:
    reader = OcrReader(idle_s=0.0)
    path = kept(tmp_path, sign("会议室"))
    try:
        for _ in range(2):
            found = await reader.read(path, JPEG)
            assert found and found.lines == ("会议室",)
    finally:
        await reader.close()


@pytest.mark.ocr
async def test_one_that_takes_too_long_is_ended_and_the_photo_is_tried_again(tmp_path: Path) -> None:
    reader = OcrReader(wall_s=0.05)
    start = time.monotonic()
    with pytest.raises(FetchError) as caught:
        await reader.read(kept(tmp_path, sign("会议室")), JPEG)
    assert not caught.value.permanent and time.monotonic() - start < 5
    await reader.close()


async def test_what_is_no_picture_starts_no_reader(tmp_path: Path) -> None:
    assert await OcrReader(python="/nonexistent").read(kept(tmp_path, b"%PDF-"), "application/pdf") is None


@pytest.mark.parametrize("python", ["/nonexistent/python", "/usr/bin/false", sys.executable])
async def test_a_broken_or_missing_installation_is_tried_again_later(python: str, tmp_path: Path) -> None:
    """The last one starts, and finds no reader where none is installed."""
    reader = OcrReader(python=python, wall_s=0.2 if python == sys.executable else 60)
    with pytest.raises(FetchError) as caught:
        await reader.read(kept(tmp_path, sign("会议室")), JPEG)
    assert not caught.value.permanent
    await reader.close()
