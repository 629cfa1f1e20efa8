"""What the bounded child makes of signatures, names and PDFs, kind and unkind."""

import io
import random
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from adapters.binding import bound
from adapters.media import MediaInspector
from bot.errors import FetchError
from tests.e2e.test_decks import pdf
from tests.e2e.test_signatures import drawn

inspector = MediaInspector()


def put(folder: Path, data: bytes) -> Path:
    path = folder / "picture"
    path.write_bytes(data)
    return path


async def test_it_is_cut_to_its_ink_dark_on_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (1600, 800), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(700, 300), (900, 500)], fill=(0, 0, 0, 255), width=10)
    target = io.BytesIO()
    picture.save(target, "PNG")
    made = Image.open(io.BytesIO(await inspector.signature(put(tmp_path, target.getvalue()))))
    assert made.format == "PNG" and made.mode == "L" and made.width < 300 and made.height < 300
    assert made.getpixel((0, 0)) == 255 and made.getextrema() == (0, 255)
    assert made.info == {}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (drawn(line=False), "blank"),
        (b"", "undecodable"),
        (drawn("JPEG"), "undecodable"),
        (drawn()[:500], "undecodable"),
        (b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(4000), "undecodable"),
        (drawn(width=4000, height=4000), "too_large"),
    ],
)
async def test_what_is_no_signature(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(FetchError) as caught:
        await inspector.signature(put(tmp_path, data))
    assert (caught.value.reason, caught.value.permanent) == (reason, True)


@pytest.mark.parametrize("shape", [[(400, 150, 404, 154)], [(0, 0, 800, 300)]], ids=["a dot", "a blot"])
async def test_a_dot_and_a_blot_are_none(tmp_path: Path, shape: list[tuple[int, int, int, int]]) -> None:
    picture = Image.new("RGB", (800, 300), "white")
    for box in shape:
        ImageDraw.Draw(picture).rectangle(box, fill="black")
    target = io.BytesIO()
    picture.save(target, "PNG")
    with pytest.raises(FetchError, match="blank"):
        await inspector.signature(put(tmp_path, target.getvalue()))


@pytest.mark.parametrize("name", ["王", "王建国", "Maximilian Friedrich von Habsburg-Lothringen"[:40], "欧阳" * 20])
async def test_a_typed_name_fits(name: str) -> None:
    made = Image.open(io.BytesIO(await inspector.lettering(name)))
    assert made.format == "PNG" and made.width <= 1000 and made.height <= 400 and made.getpixel((0, 0)) == 255
    assert min(made.tobytes()) < 60


async def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    path = put(tmp_path, pdf(3))
    pages, picture = await inspector.paper(path, 2, 600)
    assert pages == 3 and picture and Image.open(io.BytesIO(picture)).width == 600
    assert await inspector.paper(path, 0, 600) == (3, None) == await inspector.paper(path, 4, 600)
    for data in (b"", b"%PDF-1.7 nothing", pdf(1)[:200], drawn()):
        assert await inspector.paper(put(tmp_path, data), 1, 600) == (0, None)


def test_pages_are_bound_as_they_are(tmp_path: Path) -> None:
    pages = []
    for number, (width, height) in enumerate([(800, 450), (450, 800)]):
        path = tmp_path / f"{number}.jpg"
        Image.new("RGB", (width, height), (number * 200, 90, 30)).save(path, "JPEG")
        pages.append((path, width, height))
    made = pypdfium2.PdfDocument(bound(pages))
    shapes = [round(page.get_width() / page.get_height(), 2) for page in made]
    assert shapes == [1.78, 0.56]
    assert all(made[number].render(scale=0.2).to_pil().getpixel((20, 20))[0] == pytest.approx(number * 200, abs=6) for number in (0, 1))
    with pytest.raises(OSError, match="No such file"):
        bound([(tmp_path / "none.jpg", 1, 1)])
