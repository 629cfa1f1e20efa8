"""The pictures of a deck's pages → one PDF, the JPEGs as they are."""

import io
from collections.abc import Iterable
from pathlib import Path

import pypdfium2

WIDTH = 842.0  # points across a page: A4 lying


def bound(pages: Iterable[tuple[Path, int, int]]) -> bytes:
    """`pages`: a JPEG with its width and height in pixels. Raises OSError for one that is not there."""
    document = pypdfium2.PdfDocument.new()
    try:
        for path, width, height in pages:
            tall = WIDTH * height / max(width, 1)
            page = document.new_page(WIDTH, tall)
            image = pypdfium2.PdfImage.new(document)
            image.load_jpeg(io.BytesIO(path.read_bytes()), inline=True, autoclose=True)
            image.set_matrix(pypdfium2.PdfMatrix().scale(WIDTH, tall))
            page.insert_obj(image)
            page.gen_content()
            page.close()
        into = io.BytesIO()
        document.save(into)
        return into.getvalue()
    finally:
        document.close()
