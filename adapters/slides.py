"""A PDF, a PPTX or a folder of pictures → the pages of a deck, as JPEGs for a large screen and for a phone."""

import io
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

LARGE, SMALL = 1600, 800  # pixels across
MOST_PAGES = 300
MOST_PIXELS = 60_000_000
QUALITY = 82
OFFICE_S = 180
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"}


class BadDeck(Exception):
    """The text is Chinese, for whoever imports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """One page: two JPEGs, and the size of the large one in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def slides(path: Path) -> Iterator[tuple[int, int, Slide]]:
    """Yield (number from 1, how many there are, page). Raises BadDeck."""
    if path.is_dir():
        yield from _folder(path)
    elif path.suffix.lower() == ".pdf":
        yield from _pdf(path)
    elif path.suffix.lower() in {".pptx", ".ppt", ".odp"}:
        with tempfile.TemporaryDirectory(prefix="salestrace-") as folder:
            yield from _pdf(_printed(path, Path(folder)))
    else:
        raise BadDeck("讲稿应是 PDF、PPTX，或一个放图片的文件夹")


def _folder(path: Path) -> Iterator[tuple[int, int, Slide]]:
    files = sorted((file for file in path.iterdir() if file.suffix.lower() in PICTURES), key=_natural)
    if not files:
        raise BadDeck("文件夹里没有图片（jpg、png、webp）")
    _countable(len(files))
    for number, file in enumerate(files, 1):
        try:
            with Image.open(file) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise BadDeck(f"{file.name} 太大")
                yield number, len(files), _slide(ImageOps.exif_transpose(picture))
        except (OSError, SyntaxError, Image.DecompressionBombError):
            raise BadDeck(f"{file.name} 不是能读的图片") from None


def _pdf(path: Path) -> Iterator[tuple[int, int, Slide]]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise BadDeck("这个 PDF 有密码，请去掉密码再导入" if locked else "这个 PDF 读不了，可能已损坏") from None
    try:
        _countable(len(document))
        for number, page in enumerate(document, 1):
            scale = LARGE / max(page.get_width(), 1)
            if page.get_height() * scale * LARGE > MOST_PIXELS:
                raise BadDeck(f"第 {number} 页太长")
            yield number, len(document), _slide(page.render(scale=scale).to_pil())
    except pypdfium2.PdfiumError:
        raise BadDeck("这个 PDF 有画不出来的页") from None
    finally:
        document.close()


def _printed(path: Path, folder: Path) -> Path:
    """A presentation as PDF, by LibreOffice."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        raise BadDeck("导入 PPTX 需要 LibreOffice（apt-get install libreoffice-impress）；也可以先另存为 PDF 再导入")
    home = f"-env:UserInstallation={(folder / 'home').as_uri()}"
    asked = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)]
    try:
        subprocess.run(asked, timeout=OFFICE_S, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - no shell
    except (subprocess.SubprocessError, OSError):
        raise BadDeck("LibreOffice 转换失败，请另存为 PDF 再导入") from None
    made = folder / f"{path.stem}.pdf"
    if not made.is_file():
        raise BadDeck("LibreOffice 没有转换出 PDF，请另存为 PDF 再导入")
    return made


def _slide(picture: Image.Image) -> Slide:
    plain = picture.convert("RGB")
    large, small = _fitted(plain, LARGE), _fitted(plain, SMALL)
    return Slide(large=_jpeg(large), small=_jpeg(small), width=large.width, height=large.height)


def _fitted(picture: Image.Image, across: int) -> Image.Image:
    if picture.width <= across:
        return picture
    return picture.resize((across, max(1, round(picture.height * across / picture.width))), Image.Resampling.LANCZOS)


def _jpeg(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    return target.getvalue()


def _countable(pages: int) -> None:
    if not 1 <= pages <= MOST_PAGES:
        raise BadDeck(f"有 {pages} 页；一份讲稿 1 到 {MOST_PAGES} 页" if pages else "一页也没有")


def _natural(file: Path) -> list[tuple[int, int | str]]:
    """2.jpg before 10.jpg."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", file.name.lower()) if part]
