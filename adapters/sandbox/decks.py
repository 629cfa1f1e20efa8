"""The sample company's decks: a few drawn slides each, so that 演示 has something to show."""

import io
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from adapters.media import font

SIZE = (1600, 900)
INK, PAPER, QUIET, ACCENT = "#1d2b3a", "#f7f9fb", "#66788a", "#1f6feb"
PROCESS = ("发消息", "有记录", "有证据", "可核验")
DECKS: dict[str, tuple[tuple[str, ...], Sequence[tuple[str, str, tuple[int, ...]]]]] = {
    "产品册": (
        ("资料",),
        (
            ("智能装配线", "交付周期 45 天 · 两年质保", ()),
            ("节拍对比", "改造前后每小时产量（件）", (42, 68, 91, 118)),
            ("接口与集成", "MES、ERP 双向对接，开放接口文档", ()),
            ("服务承诺", "2 小时响应 · 24 小时到场", ()),
        ),
    ),
    "客户案例": (
        ("老客户成功案例", "资料"),
        (
            ("一家老客户的三年", "从一条试点线到六条产线", ()),
            ("产线数量", "逐年增加（条）", (1, 3, 4, 6)),
            ("客户怎么说", "“坏了有人来，改了有人教。”", ()),
        ),
    ),
}


def draw(name: str, folder: Path) -> None:
    """Put the slides of a deck into a folder, as pictures in their order."""
    for number, image in enumerate(_slides(name), 1):
        image.save(folder / f"{number:02}.png")


def paper(name: str) -> bytes:
    """The first slide as a PDF, the same every time."""
    out, made = io.BytesIO(), time.gmtime(0)
    next(_slides(name)).resize((640, 360)).save(out, "PDF", creationDate=made, modDate=made)
    return out.getvalue()


def _slides(name: str) -> Iterator[Image.Image]:
    _, pages = DECKS[name]
    for number, (title, line, figures) in enumerate(pages, 1):
        image = Image.new("RGB", SIZE, PAPER)
        page = ImageDraw.Draw(image)
        page.rectangle((0, 0, 24, SIZE[1]), fill=ACCENT)
        page.text((120, 110), title, fill=INK, font=_letters(96))
        page.text((124, 250), line, fill=QUIET, font=_letters(44))
        if figures:
            _bars(page, figures)
        else:
            _steps(page)
        page.text((124, 800), f"样板公司 · {name}", fill=QUIET, font=_letters(30))
        page.text((1430, 800), f"{number} / {len(pages)}", fill=QUIET, font=_letters(30))
        yield image


def _letters(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font()), size)


def _bars(page: ImageDraw.ImageDraw, figures: Sequence[int]) -> None:
    most = max(figures)
    for at, figure in enumerate(figures):
        left, height = 160 + at * 320, round(320 * figure / most)
        page.rounded_rectangle((left, 740 - height, left + 180, 740), radius=10, fill=ACCENT if figure == most else "#9db9e0")
        page.text((left + 90, 728 - height), str(figure), fill=INK, font=_letters(40), anchor="ms")


def _steps(page: ImageDraw.ImageDraw) -> None:
    for at, (left, words) in enumerate(_placed(PROCESS)):
        page.rounded_rectangle((left, 440, left + 280, 640), radius=24, fill="#e4edf8", outline=ACCENT, width=4)
        page.text((left + 140, 540), words, fill=INK, font=_letters(48), anchor="mm")
        if at:
            page.line((left - 60, 540, left - 16, 540), fill=ACCENT, width=6)


def _placed(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    return ((124 + at * 350, word) for at, word in enumerate(words))
