"""A folder with a Typst source and its data → a PDF, in the typeface that the product carries."""

import asyncio
from importlib.metadata import distribution
from pathlib import Path

from bot.errors import SalesTraceError


def fonts() -> Path:
    """The folder of Noto Sans SC, from the wheel that carries it; nothing of the wheel's code is imported."""
    return Path(str(distribution("zhplot").locate_file("zhplot/fonts")))


async def typeset(folder: Path, source: str, what: str) -> bytes:
    """Raises SalesTraceError; `what` is named in it."""
    return await asyncio.to_thread(_compiled, folder, source, what)


def _compiled(folder: Path, source: str, what: str) -> bytes:
    import typst  # a compiler of 40 MB: loaded when something is to be set, not at the start

    try:
        made = typst.compile(str(folder / source), root=str(folder), font_paths=[str(fonts())], ignore_system_fonts=True)
    except RuntimeError as error:
        raise SalesTraceError(f"{what}没有排版成功") from error
    if not isinstance(made, bytes):
        raise SalesTraceError(f"{what}没有排版成功")
    return made
